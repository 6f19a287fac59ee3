package match

import "lurehound"

// place is a piece of a name that resembles a word: raw[from:to].
type place struct {
	word     int32
	from, to int
}

// scratch is what looking at one name needs. Scratches are reused.
type scratch struct {
	view   view
	hashes hashes
	starts [lurehound.MaxNameLen + 2]int // where pieces between hyphens and dots begin in plain
	found  []place
	align  alignment
}

// find collects the places of v that resemble any word, cheapest layer first.
func (ix *Index) find(s *scratch) {
	s.found = s.found[:0]
	v := &s.view
	ix.findWide(s)
	plain := v.plain.bytes()
	ix.blocks.scan(plain, func(sd seed, at int) {
		f := &ix.forms[sd.form]
		left, right := int(sd.at), len(f.plain)-int(sd.at)
		el, nl, ok := extend(f.plain[:left], plain[:at], f.edits, true)
		if !ok {
			return
		}
		er, nr, ok := extend(f.plain[left:], plain[at:], f.edits-el, false)
		if !ok || el+er == 0 || nr == 0 || right == 0 {
			return
		}
		s.add(f.word, &v.plain, at-nl, at+nr)
	})
	s.hashes.read(plain)
	ix.findPieces(s)
}

// findWide finds every word as it is or in look-alikes, anywhere in the name.
func (ix *Index) findWide(s *scratch) {
	t := &s.view.wide
	b := t.bytes()
	ix.exact.scan(b, func(sd seed, at int) {
		w := &ix.wides[sd.form]
		to := at + len(w.s)
		if to > len(b) || string(b[at:to]) != w.s {
			return
		}
		// Half of a wide character is no beginning and no end.
		if at > 0 && t.at[at] == t.at[at-1] || to < t.n && t.at[to] == t.at[to-1] {
			return
		}
		s.add(ix.forms[w.form].word, t, at, to)
	})
}

// findPieces looks for words with one edit in the pieces of each label.
func (ix *Index) findPieces(s *scratch) {
	t := &s.view.plain
	n := 0
	for i := 0; i < t.n; i++ {
		if i == 0 || s.view.between(t, i) != 0 {
			s.starts[n] = i
			n++
		}
	}
	s.starts[n] = t.n
	// More pieces in one run than this are no brand's name.
	const most = 6
	for i := range n {
		for j := i + 1; j <= n && j <= i+most; j++ {
			ix.near1(s, s.starts[i], s.starts[j])
		}
		ix.stripped(s, s.starts[i], s.starts[i+1])
	}
}

// between is what stands in front of position i: a hyphen, a dot or nothing (0).
func (v *view) between(t *text, i int) byte {
	if at := t.at[i]; at > 0 {
		if c := v.raw[at-1]; c == '-' || c == '.' {
			return c
		}
	}
	return 0
}

// near1 looks for words that are one edit away from plain[from:to].
func (ix *Index) near1(s *scratch, from, to int) {
	if to-from < 1 || to-from > lurehound.MaxLabelLen {
		return
	}
	ix.nearHash(s, s.hashes.piece(from, to), from, to)
	for i := from; i < to && to-from > 1; i++ {
		if i > from && s.view.plain.class[i] == s.view.plain.class[i-1] {
			continue // gives the same string as the one before
		}
		ix.nearHash(s, s.hashes.without(from, to, i), from, to)
	}
}

func (ix *Index) nearHash(s *scratch, h uint64, from, to int) {
	for _, id := range ix.near.get(h) {
		s.add(ix.forms[id].word, &s.view.plain, from, to)
	}
}

// stripped looks for a word with one edit beside an ordinary affix.
func (ix *Index) stripped(s *scratch, from, to int) {
	a := &ix.affixes
	front := from
	for k := 2; k <= a.most && from+k < to; k++ {
		if a.has(s.hashes.piece(from, from+k)) {
			ix.near1(s, from+k, to)
			front = from + k
		}
	}
	for k := 2; k <= a.most && to-k > from; k++ {
		if a.has(s.hashes.piece(to-k, to)) {
			ix.near1(s, from, to-k)
			if front > from && front < to-k {
				ix.near1(s, front, to-k)
			}
		}
	}
}

// add notes a place unless it is noted already.
func (s *scratch) add(word int32, t *text, from, to int) {
	if from >= to {
		return
	}
	p := place{word: word, from: int(t.at[from]), to: s.view.end(t, to-1)}
	for _, q := range s.found {
		if q == p {
			return
		}
	}
	s.found = append(s.found, p)
}

// end is where the character of position i ends in raw.
func (v *view) end(t *text, i int) int {
	at := int(t.at[i])
	for at++; at < len(v.raw) && v.raw[at]&0xc0 == 0x80; at++ {
	}
	return at
}
