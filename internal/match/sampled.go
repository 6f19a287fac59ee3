package match

import "hash/fnv"

// Sampled reports whether the labels of a registrable domain, if it is popular, are in
// the sample of innocent labels: half of the domains are, by a hash. What an index knows of
// the others it does not know from them, so false alarms are measured on these too.
func Sampled(registrable string) bool {
	h := fnv.New32a()
	h.Write([]byte(registrable))
	return h.Sum32()&1 == 0
}
