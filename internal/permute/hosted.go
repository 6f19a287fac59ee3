package permute

import (
	"iter"
	"strings"

	"golang.org/x/net/publicsuffix"

	"lurehound"
	"lurehound/internal/lexicon"
)

// shareHosted: of 516 hosts of development campaigns that imitate a brand, none
// has the brand's label under a free host, but 99 of the other 380 are under one: a rare way with cheap names.
const shareHosted = 0.02

// hosted puts the label below a host that gives names away.
func hosted() Technique {
	return Technique{
		Name: "hosted", On: OnSuffix, Weight: shareHosted,
		Doc: "a host that gives names away, sites and dynamic DNS: microdicom.pages.dev, microdicom.duckdns.org",
		Apply: func(t Target, x *lexicon.Tables) iter.Seq[Edit] {
			return func(yield func(Edit) bool) {
				for _, h := range x.Hosts {
					if h.Name != t.Suffix && !yield(Edit{Suffix: h.Name, Changes: suffixChange(t, h.Name), Weight: h.Weight}) {
						return
					}
				}
			}
		},
		Explain: func(t Target, suffix string, _ *lexicon.Tables) ([]lurehound.Edit, bool) {
			if suffix == t.Suffix || !strings.Contains(suffix, ".") {
				return nil, false
			}
			if s, icann := publicsuffix.PublicSuffix(suffix); icann || s != suffix {
				return nil, false
			}
			return suffixChange(t, suffix), true
		},
	}
}
