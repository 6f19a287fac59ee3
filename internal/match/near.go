package match

import "lurehound"

// Pieces of a name that are one edit away from a form are found without
// computing a distance: both, with one character left out, have a string in common
// (or one is the other with one left out). That holds for a dropped, added, changed or
// swapped character, and for one that was moved anywhere. Each form is filed under its own
// hash and under that of each shortened self.

// radix is the base of the polynomial hash modulo 2^64; any large odd number
// does, this one is 2^64 over the golden ratio.
const radix = 0x9e3779b97f4a7c15

// hashes are those of a text's beginnings, so that the hash of any piece, also
// with one character left out, takes a few multiplications.
type hashes struct {
	head  [len(text{}.class) + 1]uint64
	power [maxForm + 2]uint64
}

func (h *hashes) read(t []byte) {
	for i, c := range t {
		h.head[i+1] = h.head[i]*radix + uint64(c)
	}
	if h.power[0] == 0 {
		h.power[0] = 1
		for i := 1; i < len(h.power); i++ {
			h.power[i] = h.power[i-1] * radix
		}
	}
}

// piece is the hash of text[from:to].
func (h *hashes) piece(from, to int) uint64 {
	return h.head[to] - h.head[from]*h.power[to-from]
}

// without is the hash of text[from:to] with text[i:j] left out.
func (h *hashes) without(from, to, i, j int) uint64 {
	return h.piece(from, i)*h.power[to-j] + h.piece(j, to)
}

// maxForm is the longest form: a label of nothing but wide characters.
const maxForm = 2 * lurehound.MaxLabelLen

// filter is a bitmap of mixed hashes. It answers most questions with no.
type filter struct {
	bits  []uint64
	shift uint // of a mixed hash, so that it indexes a bit
}

// newFilter has 16 bits or more for each of n keys: false yeses stay under 6 %.
func newFilter(n int) filter {
	size := uint(10)
	for 1<<size < 16*n {
		size++
	}
	return filter{bits: make([]uint64, 1<<(size-6)), shift: 64 - size}
}

func (f *filter) set(h uint64) {
	b := mix(h) >> f.shift
	f.bits[b>>6] |= 1 << (b & 63)
}

func (f *filter) has(h uint64) bool {
	b := mix(h) >> f.shift
	return f.bits[b>>6]&(1<<(b&63)) != 0
}

// nearTable files forms by hash.
type nearTable struct {
	filter
	forms map[uint64][]int32
}

func mix(h uint64) uint64 {
	h ^= h >> 32
	h *= 0xd6e8feb86659fd93 // a published 64-bit finaliser (rrmxmx family)
	return h ^ h>>32
}

// build files every form, given as a text of its own, so that a wide character
// is left out as one.
func (t *nearTable) build(forms []form, view func(form) *text) {
	t.forms = map[uint64][]int32{}
	var h hashes
	file := func(key uint64, id int32) {
		list := t.forms[key]
		if len(list) == 0 || list[len(list)-1] != id {
			t.forms[key] = append(list, id)
		}
	}
	for id, f := range forms {
		x := view(f)
		h.read(x.bytes())
		file(h.piece(0, x.n), int32(id))
		for i, j := 0, 0; i < x.n; i = j {
			j = x.next(i)
			file(h.without(0, x.n, i, j), int32(id))
		}
	}
	t.filter = newFilter(len(t.forms))
	for key := range t.forms {
		t.set(key)
	}
}

func (t *nearTable) get(key uint64) []int32 {
	if !t.has(key) {
		return nil
	}
	return t.forms[key]
}
