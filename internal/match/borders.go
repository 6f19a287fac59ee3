package match

import "math"

// Of the places where short words stand, hardly any can reach the score that is asked for,
// and that is told by which of their sides are open. So a seed carries what its word comes
// to with no open side, with one and with two.

// worth is what a word comes to at most, as it is or in look-alikes, without the name's suffix: in
// steps of log-odds, rounded up.
type worth struct {
	open   [3]int16 // by open sides
	lure   uint8    // more where the strongest lure is beside it, in lureSteps
	family uint8    // octets of the shortest word of its brand that it does not hold, 0 for none
}

// worthSteps are those of a worth to one of log-odds. No score that is asked for is further than
// 64 from any.
const (
	worthSteps = 512
	lureSteps  = 16
)

func inSteps(z float64) int16 {
	return int16(min(max(math.Ceil(z*worthSteps), math.MinInt16), math.MaxInt16))
}

// worthOf is the worth of a word that has so many classes in its wide form.
func (ix *Index) worthOf(word int32, wide int) worth {
	l, m := &ix.limits[word], ix.atMost
	alone := 1.0
	if wide <= maxSeed {
		alone = min(max((ix.x.Words().MostReadCost("abcdefgh"[:wide])-ownCost)/wellRead, -1), 1)
	}
	other := float64(l.other) + m.slips[2][l.n] + readAtBest(alone) // in ASCII nothing costs less
	more := m.beside + max(m.besides, 0) + max(m.over, 0) + m.contract
	w := worth{lure: uint8(min(math.Ceil(max(float64(l.lure), 0)*lureSteps), math.MaxUint8)), family: l.family}
	openAsIs, closedAsIs := m.best(l, unchanged)
	openOther, closedOther := m.best(l, perhaps)
	for n := range w.open {
		sides := float64(n)
		asIs, changed := sides*openAsIs+(2-sides)*closedAsIs, sides*openOther+(2-sides)*closedOther
		if n == 2 {
			asIs = max(asIs, 2*float64(l.open)+float64(l.whole)+m.whole[unchanged])
			changed = max(changed, 2*float64(l.open)+float64(l.whole)+max(m.whole[perhaps], m.whole[surely]))
		}
		w.open[n] = inSteps(max(float64(l.asIs)+asIs, other+changed) + more)
	}
	return w
}

// bordered reports whether the word comes to the score only where it has an open side, whatever
// the suffix is, with no lure about.
func (ix *Index) bordered(w *worth, score float64) bool {
	m := ix.atMost
	return w.open[0] < inSteps(needed(score)-m.top-m.sub-m.family)-1
}

// maxBorders is how long a text is that has a bit for each position.
const maxBorders = 64

// borders are those of the wide form of one name.
type borders struct {
	known        bool
	anywhere     bool              // a lure may be behind a hyphen, or nothing is known
	starts, ends uint64            // bit i: what begins, or ends, with class i is open there
	slips        [2]uint64         // bit i: it may be open there, if what is there misspells an affix
	lure         uint8             // the least that counts for any place, in 64ths of the strongest lure
	left, right  [maxBorders]uint8 // the lure that ends in front of a class, or begins behind it
	need         int16             // in steps: what a worth must come to
}

// lures is the strongest lure as borders has it.
const lures = 64

func lureShare(weight float32) uint8 { return uint8(min(math.Ceil(float64(weight)*lures), lures)) }

// bordersOf are the borders of the name that is looked at. Where they can't be told, all is open.
func (ix *Index) bordersOf(s *scratch) *borders {
	b := &s.borders
	if b.known {
		return b
	}
	v, t := &s.view, s.view.wide
	b.known, b.anywhere, b.starts, b.ends, b.need, b.lure = true, true, ^uint64(0), ^uint64(0), math.MinInt16, lures
	b.slips = [2]uint64{}
	if !v.simple || t.n > maxBorders {
		return b
	}
	r := ix.surroundings(s)
	if r == nil {
		return b
	}
	z := s.need - r.placed
	if r.second > 0 {
		z -= ix.atMost.sub
	}
	if z *= worthSteps; z > math.MinInt16 {
		b.need = int16(min(math.Floor(z), math.MaxInt16))
	}
	b.read(r, v.raw, t, &ix.affixes)
	return b
}

