package match

import "lurehound"

// Pieces of a name that are one edit away from a form are found without
// computing a distance: both, with one character left out, have a string in common
// (or one is the other with one left out). That holds for a dropped, added, changed or
// swapped character, and for one that was moved anywhere. Each form is filed under its own
// hash and under that of each shortened self.

// radix is the base of the polynomial hash modulo 2^64. Any large odd number
// does; this one is the multiplier of Knuth's MMIX generator.
const radix = 6364136223846793005

// hashes are those of a text's beginnings, so that the hash of any piece, also
// with one character left out, takes a few multiplications.
type hashes struct {
	done  bool // read has been called for this name
	head  [len(text{}.class) + 1]uint64
	power [maxForm + 2]uint64
}

func (h *hashes) read(t []byte) {
	h.done = true
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

// nearTable files forms by hash.
type nearTable struct {
	forms table[int32]
	ends  ends
}

// build files every form in all its spellings, each given as a text of its own,
// so that a wide character is left out as one.
func (t *nearTable) build(forms []form, spellings func(form) []*text) {
	var entries []entry[int32]
	var h hashes
	for id, f := range forms {
		for _, x := range spellings(f) {
			h.read(x.bytes())
			file := func(key uint64, i, j int) {
				if n := len(entries); n == 0 || entries[n-1] != (entry[int32]{key, int32(id)}) {
					entries = append(entries, entry[int32]{key, int32(id)})
					t.ends.add(x, i, j)
				}
			}
			file(h.piece(0, x.n), x.n, x.n)
			for i, j := 0, 0; i < x.n; i = j {
				j = x.next(i)
				file(h.without(0, x.n, i, j), i, j)
			}
		}
	}
	t.forms = newTable(entries)
	t.ends.build()
}
