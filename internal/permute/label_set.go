package permute

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

// hashOf is FNV-1a with the two numbers of its authors, spread by the last step
// of MurmurHash3; never 0.
func hashOf[S string | []byte](label S) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(label) {
		h = (h ^ uint64(label[i])) * 1099511628211
	}
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	return max(h, 1)
}
