package permute

import (
	"iter"

	"lurehound/internal/lexicon"
)

const alphanumeric = "abcdefghijklmnopqrstuvwxyz0123456789"

// letterWeights are those of each of alphanumeric; 0 for one that is not put there.
type letterWeights [len(alphanumeric)]float64

// letterPlace is where a letter or digit is put, in front of what is there (n is 0) or instead of it (1).
type letterPlace struct{ at, n int }

// lettersAt tells the weights of all letters and digits, place by place.
type lettersAt func(t Target, x *lexicon.Tables) iter.Seq2[letterPlace, *letterWeights]

// edits yields them one by one.
func (l lettersAt) edits(t Target, x *lexicon.Tables) iter.Seq[Edit] {
	return func(yield func(Edit) bool) {
		for p, weights := range l(t, x) {
			for j, w := range weights {
				if w > 0 && !yield(t.single(t.Label[p.at:p.at+p.n], alphanumeric[j:j+1], p.at, w)) {
					return
				}
			}
		}
	}
}
