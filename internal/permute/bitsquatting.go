package permute

import (
	"iter"

	"lurehound/internal/lexicon"
)

// bitsquatting flips one bit of one character, as faulty memory does. No bit
// is likelier than another.
func bitsquatting() Technique {
	return Technique{
		Name: "bitsquatting", On: OnLabel, Weight: shareBitsquatting,
		Doc: "flips one bit of one character: mikrodicom (c and k differ in one bit)",
		Apply: func(t Target, _ *lexicon.Tables) iter.Seq[Edit] {
			return func(yield func(Edit) bool) {
				for i := range len(t.Label) {
					for bit := range 8 {
						c := t.Label[i] ^ 1<<bit
						if isLDH(c) && !yield(single(t.Label, t.Label[i:i+1], string(rune(c)), i, 1)) {
							return
						}
					}
				}
			}
		},
	}
}
