package lexicon

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

//go:embed numerals.txt
var numeralFile string

// Spelling is another way to write a word.
type Spelling struct {
	Word     string
	Language string  // "en", "de", "fr", "es"; "" for all
	Weight   float64 // relative likelihood, (0,1]
}

// What writings of numbers weigh. Names of software are English, and one in
// seven names of campaigns that spell a digit has no other form than the English word.
const (
	englishNumber = 1.0
	otherNumber   = 0.15
	romanNumber   = 0.25
	digitNumber   = 0.8 // the digits for a word
)

// numbers maps each writing of a number to the others.
var numbers = sync.OnceValue(func() map[string][]Spelling {
	m := map[string][]Spelling{}
	for line := range strings.Lines(numeralFile) {
		f := strings.Fields(line)
		if len(f) != 6 || f[0] == "#" {
			continue
		}
		digits, roman := f[0], f[1]
		to := func(from string, s Spelling) {
			known := slices.ContainsFunc(m[from], func(o Spelling) bool { return o.Word == s.Word })
			if from != "-" && s.Word != "-" && from != s.Word && !known {
				m[from] = append(m[from], s)
			}
		}
		for i, language := range []string{"en", "de", "fr", "es"} {
			weight := otherNumber
			if i == 0 {
				weight = englishNumber
			}
			for word := range strings.SplitSeq(f[2+i], ",") {
				to(digits, Spelling{word, language, weight})
				to(word, Spelling{digits, language, digitNumber * weight})
			}
		}
		to(digits, Spelling{roman, "", romanNumber})
		if len(roman) > 1 { // i, v and x are letters oftener than numbers
			to(roman, Spelling{digits, "", romanNumber})
		}
	}
	return m
})

// Numerals are the other ways to write a number, digits or a word. None for what is no number or
// a large one.
func (t *Tables) Numerals(word string) []Spelling { return numbers()[word] }
