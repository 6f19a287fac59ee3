package permute

import (
	"slices"

	"lurehound"
	"lurehound/internal/lexicon"
)

// base is a label that label techniques start from.
type base struct {
	word    string
	names   []string         // how the base itself came about: none, or the base technique
	by      int              // the place of that in the list of techniques; -1 for none
	changes []lurehound.Edit // when nothing else happens to it
	p       float64
}

// bases are the brand's label and what base techniques put in its place. The
// label has weight 1, the others theirs; all are scaled to add up to 1.
func bases(t Target, techs []Technique, x *lexicon.Tables) []base {
	out := []base{{word: t.Label, by: -1, p: 1}}
	sum := 1.0
	for i, tech := range techs {
		if tech.On != OnBase {
			continue
		}
		for e := range tech.Apply(t, x) {
			if !validLabel(e.Label) || slices.ContainsFunc(out, func(b base) bool { return b.word == e.Label }) {
				continue
			}
			out = append(out, base{word: e.Label, names: []string{tech.Name}, by: i, changes: e.Changes, p: tech.Weight * e.Weight})
			sum += tech.Weight * e.Weight
		}
	}
	for i := range out {
		out[i].p /= sum
	}
	return out
}
