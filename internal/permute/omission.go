package permute

import (
	"iter"

	"lurehound"
	"lurehound/internal/lexicon"
)

// omission drops one character. A letter of a pair is missed far less by readers
// than any other, a first letter far more.
func omission() Technique {
	const (
		pairFactor  = 4
		firstFactor = 0.2
	)
	return Technique{
		Name: "omission", On: OnLabel, Weight: shareOmission,
		Doc: "drops one character: micodicom; letters of a pair first (scaner), the first letter last",
		Apply: func(t Target, _ *lexicon.Tables) iter.Seq[Edit] {
			return func(yield func(Edit) bool) {
				for i := range len(t.Label) {
					w := 1.0
					switch {
					case i == 0:
						w = firstFactor
					case t.Label[i] == t.Label[i-1]:
						w = pairFactor
					}
					if !yield(t.single(t.Label[i:i+1], "", i, w)) {
						return
					}
				}
			}
		},
		Explain: func(t Target, label string, _ *lexicon.Tables) ([]lurehound.Edit, bool) {
			at, ok := oneMore(label, t.Label)
			if !ok {
				return nil, false
			}
			return []lurehound.Edit{{From: t.Label[at : at+1], At: at}}, true
		},
	}
}
