package match

import (
	"encoding/binary"
	"math/bits"
)

// Before the pieces of a name are hashed, one character after the other left out,
// their ends are looked at: what a piece and a form have in common begins and ends the same.

// endLength is how many classes of an end are looked at. Three and a length
// make a key that one in a few hundred pieces has by chance.
const endLength = 3

// ends knows the lengths, beginnings and ends of all shortened forms.
type ends struct {
	heads, tails filter
	keys         [2][]uint64 // until built
	hasLength    [maxForm + 1]bool
}

// endKey is an end of a text of so many classes. x has its first or last classes,
// the outermost in the lowest bits, 0 beyond it.
func endKey(x uint64, length int) uint64 {
	return x<<(64-8*endLength)>>(56-8*endLength) | uint64(length)
}

// without leaves the classes from k to k+size out of an end.
func without(x uint64, k, size int) uint64 {
	low := uint64(1)<<(8*k) - 1
	return x&low | x>>(8*size)&^low
}

// headOf has the first eight classes of t[from:to], tailOf the last eight.
func headOf(t *text, from, to int) uint64 {
	return binary.LittleEndian.Uint64(t.class[from:]) & onesFor(to-from)
}

func tailOf(t *text, from, to int) uint64 {
	var x uint64
	if to >= 8 {
		x = binary.BigEndian.Uint64(t.class[to-8:])
	} else {
		x = bits.ReverseBytes64(binary.LittleEndian.Uint64(t.class[:]) << (64 - 8*to))
	}
	return x & onesFor(to-from)
}

func onesFor(n int) uint64 {
	if n >= 8 {
		return ^uint64(0)
	}
	return 1<<(8*n) - 1
}

// add takes in the form x with x[i:j] left out.
func (e *ends) add(x *text, i, j int) {
	var rest text
	rest.n = copy(rest.class[:], x.class[:i])
	rest.n += copy(rest.class[i:], x.class[j:x.n])
	e.keys[0] = append(e.keys[0], endKey(headOf(&rest, 0, rest.n), rest.n))
	e.keys[1] = append(e.keys[1], endKey(tailOf(&rest, 0, rest.n), rest.n))
	e.hasLength[rest.n] = true
}

// build is called once, after the last add.
func (e *ends) build() {
	e.heads, e.tails = newFilter(len(e.keys[0])), newFilter(len(e.keys[1]))
	for i := range e.keys[0] {
		e.heads.set(e.keys[0][i])
		e.tails.set(e.keys[1][i])
	}
	e.keys = [2][]uint64{}
}

// widest is the most classes that a character of an ASCII name has in a text.
const widest = 2

// fit reports whether t[from:to], a piece of an ASCII name, may be a form, or
// have one in common with a form when a character is left out of it.
func (e *ends) fit(t *text, from, to int) bool {
	n := to - from
	if !e.hasLength[n] && !e.hasLength[n-1] && !(n > widest && e.hasLength[n-widest]) {
		return false
	}
	return e.heads.hasEnd(headOf(t, from, to), n, t.joined(from, to, 1)) &&
		e.tails.hasEnd(tailOf(t, from, to), n, t.joined(to-1, from-1, -1))
}

// joined has bit k set when the k-th and the next class from position i on, in
// steps of step and before end, are of one character.
func (t *text) joined(i, end, step int) (out uint) {
	if t.narrow {
		return 0
	}
	for k := 0; k < endLength && i+step != end; k, i = k+1, i+step {
		if t.at[i] == t.at[i+step] {
			out |= 1 << k
		}
	}
	return out
}

// hasEnd reports whether the filter has the end x of a piece of length n: as it
// is, or with one character left out, there or further in.
func (f *filter) hasEnd(x uint64, n int, joined uint) bool {
	if f.has(endKey(x, n)) || f.has(endKey(x, n-1)) || n > widest && f.has(endKey(x, n-widest)) {
		return true
	}
	for k := 0; k < endLength && k < n; k++ {
		size := 1 + int(joined>>k&1)
		if f.has(endKey(without(x, k, size), n-size)) {
			return true
		}
		k += size - 1
	}
	return false
}
