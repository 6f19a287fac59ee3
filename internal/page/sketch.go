package page

import "slices"

// SketchSize is how many hashes a sketch keeps. A set of at most that many
// shingles is kept whole, so that small pages, where a single changed word
// weighs, are compared exactly; for larger sets the standard error of the
// estimated Jaccard index is at most 0.5/√256 ≈ 0.03.
const SketchSize = 256

// sketch is a MinHash of the bottom-k kind (Broder, On the resemblance and
// containment of documents, 1997): the k smallest hashes of a set.
type sketch struct {
	kept  []uint32
	limit uint32 // nothing above it can belong to the k smallest
	full  bool
}

func (s *sketch) add(h uint32) {
	if s.full && h >= s.limit {
		return
	}
	s.kept = append(s.kept, h)
	if len(s.kept) >= 4*SketchSize {
		s.shrink()
	}
}

func (s *sketch) shrink() {
	slices.Sort(s.kept)
	s.kept = slices.Compact(s.kept)
	if len(s.kept) >= SketchSize {
		s.kept = s.kept[:SketchSize]
		s.limit, s.full = s.kept[SketchSize-1], true
	}
}

// hashes are the sketch, ascending; nil for the empty set.
func (s *sketch) hashes() []uint32 {
	s.shrink()
	return slices.Clip(s.kept)
}

// Jaccard estimates how much of the union of two sets both have, from their
// sketches: [0,1], exact where the sets are small. It is 1 for two empty ones.
func Jaccard(a, b []uint32) float64 {
	if len(a) == 0 && len(b) == 0 {
		return 1
	}
	// A sketch shorter than SketchSize is a whole set, so the union of two
	// whole sets is counted to its end.
	limit := SketchSize
	if len(a) < SketchSize && len(b) < SketchSize {
		limit = len(a) + len(b)
	}
	var i, j, union, both int
	for union < limit && (i < len(a) || j < len(b)) {
		union++
		switch {
		case j == len(b) || i < len(a) && a[i] < b[j]:
			i++
		case i == len(a) || b[j] < a[i]:
			j++
		default:
			both++
			i++
			j++
		}
	}
	return float64(both) / float64(union)
}

// Hashing: FNV-1a over bytes, and the finaliser of MurmurHash3 to spread what
// comes out over 32 bits. Both are public domain constants.
const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
)

func fnvByte(h uint64, c byte) uint64 { return (h ^ uint64(c)) * fnvPrime }

func fnvBytes(h uint64, b []byte) uint64 {
	for _, c := range b {
		h = fnvByte(h, c)
	}
	return h
}

func mix(h uint64) uint64 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

// shingles joins each run of n hashes into one. n is at most 4.
type shingles struct {
	n    int
	seen int
	ring [4]uint64
	out  sketch
}

func (s *shingles) add(h uint64) {
	s.ring[s.seen%s.n] = h
	s.seen++
	if s.seen >= s.n {
		s.out.add(s.join(s.n))
	}
}

func (s *shingles) join(n int) uint32 {
	var h uint64 = fnvOffset
	for i := range n {
		h = mix(h*fnvPrime ^ s.ring[(s.seen+s.n-n+i)%s.n])
	}
	return uint32(h >> 32)
}

// hashes are the sketch of all shingles; a stream too short for one counts as
// a single shingle.
func (s *shingles) hashes() []uint32 {
	if s.seen > 0 && s.seen < s.n {
		return []uint32{s.join(s.seen)}
	}
	return s.out.hashes()
}
