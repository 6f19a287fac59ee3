package permute

import (
	"iter"

	"lurehound/internal/lexicon"
)

// shareHomophone is a guess between what is counted beside it: of the 399 labels of
// development campaigns two sound like the brand and are no single slip
// (angryipscat is none, assana and bravebrowzer are), and the label itself has 42.
const shareHomophone = 0.05

// homophone writes a word of the name as it sounds. Names of each word are given once, the
// likeliest few of the whole name first.
func homophone() Technique {
	const most = 8 // each is a word of the index
	return Technique{
		Name: "homophone", On: OnBase, Weight: shareHomophone,
		Doc: "a word as it sounds: mikrodicom, fotoshop, 4 for for; tables and sounds of English, then German, French, Spanish",
		Apply: func(t Target, x *lexicon.Tables) iter.Seq[Edit] {
			return func(yield func(Edit) bool) {
				t.respelled(x, most, true, yield)
			}
		},
	}
}
