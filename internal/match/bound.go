package match

import (
	"math"
	"strings"
	"unicode/utf8"
)

// Most places that words are found at cannot reach the score that is asked for: "arc" stands
// in "search", and little that could surround it there makes a lure of that. What a place can
// come to is told by a few additions, before anything is aligned, read or looked up. All figures
// here are log-odds, and none is lower than what the score comes to.

// limit is what a word can come to, kept apart from the word so that many fit into the cache.
type limit struct {
	text   uint64  // the text, 0 where it is longer than eight octets
	asIs   float32 // the word alone, read at its best; where the text is longer, any piece of its length
	other  float32 // the same where something else stands in its place, without the changes and how that reads
	read   float32 // what of asIs is the reading
	open   float32 // of one open side
	lure   float32 // of the strongest lure beside it
	whole  float32 // where it is a whole label, without its open sides
	n      uint8   // octets of its plain form
	octets uint8   // of the text
	family uint8   // octets of the shortest word of its brand that it does not hold, 0 for none
}

func (ix *Index) limitOf(w *word) limit {
	e := wordEvidence(w)
	z := e.weigh()
	l := limit{
		other: float32(z + max(weights[hyphenInside], 0) + max(weights[looksOrdinary], 0) + max(weights[changedFirst], 0)),
		open:  float32(weights[openTiny]*e[tiny] + weights[openCommon]*e[common]),
		lure:  float32(weights[lured] + weights[luredTiny]*e[tiny] + weights[luredCommon]*e[common]),
		whole: float32(weights[whole] + weights[wholeTiny]*e[tiny] + weights[wholeCommon]*e[common]),
		n:     uint8(len(w.plain)), octets: uint8(min(len(w.text), math.MaxUint8)),
	}
	if len(w.text) > maxSeed { // seldom found where it is not meant
		l.read = float32(readAtBest(1))
		l.asIs = l.read + float32(max(z, float64(l.other)+changedAtBest(leastCost, len(w.plain))))
		return l
	}
	var b [maxPiece]byte
	l.text = keyOf(w.text)
	l.read = float32(readAtBest(ix.alone(squeeze(&b, []byte(w.text)))))
	l.asIs = l.read + float32(z)
	return l
}

// is reports whether the piece may be the word's text.
func (l *limit) is(piece []byte) bool {
	return len(piece) == int(l.octets) && (l.text == 0 || keyOf(lend(piece)) == l.text)
}

// readAtBest is the most that reading adds when it is at most alone.
func readAtBest(alone float64) float64 {
	return max(weights[segmented]*alone, -weights[segmented])
}

// leastCost is the lowest cost of what is not the word itself: that of a look-alike of another script.
const leastCost = 0.1

// changedAtBest is the most that changes of at least that cost add to a word of n octets.
func changedAtBest(cost float64, n int) float64 {
	z := max(changeWeight(cost, n), changeWeight(mostCost, n))
	if c := float64(n); cost < c && c < mostCost {
		z = max(z, changeWeight(c, n)) // from here on the share does not grow
	}
	if cost < visible {
		z = max(z, changeWeight(math.Nextafter(visible, 0), n), changeWeight(visible, n))
	}
	return z
}

// changeWeight is what changes of that cost add; see Index.change.
func changeWeight(cost float64, n int) float64 {
	z := weights[changes]*min(cost, mostCost) + weights[changesShare]*min(cost/float64(max(n, 1)), 1)
	if n <= 3 {
		z += weights[changedTiny] * min(cost, mostCost)
	}
	if n <= 5 && cost >= visible {
		z += weights[changedShort] * min(cost, mostCost)
	}
	return z
}

// How much a word is changed: not, perhaps visibly, visibly.
const (
	unchanged = iota
	perhaps
	surely
)

// most is what any word can get from where it stands, beside what its limit has.
type most struct {
	side                                [3][len(sideFeatures)]float64 // by how
	beside, sub, family, over, contract float64
	besides, luredOpen                  float64
	familySteps, luredOpenSteps         int // as worth has them
	whole                               [3]float64
	slips                               [slipTenths + 1][maxForm + 1]float64 // what changes add, by their least cost in tenths and the word's length
	tops                                map[string]float64                   // by the last label of the name
	plain                               float64                              // what the commonest suffix adds
	country, generic, top               float64                              // of those that tops does not have, and of all
}

