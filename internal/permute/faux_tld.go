package permute

import (
	"strings"
	"unicode/utf8"

	"lurehound"
	"lurehound/internal/lexicon"
)

// fauxTLD draws a suffix into the label, so that the name seems to end there.
func fauxTLD() Technique {
	return Technique{
		Name: "faux-tld", On: OnLabel, Weight: shareFauxTLD, Apply: each(fauxTLDs), BestFirst: fauxTLDs, Around: true,
		Doc: "a suffix drawn into the label: microdicomcom, microdicom-com; the brand's own first",
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

// fauxTLDs are in the order of the table of suffixes, which is that of their likelihood.
func fauxTLDs(t Target, x *lexicon.Tables) func() (Edit, bool) {
	const ownFactor = 4 // times the share of .com: the brand's own suffix deceives best
	own := ownFactor * x.Suffixes[0].Weight
	sum := own
	for i := range x.Suffixes {
		sum += x.Suffixes[i].Weight
	}
	scale := 1 / (2 * sum) // two forms of each
	i, glued := -1, false  // -1 is the brand's own
	return func() (Edit, bool) {
		for ; i < len(x.Suffixes); i++ {
			s := lexicon.Suffix{Name: t.Suffix, Weight: own}
			if i >= 0 {
				s = x.Suffixes[i]
			}
			if i >= 0 && s.Name == t.Suffix || isIDN(s.Name) {
				continue
			}
			if !glued {
				glued = true
				return t.single("", "-"+strings.ReplaceAll(s.Name, ".", "-"), len(t.Label), s.Weight*scale), true
			}
			i, glued = i+1, false
			return t.single("", strings.ReplaceAll(s.Name, ".", ""), len(t.Label), s.Weight*scale), true
		}
		return Edit{}, false
	}
}

// sameDrawnIn reports whether rest is the suffix without its dots, or with hyphens for them.
func sameDrawnIn(rest, suffix string) bool {
	return rest == strings.ReplaceAll(suffix, ".", "") || rest == "-"+strings.ReplaceAll(suffix, ".", "-")
}
