package permute

import (
	"slices"
	"strings"

	"lurehound"
)

// feature is what is counted of a change: its place in the word, or its letters.
type feature struct {
	change   changeKind
	place    place // or nowhere, when the feature is the letters
	from, to string
}

type changeKind uint8

const (
	insert changeKind = iota
	drop
	double
	replace
	transpose
	hyphen // put in or taken out
	glyph  // a look-alike; only letters are counted
	other
)

func changeKinds() []string {
	return []string{"insert", "drop", "double", "replace", "transpose", "hyphen", "glyph", "other"}
}

type place uint8

const (
	nowhere place = iota
	atFirst
	atLast
	behindLast
	beforeHyphen
	afterHyphen
	inPair    // one of two equal letters
	nearFirst // and third: readers look at beginnings
	inMiddle
)

func places() []string {
	return []string{"", "first", "last", "behind-last", "before-hyphen", "after-hyphen", "in-pair", "near-first", "middle"}
}

// changeOf is the kind of a change, by its form.
func changeOf(c *lurehound.Edit) changeKind {
	switch {
	case c.From == "-" && c.To == "" || c.From == "" && c.To == "-":
		return hyphen
	case c.From == "" && len(c.To) == 1:
		return insert
	case c.To == "" && len(c.From) == 1:
		return drop
	case len(c.From) == 1 && c.To == c.From+c.From:
		return double
	case len(c.From) == 1 && len(c.To) == 1:
		return replace
	case len(c.From) == 2 && len(c.To) == 2 && c.From[0] == c.To[1] && c.From[1] == c.To[0]:
		return transpose
	}
	return other
}

// placeOf is where in the word a change is.
func placeOf(word string, c *lurehound.Edit) place {
	to := end(*c)
	switch n := len(word); {
	case c.At >= n:
		return behindLast
	case c.At == 0:
		return atFirst
	case word[c.At] == '-' || to < n && word[to] == '-':
		return beforeHyphen
	case word[c.At-1] == '-':
		return afterHyphen
	case c.From != "" && (word[c.At-1] == word[c.At] || to < n && word[to] == word[c.At]):
		return inPair
	case to >= n:
		return atLast
	case c.At < 3:
		return nearFirst
	}
	return inMiddle
}

// features are what is counted of a change; of one that is around the word, nothing.
func features(word string, c *lurehound.Edit) (at, letters feature, ok bool) {
	kind := changeOf(c)
	if kind == other || kind == hyphen {
		return at, letters, false
	}
	at = feature{change: kind, place: placeOf(word, c)}
	letters = feature{change: kind, from: c.From, to: c.To}
	return at, letters, true
}

// factors are how much oftener than expected changes like these were seen, by
// place and by letters; 1 where nothing was counted.
type factors struct {
	places  [other][inMiddle + 1]float64
	letters [other][len(alphanumeric) + 1][len(alphanumeric) + 1]float32
}

func newFactors() *factors {
	f := &factors{}
	for c := range f.places {
		for p := range f.places[c] {
			f.places[c][p] = 1
		}
		for a := range f.letters[c] {
			for b := range f.letters[c][a] {
				f.letters[c][a][b] = 1
			}
		}
	}
	return f
}

func (f *factors) set(x feature, value float64) {
	if x.change >= glyph {
		return // the table of look-alikes is changed instead
	}
	if x.place != nowhere {
		f.places[x.change][x.place] = value
	} else {
		f.letters[x.change][letterIndex(x.from)][letterIndex(x.to)] = float32(value)
	}
}

// letterIndex is the place of the first character in alphanumeric, from 1; 0 for none.
func letterIndex(s string) int {
	switch {
	case s == "":
		return 0
	case 'a' <= s[0] && s[0] <= 'z':
		return int(s[0]-'a') + 1
	case '0' <= s[0] && s[0] <= '9':
		return int(s[0]-'0') + 27
	}
	return 0
}

// factor is how much oftener than expected changes like these were seen.
func (m *model) factor(word string, changes []lurehound.Edit) float64 {
	p := 1.0
	for i := range changes {
		c := &changes[i]
		if kind := changeOf(c); kind < hyphen {
			p *= m.factors.places[kind][placeOf(word, c)] * float64(m.factors.letters[kind][letterIndex(c.From)][letterIndex(c.To)])
		}
	}
	return p
}

// group is 0 for techniques that change a word within, 1 for those that put
// something around it.
func group(tech Technique) int {
	if tech.Around {
		return 1
	}
	return 0
}

// baseKind is how a base came about: what is counted of it.
func (t Target) baseKind(word string, names []string) string {
	switch {
	case len(names) == 0:
		return "site"
	case names[0] != "product-word":
		return names[0]
	case strings.Contains(word, t.Label):
		return "product-around-site"
	case strings.Contains(word, "-") && slices.Contains(t.Products, word):
		return "product-hyphened"
	}
	for _, l := range t.Leads {
		if l == word {
			return "lead"
		}
	}
	for _, w := range t.Tails {
		if w == word {
			return "tail"
		}
	}
	if !slices.Contains(t.Products, word) {
		return "known"
	}
	return "product"
}

// bases are the brand's label and what base techniques put in its place, with
// likelihoods that add up to 1.
func (m *model) bases(t Target, techs []Technique) []base {
	all := bases(t, techs, m.tables)
	sum := 0.0
	for i := range all {
		if f, ok := m.base[t.baseKind(all[i].word, all[i].names)]; ok {
			all[i].p *= f
		}
		sum += all[i].p
	}
	for i := range all {
		all[i].p /= sum
	}
	return all
}
