package permute

import (
	"iter"
	"strings"

	"lurehound"
	"lurehound/internal/lexicon"
)

const alphanumeric = "abcdefghijklmnopqrstuvwxyz0123456789"

// insertion puts any letter or digit at any place, the ends too. The factors
// follow what campaigns add: a last letter, most of all an s, and slips to the next key.
func insertion() Technique {
	const (
		nearFactor   = 2
		digitFactor  = 0.2
		lastFactor   = 3
		firstFactor  = 0.3
		pluralFactor = 10
	)
	return Technique{
		Name: "insertion", On: OnLabel, Weight: shareInsertion,
		Doc: "adds one letter or digit anywhere: mkicrodicom; a final s and keys next to a neighbour first",
		Apply: func(t Target, x *lexicon.Tables) iter.Seq[Edit] {
			return func(yield func(Edit) bool) {
				n := len(t.Label)
				for i := range n + 1 {
					for j := range len(alphanumeric) {
						c := alphanumeric[j]
						w := 1.0
						if i > 0 && x.Near(t.Label[i-1], c) || i < n && x.Near(t.Label[i], c) {
							w *= nearFactor
						}
						if c <= '9' {
							w *= digitFactor
						}
						switch {
						case i == n && c == 's':
							w *= pluralFactor
						case i == n:
							w *= lastFactor
						case i == 0:
							w *= firstFactor
						}
						if !yield(t.single("", alphanumeric[j:j+1], i, w)) {
							return
						}
					}
				}
			}
		},
		Explain: func(t Target, label string, _ *lexicon.Tables) ([]lurehound.Edit, bool) {
			at, ok := oneMore(t.Label, label)
			if !ok || strings.IndexByte(alphanumeric, label[at]) < 0 {
				return nil, false
			}
			return []lurehound.Edit{{To: label[at : at+1], At: at}}, true
		},
	}
}