func (b *borders) read(r *vicinity, raw []byte, t *text, a *affixSet) {
	b.starts, b.ends, b.anywhere, b.lure = 0, 0, r.hyphens, 0
	for i := range t.n {
		at := int(t.at[i])
		before, behind := r.weight[ending][at], r.weight[beginning][at+1]
		if before == 0 && at > 0 {
			if isDigit(raw[at-1]) {
				before = digitWeight
			} else if a.mayMisspell(raw[r.begin[at]:at]) {
				b.slips[ending] |= 1 << i
			}
		}
		if behind == 0 && at+1 < len(raw) {
			if isDigit(raw[at+1]) {
				behind = digitWeight
			} else if a.mayMisspell(raw[at+1 : r.finish[at]]) {
				b.slips[beginning] |= 1 << i
			}
		}
		if before > 0 {
			b.starts |= 1 << i
		}
		if behind > 0 {
			b.ends |= 1 << i
		}
		b.left[i], b.right[i] = lureShare(before), lureShare(behind)
		if r.hyphens {
			b.lure = max(b.lure, b.left[i], b.right[i])
		}
	}
	if r.hyphens && b.slips[ending]|b.slips[beginning] != 0 {
		b.lure = max(b.lure, slipLure)
	}
}

// slipLure is the strongest lure that a misspelt affix is.
const slipLure = 45 // misspeltShare, rounded up

// allow reports whether a word of that worth may come to the score in the text from at up to to.
func (ix *Index) allow(s *scratch, w *worth, t *text, at, to int) bool {
	b := &s.borders
	from, last := at&(maxBorders-1), (to-1)&(maxBorders-1) // of longer texts nothing is known
	if b.comesTo(w, t, ix.atMost, from, last) >= int(b.need) {
		return true
	}
	before, behind := b.slips[ending]>>from&1 != 0, b.slips[beginning]>>last&1 != 0
	if !before && !behind || w.at(2, int(max(b.lure, b.left[from], b.right[last], slipLure)), t, ix.atMost, from, last) < int(b.need) {
		return false
	}
	raw := s.view.raw
	if before {
		b.slips[ending] &^= 1 << from
		if x := s.vicinity.near(ending, raw, int(t.at[at]), &ix.affixes); x > 0 {
			b.starts |= 1 << from
			b.left[from] = lureShare(x)
		}
	}
	if behind {
		b.slips[beginning] &^= 1 << last
		if x := s.vicinity.near(beginning, raw, int(t.at[to-1])+1, &ix.affixes); x > 0 {
			b.ends |= 1 << last
			b.right[last] = lureShare(x)
		}
	}
	return b.comesTo(w, t, ix.atMost, from, last) >= int(b.need)
}

// comesTo is a worth in its place, in steps.
func (b *borders) comesTo(w *worth, t *text, m *most, from, last int) int {
	return w.at(b.starts>>from&1+b.ends>>last&1, int(max(b.lure, b.left[from], b.right[last])), t, m, from, last)
}

// at is the worth of a word with so many open sides, beside a lure of that share.
func (w *worth) at(open uint64, lure int, t *text, m *most, from, last int) int {
	z := int(w.open[open])
	if lure > 0 {
		z += (int(w.lure)*lure*(worthSteps/lureSteps) + lures - 1) / lures
		if open == 2 {
			z += (m.luredOpenSteps*lure + lures - 1) / lures
		}
	}
	if w.family > 0 && max(int(t.at[from]), int(t.at[t.n-1])-int(t.at[last])) >= int(w.family) {
		z += m.familySteps
	}
	return z
}
