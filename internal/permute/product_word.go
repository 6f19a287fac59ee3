package permute

import (
	"iter"
	"strings"

	"lurehound"
	"lurehound/internal/lexicon"
)

// productWord puts a product of the brand in place of the site's label. In real
// campaigns products are imitated more often than sites.
func productWord() Technique {
	const (
		leadFactor  = 0.25 // the first word of a product name of several, as against the whole
		aroundLabel = 0.1  // a product that is only the label with words around it, which combosquatting makes too
	)
	return Technique{
		Name: "product-word", On: OnBase, Weight: shareProductWord,
		Doc: "a product's name instead of the site's: putty for chiark.greenend.org.uk; all other techniques apply to it too",
		Apply: func(t Target, x *lexicon.Tables) iter.Seq[Edit] {
			return func(yield func(Edit) bool) {
				add := func(word string, w float64) bool {
					if word == t.Label || x.IsAffix(word) {
						return true
					}
					return yield(Edit{
						Label:   word,
						Changes: []lurehound.Edit{{From: t.Label, To: word, At: 0}},
						Weight:  w,
					})
				}
				for _, p := range t.Products {
					w := 1.0
					if strings.Contains(p, t.Label) {
						w = aroundLabel
					}
					if !add(p, w) {
						return
					}
				}
				for _, w := range t.Leads {
					if !add(w, leadFactor) {
						return
					}
				}
			}
		},
	}
}
