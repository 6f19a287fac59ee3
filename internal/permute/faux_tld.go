package permute

import (
	"iter"
	"strings"
	"unicode/utf8"

	"lurehound"
	"lurehound/internal/lexicon"
)

// fauxTLD draws a suffix into the label, so that the name seems to end there.
func fauxTLD() Technique {
	const ownFactor = 4 // times the share of .com: the brand's own suffix deceives best
	return Technique{
		Name: "faux-tld", On: OnLabel, Weight: shareFauxTLD, BestFirst: true, Around: true, // as the table of suffixes is
		Doc: "a suffix drawn into the label: microdicomcom, microdicom-com; the brand's own first",
		Apply: func(t Target, x *lexicon.Tables) iter.Seq[Edit] {
			return func(yield func(Edit) bool) {
				add := func(suffix string, w float64) bool {
					glued := strings.ReplaceAll(suffix, ".", "")
					hyphened := "-" + strings.ReplaceAll(suffix, ".", "-")
					return yield(t.single("", hyphened, len(t.Label), w)) &&
						yield(t.single("", glued, len(t.Label), w))
				}
				own := ownFactor * x.Suffixes[0].Weight
				sum := own
				for _, s := range x.Suffixes {
					sum += s.Weight
				}
				scale := 1 / (2 * sum) // two forms of each
				if !strings.Contains(t.Suffix, "xn--") && !add(t.Suffix, own*scale) {
					return
				}
				for _, s := range x.Suffixes {
					if s.Name == t.Suffix || strings.Contains(s.Name, "xn--") {
						continue
					}
					if !add(s.Name, s.Weight*scale) {
						return
					}
				}
			}
		},
		Explain: func(t Target, label string, x *lexicon.Tables) ([]lurehound.Edit, bool) {
			rest, ok := strings.CutPrefix(label, t.Label)
			if !ok || rest == "" {
				return nil, false
			}
			if !x.DrawnIn(strings.TrimPrefix(rest, "-")) && !sameDrawnIn(rest, t.Suffix) {
				return nil, false
			}
			return []lurehound.Edit{{To: rest, At: utf8.RuneCountInString(t.Label)}}, true
		},
	}
}

// sameDrawnIn reports whether rest is the suffix without its dots, or with hyphens for them.
func sameDrawnIn(rest, suffix string) bool {
	return rest == strings.ReplaceAll(suffix, ".", "") || rest == "-"+strings.ReplaceAll(suffix, ".", "-")
}
