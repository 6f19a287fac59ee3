package permute

import (
	"iter"
	"strings"

	"golang.org/x/net/publicsuffix"

	"lurehound"
	"lurehound/internal/lexicon"
)

// tldSwap takes another public suffix, the likeliest among look-alikes first.
func tldSwap() Technique {
	return Technique{
		Name: "tld-swap", On: OnSuffix, Weight: shareOtherSuffix,
		Doc: "another public suffix (IANA, PSL): microdicom.info; those that campaigns use first",
		Apply: func(t Target, x *lexicon.Tables) iter.Seq[Edit] {
			return func(yield func(Edit) bool) {
				for _, s := range x.Suffixes {
					// Registries of IDN suffixes take labels of their script; an LDH label is mostly refused.
					if s.Name == t.Suffix || strings.Contains(s.Name, "xn--") {
						continue
					}
					if !yield(Edit{Suffix: s.Name, Changes: suffixChange(t, s.Name), Weight: s.Weight}) {
						return
					}
				}
			}
		},
		Explain: func(t Target, suffix string, _ *lexicon.Tables) ([]lurehound.Edit, bool) {
			if s, _ := publicsuffix.PublicSuffix(suffix); suffix == t.Suffix || s != suffix {
				return nil, false
			}
			return suffixChange(t, suffix), true
		},
	}
}

func suffixChange(t Target, to string) []lurehound.Edit {
	change := lurehound.Edit{From: t.Suffix, To: to, At: lurehound.SuffixEdit}
	if t.passing != nil {
		*t.passing = append((*t.passing)[:0], change)
		return *t.passing
	}
	return []lurehound.Edit{change}
}
