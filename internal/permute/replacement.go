package permute

import (
	"iter"

	"lurehound/internal/lexicon"
)

// replacement puts a keyboard neighbour in place of one character.
func replacement() Technique {
	const (
		firstFactor = 0.5
		digitFactor = 0.2 // a digit or hyphen among letters, and the other way round
	)
	return Technique{
		Name: "replacement", On: OnLabel, Weight: shareReplacement,
		Doc: "one character by a key next to it (qwerty, qwertz, azerty): nicrodicom; letters by letters first",
		Apply: func(t Target, x *lexicon.Tables) iter.Seq[Edit] {
			return func(yield func(Edit) bool) {
				for i := range len(t.Label) {
					keys := x.Neighbors[t.Label[i]]
					for j := range len(keys) {
						w := 1.0
						if i == 0 {
							w = firstFactor
						}
						if isLetter(keys[j]) != isLetter(t.Label[i]) {
							w *= digitFactor
						}
						if !yield(single(t.Label, t.Label[i:i+1], keys[j:j+1], i, w)) {
							return
						}
					}
				}
			}
		},
	}
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' }
