package permute

import (
	"iter"
	"strings"

	"lurehound"
	"lurehound/internal/lexicon"
)

// insertion puts any letter or digit at any place, the ends too.
func insertion() Technique {
	return Technique{
		Name: "insertion", On: OnLabel, Weight: shareInsertion, Apply: lettersAt(insertions).edits, Letters: insertions,
		Doc: "adds one letter or digit anywhere: mkicrodicom; a final s and keys next to a neighbour first",
		Explain: func(t Target, label string, _ *lexicon.Tables) ([]lurehound.Edit, bool) {
			at, ok := oneMore(t.Label, label)
			if !ok || strings.IndexByte(alphanumeric, label[at]) < 0 {
				return nil, false
			}
			return []lurehound.Edit{{To: label[at : at+1], At: at}}, true
		},
	}
}

// insertions weighs by what campaigns add: a last letter, most of all an s, and slips to the next key.
func insertions(t Target, x *lexicon.Tables) iter.Seq2[letterPlace, *letterWeights] {
	const (
		nearFactor   = 2
		digitFactor  = 0.2
		lastFactor   = 3
		firstFactor  = 0.3
		pluralFactor = 10
	)
	return func(yield func(letterPlace, *letterWeights) bool) {
		n := len(t.Label)
		var weights letterWeights
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
				weights[j] = w
			}
			if !yield(letterPlace{at: i}, &weights) {
				return
			}
		}
	}
}
