package permute

import (
	"iter"
	"strings"

	"lurehound"
	"lurehound/internal/lexicon"
)

// sharePlural counts the labels of development campaigns with another number of a word:
// 7 of 399 (timedoctors, lexisnexises), all but one at the end.
const sharePlural = 0.017

// plural puts a word of the label in the plural, or in the singular where it has an s. A word
// ends at a hyphen and at the end. It changes the label rather than standing in its
// place: one or two letters are found by edits, and need no words of their own in an index.
func plural() Technique {
	const (
		innerFactor = 0.15 // a word that others follow: 1 of 7
		dropFactor  = 0.4  // the singular
	)
	return Technique{
		Name: "plural", On: OnLabel, Weight: sharePlural,
		Doc: "a word in the plural, or the singular of one: microdicoms, dropboxes, advanced-ips-scanner, rvtool",
		Apply: func(t Target, _ *lexicon.Tables) iter.Seq[Edit] {
			return func(yield func(Edit) bool) {
				for begin, end := nextWord(t.Label, 0); end > 0; begin, end = nextWord(t.Label, end) {
					where := 1.0
					if end < len(t.Label) {
						where = innerFactor
					}
					endings, n := otherNumbers(t.Label[begin:end])
					for k, c := range endings[:n] {
						if k > 0 {
							where *= dropFactor
						}
						if !yield(t.single(c.drop, c.add, end-len(c.drop), where)) {
							return
						}
					}
				}
			}
		},
		Explain: func(t Target, label string, _ *lexicon.Tables) ([]lurehound.Edit, bool) {
			same := common(t.Label, label)
			for begin, end := nextWord(t.Label, 0); end > 0; begin, end = nextWord(t.Label, end) {
				endings, n := otherNumbers(t.Label[begin:end])
				for _, c := range endings[:n] {
					at := end - len(c.drop)
					if same < at || len(label)-len(t.Label) != len(c.add)-len(c.drop) {
						continue
					}
					if rest, ok := strings.CutPrefix(label[at:], c.add); ok && rest == t.Label[end:] {
						return []lurehound.Edit{{From: c.drop, To: c.add, At: at}}, true
					}
				}
			}
			return nil, false
		},
	}
}

// nextWord is the piece between hyphens that begins at from or behind; end is 0 when there is none.
func nextWord(label string, from int) (begin, end int) {
	for from < len(label) && label[from] == '-' {
		from++
	}
	if from == len(label) {
		return 0, 0
	}
	for end = from; end < len(label) && label[end] != '-'; end++ {
	}
	return from, end
}

// ending is what a word loses at its end and what it gets.
type ending struct{ drop, add string }

// otherNumbers is the plural of a word, and its singular where it may be a plural itself.
func otherNumbers(w string) (endings [2]ending, n int) {
	if !isLetter(w[len(w)-1]) {
		return endings, 0
	}
	endings[0] = pluralEnding(w)
	if s, ok := singularEnding(w); ok {
		endings[1] = ending{drop: s}
		return endings, 2
	}
	return endings, 1
}

// pluralEnding is what the end of an English word changes into.
func pluralEnding(w string) ending {
	if strings.HasSuffix(w, "s") || strings.HasSuffix(w, "x") || strings.HasSuffix(w, "z") ||
		strings.HasSuffix(w, "ch") || strings.HasSuffix(w, "sh") {
		return ending{"", "es"}
	}
	if n := len(w); n > 2 && w[n-1] == 'y' && !strings.ContainsRune("aeiou", rune(w[n-2])) {
		return ending{"y", "ies"}
	}
	return ending{"", "s"}
}

// singularEnding is what the end of a plural loses.
func singularEnding(w string) (drop string, ok bool) {
	n := len(w)
	if n < 4 || w[n-1] != 's' || strings.ContainsRune("sui", rune(w[n-2])) { // boss, status, analysis
		return "", false
	}
	if strings.HasSuffix(w, "xes") || strings.HasSuffix(w, "ches") || strings.HasSuffix(w, "shes") || strings.HasSuffix(w, "sses") {
		return "es", true
	}
	return "s", true
}
