package match

import (
	"slices"

	"lurehound"
)

// what is what of a name a technique changes.
type what uint8

const (
	ofName    what = iota // another name of the brand in its place
	ofLetters             // characters of the word
	ofSides               // what stands beside it
	ofPlace               // suffix, and where in the name it stands
)

// changing are the techniques by what they change.
var changing = [...][]string{
	ofName:    {numeral, productWord, misspelling, homophone, wordOrder},
	ofLetters: {idnHomograph, homoglyph, hyphenation, transposition, repetition, plural, omission, vowelSwap, replacement, addition, insertion, move, substitution, bitsquatting},
	ofSides:   {version, fauxTLD, dotHyphen, dotOmission, combosquatting},
	ofPlace:   {tldSwap, tldAppend, wrongSecondLevel, hosted, subdomainImpersonation, dotInsertion},
}

// generals are techniques that say less of what a more telling one says.
var generals = [...]struct {
	general string
	telling []string
}{
	{substitution, []string{homoglyph, idnHomograph, vowelSwap, replacement, bitsquatting}},
	{homoglyph, []string{idnHomograph}},
	{insertion, []string{repetition, addition, plural, move}},
	{addition, []string{repetition, plural}},
	{omission, []string{plural, hyphenation, move}},
	{move, []string{transposition}},
	{combosquatting, []string{version, fauxTLD, dotHyphen, dotOmission}},
	{tldSwap, []string{tldAppend, wrongSecondLevel, hosted}},
	{wordOrder, []string{productWord, misspelling, homophone, numeral}},
}

// alternatives are the further techniques of a match that a person would accept instead
// of one of the simplest explanation: those that change the same of the name, do not
// say less, and take no more steps.
func (all *reasons) alternatives(m lurehound.Match, steps int) []string {
	main := m.Main()
	in := func(list []string) bool {
		return slices.ContainsFunc(main, func(t string) bool { return slices.Contains(list, t) })
	}
	var out []string
	for _, t := range m.Techniques[len(main):] {
		asMuch := true
		for _, g := range generals {
			asMuch = asMuch && (g.general != t || !in(g.telling))
		}
		same := true
		for _, list := range changing {
			if slices.Contains(list, t) {
				same = in(list)
			}
		}
		if asMuch && same && all.shortly(t, steps) {
			out = append(out, t)
		}
	}
	return out
}

// shortly reports whether an explanation of no more steps has the technique.
func (all *reasons) shortly(technique string, steps int) bool {
	for _, list := range [...][]reason{all.told, all.besides} {
		for i := range list {
			if list[i].steps <= steps && slices.Contains(list[i].techniques, technique) {
				return true
			}
		}
	}
	return false
}
