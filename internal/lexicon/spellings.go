package lexicon

import (
	_ "embed"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:embed homophones.txt
var homophoneFile string

//go:embed misspellings.txt
var misspellingFile string

var (
	homophones   = sync.OnceValue(func() *spellings { return readSpellings(homophoneFile) })
	misspellings = sync.OnceValue(func() *spellings { return readSpellings(misspellingFile) })
)

// AppendHomophones appends the spellings that sound like the word: the listed ones, then those
// with one sound written otherwise, each once.
func (t *Tables) AppendHomophones(dst []Spelling, word string) []Spelling {
	return homophones().append(dst, word)
}

// AppendMisspellings appends the ways in which the word is often misspelt: the listed ones, then
// those that break one rule, each once.
func (t *Tables) AppendMisspellings(dst []Spelling, word string) []Spelling {
	return misspellings().append(dst, word)
}

// rulePlace is where letters sound like others.
type rulePlace uint8

const (
	anywhere rulePlace = iota
	atStart
	atEnd
	soft    // before e, i, y
	hard    // before anything else, and at the end
	between // two vowels
)

var rulePlaces = map[string]rulePlace{"any": anywhere, "start": atStart, "end": atEnd, "soft": soft, "hard": hard, "between": between}

// rule is letters that may be written as others.
type rule struct {
	language, from, to string
	place              rulePlace
	weight             float64
}

// spellings are words, and rules for those that are not listed.
type spellings struct {
	words map[string][]Spelling
	rules [256][]rule // by first letter, in the order of the file
}

// Weights of whole words relative to those of rules, and of each further spelling to the one before.
const (
	listedWord  = 1.0
	foreignWord = 0.3
	nextWord    = 0.7
)

// readSpellings reads lines "word LANGUAGE WORD SPELLING..." and "rule LANGUAGE LETTERS LETTERS
// PLACE WEIGHT". A bad line is left out, which a test finds.
func readSpellings(file string) *spellings {
	t := &spellings{words: map[string][]Spelling{}}
	for line := range strings.Lines(file) {
		switch f := strings.Fields(line); {
		case len(f) >= 4 && f[0] == "word":
			weight := listedWord
			if f[1] != "en" {
				weight = foreignWord
			}
			for _, to := range f[3:] {
				t.words[f[2]] = append(t.words[f[2]], Spelling{to, f[1], weight})
				weight *= nextWord
			}
		case len(f) == 6 && f[0] == "rule":
			place, ok := rulePlaces[f[4]]
			n, err := strconv.Atoi(f[5])
			if ok && err == nil {
				t.rules[f[2][0]] = append(t.rules[f[2][0]], rule{f[1], f[2], f[3], place, float64(n) / 100})
			}
		}
	}
	return t
}

// minRule is the fewest letters of a word that rules are applied to.
const minRule = 4

func (h *spellings) append(dst []Spelling, word string) []Spelling {
	start := len(dst)
	for _, s := range h.words[word] {
		if !slices.ContainsFunc(dst[start:], func(o Spelling) bool { return o.Word == s.Word }) { // another language's
			dst = append(dst, s)
		}
	}
	if len(word) < minRule {
		return dst
	}
	for i := range len(word) {
		for _, s := range h.rules[word[i]] {
			if !s.at(word, i) {
				continue
			}
			to := word[:i] + s.to + word[i+len(s.from):]
			if to != word && !slices.ContainsFunc(dst[start:], func(o Spelling) bool { return o.Word == to }) {
				dst = append(dst, Spelling{to, s.language, s.weight})
			}
		}
	}
	return dst
}

// at reports whether the letters stand at place i of the word.
func (s rule) at(word string, i int) bool {
	end := i + len(s.from)
	if !strings.HasPrefix(word[i:], s.from) {
		return false
	}
	switch s.place {
	case atStart:
		return i == 0
	case atEnd:
		return end == len(word)
	case soft:
		return end < len(word) && strings.IndexByte("eiy", word[end]) >= 0
	case between:
		return i > 0 && end < len(word) && strings.IndexByte("aeiou", word[i-1]) >= 0 && strings.IndexByte("aeiou", word[end]) >= 0
	case hard:
		return end == len(word) || strings.IndexByte("eiyhk", word[end]) < 0
	}
	return true
}
