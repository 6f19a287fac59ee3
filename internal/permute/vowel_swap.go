package permute

import (
	"iter"
	"strings"

	"lurehound"
	"lurehound/internal/lexicon"
)

// vowelSwap puts another vowel in place of one vowel, at one place.
func vowelSwap() Technique {
	const firstFactor = 0.4
	return Technique{
		Name: "vowel-swap", On: OnLabel, Weight: shareVowelSwap,
		Doc: "one vowel by another: microdicum",
		Apply: func(t Target, x *lexicon.Tables) iter.Seq[Edit] {
			return func(yield func(Edit) bool) {
				for i := range len(t.Label) {
					if strings.IndexByte(x.Vowels, t.Label[i]) < 0 {
						continue
					}
					w := 1.0
					if i == 0 {
						w = firstFactor
					}
					for j := range len(x.Vowels) {
						if x.Vowels[j] == t.Label[i] {
							continue
						}
						if !yield(t.single(t.Label[i:i+1], x.Vowels[j:j+1], i, w)) {
							return
						}
					}
				}
			}
		},
		Explain: func(t Target, label string, x *lexicon.Tables) ([]lurehound.Edit, bool) {
			at, ok := oneOther(t.Label, label)
			if !ok || strings.IndexByte(x.Vowels, t.Label[at]) < 0 || strings.IndexByte(x.Vowels, label[at]) < 0 {
				return nil, false
			}
			return []lurehound.Edit{{From: t.Label[at : at+1], To: label[at : at+1], At: at}}, true
		},
	}
}
