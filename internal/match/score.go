package match

import (
	"bytes"
	"math"
	"strings"
	"unicode/utf8"
)

// DefaultMinScore is the score from which a match is worth a look. About 25 of 100,000 popular names reach
// it when 90 brands are watched; the program of package eval measures it.
const DefaultMinScore = 0.5

// The score is the logistic function of weighed evidence (evidence.go, weights.go). It is
// calibrated: were one name in 20 a campaign's and the others popular innocent ones, then of the names that
// score 0.9 nine in ten would be campaigns', of those that score 0.5 one in two. Taste lives here only. It lowers
// a score and never hides a match.

// rating is a score and what it is made of.
type rating struct {
	score    float64
	evidence evidence
	cost     float64 // of the changes
	setting  setting
}

// wordEvidence is the evidence of a word alone.
func wordEvidence(w *word) evidence {
	n := float64(utf8.RuneCountInString(w.plain))
	e := evidence{bias: 1, rarity: w.rarity, common: w.common, length: min(n, longWord) / longWord}
	if n <= 4 {
		e[tiny] = 1
	}
	e.flag(threeLetters, n <= 3)
	e.flag(twoLetters, n <= 2)
	if w.kind >= ofVariant {
		e[commonPart] = w.common
		e.flag(listedPart, w.common > 0)
	}
	switch w.kind {
	case ofVariant:
		e[isVariant], e[tinyVariant] = 1, e[tiny]
	case ofLead:
		e[isLead] = 1
	case ofRest:
		e[isRest] = 1
	case ofKnown:
		e[isKnown] = 1
	case ofPart:
		e[isPart] = 1
	}
	return e
}

// longWord is from how many characters on a word is not longer for the score.
const longWord = 14

// visible is the cost from which people see a change who look.
const visible = 0.5

// mostCost is the cost that counts most.
const mostCost = 3

// resemblance rates one place of a name by what stands there, as if it stood as
// lures have it: no score that surround and stand come to is higher.
func (ix *Index) resemblance(s *scratch, p place) rating {
	w := &ix.words[p.word]
	piece := s.view.raw[p.from:p.to]
	r := rating{evidence: wordEvidence(w)}
	if string(piece) == w.text {
		r.score = mostOf(&r.evidence, 1)
		return r
	}
	n, m, ok := s.align.read(w.text, piece)
	if !ok {
		return rating{}
	}
	e := &r.evidence
	r.cost = s.align.align(ix.fold, n, m)
	ix.change(e, r.cost, len(w.plain))
	if bytes.IndexByte(piece, '-') > 0 && strings.IndexByte(w.text, '-') < 0 {
		e[hyphenInside] = 1
	}
	squeezed := squeeze(&s.squeezed, piece)
	if r.cost >= visible {
		e[looksOrdinary] = 1 - ix.common.scale(ix.common.expected(squeezed))
		if piece[0] != w.text[0] && ix.fold.plain[piece[0]&127] != ix.fold.plain[w.text[0]&127] {
			e[changedFirst] = 1
		}
	}
	r.score = mostOf(e, ix.alone(squeezed))
	return r
}

// change adds the evidence of changes of that cost to a word of n characters.
func (ix *Index) change(e *evidence, cost float64, n int) {
	e[changes], e[changesShare] = min(cost, mostCost), min(cost/float64(max(n, 1)), 1)
	if n <= 3 {
		e[changedTiny] = min(cost, mostCost)
	}
	if n <= 5 && cost >= visible {
		e[changedShort] = min(cost, mostCost)
	}
}

// mostOf is the highest score that the evidence of a word and what stands in its place
// can come to, however that stands in the name. alone says how badly it reads as other words.
func mostOf(e *evidence, alone float64) float64 {
	changed := feature(0) // from a side's feature to that beside a changed word
	if e[changes] >= visible {
		changed = changedGlued - gluedSides
	}
	open := max(0, weights[openTiny]*e[tiny]+weights[openCommon]*e[common])
	side := open // an edge
	for f := gluedSides; f <= hyphenSides; f++ {
		z := weights[f] + open
		if changed > 0 {
			z += weights[f+changed]
		}
		side = max(side, z)
	}
	lures := max(0, weights[lured]+weights[luredTiny]*e[tiny]+weights[luredCommon]*e[common]+max(0, weights[luredOpen]))
	beside := 2*side + max(weights[besides], 0) + 2*max(weights[besidesCost], 0) + max(weights[family], 0) + lures
	alike := 2*open + weights[whole] + weights[wholeTiny]*e[tiny] + weights[wholeCommon]*e[common]
	if changed > 0 {
		alike += weights[wholeChanged]
	}
	z := e.weigh() + weights[segmented]*alone + max(beside, alike) + mostOver()
	return logistic(z + mostPlaced())
}

