package match

import (
	"bytes"
	"math/bits"
)

// A name goes through these layers. Each asks a small bitmap or table first, and
// nearly all names end there:
//
//	view     folds the name, in one pass when it is plain ASCII
//	exact    words as they are or in look-alikes, by how they begin (seed.go)
//	blocks   long words with up to three edits anywhere, by a block that is unharmed (seed.go)
//	near     words with one edit between hyphens, dots and affixes, by hashes of what
//	         is left without one character (near.go)
//	best     rates what was found; only here the public suffix is looked up (match.go, score.go)
//	describe says how the name was made (describe.go, reason.go)
//
// All but the first and the last two are there twice: for what can reach
// DefaultMinScore, and for the rest, which is asked only by those who ask for less.

// layers find words. Each word is in those of one tier as it is, and in those of
// one tier with edits.
type layers struct {
	exact    seedTable[wideSeed]
	bordered seedTable[wideSeed]  // of words that come to DefaultMinScore beside a border only
	blocks   seedTable[blockSeed] // of forms that may have edits
	near     nearTable            // of plain and wide forms
}

// place is a piece of a name that resembles a word: raw[from:to].
type place struct {
	word     int32
	from, to int
}

// scratch is what looking at one name needs. Scratches are reused.
type scratch struct {
	min         float64 // score that is asked for
	need        float64 // its log-odds
	view        view
	hashes      hashes // of plain
	broadHashes hashes
	passed      positions
	spots       []spot
	around      around
	asked       float64 // score that need is of
	found       []place
	align       alignment
	squeezed    [maxPiece]byte
	reasons     reasons
	vicinity    vicinity
	borders     borders
}

// find collects the places of v that resemble any word, cheapest layer first. No
// place begins in the last label, unless that is the whole name: it is of the public suffix.
func (ix *Index) find(s *scratch) {
	s.found, s.vicinity.done, s.borders.known = s.found[:0], false, false
	if s.asked != s.min || s.min == 0 {
		s.asked, s.need = s.min, needed(s.min)
	}
	v := &s.view
	plainEnd, wideEnd := v.plain.last, v.wide.last
	if v.last == 0 {
		plainEnd, wideEnd = v.plain.n, v.wide.n
	}
	s.hashes.done, s.broadHashes.done = false, false
	tiers := ix.tiers[:]
	if s.min >= DefaultMinScore {
		tiers = tiers[:1]
	}
	for i := range tiers {
		l := &tiers[i]
		ix.findWide(s, &l.exact, wideEnd, false)
		ix.findWide(s, &l.bordered, wideEnd, true)
		ix.findBlocks(s, l)
		pieces{ix, s, &v.plain, &s.hashes, &l.near, true}.find(plainEnd)
		if v.wide != &v.plain {
			pieces{ix, s, v.wide, &s.broadHashes, &l.near, false}.find(wideEnd)
		}
	}
}

// findBlocks finds long words with edits anywhere in the name.
func (ix *Index) findBlocks(s *scratch, l *layers) {
	v := &s.view
	s.spots = scan(&l.blocks, &v.plain, v.plain.n, &s.passed, s.spots[:0])
	r := &s.around
	r.text, r.done = v.plain.bytes(), false
	for i := range s.spots {
		sd, at := &s.spots[i].blockSeed, s.spots[i].at
		f := &ix.forms[sd.form]
		left, right := f.plain[:sd.at], f.plain[sd.at:]
		w, shift, length := r.before(at)
		el, nl, ok := extend(left, true, w, shift, length, f.edits)
		if !ok {
			continue
		}
		w, shift, length = r.from(at, v.plain.n)
		er, nr, ok := extend(right, false, w, shift, length, f.edits-el)
		if !ok || el+er == 0 || nr == 0 {
			continue
		}
		ix.add(s, f.word, &v.plain, at-nl, at+nr)
		// What goes on across a dot may be the label alone, with other edits.
		if end := v.labelEnd(&v.plain, at); end < at+nr {
			w, shift, length = r.from(at, end)
			if er, nr, ok := extend(right, false, w, shift, length, f.edits-el); ok && el+er > 0 && nr > 0 {
				ix.add(s, f.word, &v.plain, at-nl, at+nr)
			}
		}
	}
}

