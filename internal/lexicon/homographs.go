package lexicon

import (
	_ "embed"
	"strconv"
	"strings"
	"unicode/utf8"
)

//go:embed homographs.txt
var homographFile string

// Homograph is a letter beyond ASCII that looks like ASCII ones and that IDNA2008
// lets into a label.
type Homograph struct {
	From   string // one to three ASCII letters or digits
	To     string // one character
	Script string // of To, as package unicode names it
	Weight float64
}

// homographs reads the lines "from script to weight". A bad line is left out, which a test finds.
func homographs(file string) []Homograph {
	out := make([]Homograph, 0, strings.Count(file, "\n"))
	for line := range strings.Lines(file) {
		f := strings.Fields(line)
		if len(f) != 4 || strings.HasPrefix(line, "#") || utf8.RuneCountInString(f[2]) != 1 {
			continue
		}
		if n, err := strconv.Atoi(f[3]); err == nil {
			out = append(out, Homograph{f[0], f[2], f[1], float64(n) / homographUnit})
		}
	}
	return out
}

// latin are the homographs of Latin script.
func latin(all []Homograph) []Glyph {
	out := make([]Glyph, 0, len(all))
	for i := range all {
		if h := &all[i]; h.Script == "Latin" {
			out = append(out, Glyph{From: h.From, To: h.To, Weight: h.Weight})
		}
	}
	return out
}

// homographOf is what one letter of a script looks like.
type homographOf struct {
	script string
	letter byte
}

// lettersOf are the homographs of one letter each, in their order.
func lettersOf(all []Homograph) map[homographOf][]Homograph {
	out := map[homographOf][]Homograph{}
	for _, h := range all {
		if len(h.From) == 1 {
			k := homographOf{h.Script, h.From[0]}
			out[k] = append(out[k], h)
		}
	}
	return out
}

// homographUnit is what the weights of homographs.txt are parts of.
const homographUnit = 100

// HomographScripts are the scripts besides Latin in which some letters look like
// ASCII ones, in the order in which they are tried for all of a label.
func HomographScripts() []string { return []string{"Cyrillic", "Greek", "Armenian"} }

// WholeScript says for each letter of an ASCII label which letters of the script
// stand for it, the likeliest first and not to be written, nil for digits and hyphens, which all scripts share. ok is
// false when a letter has none, or when nothing needs one: no label of that script looks like it.
func (t *Tables) WholeScript(label, script string) (places [][]Homograph, ok bool) {
	places = make([][]Homograph, len(label))
	for i := range len(label) {
		c := label[i]
		if c == '-' || '0' <= c && c <= '9' {
			continue
		}
		places[i] = t.letters()[homographOf{script, c}]
		if len(places[i]) == 0 {
			return nil, false
		}
		ok = true
	}
	return places, ok
}
