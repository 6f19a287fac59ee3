package lexicon

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed synonyms.txt
var synonymFile string

// nextSynonym is how much less likely each further word is than the one before it.
const nextSynonym = 0.6

// synonyms reads the lines "language word others". A bad line is left out, which a test finds.
var synonyms = sync.OnceValue(func() map[string][]Spelling {
	m := map[string][]Spelling{}
	for line := range strings.Lines(synonymFile) {
		f := strings.Fields(line)
		if len(f) < 3 || f[0] == "#" {
			continue
		}
		weight := 1.0
		for _, to := range f[2:] {
			m[f[1]] = append(m[f[1]], Spelling{to, f[0], weight})
			weight *= nextSynonym
		}
	}
	return m
})

// Synonyms are other words for one in names of products, and its abbreviations.
func (t *Tables) Synonyms(word string) []Spelling { return synonyms()[word] }
