package permute

import (
	"iter"
	"math/bits"

	"lurehound"
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
						if isLDH(c) && !yield(t.single(t.Label[i:i+1], string(rune(c)), i, 1)) {
							return
						}
					}
				}
			}
		},
		Explain: func(t Target, label string, _ *lexicon.Tables) ([]lurehound.Edit, bool) {
			at, ok := oneOther(t.Label, label)
			if !ok || bits.OnesCount8(t.Label[at]^label[at]) != 1 {
				return nil, false
			}
			return []lurehound.Edit{{From: t.Label[at : at+1], To: label[at : at+1], At: at}}, true
		},
	}
}
