package permute

import (
	"iter"
	"strings"

	"golang.org/x/net/publicsuffix"

	"lurehound"
	"lurehound/internal/lexicon"
)

// shareTLDAppend: 9 of 516 hosts of development campaigns that imitate a brand
// (roblox.com.kz) are under the brand's own suffix and a country's behind it.
const shareTLDAppend = 0.02

// tldAppend puts another suffix behind the brand's own, where both together are one.
func tldAppend() Technique {
	return Technique{
		Name: "tld-append", On: OnSuffix, Weight: shareTLDAppend,
		Doc: "another suffix behind the brand's own: microdicom.com.br",
		Apply: func(t Target, x *lexicon.Tables) iter.Seq[Edit] {
			return func(yield func(Edit) bool) {
				for _, s := range x.Suffixes {
					if appended(t.Suffix, s.Name) && !yield(Edit{Suffix: s.Name, Changes: suffixChange(t, s.Name), Weight: s.Weight}) {
						return
					}
				}
			}
		},
		Explain: func(t Target, suffix string, _ *lexicon.Tables) ([]lurehound.Edit, bool) {
			if !appended(t.Suffix, suffix) {
				return nil, false
			}
			if s, _ := publicsuffix.PublicSuffix(suffix); s != suffix {
				return nil, false
			}
			return suffixChange(t, suffix), true
		},
	}
}

// appended reports whether long is short with more labels behind it.
func appended(short, long string) bool {
	return len(long) > len(short)+1 && long[len(short)] == '.' && strings.HasPrefix(long, short)
}
