package lexicon

import (
	_ "embed"
	"strconv"
	"strings"
)

//go:embed affixes.txt
var affixFile string

// affixUnit scales the weights of affixes.txt, at most 1,200, into (0,1].
const affixUnit = 2000

// affixes reads the lines "word before after". A bad line is left out, which a test finds.
func affixes(file string) []Affix {
	out := make([]Affix, 0, strings.Count(file, "\n"))
	for line := range strings.Lines(file) {
		f := strings.Fields(line)
		if len(f) != 3 || strings.HasPrefix(line, "#") {
			continue
		}
		before, err1 := strconv.Atoi(f[1])
		after, err2 := strconv.Atoi(f[2])
		if err1 == nil && err2 == nil {
			out = append(out, Affix{f[0], float64(before) / affixUnit, float64(after) / affixUnit})
		}
	}
	return out
}

// IsAffix reports whether the word is one of the affixes, and so too ordinary to
// stand for a product.
func (t *Tables) IsAffix(word string) bool { return t.affixes[word] }
