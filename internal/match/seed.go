package match

import (
	"encoding/binary"
	"math/bits"
)

// Words inside a name are found by seeds: short pieces of a form that must stand
// in the text as they are. A form that has to be there exactly has one seed, its
// beginning. A form that may have d edits is cut into d+1 blocks: d edits cannot
// touch them all, so one of them stands there unharmed.

// maxSeed is how many classes of a seed are looked up: what a word of the machine holds.
const maxSeed = 8

// blockSeed is a block of a form that may have edits.
type blockSeed struct {
	form  int32
	word  int32
	set   uint32 // classBit of every class of the form
	at    uint8  // where in the form it begins
	size  uint8  // classes of the form
	edits uint8  // that the form may have
}

// fits reports whether the form may stand in x around position i: there is room on
// either side, and all but a few of its classes are there.
func (s *blockSeed) fits(x *text, i int) bool {
	missing := max(int(s.at)-i, 0) + max(i-int(s.at)+int(s.size)-x.n, 0)
	return missing <= int(s.edits) && bits.OnesCount32(s.set&^x.set) <= int(s.edits)
}

// seedTable files seeds by their first classes, up to maxSeed of them.
type seedTable[S any] struct {
	entries []entry[S] // until built
	seeds   table[S]

	// gate has, by the hash of gateLength classes, the lengths of the seeds that
	// begin with them: bit q-1 for seeds of q. It is asked at every position of every name.
	gate  []uint8
	shift uint
}

// gateLength is how many classes the gate is asked for. Seeds that are shorter
// stand in it with all that may follow; few words are so short.
const gateLength = 4

// add files a seed by the first classes of s.
func (t *seedTable[S]) add(s string, seed S) {
	if q := min(len(s), maxSeed); q > 0 {
		t.entries = append(t.entries, entry[S]{keyOf(s[:q]), seed})
	}
}

// addBlock files s[at:to], s being a form that may have edits.
func addBlock(t *seedTable[blockSeed], form, word int32, s string, at, to, edits int) {
	t.add(s[at:to], blockSeed{form, word, setOf(s), uint8(at), uint8(len(s)), uint8(edits)})
}

// addSwapped files s[at:to] as it reads when its last character has changed places with
// the one behind: of all edits only such a swap harms two blocks.
func addSwapped(t *seedTable[blockSeed], form, word int32, s string, at, to, edits int) {
	if to-at > maxSeed || s[to-1] == s[to] {
		return // the block is found by what is in front of the swap
	}
	t.add(s[at:to-1]+s[to:to+1], blockSeed{form, word, setOf(s), uint8(at), uint8(len(s)), uint8(edits)})
}

// keyOf packs up to eight classes, the first in the lowest bits. No class is 0, so
// keys of different lengths differ.
func keyOf(s string) (key uint64) {
	for i := range len(s) {
		key |= uint64(s[i]) << (8 * i)
	}
	return key
}

func keyLength(key uint64) int { return (bits.Len64(key) + 7) / 8 }

// build is called once, after the last add.
func (t *seedTable[S]) build() {
	opened := 0
	for _, e := range t.entries {
		n := 1
		for range gateLength - keyLength(e.key) {
			n *= len(classes)
		}
		opened += n
	}
	// Sixteen places for all that is let through, within what the second-level cache holds easily.
	size := uint(12)
	for 1<<size < 16*opened && size < 17 {
		size++
	}
	t.gate, t.shift = make([]uint8, 1<<size), 64-size
	for _, e := range t.entries {
		q := keyLength(e.key)
		t.open(e.key, q, 1<<(q-1))
	}
	t.seeds = newTable(t.entries)
	t.entries = nil
}

// classes are all that can follow a short seed in a text, its end too.
const classes = "\x00abcdefghijklmnopqrstuvwxyz" + string(other)

// open lets what begins with the first q classes of key through the gate.
func (t *seedTable[S]) open(key uint64, q int, length uint8) {
	if q >= gateLength {
		t.gate[t.place(key)] |= length
		return
	}
	for i := range len(classes) {
		t.open(key|uint64(classes[i])<<(8*q), q+1, length)
	}
}

// place is where the gate is asked for the first classes of key.
func (t *seedTable[S]) place(key uint64) uint64 {
	return uint64(uint32(key)) * golden >> (t.shift & 63)
}

// spot is where a block stands in a text.
type spot struct {
	blockSeed
	at int
}

// positions are those of a text that passed the gate.
type positions [maxText + 1]uint16

