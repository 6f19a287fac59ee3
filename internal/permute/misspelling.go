package permute

import (
	"iter"

	"lurehound/internal/lexicon"
)

// shareMisspelling is how often a misspelt word stands for the name relative to the label
// itself: 6 against 42 of the 399 labels of development campaigns (fedralcourt,
// brave-browzers, icj-cij-cases-downlode).
const shareMisspelling = 0.12

// misspelling writes a word of the name as people do who do not know better. Slips of the
// hand are other techniques'.
func misspelling() Technique {
	const most = 6 // each is a word of the index
	return Technique{
		Name: "misspelling", On: OnBase, Weight: shareMisspelling,
		Doc: "a word as it is often misspelt: fedralcourts, downlode, advansed-ip-scaner; English, German, French, Spanish",
		Apply: func(t Target, x *lexicon.Tables) iter.Seq[Edit] {
			return func(yield func(Edit) bool) {
				t.respelled(x, most, false, yield)
			}
		},
	}
}
