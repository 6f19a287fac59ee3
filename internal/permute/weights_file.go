package permute

import (
	"cmp"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"lurehound/internal/lexicon"
)

//go:generate go run ./gen -out weights.txt

//go:embed weights.txt
var weightsFile string

// DefaultWeights are those counted from all campaigns that the project knows.
func DefaultWeights() *Weights { return defaultWeights() }

var defaultWeights = sync.OnceValue(func() *Weights {
	w, err := ParseWeights(weightsFile)
	if err != nil {
		return newWeights() // a fault of the build, which a test finds
	}
	return w
})

const weightsHeader = `# What was counted of these look-alikes: seen, and where there is a second number, expected. A look-alike counts for less the more of its brand there are; a word and a suffix count once for a brand.
# how LENGTH WAY, technique GROUP NAME, base KIND, own KIND, suffix KIND NAME, beside SIDE TEXT, own-words,
# place CHANGE PLACE, letters CHANGE FROM TO ("_" is nothing). Written by gen; do not edit.
`

func howNames() [hows]string {
	return [hows]string{"as-is", "slip", "word", "slip-and-word", "two-slips", "two-words"}
}

func kindNames() [kinds]string { return [kinds]string{"exact", "slipped", "worded"} }

// Text is the form that ParseWeights reads: one count a line, sorted, below a line that says
// what was counted.
func (w *Weights) Text(head string) string {
	var lines []string
	add := func(seen, expected float64, words ...string) {
		l := strings.Join(words, " ") + " " + strconv.FormatFloat(seen, 'f', 2, 64)
		if expected >= 0 {
			l += " " + strconv.FormatFloat(expected, 'f', 2, 64)
		}
		lines = append(lines, l)
	}
	for long, name := range [2]string{"short", "long"} {
		for h, how := range howNames() {
			add(w.hows[long][h], -1, "how", name, how)
		}
	}
	for g, name := range [2]string{"slip", "around"} {
		for tech, n := range w.tech[g] {
			add(n, -1, "technique", name, tech)
		}
	}
	for kind, t := range w.base {
		add(t.seen, t.expected, "base", kind)
	}
	for k, name := range kindNames() {
		add(w.own[k].seen, w.own[k].expected, "own", name)
		for s, n := range w.suffix[k] {
			add(n, -1, "suffix", name, s)
		}
	}
	for b, n := range w.beside {
		add(n, -1, "beside", map[bool]string{false: "front", true: "behind"}[b.Behind], b.Text)
	}
	add(w.ownWords.seen, w.ownWords.expected, "own-words")
	for f, t := range w.features {
		if f.place != nowhere {
			add(t.seen, t.expected, "place", changeKinds()[f.change], places()[f.place])
		} else if t.seen > 0 || t.expected >= 0.5 { // less says nothing
			add(t.seen, t.expected, "letters", changeKinds()[f.change], cmp.Or(f.from, "_"), cmp.Or(f.to, "_"))
		}
	}
	slices.Sort(lines)
	return "# " + head + "\n" + weightsHeader + strings.Join(lines, "\n") + "\n"
}

// ParseWeights reads what Text wrote. The error names the line.
func ParseWeights(text string) (*Weights, error) {
	w, n := newWeights(), 0
	for line := range strings.Lines(text) {
		if n++; strings.HasPrefix(line, "#") {
			continue
		}
		if err := w.line(strings.Fields(line)); err != nil {
			return nil, fmt.Errorf("line %d of the weights: %w", n, err)
		}
	}
	return w, nil
}

// wordsOf is how many words the lines of a kind begin with; 0 for no kind.
func wordsOf(kind string) int {
	switch kind {
	case "own-words":
		return 1
	case "base", "own":
		return 2
	case "how", "technique", "suffix", "beside", "place":
		return 3
	case "letters":
		return 4
	}
	return 0
}

var errWeights = errors.New("no count of a known kind")

func (w *Weights) line(f []string) error {
	// The numbers are behind the words: one, or two.
	var words []string
	var numbers [2]float64
	n := 0
	if len(f) > 0 {
		n = wordsOf(f[0])
	}
	if n == 0 || len(f) <= n || len(f) > n+2 {
		return errWeights
	}
	words = f[:n]
	for i, s := range f[n:] {
		v, err := strconv.ParseFloat(s, 64)
		if err != nil || !(v >= 0) {
			return fmt.Errorf("%w: %q is no count", errWeights, s)
		}
		numbers[i] = v
	}
	both := tally{numbers[0], numbers[1]}
	index := func(list []string, s string) int { return slices.Index(list, s) }
	hows, kinds := howNames(), kindNames()
	switch words[0] {
	case "how":
		l, h := index([]string{"short", "long"}, words[1]), index(hows[:], words[2])
		if l < 0 || h < 0 {
			return errWeights
		}
		w.hows[l][h] = numbers[0]
	case "technique":
		g := index([]string{"slip", "around"}, words[1])
		if g < 0 {
			return errWeights
		}
		w.tech[g][words[2]] = numbers[0]
	case "base":
		w.base[words[1]] = both
	case "own", "suffix":
		k := index(kinds[:], words[1])
		if k < 0 {
			return errWeights
		}
		if words[0] == "own" {
			w.own[k] = both
		} else {
			w.suffix[k][words[2]] = numbers[0]
		}
	case "beside":
		w.beside[lexicon.Beside{Text: words[2], Behind: words[1] == "behind"}] = numbers[0]
	case "own-words":
		w.ownWords = both
	case "place", "letters":
		c := index(changeKinds(), words[1])
		if c < 0 {
			return errWeights
		}
		f := feature{change: changeKind(c)}
		if words[0] == "place" {
			p := index(places(), words[2])
			if p <= 0 {
				return errWeights
			}
			f.place = place(p)
		} else {
			f.from, f.to = strings.TrimPrefix(words[2], "_"), strings.TrimPrefix(words[3], "_")
		}
		w.features[f] = both
	}
	return nil
}
