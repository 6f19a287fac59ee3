package permute

// labelSet says of a list of labels, one of which comes at a time, which are in
// it already. It holds places of the list only, in open addressing.
type labelSet struct {
	slots []int32 // place and 1; 0 is free
	n     int
}

// add reports whether label is new to list. The caller then appends it.
func (s *labelSet) add(list []labelEdit, label string) bool {
	if 2*(s.n+1) > len(s.slots) {
		s.slots = make([]int32, max(1024, 2*len(s.slots)))
		for i := range s.n {
			s.slots[s.find(list, list[i].label)] = int32(i + 1)
		}
	}
	at := s.find(list, label)
	if s.slots[at] != 0 {
		return false
	}
	s.n++
	s.slots[at] = int32(s.n)
	return true
}

// find is where label is, or the free slot where it would be.
func (s *labelSet) find(list []labelEdit, label string) int {
	hash := uint64(14695981039346656037) // FNV-1a, as its authors chose the two numbers
	for i := range len(label) {
		hash = (hash ^ uint64(label[i])) * 1099511628211
	}
	// The upper bits are better spread; there are as many slots as a power of two.
	at := int(hash>>32) & (len(s.slots) - 1)
	for s.slots[at] != 0 && list[s.slots[at]-1].label != label {
		at = (at + 1) & (len(s.slots) - 1)
	}
	return at
}