func newMost(odds suffixes) *most {
	m := &most{
		beside:   2*max(weights[besidesCost], 0) + max(weights[shuffled], 0) + 4*max(weights[threeDigits], 0),
		over:     weights[over],
		contract: max(weights[contract], 0),
		sub:      max(weights[sub], 0) + max(weights[subChanged], 0) + max(weights[subWhole], 0) + max(weights[suffixed], 0),
		family:   max(weights[family], 0),
		besides:  weights[besides], luredOpen: weights[luredOpen], whole: [...]float64{0, max(weights[wholeChanged], 0), weights[wholeChanged]},
	}
	m.familySteps, m.luredOpenSteps = int(inSteps(m.family)), int(inSteps(max(m.luredOpen, 0)))
	for k, f := range sideFeatures {
		if f[0] != 0 {
			m.side[0][k] = weights[f[0]]
			m.side[1][k] = weights[f[0]] + max(weights[f[1]], 0)
			m.side[2][k] = weights[f[0]] + weights[f[1]]
		}
	}
	for tenths := range m.slips {
		for n := range m.slips[tenths] {
			m.slips[tenths][n] = changedAtBest(float64(tenths)/10, n)
		}
	}
	m.readTops(odds)
	return m
}

// readTops takes the suffixes together by their last labels.
func (m *most) readTops(odds suffixes) {
	m.tops = map[string]float64{}
	own := max(weights[ownSuffix], 0)
	of := func(class string) float64 { return weights[suffixOdds]*odds.odds[class] + own }
	given := of(givenAway) + weights[free]
	m.country = max(of(countrySuffix), of(countrySecond), of(Restricted), given)
	m.generic = max(of(newSuffix), of(Restricted), given, own)
	for suffix := range odds.odds {
		top := suffix[strings.LastIndexByte(suffix, '.')+1:]
		switch {
		case suffix[0] == '*':
		case SuffixClass(top, false) == top: // what is longer there is given away
			m.tops[top] = max(of(top), given)
		case len(top) == 2:
			m.tops[top] = m.country
		default:
			m.tops[top] = m.generic
		}
	}
	for suffix := range odds.odds {
		if top := suffix[strings.LastIndexByte(suffix, '.')+1:]; suffix[0] != '*' {
			m.tops[top] = max(m.tops[top], of(suffix), of(suffix)+weights[free])
		}
	}
	m.plain = m.placed([]byte("com"))
	m.top = max(m.country, m.generic)
	for _, z := range m.tops {
		m.top = max(m.top, z)
	}
}

// placed is what the public suffix can add to a name with that last label.
func (m *most) placed(top []byte) float64 {
	if z, ok := m.tops[string(top)]; ok {
		return z
	}
	if len(top) == 2 {
		return m.country
	}
	return max(m.country, m.generic)
}

// most is the highest score that a word gives as it is, or changed at that cost at least.
func (ix *Index) most(word int32, cost float64) float64 {
	l, m := &ix.limits[word], ix.atMost
	z, how := float64(l.asIs), unchanged
	switch {
	case cost > 0:
		z, how = float64(l.other)+changedAtBest(cost, int(l.n))+readAtBest(1), perhaps
	case l.text == 0:
		how = perhaps
	}
	open, closed := m.best(l, how)
	lures := max(float64(l.lure), 0)
	best := max(2*open+max(float64(l.lure)+m.luredOpen, 0), open+closed+lures, 2*closed+lures) + m.beside
	best += max(m.besides, 0)
	if l.family > 0 {
		best += m.family
	}
	return logistic(z + max(best, 2*float64(l.open)+float64(l.whole)+m.whole[how]) + max(m.over, 0) + m.contract + m.top + m.sub)
}

// best is what the best open side adds, and the best closed one.
func (m *most) best(l *limit, how int) (open, closed float64) {
	open, closed = math.Inf(-1), math.Inf(-1)
	for k, z := range m.side[how] {
		if side(k).open() {
			open = max(open, z+float64(l.open))
		} else {
			closed = max(closed, z)
		}
	}
	return open, closed
}

// between is what the two sides add, and a lure of that weight.
func (m *most) between(l *limit, how int, left, right side, lure float64) float64 {
	z := m.side[how][left] + m.side[how][right] + m.beside
	weight := float64(l.lure)
	switch a, b := left.open(), right.open(); {
	case a && b:
		z += 2 * float64(l.open)
		weight += m.luredOpen
	case a || b:
		z += float64(l.open)
	}
	return z + max(lure*weight, 0)
}

// needed is the log-odds of the score that is asked for, lowered by what adding in another order may change.
func needed(score float64) float64 {
	const rounding = 1e-4 // limits have 24 bits
	switch {
	case score <= 0:
		return math.Inf(-1)
	case score >= 1:
		score = 1 - 1e-12
	}
	return math.Log(score/(1-score)) - rounding
}