// mostOver and mostPlaced are what the evidence can add of a dot within the word, and
// of where the label stands in the name.
func mostOver() float64 { return max(weights[over], 0) + max(weights[contract], 0) }

func mostPlaced() float64 {
	z := math.Abs(weights[suffixOdds])
	for _, f := range [...]feature{sub, subChanged, subWhole, suffixed, free, ownSuffix} {
		z += max(weights[f], 0)
	}
	return z
}

// surround rates how the place stands in its label. The score is still the
// highest that stand gives.
func (ix *Index) surround(s *scratch, p place, r *rating) {
	r.setting = ix.setting(s, p)
	t, e := &r.setting, &r.evidence
	changed := r.cost >= visible
	for _, side := range [...]side{t.left, t.right} {
		if f := sideFeatures[side]; f[0] != 0 {
			e[f[0]]++
			if changed {
				e[f[1]]++
			}
		}
		if side.open() {
			e[openTiny] += e[tiny]
			e[openCommon] += e[common]
		}
	}
	e[lured], e[luredCommon], e[luredTiny] = t.lure, t.lure*e[common], t.lure*e[tiny]
	if t.left.open() && t.right.open() {
		e[luredOpen] = t.lure
	}
	if t.whole {
		e[whole], e[wholeTiny], e[wholeCommon] = 1, e[tiny], e[common]
		e.flag(wholeChanged, changed)
	}
	e[besides], e[segmented] = t.besides, t.reading
	e[besidesCost] = t.cost
	e[shuffled] = t.shuffled
	e[threeDigits] = e[digitSides] * e[threeLetters]
	e.flag(family, t.family)
	e.flag(over, t.over)
	e.flag(contract, t.contract)
	r.score = logistic(e.weigh() + mostPlaced())
}

// stand rates where in the name the label stands. Its score is the rating's.
func (ix *Index) stand(s *scratch, p place, b bounds, r *rating) {
	t, e := &r.setting, &r.evidence
	changed := r.cost >= visible
	t.sub, t.free, t.public = p.to < b.label, b.free, b.public
	if t.sub {
		e[sub] = 1
		e.flag(subChanged, changed)
		e.flag(subWhole, t.whole)
		if t.whole && ix.ownSuffixFollows(s.view.raw[p.to:], p.word) {
			t.suffixed, e[suffixed] = true, 1
		}
	}
	e.flag(free, t.free)
	e[suffixOdds] = ix.odds.of(b.public, b.free)
	e.flag(ownSuffix, !t.sub && b.public == ix.brands[ix.words[p.word].brand].Domains[0].Suffix())
	r.score = logistic(e.weigh())
	if changed && r.score >= max(worthCounting, s.min) {
		ix.becomes(e, squeeze(&s.squeezed, s.view.raw[p.from:p.to]))
		r.score = logistic(e.weigh())
	}
}

// worthCounting is the score from which a changed word is looked for in the
// sample: what scores less is far from being reported by default.
const worthCounting = 0.05

// becomes adds the evidence of what a word was changed into: "cleaner" looks like
// "ccleaner" and stands everywhere.
func (ix *Index) becomes(e *evidence, squeezed []byte) {
	text := lend(squeezed)
	e[becomesOrdinary] = 1 - ix.common.scale(float64(ix.common.containing(text)))
	if ix.affixes.run(squeezed) > 0 || ix.common.isLabel(text) {
		e[becomesOrdinary] = 1
	}
	e[becomesWord] = ix.commonness(text)
}

// squeeze copies piece without hyphens and dots.
func squeeze(b *[maxPiece]byte, piece []byte) []byte {
	out := b[:0]
	for _, c := range piece {
		if c != '-' && c != '.' && len(out) < cap(out) {
			out = append(out, c)
		}
	}
	return out
}
