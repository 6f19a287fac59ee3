package match

// Before the pieces of a name are hashed, one character after the other left out,
// their ends are looked at: whichever character is left out, one half of the rest stands
// there as it was.

// ends knows how the strings begin and end that forms leave when a character is left
// out, and the forms themselves.
type ends struct {
	keys   []uint64 // until built
	filter filter
}

// endLength is how many classes of an end of a string of so many are looked at:
// up to half, and what a word of the machine holds.
func endLength(n int) int { return min(n/2, maxSeed) }

// The two ends of a string.
const (
	head = iota
	tail
)

// endKey is an end of a string of so many classes; x begins with it.
func endKey(x uint64, length, side int) uint64 {
	x <<= 64 - 8*endLength(length)
	return (x ^ uint64(length<<1|side)) * radix
}

// heads reports whether a filed string of so many classes begins as t does from position i on.
func (e *ends) heads(t *text, i, length int) bool {
	return e.filter.has(endKey(t.eight(i), length, head))
}

// tails reports whether a filed string of so many classes ends as t does before position end.
func (e *ends) tails(t *text, end, length int) bool {
	return e.filter.has(endKey(t.eight(end-endLength(length)), length, tail))
}

// fit reports whether t[from:to], or what is left of it without a character of so
// many classes, may be filed. It asks everything at once: what is likely cannot be foreseen.
func (e *ends) fit(t *text, from, to, size int) bool {
	n := to - from
	whole := b2i(e.heads(t, from, n)) & b2i(e.tails(t, to, n))
	return whole|b2i(e.heads(t, from, n-size))|b2i(e.tails(t, to, n-size)) != 0
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// add files both ends of t[:i] + t[j:].
func (e *ends) add(t *text, i, j int) {
	length := i + t.n - j
	k := endLength(length)
	first, last := t.eight(0), t.eight(t.n-k)
	if i < k {
		first = t.eight(0)&onesFor(i) | t.eight(j)<<(8*i)
	}
	if gap := i - (length - k); gap > 0 { // so much of the tail stands in front of i
		last = t.eight(length-k)&onesFor(gap) | t.eight(j)<<(8*gap)
	}
	e.file(endKey(first, length, head))
	e.file(endKey(last, length, tail))
}

// file files a key unless it is one of the last two.
func (e *ends) file(key uint64) {
	if n := len(e.keys); n < 2 || e.keys[n-1] != key && e.keys[n-2] != key {
		e.keys = append(e.keys, key)
	}
}

func onesFor(n int) uint64 { return 1<<(8*n) - 1 }

// build is called once, after the last add.
func (e *ends) build() {
	e.filter = newFilter(len(e.keys))
	for _, k := range e.keys {
		e.filter.set(k)
	}
	e.keys = nil
}
