package match

// Before the pieces of a name are hashed, one character after the other left out,
// their ends are looked at: what a piece and a form have in common begins and ends the same.

// endLength is how many characters of an end are looked at. Six bits for each.
const endLength = 3

// ends knows the lengths, beginnings and ends of all shortened forms.
type ends struct {
	code      *[128]uint32
	heads     filter
	tails     filter
	keys      [2][]uint64 // until built
	longest   int
	hasLength [maxForm + 1]bool
}

// endKey is an end of a text of so many characters.
func endKey(gram uint64, length int) uint64 { return gram<<8 | uint64(length) }

// add takes in s with s[i:j] left out.
func (e *ends) add(s []byte, i, j int) {
	n := len(s) - (j - i)
	code := func(k int) uint64 { // of what is left, 0 beyond it
		if k < 0 || k >= n {
			return 0
		}
		if k >= i {
			k += j - i
		}
		return uint64(e.code[s[k]])
	}
	var head, tail uint64
	for k := range endLength {
		head = head<<6 | code(k)
		tail = tail<<6 | code(n-1-k)
	}
	e.keys[0] = append(e.keys[0], endKey(head, n))
	e.keys[1] = append(e.keys[1], endKey(tail, n))
	e.hasLength[n] = true
	e.longest = max(e.longest, n)
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

// fit reports whether text[from:to], a piece of an ASCII name, may be a form,
// or have one in common with a form when a character is left out of it.
func (e *ends) fit(t *text, from, to int) bool {
	n := to - from
	if n > e.longest+widest || !e.hasLength[n] && !e.hasLength[n-1] && !e.hasLength[max(n-widest, 0)] {
		return false
	}
	var head, tail end
	for k := range min(n, endLength+widest) {
		shift := 6 * (endLength + widest - 1 - k)
		head.codes |= uint64(e.code[t.class[from+k]&127]) << shift
		tail.codes |= uint64(e.code[t.class[to-1-k]&127]) << shift
		if k+1 < n {
			head.joined[k] = t.at[from+k] == t.at[from+k+1]
			tail.joined[k] = t.at[to-1-k] == t.at[to-2-k]
		}
	}
	return head.in(&e.heads, n) && tail.in(&e.tails, n)
}

// end is the first or last codes of a piece, the outermost in the upper bits.
type end struct {
	codes  uint64
	joined [endLength + widest]bool // with the next one: both are of one character
}

// in reports whether the filter has the end of a piece of length n: as it is, or
// with one character left out, there or further in.
func (x *end) in(f *filter, n int) bool {
	whole := x.codes >> (6 * widest)
	if f.has(endKey(whole, n)) || f.has(endKey(whole, n-1)) || n > widest && f.has(endKey(whole, n-widest)) {
		return true
	}
	for k, size := 0, 1; k < endLength && k < n; k += size {
		if size = 1; x.joined[k] {
			size = widest
		}
		rest := 6 * (endLength + widest - k - size) // bits behind what is left out
		left := x.codes>>(rest+6*size)<<rest | x.codes&(1<<rest-1)
		if f.has(endKey(left>>(6*(widest-size)), n-size)) {
			return true
		}
	}
	return false
}
