package permute

import "math/bits"

// hashSet holds hashes in open addressing. With 64 bits, two labels of a million
// share one once in 30 million brands; the second would be left out.
type hashSet struct {
	slots []uint64 // 0 is free
	n     int
}

// newHashSet is an empty set with room for n hashes.
func newHashSet(n int) *hashSet {
	size := 512
	for size < 2*n {
		size *= 2
	}
	return &hashSet{slots: make([]uint64, size)}
}

// add reports whether the hash is new to the set.
func (s *hashSet) add(h uint64) bool {
	if 2*(s.n+1) > len(s.slots) {
		s.grow()
	}
	at := s.find(h)
	if s.slots[at] != 0 {
		return false
	}
	s.n++
	s.slots[at] = h
	return true
}

func (s *hashSet) has(h uint64) bool { return s.n > 0 && s.slots[s.find(h)] != 0 }

// find is where the hash is, or the free slot where it would be.
func (s *hashSet) find(h uint64) int {
	at := int(h>>32) & (len(s.slots) - 1) // there are as many slots as a power of two
	for s.slots[at] != 0 && s.slots[at] != h {
		at = (at + 1) & (len(s.slots) - 1)
	}
	return at
}

func (s *hashSet) clear() {
	if s.n == 0 {
		return
	}
	clear(s.slots)
	s.n = 0
}

func (s *hashSet) grow() {
	old := s.slots
	s.slots = make([]uint64, max(512, 2*len(old)))
	for _, h := range old {
		if h != 0 {
			s.slots[s.find(h)] = h
		}
	}
}

// hashOf takes in eight octets at a time, each by a multiplication whose halves are folded
// (the step of wyhash, with two of its numbers); never 0.
func hashOf[S string | []byte](label S) uint64 {
	const first, step = 0xa0761d6478bd642f, 0xe7037ed1a0b428db
	h := uint64(len(label)) ^ first
	for len(label) >= 8 {
		h = fold(h^(uint64(label[0])|uint64(label[1])<<8|uint64(label[2])<<16|uint64(label[3])<<24|
			uint64(label[4])<<32|uint64(label[5])<<40|uint64(label[6])<<48|uint64(label[7])<<56), step)
		label = label[8:]
	}
	rest := uint64(0)
	for i := range len(label) {
		rest = rest<<8 | uint64(label[i])
	}
	return max(fold(fold(h^rest, step), first), 1)
}

func fold(a, b uint64) uint64 {
	high, low := bits.Mul64(a, b)
	return high ^ low
}