// pieces looks for words with one edit in the pieces of one folded form.
type pieces struct {
	ix    *Index
	s     *scratch
	t     *text
	h     *hashes
	filed *nearTable
	plain bool // t is the plain form
}

// wideSeed is the beginning of a word's wide form.
type wideSeed struct {
	wide, word int32
	worth      worth
}

// findWide finds every word as it is or in look-alikes, anywhere in the name, where it may come to
// the score that is asked for by the borders that it has.
func (ix *Index) findWide(s *scratch, table *seedTable[wideSeed], end int, bordered bool) {
	t := s.view.wide
	b := t.bytes()
	passed := s.passed[:table.pass(t, end, &s.passed)]
	if len(passed) == 0 {
		return
	}
	r := &s.borders // read where a word stands, which most names do without
	if bordered {
		ix.bordersOf(s)
	}
	for _, i := range passed {
		at := int(i)
		lengths := table.gate[table.place(t.eight(at))]
		if bordered && !r.anywhere && (r.starts|r.slips[ending])>>(i&63)&1 == 0 {
			lengths &= uint8((r.ends | r.slips[beginning]) >> (i & 63))
		}
		for ; lengths != 0; lengths &= lengths - 1 {
			q := bits.TrailingZeros8(lengths) + 1
			seeds := table.at(t, at, q)
			if len(seeds) > 0 {
				ix.bordersOf(s)
			}
			for k := range seeds {
				sd, to := &seeds[k], at+q
				if q == maxSeed {
					to = at + len(ix.wides[sd.wide].s)
				}
				if to > len(b) || q == maxSeed && string(b[at:to]) != ix.wides[sd.wide].s || !ix.allow(s, &sd.worth, t, at, to) {
					continue
				}
				// Half of a wide character is no beginning and no end.
				if at > 0 && t.at[at] == t.at[at-1] || to < t.n && t.at[to] == t.at[to-1] {
					continue
				}
				ix.add(s, sd.word, t, at, to)
			}
		}
	}
}

// find looks at every run of pieces between hyphens and dots that begins before end.
func (p pieces) find(end int) {
	t := p.t
	// More pieces in one run than this are no brand's name.
	const most = 6
	start := func(i int) int {
		if i == t.pieces {
			return t.n
		}
		return int(t.starts[i])
	}
	for i := 0; i < t.pieces && start(i) < end; i++ {
		for j := i + 1; j <= t.pieces && j <= i+most; j++ {
			if p.plain || !p.same(i, j) {
				p.near(start(i), start(j))
			}
		}
		if !p.plain {
			continue // the others are filed by plain form
		}
		p.stripped(start(i), start(i+1), start(i), start(i+1))
		if !p.bounded(start(i)) {
			continue
		}
		j := i + 1 // the pieces up to j are a label
		for j < t.pieces && !p.bounded(start(j)) {
			j++
		}
		if j > i+1 && j <= i+most {
			p.stripped(start(i), start(i+1), start(j-1), start(j))
		}
		p.unlettered(start(i), start(j))
	}
}

// same reports whether the pieces from i up to j are the same in the plain form,
// where they have been looked at.
func (p pieces) same(i, j int) bool {
	v := &p.s.view
	if !v.simple {
		return false
	}
	ends := func(t *text) (int, int) {
		if j == t.pieces {
			return int(t.starts[i]), t.n
		}
		return int(t.starts[i]), int(t.starts[j])
	}
	from, to := ends(p.t)
	plainFrom, plainTo := ends(&v.plain)
	return bytes.Equal(p.t.class[from:to], v.plain.class[plainFrom:plainTo])
}

// bounded reports whether a label begins at position i.
func (p pieces) bounded(i int) bool {
	at := p.t.at[i]
	return at == 0 || p.s.view.raw[at-1] == '.'
}

