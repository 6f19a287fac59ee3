package permute

import (
	"iter"
	"math"

	"lurehound"
	"lurehound/internal/lexicon"
)

// replacement puts a keyboard neighbour in place of one character. A slip is as
// likely as people have a keyboard on which the keys touch; half of that counts (the root), for
// the readers of one brand often share a keyboard that few others have.
func replacement() Technique {
	const (
		firstFactor = 0.5
		digitFactor = 0.2 // a digit or hyphen among letters, and the other way round
	)
	return Technique{
		Name: "replacement", On: OnLabel, Weight: shareReplacement,
		Doc: "one character by a key next to it (qwerty, qwertz, azerty and their national forms): nicrodicom; letters by letters first",
		Apply: func(t Target, x *lexicon.Tables) iter.Seq[Edit] {
			return func(yield func(Edit) bool) {
				for i := range len(t.Label) {
					keys := x.Neighbors[t.Label[i]]
					for j := range len(keys) {
						if !x.Near(t.Label[i], keys[j]) {
							break // the keys of rare keyboards are the last
						}
						w := math.Sqrt(x.NearShare(t.Label[i], keys[j]))
						if i == 0 {
							w *= firstFactor
						}
						if isLetter(keys[j]) != isLetter(t.Label[i]) {
							w *= digitFactor
						}
						if !yield(t.single(t.Label[i:i+1], keys[j:j+1], i, w)) {
							return
						}
					}
				}
			}
		},
		Explain: func(t Target, label string, x *lexicon.Tables) ([]lurehound.Edit, bool) {
			at, ok := oneOther(t.Label, label)
			if !ok || !x.Near(t.Label[at], label[at]) {
				return nil, false
			}
			return []lurehound.Edit{{From: t.Label[at : at+1], To: label[at : at+1], At: at}}, true
		},
	}
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' }

func isLetters(s string) bool {
	for i := range len(s) {
		if !isLetter(s[i]) {
			return false
		}
	}
	return true
}
