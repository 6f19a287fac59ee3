// Package lexicon holds what is known about letters, keyboards, suffixes and
// words that look-alike names are made of, as data with named sources, and
// Skeleton, which tells whether two labels look alike. It makes no names (that is permute)
// and judges none (that is match).
package lexicon

import (
	_ "embed"
	"iter"
	"strconv"
	"strings"
	"sync"
)

// Tables are read by many goroutines at once and never changed.
type Tables struct {
	Glyphs     []Glyph         // ASCII look-alikes, each direction an entry of its own
	Neighbors  map[byte]string // keys next to a key on any of the layouts, those of most people first
	Vowels     string          // that stand for each other
	Suffixes   []Suffix        // public suffixes, the likeliest first
	Affixes    []Affix         // words around a brand, the likeliest first
	Hosts      []Suffix        // suffixes that give names away, the likeliest first
	HostWords  []string        // labels of a site's own hosts; "www" is the first
	Homographs []Homograph     // letters beyond ASCII, those for the same ASCII ones together, the likeliest first
	Latin      []Glyph         // those of them that may stand beside ASCII letters
	Lures      []Lure          // words that are put beside brands, before any campaign was looked at
	Learnt     []Beside        // what is put beside a brand, the likeliest first, where campaigns were looked at
	OwnBeside  []Beside        // the same for words of the brand's own; the texts are only the hyphens
	keys       *keyPairs
	affixes    map[string]bool
	registries map[string]*registryRule // by suffix
	beside     func() []Beside
	letters    func() map[homographOf][]Homograph
	bySuffix   func() suffixMaps // made when somebody asks: it takes longer than a short command may
}

// Glyph is a pair of look-alikes in one direction.
type Glyph struct {
	From, To string
	Weight   float64 // visual similarity, (0,1]
}

// Suffix is a public suffix in A-label form.
type Suffix struct {
	Name   string
	Weight float64 // share among look-alikes, (0,1]
}

// Affix is a word that is put before or behind a brand.
type Affix struct {
	Word   string
	Before float64 // relative likelihood in front of the brand, (0,1]; 0 when never seen there
	After  float64 // the same behind it
}

// Default is the one set of tables, built at the first call.
func Default() *Tables { return tables() }

var tables = sync.OnceValue(build)

//go:embed suffixes.txt
var suffixFile string

//go:embed suffix_labels.txt
var suffixLabelFile string

// SuffixLabels yields the labels that are a public suffix themselves under some of Suffixes.
func (t *Tables) SuffixLabels() iter.Seq[string] {
	return func(yield func(string) bool) {
		for line := range strings.Lines(suffixLabelFile) {
			if !strings.HasPrefix(line, "#") && !yield(strings.TrimSuffix(line, "\n")) {
				return
			}
		}
	}
}

func build() *Tables {
	t := &Tables{Glyphs: glyphs(), Vowels: "aeiou", Affixes: affixes(affixFile)}
	t.Neighbors, t.keys = neighbors(layouts(layoutFile))
	t.Suffixes, t.Hosts, t.Lures = suffixes(suffixFile), hosts(hostFile), lures(lureFile)
	t.OwnBeside = ownBeside()
	t.beside = sync.OnceValue(func() []Beside { return beside(t.Lures) })
	t.HostWords, t.Homographs, t.registries = hostWords(), homographs(homographFile), registryRules(registryFile)
	t.Latin = latin(t.Homographs)
	t.letters = sync.OnceValue(func() map[homographOf][]Homograph { return lettersOf(t.Homographs) })
	t.affixes = map[string]bool{}
	t.bySuffix = sync.OnceValue(func() suffixMaps { return mapsOf(t.Suffixes) })
	for _, a := range t.Affixes {
		t.affixes[a.Word] = true
	}
	return t
}

type suffixMaps struct {
	weight  map[string]float64
	drawnIn map[string]bool // suffixes as they look within a label
}

func mapsOf(all []Suffix) suffixMaps {
	m := suffixMaps{make(map[string]float64, len(all)), make(map[string]bool, 2*len(all))}
	for _, s := range all {
		m.weight[s.Name] = s.Weight
		m.drawnIn[strings.ReplaceAll(s.Name, ".", "")] = true
		m.drawnIn[strings.ReplaceAll(s.Name, ".", "-")] = true
	}
	return m
}

// SuffixWeight is the weight of a public suffix; 0 for one that is not listed.
func (t *Tables) SuffixWeight(name string) float64 { return t.bySuffix().weight[name] }

// suffixes reads the lines "suffix weight" that gen wrote. A bad line is a
// fault of the build, which a test finds, and is left out.
func suffixes(file string) []Suffix {
	out := make([]Suffix, 0, strings.Count(file, "\n"))
	for line := range strings.Lines(file) {
		name, weight, ok := strings.Cut(strings.TrimSpace(line), " ")
		n, err := strconv.Atoi(weight)
		if ok && err == nil && !strings.HasPrefix(name, "#") {
			out = append(out, Suffix{Name: name, Weight: float64(n) / suffixUnit})
		}
	}
	return out
}

// suffixUnit is what the weights of suffixes.txt are parts of.
const suffixUnit = 100_000

// DrawnIn reports whether s is a suffix as it can stand within a label: "com",
// "couk", "co-uk".
func (t *Tables) DrawnIn(s string) bool { return t.bySuffix().drawnIn[s] }
