package match

import (
	"cmp"
	"slices"
	"strings"

	"lurehound"
	"lurehound/internal/permute"
)

// describe makes the match of the finding: the simplest explanation first, then
// whatever else could have made the name.
func (ix *Index) describe(d lurehound.Domain, a anatomy, score float64) lurehound.Match {
	b := &ix.brands[a.brand]
	all := ix.reasons(b, d, a)
	best := all.simplest()
	return lurehound.Match{
		Brand:      b.ID(),
		Word:       best.word,
		Techniques: all.techniques(best),
		Simplest:   len(best.techniques),
		Edits:      best.edits,
		Score:      score,
		Why:        best.why(d),
	}
}

// reasons are the explanations of a name. Those of told explain where it
// resembles the brand most; besides has techniques that explain other parts of it.
type reasons struct {
	told    []reason
	besides []reason
}

// reasons collects what the place itself shows, and what permute can make.
func (ix *Index) reasons(b *brand, d lurehound.Domain, a anatomy) reasons {
	own := b.Domains[0]
	all := reasons{told: []reason{a.reason()}}
	tell := func(x permute.Explanation, a anatomy) {
		r := reason{word: x.Word, techniques: a.located(slices.Clone(x.Techniques)), edits: x.Changes, sub: a.sub || a.over, free: !x.Listed}
		r.steps = len(r.techniques)
		// The score is that of a.word: a shorter one tells less of the name, unless
		// it tells it far more simply.
		if r.steps > 0 && (len(bare(x.Word)) >= len(bare(a.word)) || x.Listed && r.steps+2 <= all.told[0].steps) {
			all.told = append(all.told, r)
		}
		r.techniques = x.Techniques // as permute has them
		all.besides = append(all.besides, r)
	}
	if a.sub || a.over {
		for _, x := range b.explainer.Label(a.labels) {
			tell(x, a)
		}
	}
	registrable := a
	registrable.sub, registrable.over = false, false
	for _, x := range b.explainer.Label(d.UnicodeLabel()) {
		if d.Label() == "" {
			continue
		}
		if d.Suffix() != own.Suffix() { // as permute's Explain has it
			x.Techniques = append(slices.Clone(x.Techniques), tldSwap)
			x.Changes = append(slices.Clone(x.Changes), lurehound.Edit{From: own.Suffix(), To: d.Suffix(), At: lurehound.SuffixEdit})
		}
		tell(x, registrable)
	}
	for _, x := range b.explainer.Name(d) {
		tell(x, registrable)
	}
	if !a.sub && d.Suffix() != own.Suffix() {
		all.besides = append(all.besides, reason{techniques: append(b.explainer.Suffix(d.Suffix()), a.suffixTechnique())})
	}
	for i, r := range all.told {
		all.told[i].effort = ix.effort(r, own.Suffix())
	}
	return all
}

func bare(word string) string { return strings.ReplaceAll(word, "-", "") }

// simplest is the explanation of fewest steps, and of these one that does not drop a
// character where it adds another, then the one of least effort, then the one that changes fewest characters.
func (all reasons) simplest() reason {
	return slices.MinFunc(all.told, func(a, b reason) int {
		return cmp.Or(cmp.Compare(a.steps, b.steps), cmp.Compare(a.torn(), b.torn()), cmp.Compare(a.effort, b.effort), cmp.Compare(a.changed(), b.changed()))
	})
}

// techniques are those of the first reason in its order, then all others in the
// order of permute's table, then those that permute has no part in. Left out are ways that
// are longer than the first and that permute does not take.
func (all reasons) techniques(first reason) []string {
	out := slices.Clone(first.techniques)
	var rest []string
	for _, r := range slices.Concat(all.told, all.besides) {
		// Any word around what is left of another makes a way to every name.
		if !r.free || r.steps <= first.steps && len(r.edits) <= len(first.edits) {
			rest = append(rest, r.techniques...)
		}
	}
	var table []string
	for _, t := range permute.Techniques() {
		table = append(table, t.Name)
	}
	slices.Sort(rest)
	for _, t := range append(table, rest...) {
		if slices.Contains(rest, t) && !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	return out
}
