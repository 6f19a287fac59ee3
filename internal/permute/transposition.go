package permute

import (
	"iter"

	"lurehound"
	"lurehound/internal/lexicon"
)

// transposition swaps neighbours. A changed first letter is noticed.
func transposition() Technique {
	const firstFactor = 0.2
	return Technique{
		Name: "transposition", On: OnLabel, Weight: shareTransposition,
		Doc: "swaps two neighbouring characters: mircodicom; the first two last",
		Apply: func(t Target, _ *lexicon.Tables) iter.Seq[Edit] {
			return func(yield func(Edit) bool) {
				for i := 0; i+1 < len(t.Label); i++ {
					a, b := t.Label[i:i+1], t.Label[i+1:i+2]
					w := 1.0
					if i == 0 {
						w = firstFactor
					}
					if a != b && !yield(t.single(a+b, b+a, i, w)) {
						return
					}
				}
			}
		},
		Explain: func(t Target, label string, _ *lexicon.Tables) ([]lurehound.Edit, bool) {
			at, ok := neighboursSwapped(t.Label, label)
			if !ok {
				return nil, false
			}
			return []lurehound.Edit{{From: t.Label[at : at+2], To: label[at : at+2], At: at}}, true
		},
	}
}
