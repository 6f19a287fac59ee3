package permute

import (
	"iter"
	"slices"
	"strings"

	"lurehound"
	"lurehound/internal/lexicon"
)

// productWord puts a product of the brand in place of the site's label. In real
// campaigns products are imitated more often than sites.
func productWord() Technique {
	const aroundLabel = 0.1 // a product that is only the label with words around it, which combosquatting makes too
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
				for _, w := range slices.Concat(t.Leads, t.Tails) {
					if !add(w, oneWord(w, x)) {
						return
					}
				}
				for _, p := range x.Products(t.Label) {
					words := strings.Fields(strings.ToLower(p))
					for _, form := range [2]string{strings.Join(words, "-"), strings.Join(words, "")} {
						if len(words) == 1 && form == words[0] || validLabel(form) {
							if !add(form, knownFactor) {
								return
							}
						}
					}
				}
			}
		},
	}
}

// oneWord is how likely one word of a product's name of several stands for it: "obs" and "sora" do,
// "advanced" is anybody's.
func oneWord(word string, x *lexicon.Tables) float64 {
	const (
		ordinary = 4.5 // a cost in powers of ten: one in 30,000 words of a text
		rare     = 5.2
	)
	switch cost, listed := x.WordCost(word); {
	case !listed:
		return 0.4
	case cost >= rare:
		return 0.25
	case cost >= ordinary:
		return 0.1
	}
	return 0.02
}

// knownFactor is for what the owner of the label is known to make, as against a product
// that the brand's file names.
const knownFactor = 0.1
