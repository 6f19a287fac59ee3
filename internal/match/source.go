package match

import (
	"slices"
	"strings"
	"unicode/utf8"

	"lurehound"
	"lurehound/internal/permute"
)

// ofSource tells a reason that starts from another spelling of the brand's name as one that
// starts from the name: sevenzip is 7-zip with "seven" for the 7.
func (r reason) ofSource(b *brand) reason {
	if len(r.techniques) == 0 || !slices.Contains([]string{numeral, misspelling, homophone}, r.techniques[0]) {
		return r
	}
	source, least := "", lurehound.Edit{}
	for i, name := range append([]string{b.target.Label}, b.target.Products...) {
		e := between(name, r.word)
		if i == 0 || len(e.From)+len(e.To) < len(least.From)+len(least.To) {
			source, least = name, e
		}
	}
	if strings.HasPrefix(source, "xn--") || least.From == source {
		return r
	}
	i := slices.IndexFunc(r.edits, func(e lurehound.Edit) bool { return e.At == lurehound.SuffixEdit })
	if i < 0 {
		i = len(r.edits)
	}
	first := []lurehound.Edit{least}
	if from, ok := strings.CutSuffix(least.From, "-"); ok && from != "" { // 7- and seven: the hyphen is dropped
		first = []lurehound.Edit{{From: from, To: least.To, At: least.At}, {From: "-", At: least.At + len(from)}}
	}
	r.word, r.edits = source, append(permute.Compose(first, r.edits[:i]), r.edits[i:]...)
	return r
}

// between is one change that makes a label of another, without what both begin and end with.
func between(from, to string) lurehound.Edit {
	start := 0
	for start < min(len(from), len(to)) && from[start] == to[start] {
		start++
	}
	a, b := len(from), len(to)
	for a > start && b > start && from[a-1] == to[b-1] {
		a, b = a-1, b-1
	}
	return lurehound.Edit{From: from[start:a], To: to[start:b], At: start}
}

// edited takes the changes that the match tells for those of the anatomy, so that the
// picture shows what the words say. It reports false when they do not make a label of the name.
func (a *anatomy) edited(m *lurehound.Match) bool {
	for _, l := range [...]label{a.at, a.registrable} {
		if changes, ok := steps(m.Word, a.raw[l.from:l.to], m.Edits); ok {
			a.word, a.changes, a.before, a.behind, a.at = m.Word, changes, "", "", l
			return true
		}
	}
	return false
}

// steps is every step from word to text when the edits, in rising order, lead there.
func steps(word, text string, edits []lurehound.Edit) (out []change, ok bool) {
	at, whole := 0, text
	keep := func(to int) bool { // up to character to
		for ; at < to; at++ {
			r, size := utf8.DecodeRuneInString(word)
			if size == 0 || !strings.HasPrefix(text, word[:size]) || r == utf8.RuneError {
				return false
			}
			out = append(out, change{from: word[:size], to: word[:size], at: at})
			word, text = word[size:], text[size:]
		}
		return true
	}
	for _, e := range edits {
		if e.At == lurehound.SuffixEdit {
			continue
		}
		if e.At < at || !keep(e.At) || !strings.HasPrefix(word, e.From) || !strings.HasPrefix(text, e.To) {
			return nil, false
		}
		out = append(out, change{from: e.From, to: e.To, at: at, kind: substitute})
		word, text, at = word[len(e.From):], text[len(e.To):], at+utf8.RuneCountInString(e.From)
	}
	ok = keep(at+utf8.RuneCountInString(word)) && text == ""
	return out, ok && whole != ""
}
