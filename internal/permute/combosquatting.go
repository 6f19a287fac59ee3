package permute

import (
	"iter"
	"strings"
	"unicode/utf8"

	"lurehound"
	"lurehound/internal/lexicon"
)

const combo = "combosquatting"

// combosquatting puts words around the label: those of real campaigns and the
// brand's own product words.
func combosquatting() Technique {
	const hyphenShare = 0.6 // of the campaigns' combinations are joined by a hyphen
	return Technique{
		Name: combo, On: OnLabel, Weight: shareCombosquatting, Around: true,
		Doc: "words around the label: microdicom-download, getmicrodicom; those of campaigns and products first",
		Apply: func(t Target, x *lexicon.Tables) iter.Seq[Edit] {
			return func(yield func(Edit) bool) {
				add := func(word string, before, after float64) bool {
					n := len(t.Label)
					return (before == 0 || yield(single(t.Label, "", word+"-", 0, before*hyphenShare)) &&
						yield(single(t.Label, "", word, 0, before*(1-hyphenShare)))) &&
						(after == 0 || yield(single(t.Label, "", "-"+word, n, after*hyphenShare)) &&
							yield(single(t.Label, "", word, n, after*(1-hyphenShare))))
				}
				own := x.Affixes[0].After // as likely as the likeliest affix
				for _, w := range t.Words {
					if !strings.Contains(t.Label, w) && !add(w, own/2, own) {
						return
					}
				}
				for _, a := range x.Affixes {
					if !add(a.Word, a.Before, a.After) {
						return
					}
				}
			}
		},
		Explain: around,
	}
}

// around recognises the label within another one, with any words around it.
// Of several places it takes the one with most hyphens beside it, then the first.
func around(t Target, label string, _ *lexicon.Tables) ([]lurehound.Edit, bool) {
	best, hyphens := -1, -1
	for from := 0; len(label) > len(t.Label); {
		i := strings.Index(label[from:], t.Label)
		if i < 0 {
			break
		}
		i += from
		n := 0
		if i == 0 || label[i-1] == '-' {
			n++
		}
		if end := i + len(t.Label); end == len(label) || label[end] == '-' {
			n++
		}
		if n > hyphens {
			best, hyphens = i, n
		}
		from = i + 1
	}
	if best < 0 {
		return nil, false
	}
	return surround(label[:best], label[best+len(t.Label):], utf8.RuneCountInString(t.Label)), true
}

func surround(before, after string, n int) []lurehound.Edit {
	changes := make([]lurehound.Edit, 0, 2)
	if before != "" {
		changes = append(changes, lurehound.Edit{To: before, At: 0})
	}
	if after != "" {
		changes = append(changes, lurehound.Edit{To: after, At: n})
	}
	return changes
}
