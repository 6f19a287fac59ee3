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
	power [lurehound.MaxLabelLen + 2]uint64
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

// without is the hash of text[from:to] with character i left out.
func (h *hashes) without(from, to, i int) uint64 {
	return h.piece(from, i)*h.power[to-i-1] + h.piece(i+1, to)
}

// nearTable files forms by hash. Its bitmap answers most questions with no.
type nearTable struct {
	bits  []uint64
	shift uint // of a mixed hash, so that it indexes bits' bits
	forms map[uint64][]int32
}

func mix(h uint64) uint64 {
	h ^= h >> 32
	h *= 0xd6e8feb86659fd93 // a published 64-bit finaliser (rrmxmx family)
	return h ^ h>>32
}

// build files every form. Sixteen bits for each entry keep false yeses near 6 %.
func (t *nearTable) build(forms []form) {
	t.forms = map[uint64][]int32{}
	var h hashes
	file := func(key uint64, id int32) {
		list := t.forms[key]
		if len(list) == 0 || list[len(list)-1] != id {
			t.forms[key] = append(list, id)
		}
	}
	for id, f := range forms {
		n := len(f.plain)
		if n > lurehound.MaxLabelLen {
			continue
		}
		h.read([]byte(f.plain))
		file(h.piece(0, n), int32(id))
		for i := range n {
			file(h.without(0, n, i), int32(id))
		}
	}
	size := uint(10)
	for 1<<size < 16*len(t.forms) {
		size++
	}
	t.shift = 64 - size
	t.bits = make([]uint64, 1<<(size-6))
	for key := range t.forms {
		b := mix(key) >> t.shift
		t.bits[b>>6] |= 1 << (b & 63)
	}
}

func (t *nearTable) get(key uint64) []int32 {
	b := mix(key) >> t.shift
	if t.bits[b>>6]&(1<<(b&63)) == 0 {
		return nil
	}
	return t.forms[key]
}