// near looks for words that are one edit away from text[from:to].
func (p pieces) near(from, to int) {
	n := to - from
	if n < 1 || n > maxForm {
		return
	}
	if !p.s.view.simple {
		p.hash()
		p.take(p.h.piece(from, to), from, to)
		p.shortened(from, to, 0, from, to)
		return
	}
	e := &p.filed.ends
	if !p.filed.lengths[n] || !e.fit(p.t, from, to, 1) && (p.plain || n <= widest || !e.fit(p.t, from, to, widest)) {
		return
	}
	if e.heads(p.t, from, n) && e.tails(p.t, to, n) {
		p.hash()
		p.take(p.h.piece(from, to), from, to)
	}
	for size := 1; size <= widest && size < n; size++ {
		if p.plain && size > 1 {
			break // every character is one class
		}
		// Where the head is another, what was left out stands in it; likewise the tail.
		k := endLength(n - size)
		first, last := from, to
		if !e.heads(p.t, from, n-size) {
			last = from + k
		}
		if !e.tails(p.t, to, n-size) {
			first = to - k - size + 1
		}
		if first < last {
			p.hash()
			p.shortened(from, to, size, first, last)
		}
	}
}

// shortened looks for words that are text[from:to] without one of the characters
// that begin from first up to last, and have so many classes; 0 means any.
func (p pieces) shortened(from, to, size, first, last int) {
	simple := p.plain && p.s.view.simple
	if first > from && p.t.at[first] == p.t.at[first-1] {
		first++ // half of a wide character
	}
	for i, j := first, first; i < last; i = j {
		if j = i + 1; !simple {
			j = min(p.t.next(i), to) // an affix may end in the middle of a ligature
		}
		if size > 0 && j-i != size || j-i == to-from {
			continue
		}
		if h := p.h.without(from, to, i, j); p.filed.forms.has(h) {
			p.take(h, from, to)
		}
	}
}

// hash prepares the hashes, which many names do not need.
func (p pieces) hash() {
	if !p.h.done {
		p.h.read(p.t.bytes(), p.ix.spreads)
	}
}

func (p pieces) take(h uint64, from, to int) {
	for _, id := range p.filed.forms.get(h) {
		p.ix.add(p.s, p.ix.forms[id].word, p.t, from, to)
	}
}

// stripped looks for a word with one edit beside ordinary affixes, in pieces
// of which the first ends at first and the last begins at last.
func (p pieces) stripped(from, first, last, to int) {
	a := &p.ix.affixes
	front := from
	for lengths := a.startLengths(p.t, from, first); lengths != 0; lengths &= lengths - 1 {
		if k := bits.TrailingZeros64(lengths); from+k < first && p.affix(from, from+k) {
			p.near(from+k, to)
			front = from + k
		}
	}
	for lengths := a.endLengths(p.t, last, to); lengths != 0; lengths &= lengths - 1 {
		if k := bits.TrailingZeros64(lengths); to-k > last && p.affix(to-k, to) {
			p.near(from, to-k)
			if front > from && front < to-k {
				p.near(front, to-k)
			}
		}
	}
}

// affix reports whether text[from:to] is an ordinary affix.
func (p pieces) affix(from, to int) bool {
	if to-from <= maxSeed && !p.ix.affixes.short.has(p.t.eight(from)<<(64-8*(to-from))) {
		return false
	}
	p.hash()
	return p.ix.affixes.has(p.h.piece(from, to))
}

// unlettered looks for a word with one edit and one letter more, that lures add, in
// a label. Longer words are found by their blocks.
func (p pieces) unlettered(from, to int) {
	if to-from > oneEdit+1 {
		return
	}
	single, raw := &p.ix.affixes.single, p.s.view.raw
	if single[raw[p.t.at[from]]] {
		p.near(from+1, to)
	}
	if single[raw[p.t.at[to-1]]] {
		p.near(from, to-1)
	}
}

// add notes a place unless it is noted already or cannot score what is asked for.
func (ix *Index) add(s *scratch, word int32, t *text, from, to int) {
	if from >= to {
		return
	}
	p := place{word: word, from: int(t.at[from]), to: s.view.end(t, to-1)}
	for _, q := range s.found {
		if q == p {
			return
		}
	}
	if s.min <= 0 || ix.promises(s, p) {
		s.found = append(s.found, p)
	}
}

// labelEnd is where the label of position i ends.
func (v *view) labelEnd(t *text, i int) int {
	from := int(t.at[i])
	for i++; i < t.n && bytes.IndexByte(v.raw[from:t.at[i]], '.') < 0; i++ {
	}
	return i
}

// end is where the character of position i ends in raw.
func (v *view) end(t *text, i int) int {
	at := int(t.at[i])
	for at++; at < len(v.raw) && v.raw[at]&0xc0 == 0x80; at++ {
	}
	return at
}