// promises reports whether the place may reach the score that is asked for.
func (ix *Index) promises(s *scratch, p place) bool {
	r, raw := ix.surroundings(s), s.view.raw
	if r == nil {
		return true
	}
	l, m := &ix.limits[p.word], ix.atMost
	z, how := r.placed+m.contract-s.need, unchanged
	switch piece := raw[p.from:p.to]; {
	case !l.is(piece):
		tenths := l.leastCost(ix.fold, piece, s.view.simple)
		if how = perhaps; tenths >= visible*10 {
			how = surely
		}
		z += float64(l.other) + m.slips[tenths][l.n]
	case l.text == 0:
		how = perhaps
		fallthrough
	default:
		z += float64(l.asIs) - float64(l.read)
	}
	if p.to < r.second {
		z += m.sub
	}
	if r.labelEnd[p.from] != r.labelEnd[p.to-1] {
		z += m.over
	}
	z += weights[segmented] * ix.reading(s, p)
	start, end := int(r.label[p.from]), int(r.labelEnd[p.to-1])
	if p.from == start && p.to == end {
		return z+2*float64(l.open)+float64(l.whole)+m.whole[how] >= 0
	}
	z += m.besides*float64(p.from-start+end-p.to)/float64(end-start) + min(weights[besidesCost], 0)*ix.unread(s, p, raw[start:p.from], raw[p.to:end])
	left, right := r.left(raw, p, start), r.right(raw, p, end)
	lure := r.lure(raw, p, start, end)
	if l.family > 0 && max(p.from-start, end-p.to) >= int(l.family) {
		z += m.family
	}
	if z+m.between(l, how, left, right, lure) >= 0 {
		return true
	}
	// What misspells an affix is as good as one, and takes longer to recognise.
	nearLeft, nearRight := left == glued && p.from-start >= minMisspelt-1, right == glued && end-p.to >= minMisspelt-1
	if max(p.from-start, end-p.to) < minMisspelt-1 || z+m.misspelt(l, how, left, right, nearLeft, nearRight, lure) < 0 {
		return false
	}
	lure = max(lure, r.misspelt(raw, p, start, end, &ix.affixes))
	if nearLeft && r.near(ending, raw, p.from, &ix.affixes) > 0 {
		left = affixed
	}
	if nearRight && r.near(beginning, raw, p.to, &ix.affixes) > 0 {
		right = affixed
	}
	return z+m.between(l, how, left, right, lure) >= 0
}

// misspelt is the most that between can be where affixes are misspelt on the sides that are said.
func (m *most) misspelt(l *limit, how int, left, right side, nearLeft, nearRight bool, lure float64) float64 {
	lure = max(lure, misspeltShare) // no affix weighs more than 1
	best := m.between(l, how, left, right, lure)
	if nearLeft {
		best = max(best, m.between(l, how, affixed, right, lure))
	}
	if nearRight {
		best = max(best, m.between(l, how, left, affixed, lure))
	}
	if nearLeft && nearRight {
		best = max(best, m.between(l, how, affixed, affixed, lure))
	}
	return best
}

// slipTenths is the highest cost in tenths that leastCost tells apart: that of a swap.
const slipTenths = 7

// leastCost is what it costs at least, in tenths, that the piece stands for the word.
func (l *limit) leastCost(f *folder, piece []byte, simple bool) int {
	if !simple || l.text == 0 {
		return 1
	}
	wide, gaps := false, false // two characters may stand for one; hyphens and dots for none
	for _, c := range piece {
		wide = wide || c == 'm' || c == 'w' || c == 'd'
		gaps = gaps || c == '-' || c == '.'
	}
	cost := 0.0
	for i, text := 0, l.text; text != 0; i, text = i+1, text>>8 {
		c := byte(text)
		gaps = gaps || c == '-' || c >= utf8.RuneSelf
		if len(piece) == int(l.octets) && piece[i] != c {
			cost += standsFor(f, c, piece[i])
		} else if len(piece) != int(l.octets) {
			wide = wide || c == 'm' || c == 'w' || c == 'd'
		}
	}
	switch {
	case gaps:
		return 2
	case len(piece) == int(l.octets) && wide:
		return min(int(cost*10+tenthsRounding), 4) // one pair joined and another parted
	case len(piece) == int(l.octets):
		return min(int(cost*10+tenthsRounding), slipTenths)
	case wide:
		return 2
	}
	return 6 // one character is doubled, or was
}

// tenthsRounding is what sums of costs may be too low by.
const tenthsRounding = 1e-6

// standsFor is the cost of one ASCII character in place of another.
func standsFor(f *folder, c, piece byte) float64 {
	k := sameness(f, rune(c), rune(piece))
	if k == glyph {
		return costs[k] + f.unlike(rune(c), rune(piece))
	}
	return costs[k]
}
