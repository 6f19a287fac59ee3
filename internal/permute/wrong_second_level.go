package permute

import (
	"iter"
	"strings"

	"lurehound"
	"lurehound/internal/lexicon"
)

// shareWrongSecondLevel is a guess: none of the brands of the development
// campaigns that have a second-level suffix was imitated so, and 23 registered names of 763 much imitated sites are (SquatPhi, 2017).
const shareWrongSecondLevel = 0.03

// wrongSecondLevel takes another second-level suffix of the same country.
func wrongSecondLevel() Technique {
	return Technique{
		Name: "wrong-second-level", On: OnSuffix, Weight: shareWrongSecondLevel,
		Doc: "another second-level suffix of the same country: bbc.org.uk for bbc.co.uk",
		Apply: func(t Target, x *lexicon.Tables) iter.Seq[Edit] {
			return func(yield func(Edit) bool) {
				if !lexicon.IsSecondLevel(t.Suffix) {
					return
				}
				for _, s := range x.Suffixes {
					if sameCountry(t.Suffix, s.Name) && lexicon.IsSecondLevel(s.Name) &&
						!yield(Edit{Suffix: s.Name, Changes: suffixChange(t, s.Name), Weight: s.Weight}) {
						return
					}
				}
			}
		},
		Explain: func(t Target, suffix string, _ *lexicon.Tables) ([]lurehound.Edit, bool) {
			if !sameCountry(t.Suffix, suffix) || !lexicon.IsSecondLevel(t.Suffix) || !lexicon.IsSecondLevel(suffix) {
				return nil, false
			}
			return suffixChange(t, suffix), true
		},
	}
}

// sameCountry reports whether two different suffixes end with the same label
// and have others before it.
func sameCountry(a, b string) bool {
	i, j := strings.LastIndexByte(a, '.'), strings.LastIndexByte(b, '.')
	return i > 0 && j > 0 && a[i:] == b[j:] && a != b
}
