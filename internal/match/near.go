package match

import (
	"math/bits"

	"lurehound"
)

// Pieces of a name that are one edit away from a form are found without
// computing a distance: both, with one character left out, have a string in common
// (or one is the other with one left out). That holds for a dropped, added, changed or
// swapped character, and for one that was moved anywhere. Each form is filed under its own
// hash and under that of each shortened self.

// radix is the base of polynomial hashes modulo 2^64. Any large odd number
// does; this one is the multiplier of Knuth's MMIX generator.
const radix = 6364136223846793005

// hashes are those of a text's beginnings: each class gives a random word, rotated
// by its position, and all are added without carry. So the hash of any piece, also with
// one character left out, takes a few rotations.
type hashes struct {
	done bool // read has been called for this name
	head [maxText + 1]uint64
}

// spread is the random word of a class.
func spread(class byte) uint64 {
	x := (uint64(class) + 1) * golden
	x ^= x >> 32
	x *= radix
	return x ^ x>>29
}

// spreads is spread by class.
type spreads [256]uint64

func newSpreads() *spreads {
	var s spreads
	for c := range s {
		s[c] = spread(byte(c))
	}
	return &s
}

func (h *hashes) read(t []byte, s *spreads) {
	h.done = true
	sum := uint64(0)
	for i, c := range t {
		sum ^= bits.RotateLeft64(s[c], i)
		h.head[i+1] = sum
	}
}

// piece is the hash of text[from:to].
func (h *hashes) piece(from, to int) uint64 {
	return bits.RotateLeft64(h.head[to]^h.head[from], -from)
}

// without is the hash of text[from:to] with text[i:j] left out.
func (h *hashes) without(from, to, i, j int) uint64 {
	return bits.RotateLeft64(h.head[i]^h.head[from]^bits.RotateLeft64(h.head[to]^h.head[j], i-j), -from)
}

// maxForm is the longest form: a label of nothing but wide characters.
const maxForm = 2 * lurehound.MaxLabelLen

// widest is the most classes that a character of an ASCII name has in a text.
const widest = 2

// nearTable files forms by hash.
type nearTable struct {
	entries []entry[int32] // until built
	forms   table[int32]
	ends    ends
	lengths [maxForm + widest + 1]bool // of the pieces that may be near a form
}

// add files a form in one of its spellings; its text says which classes are of one character.
func (t *nearTable) add(id int32, x *text, s *spreads, h *hashes) {
	h.read(x.bytes(), s)
	t.file(id, h.piece(0, x.n), x, x.n, x.n)
	last := uint64(0)
	for i, j := 0, 0; i < x.n; i = j {
		j = x.next(i)
		if key := h.without(0, x.n, i, j); key != last { // the second of two alike gives the same
			t.file(id, key, x, i, j)
			last = key
		}
	}
}

// file files x[:i] + x[j:] by its hash.
func (t *nearTable) file(id int32, key uint64, x *text, i, j int) {
	t.entries = append(t.entries, entry[int32]{key, id})
	t.ends.add(x, i, j)
	length := i + x.n - j
	for n := length; n <= length+widest; n++ {
		t.lengths[n] = true
	}
}

// build is called once, after the last add.
func (t *nearTable) build() {
	t.forms = newTable(t.entries)
	t.ends.build()
	t.entries = nil
}
