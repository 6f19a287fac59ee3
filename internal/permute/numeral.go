package permute

import (
	"iter"
	"strings"

	"lurehound/internal/lexicon"
)

// shareNumeral is how much oftener than the site's label itself a name with a
// number is imitated by its other spelling: 3 of the 26 labels that imitate 7-Zip in the
// development campaigns (sevenzip, seven-zip), the one brand there with a number people spell.
const shareNumeral = 0.12

// numeral writes the numbers of a name in words, and words that are numbers in digits.
// It stands in place of the label, for nobody who reads by edits finds 7zip in sevenzip.
func numeral() Technique {
	return Technique{
		Name: "numeral", On: OnBase, Weight: shareNumeral,
		Doc: "a number in words, digits or Roman: seven-zip and sevenzip for 7-zip, 1drive; English first, then German, French, Spanish",
		Apply: func(t Target, x *lexicon.Tables) iter.Seq[Edit] {
			return func(yield func(Edit) bool) {
				if !t.hasNumber(x) {
					return
				}
				for _, p := range t.phrases(x) {
					for k, w := range p.words {
						for _, s := range spelled(w, x) {
							e := t.respell(p, k, s.Word, s.Weight)
							if !yield(e) {
								return
							}
							other, ok := t.otherStyle(p, k, s.Word)
							if ok && !yield(t.instead(other, s.Weight)) {
								return
							}
						}
					}
				}
			}
		},
	}
}

// hasNumber spares names without numbers the cutting into words, as nearly all are.
func (t Target) hasNumber(x *lexicon.Tables) bool {
	digit := func(s string) bool { return strings.ContainsAny(s, "0123456789") }
	if digit(t.Label) {
		return true
	}
	for _, p := range t.Products {
		if digit(p) {
			return true
		}
	}
	for _, p := range t.Parts {
		if len(x.Numerals(p)) > 0 {
			return true
		}
	}
	return false
}

// spelled is the other ways to write a number; one that is in no list is spelled digit by digit.
func spelled(w string, x *lexicon.Tables) []lexicon.Spelling {
	if known := x.Numerals(w); known != nil || !isDigits(w) || len(w) > 4 {
		return known
	}
	var word string
	for i := range len(w) {
		word += x.Numerals(w[i : i+1])[0].Word
	}
	return []lexicon.Spelling{{Word: word, Language: "en", Weight: 0.5}}
}

// otherStyle joins the words of a phrase, of which k has another form, with
// hyphens where the phrase has none, and without where it has some.
func (t Target) otherStyle(p phrase, k int, form string) (string, bool) {
	if len(p.words) < 2 {
		return "", false
	}
	sep := "-"
	if strings.Contains(p.text, "-") {
		sep = ""
	}
	var b strings.Builder
	for i, w := range p.words {
		if i > 0 {
			b.WriteString(sep)
		}
		if i == k {
			w = form
		}
		b.WriteString(w)
	}
	return b.String(), true
}
