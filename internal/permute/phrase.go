package permute

import (
	"slices"
	"strings"
	"sync"

	"lurehound"
	"lurehound/internal/lexicon"
)

// phrase is a name of the brand as words: what techniques of words start from.
type phrase struct {
	text  string   // the site's label or a product, as one label
	words []string // joined, they are text without its hyphens
}

const (
	maxPhrases = 3 // the label and two products: techniques of words are many to each
	maxPhrase  = 6 // words; longer names are left alone

	// maxCut is what cutting a name into words may cost a letter, in powers of ten.
	// "microdicom" costs 0.9, "truist" as tru+ist 1.5: chance finds words like these.
	maxCut = 1.2
	crumb  = 2 // words of one and two letters stand in others oftener than alone
)

// cuts remembers the phrases of a target: several techniques ask for them.
type cuts struct {
	once    sync.Once
	label   string // that of the target; another label has other phrases
	phrases []phrase
}

// phrases cuts the label and the products into words. A name in which no words are found
// is a phrase of one. The caller leaves them as they are.
func (t Target) phrases(x *lexicon.Tables) []phrase {
	if t.cuts == nil || t.cuts.label != t.Label {
		return t.cut(x)
	}
	t.cuts.once.Do(func() { t.cuts.phrases = t.cut(x) })
	return t.cuts.phrases
}

func (t Target) cut(x *lexicon.Tables) []phrase {
	out := make([]phrase, 0, maxPhrases)
	add := func(text string) {
		if strings.HasPrefix(text, "xn--") {
			return
		}
		for i := range out {
			if !sameLetters(out[i].text, text) {
				continue
			}
			if strings.Contains(text, "-") && !strings.Contains(out[i].text, "-") {
				out[i].words = t.words(text, x) // hyphens say where words end
			}
			return
		}
		if len(out) < maxPhrases {
			out = append(out, phrase{text, t.words(text, x)})
		}
	}
	add(t.Label)
	for _, p := range t.Products {
		add(p)
	}
	return slices.DeleteFunc(out, func(p phrase) bool { return len(p.words) > maxPhrase })
}

// words cuts one label: at hyphens, at digits, and where letters make words. Letters stay
// together when cutting them is far-fetched.
func (t Target) words(text string, x *lexicon.Tables) []string {
	var own []string
	for _, p := range t.Parts {
		if len(p) > 1 && len(p) < len(text) {
			own = append(own, p)
		}
	}
	var words []string
	for from := 0; from < len(text); {
		to := from + 1
		for to < len(text) && text[to] != '-' && isLetter(text[to]) == isLetter(text[from]) {
			to++
		}
		run := text[from:to]
		from = to
		if run[0] == '-' {
			from = to - len(run) + 1
			continue
		}
		n := len(words)
		if words = x.AppendSegments(words, run, own...); cutCost(words[n:], own, x) > maxCut*float64(len(run)) {
			words = append(words[:n], run)
		}
	}
	return words
}

// cutCost is what words cost, less for the brand's own.
func cutCost(words, own []string, x *lexicon.Tables) float64 {
	sum := 0.0
	for _, w := range words {
		c, ok := x.WordCost(w)
		if !ok {
			c = maxCut*float64(len(w)) + 1
		}
		switch {
		case slices.Contains(own, w):
			c = min(c, 1)
		case len(w) < 3:
			c *= crumb
		}
		sum += c
	}
	return sum
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// sameLetters reports whether two labels differ in hyphens only.
func sameLetters(a, b string) bool {
	i, j := 0, 0
	for {
		for i < len(a) && a[i] == '-' {
			i++
		}
		for j < len(b) && b[j] == '-' {
			j++
		}
		if i == len(a) || j == len(b) {
			return i == len(a) && j == len(b)
		}
		if a[i] != b[j] {
			return false
		}
		i, j = i+1, j+1
	}
}

// at is where each word begins in text.
func (p phrase) at(k int) int {
	at := 0
	for i, w := range p.words {
		for at < len(p.text) && p.text[at] == '-' {
			at++
		}
		if i == k {
			break
		}
		at += len(w)
	}
	return at
}

// respell is the edit of the target that stands for the phrase with another form of word k.
func (t Target) respell(p phrase, k int, form string, weight float64) Edit {
	at := p.at(k)
	text := p.text[:at] + form + p.text[at+len(p.words[k]):]
	if p.text == t.Label {
		e := trimmed(p.words[k], form, at)
		return Edit{Label: text, Changes: []lurehound.Edit{e}, Weight: weight}
	}
	return t.instead(text, weight)
}

// instead is the edit that puts another name in place of the label.
func (t Target) instead(text string, weight float64) Edit {
	return Edit{Label: text, Changes: []lurehound.Edit{{From: t.Label, To: text, At: 0}}, Weight: weight}
}

// trimmed is one change without what both sides begin and end with.
func trimmed(from, to string, at int) lurehound.Edit {
	start := 0
	for start < len(from) && start < len(to) && from[start] == to[start] {
		start++
	}
	a, b := len(from), len(to)
	for a > start && b > start && from[a-1] == to[b-1] {
		a, b = a-1, b-1
	}
	return lurehound.Edit{From: from[start:a], To: to[start:b], At: at + start}
}
