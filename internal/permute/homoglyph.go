package permute

import (
	"cmp"
	"iter"
	"math"
	"slices"
	"strings"

	"lurehound"
	"lurehound/internal/lexicon"
)

// changesMean is how many look-alike characters a homoglyph name has beyond
// the first, on average (campaigns: "advanc3d-1p-scan3r" has three, most have one).
const changesMean = 0.6

// homoglyph puts look-alikes in place of any number of characters at once.
func homoglyph() Technique {
	return Technique{
		Name: "homoglyph", On: OnLabel, Weight: shareHomoglyph, Apply: each(homoglyphs), BestFirst: homoglyphs,
		Doc: "ASCII look-alikes, any number at once, both ways: mlcrodlcom, rnicrodicom; i→l and o→0 first",
		Explain: func(t Target, label string, x *lexicon.Tables) ([]lurehound.Edit, bool) {
			if !isASCII(label) || !isASCII(t.Label) {
				return nil, false
			}
			return alignGlyphs(t, label, x)
		},
	}
}

func homoglyphs(t Target, x *lexicon.Tables) func() (Edit, bool) {
	return combinations(t, swapsOf(t.Label, slices.Values(x.Glyphs)))
}

// swap is one look-alike for one character, at one place or wherever the
// character stands, and its likelihood.
type swap struct {
	changes []lurehound.Edit
	p       float64
}

func (s swap) overlaps(o swap) bool {
	for _, a := range s.changes {
		for _, b := range o.changes {
			if a.At < end(b) && b.At < end(a) {
				return true
			}
		}
	}
	return false
}

// choice is a set of swaps as a list from its last member. Members are indices
// into the swaps in falling order of p.
type choice struct {
	last   int32
	parent *choice
	p      float64 // product of all members
	fits   bool    // no two members overlap
}

// combinations walks the sets of swaps from the likeliest on. From a set {…, k} two are
// reached: with k+1 besides k, and with k+1 instead of k. That reaches each
// set once, and never one that is likelier than where it came from.
func combinations(t Target, swaps []swap) func() (Edit, bool) {
	norm := math.Expm1(changesMean)
	var h heap[*choice]
	var changes []lurehound.Edit
	if len(swaps) > 0 {
		h.push(swaps[0].p, &choice{p: swaps[0].p, fits: true})
	}
	return func() (Edit, bool) {
		for h.len() > 0 {
			c := h.pop()
			if next := int(c.last) + 1; next < len(swaps) {
				if c.fits { // a set in which others overlap than the last never fits again
					h.push(c.p*swaps[next].p, newChoice(next, c, c.p*swaps[next].p, swaps))
				}
				instead := c.p / swaps[c.last].p * swaps[next].p
				h.push(instead, newChoice(next, c.parent, instead, swaps))
			}
			if !c.fits {
				continue
			}
			e := Edit{Changes: c.changes(changes[:0], swaps), Weight: c.p / norm}
			if t.passing == nil {
				e.Label = rewrite(t.Label, e.Changes)
			} else {
				changes = e.Changes
			}
			return e, true
		}
		return Edit{}, false
	}
}

func newChoice(k int, parent *choice, p float64, swaps []swap) *choice {
	c := &choice{last: int32(k), parent: parent, p: p, fits: true}
	for q := parent; q != nil && c.fits; q = q.parent {
		c.fits = !swaps[k].overlaps(swaps[q.last])
	}
	return c
}

// changes appends those of all members.
func (c *choice) changes(out []lurehound.Edit, swaps []swap) []lurehound.Edit {
	for ; c != nil; c = c.parent {
		out = append(out, swaps[c.last].changes...)
	}
	slices.SortFunc(out, func(a, b lurehound.Edit) int { return a.At - b.At })
	return out
}

// everywhere is how much less likely a look-alike stands for every occurrence of
// a character than for one ("advanc3d-1p-scan3r", "mlcrodlcom").
const everywhere = 0.5

// swapsOf lists every look-alike at every place of the label, with
// likelihoods that add up to changesMean, the likeliest first.
func swapsOf(label string, glyphs iter.Seq[lexicon.Glyph]) []swap {
	var out []swap
	var block changeBlock
	var has [256]bool // octets of the label: most glyphs are of others
	for i := range len(label) {
		has[label[i]] = true
	}
	sum := 0.0
	for g := range glyphs {
		if !has[g.From[0]] {
			continue
		}
		var all []lurehound.Edit
		for i := range len(label) {
			if label[i] != g.From[0] || !strings.HasPrefix(label[i:], g.From) {
				continue
			}
			e := lurehound.Edit{From: g.From, To: g.To, At: i}
			out = append(out, swap{block.keep(e), g.Weight})
			sum += g.Weight
			if len(all) == 0 || end(all[len(all)-1]) <= i {
				all = append(all, e)
			}
		}
		if len(all) > 1 {
			out = append(out, swap{all, g.Weight * everywhere})
			sum += g.Weight * everywhere
		}
	}
	for i := range out {
		out[i].p *= changesMean / sum
	}
	slices.SortStableFunc(out, func(a, b swap) int { return cmp.Compare(b.p, a.p) })
	return out
}
