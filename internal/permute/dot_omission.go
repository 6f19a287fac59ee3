package permute

import (
	"iter"

	"lurehound"
	"lurehound/internal/lexicon"
)

// shareDotOmission is a guess from dot-hyphen's: the registered look-alikes that
// tell (SquatPhi) were not searched for glued labels.
const shareDotOmission = 0.006

// dotOmission glues the label to what stands beside it in the brand's hosts.
func dotOmission() Technique {
	return Technique{
		Name: "dot-omission", On: OnLabel, Weight: shareDotOmission, Around: true,
		Doc:   "a dot left out, labels glued: wwwmicrodicom, microdicomcom; the brand's own hosts first",
		Apply: func(t Target, x *lexicon.Tables) iter.Seq[Edit] { return t.joined("", x) },
		Explain: func(t Target, label string, x *lexicon.Tables) ([]lurehound.Edit, bool) {
			return t.unjoined("", label, x)
		},
	}
}
