package permute

import (
	"iter"

	"lurehound"
	"lurehound/internal/lexicon"
)

// shareDotHyphen: of 1.35 million registered look-alikes of 763 sites (SquatPhi, 2017), 297
// are www-LABEL and 361 LABEL-com, half of these one each; campaigns have them with more words around only.
const shareDotHyphen = 0.01

// dotHyphen writes a dot of the brand's hosts as a hyphen. A hyphen written as a
// dot makes a name of another site: dot-insertion does that.
func dotHyphen() Technique {
	return Technique{
		Name: "dot-hyphen", On: OnLabel, Weight: shareDotHyphen, Around: true,
		Doc:   "a dot written as a hyphen: www-microdicom, microdicom-com; the brand's own hosts first",
		Apply: func(t Target, x *lexicon.Tables) iter.Seq[Edit] { return t.joined("-", x) },
		Explain: func(t Target, label string, x *lexicon.Tables) ([]lurehound.Edit, bool) {
			return t.unjoined("-", label, x)
		},
	}
}
