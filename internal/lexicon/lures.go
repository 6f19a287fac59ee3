package lexicon

import (
	"cmp"
	_ "embed"
	"slices"
	"strconv"
	"strings"
)

//go:embed lures.txt
var lureFile string

// Lure is a word that is put beside brands, as it was before any campaign was looked at.
type Lure struct {
	Word          string
	Front, Behind float64 // shares of all lures in front of a brand and behind it
}

// Beside is what may stand beside a brand: a word, and the hyphen that joins it.
type Beside struct {
	Text   string // "get-", "get", "-download", "download"
	Behind bool
	Weight float64 // share of all, (0,1]
}

// Hyphened is the share of words that a hyphen joins, where nothing was counted: a guess.
const Hyphened = 0.55

// lures reads the lines "word front behind" that gen wrote; a bad line is left
// out, which a test finds.
func lures(file string) []Lure {
	out := make([]Lure, 0, 1100)
	for line := range strings.Lines(file) {
		word, rest, _ := strings.Cut(line, " ")
		front, behind, _ := strings.Cut(strings.TrimSpace(rest), " ")
		a, err1 := strconv.Atoi(front)
		b, err2 := strconv.Atoi(behind)
		if err1 == nil && err2 == nil && word != "#" {
			out = append(out, Lure{word, float64(a) / lureUnit, float64(b) / lureUnit})
		}
	}
	return out
}

// lureUnit is what the weights of lures.txt are parts of.
const lureUnit = 100_000

// beside is the lures with and without a hyphen, the likeliest first.
func beside(all []Lure) []Beside {
	out := make([]Beside, 0, 4*len(all))
	const share = 0.85 // the rest is the brand's own words
	for _, l := range all {
		out = append(out,
			Beside{l.Word + "-", false, share * l.Front * Hyphened}, Beside{l.Word, false, share * l.Front * (1 - Hyphened)},
			Beside{"-" + l.Word, true, share * l.Behind * Hyphened}, Beside{l.Word, true, share * l.Behind * (1 - Hyphened)})
	}
	out = slices.DeleteFunc(out, func(b Beside) bool { return b.Weight == 0 })
	SortBeside(out)
	return out
}

// Beside is what is put beside a brand, the likeliest first: Learnt, or as the lures have it.
func (t *Tables) Beside() []Beside {
	if t.Learnt != nil {
		return t.Learnt
	}
	return t.beside()
}

// SortBeside puts the likeliest first.
func SortBeside(all []Beside) {
	slices.SortStableFunc(all, func(a, b Beside) int { return cmp.Compare(b.Weight, a.Weight) })
}

// ownBeside is how words of the brand's own stand beside it, where nothing was counted.
func ownBeside() []Beside {
	const share, front = 0.15, 0.3 // of all words, and of these in front: guesses
	return []Beside{
		{"-", true, share * (1 - front) * Hyphened}, {"", true, share * (1 - front) * (1 - Hyphened)},
		{"-", false, share * front * Hyphened}, {"", false, share * front * (1 - Hyphened)},
	}
}