// scan appends every place where a block stands in the text and begins before
// position end. All positions are put to the gate first, without a jump.
func scan(t *seedTable[blockSeed], x *text, end int, passed *positions, out []spot) []spot {
	n := t.pass(x, end, passed)
	for _, i := range passed[:n] {
		lengths := t.gate[t.place(x.eight(int(i)))]
		for ; lengths != 0; lengths &= lengths - 1 {
			for _, b := range t.at(x, int(i), bits.TrailingZeros8(lengths)+1) {
				if b.fits(x, int(i)) {
					out = append(out, spot{b, int(i)})
				}
			}
		}
	}
	return out
}

// pass notes the positions that the gate lets through, and says how many.
func (t *seedTable[S]) pass(x *text, end int, passed *positions) int {
	n := 0
	if len(t.seeds.keys) == 0 {
		return 0
	}
	for i := range end {
		passed[n] = uint16(i)
		if t.gate[t.place(uint64(binary.LittleEndian.Uint32(x.class[i:])))] != 0 {
			n++
		}
	}
	return n
}

// at has the seeds of q classes that stand at position i.
func (t *seedTable[S]) at(x *text, i, q int) []S {
	return t.seeds.get(x.eight(i) << (64 - 8*q) >> (64 - 8*q))
}

// reach is the most edits that extend looks for.
const reach = 3

// where has, by class, at which of the first maxWhere positions of a text it stands.
type where [32]uint64

const maxWhere = 64

func (w *where) read(text []byte) {
	*w = where{}
	for i, c := range text[:min(len(text), maxWhere)] {
		w[c&31] |= 1 << i
	}
}

// around is a text to be read from any position forwards, or backwards.
type around struct {
	text        []byte
	done        bool // ahead and behind are those of all the text
	ahead, back where
	reversed    [maxWhere]byte
}

// from is the text from position at up to end, as extend takes it.
func (a *around) from(at, end int) (w *where, shift, length int) {
	if len(a.text) > maxWhere {
		a.ahead.read(a.text[at:end])
		return &a.ahead, 0, end - at
	}
	a.prepare()
	return &a.ahead, at, end - at
}

// before is the text in front of position at, backwards.
func (a *around) before(at int) (w *where, shift, length int) {
	if n := min(at, maxWhere); len(a.text) > maxWhere {
		for i := range n {
			a.reversed[i] = a.text[at-1-i]
		}
		a.back.read(a.reversed[:n])
		return &a.back, 0, at
	}
	a.prepare()
	return &a.back, len(a.text) - at, at
}

func (a *around) prepare() {
	if a.done {
		return
	}
	a.done = true
	a.ahead.read(a.text)
	for i, c := range a.text {
		a.reversed[len(a.text)-1-i] = c
	}
	a.back.read(a.reversed[:len(a.text)])
}

// extend finds the beginning of a text that form is nearest to: how many edits, at
// most most, and how much of the text it takes. w is of the text, which begins at its position
// shift and has so many classes. With back, form is read from its end. A swap of
// neighbours is one edit. It reports false when there is none.
//
// row[e] has bit j set when the part of form that was read so far and the first j classes of
// the text are at most e edits apart. A form has at most 63 classes.
func extend(form string, back bool, w *where, shift, length, most int) (edits, taken int, ok bool) {
	const none = ^uint64(0)
	inText := none >> (63 - min(length, 63))
	var row, before [reach + 1]uint64 // before is the row of one class less
	for e := range most + 1 {
		row[e] = (none >> (63 - e)) & inText
	}
	last := uint64(0) // where the class before stands
	for i := range len(form) {
		at := i
		if back {
			at = len(form) - 1 - i
		}
		here := w[form[at]&31] >> (shift & 63)
		old := row
		row[0] = (old[0] & here) << 1 & inText
		for e := 1; e <= most; e++ {
			r := (old[e]&here)<<1 | // the same
				old[e-1] | // dropped
				(old[e-1]|row[e-1])<<1 // another, or one more
			if i > 0 {
				r |= (before[e-1] & here & (last >> 1)) << 2 // swapped
			}
			row[e] = r & inText
		}
		if row[most] == 0 {
			return 0, 0, false
		}
		before, last = old, here
	}
	for edits = 0; row[edits] == 0; edits++ {
	}
	// Of the texts of that many edits the one that is as long as the form, or nearly.
	taken = -1
	for r := row[edits]; r != 0; r &= r - 1 {
		if j := bits.TrailingZeros64(r); taken < 0 || abs(j-len(form)) < abs(taken-len(form)) {
			taken = j
		}
	}
	return edits, taken, true
}

func abs(n int) int { return max(n, -n) }
