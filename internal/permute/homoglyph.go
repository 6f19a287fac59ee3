package permute

import (
	"cmp"
	"math"
	"math/bits"
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
	return combinations(t, swapsOf(t.Label, x.Glyphs))
}

// swap is one look-alike for one character, at one place or wherever the
// character stands, and its likelihood.
type swap struct {
	*lexicon.Glyph
	at    octets // where it begins
	taken octets // all octets that it replaces
	p     float64
}

// octets are some of a label's, of which there are at most 63: bit i for the i-th.
type octets uint64

// choice is a set of swaps as a list from its last member. Members are indices
// into the swaps in falling order of p.
type choice struct {
	last   int32
	fits   bool // no two members overlap; those in front of the last never do
	parent *choice
	p      float64 // product of all members
	taken  octets
}

// combinations walks the sets of swaps from the likeliest on. From a set {…, k} two are
// reached: with k+1 besides k, and with k+1 instead of k. That reaches each
// set once, and never one that is likelier than where it came from.
func combinations(t Target, swaps []swap) func() (Edit, bool) {
	norm := math.Expm1(changesMean)
	var h heap[*choice]
	var changes []lurehound.Edit
	push := func(k int, parent *choice, p float64) {
		c := &choice{last: int32(k), parent: parent, p: p, fits: true, taken: swaps[k].taken}
		if parent != nil {
			c.fits = parent.taken&c.taken == 0
			c.taken |= parent.taken
		}
		h.push(p, c)
	}
	if len(swaps) > 0 {
		push(0, nil, swaps[0].p)
	}
	return func() (Edit, bool) {
		for h.len() > 0 {
			c := h.pop()
			if next := int(c.last) + 1; next < len(swaps) {
				if c.fits { // a set in which others overlap than the last never fits again
					push(next, c, c.p*swaps[next].p)
				}
				push(next, c.parent, c.p/swaps[c.last].p*swaps[next].p)
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

// changes appends those of all members.
func (c *choice) changes(out []lurehound.Edit, swaps []swap) []lurehound.Edit {
	for ; c != nil; c = c.parent {
		s := &swaps[c.last]
		for rest := s.at; rest != 0; rest &= rest - 1 {
			out = append(out, lurehound.Edit{From: s.From, To: s.To, At: bits.TrailingZeros64(uint64(rest))})
		}
	}
	slices.SortFunc(out, func(a, b lurehound.Edit) int { return a.At - b.At })
	return out
}

// everywhere is how much less likely a look-alike stands for every occurrence of
// a character than for one ("advanc3d-1p-scan3r", "mlcrodlcom").
const everywhere = 0.5

// swapsOf lists every look-alike at every place of the label, with
// likelihoods that add up to changesMean, the likeliest first.
func swapsOf(label string, glyphs []lexicon.Glyph) []swap {
	var room [256]swap // as many as beyond ASCII for most words
	out := room[:0]
	var has [256]bool // octets of the label: most glyphs are of others
	for i := range len(label) {
		has[label[i]] = true
	}
	sum := 0.0
	for k := range glyphs {
		g := &glyphs[k]
		if !has[g.From[0]] {
			continue
		}
		all := swap{Glyph: g, p: g.Weight * everywhere}
		for i := range len(label) {
			if label[i] != g.From[0] || !strings.HasPrefix(label[i:], g.From) {
				continue
			}
			one := swap{g, 1 << i, (1<<len(g.From) - 1) << i, g.Weight}
			out = append(out, one)
			sum += g.Weight
			if all.taken&one.taken == 0 {
				all.at, all.taken = all.at|one.at, all.taken|one.taken
			}
		}
		if all.at&(all.at-1) != 0 { // more than one
			out = append(out, all)
			sum += g.Weight * everywhere
		}
	}
	for i := range out {
		out[i].p *= changesMean / sum
	}
	var places [len(room)]int
	order := places[:0]
	for i := range out {
		order = append(order, i)
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Or(cmp.Compare(out[b].p, out[a].p), a-b) })
	sorted := make([]swap, len(out))
	for i, k := range order {
		sorted[i] = out[k]
	}
	return sorted
}
