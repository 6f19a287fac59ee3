package permute

import (
	"iter"

	"lurehound"
	"lurehound/internal/lexicon"
)

// repetition doubles one character.
func repetition() Technique {
	return Technique{
		Name: "repetition", On: OnLabel, Weight: shareRepetition,
		Doc: "doubles one character: miicrodicom; all places alike",
		Apply: func(t Target, _ *lexicon.Tables) iter.Seq[Edit] {
			return func(yield func(Edit) bool) {
				for i := range len(t.Label) {
					c := t.Label[i : i+1]
					if !yield(t.single(c, c+c, i, 1)) {
						return
					}
				}
			}
		},
		Explain: func(t Target, label string, _ *lexicon.Tables) ([]lurehound.Edit, bool) {
			at, ok := oneMore(t.Label, label)
			if !ok || at == len(t.Label) || label[at] != t.Label[at] {
				return nil, false
			}
			return []lurehound.Edit{{From: label[at : at+1], To: label[at : at+2], At: at}}, true
		},
	}
}
