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
func (ix *Index) describe(s *scratch, d lurehound.Domain, a *anatomy, score float64) lurehound.Match {
	b := &ix.brands[a.brand]
	all := &s.reasons
	ix.reasons(s, b, d, a)
	best := all.simplest(ix, b.target.Suffix)
	told := best.ofSource(b)
	return lurehound.Match{
		Brand:      b.id,
		Word:       told.word,
		Techniques: all.techniques(ix, best),
		Simplest:   len(best.techniques),
		Edits:      slices.Clone(told.edits),
		Score:      score,
		Why:        told.why(all, d, b),
	}
}

// reasons are the explanations of a name, in memory that is used again.
type reasons struct {
	told    []reason // explain where the name resembles the brand most
	besides []reason // techniques only, of other parts of the name too

	suffixes []permute.Explanation // of the public suffix; none when it is the brand's
	suffix   string                // the technique of these that is told
	ways     []permute.Explanation
	cores    []permute.Core
	sentence []byte
	names    []string // what techniques are cut from
	edits    []lurehound.Edit
}

// most places of one brand's words in one name that are explained: the rest of a name
// that repeats a word says nothing new.
const maxPlaces = 24

// reasons collects what the place itself shows, and what permute can make at
// every place where a word of the brand was found.
func (ix *Index) reasons(s *scratch, b *brand, d lurehound.Domain, a *anatomy) {
	all := &s.reasons
	all.told, all.besides, all.suffixes = all.told[:0], all.besides[:0], all.suffixes[:0]
	all.names, all.edits, all.suffix = all.names[:0], all.edits[:0], ""
	if d.Suffix() != b.target.Suffix {
		all.suffixes = ix.explain.Suffix(all.suffixes, b.target, d.Suffix())
		all.suffix = suffixTechnique(all.suffixes, d)
	}
	all.told = append(all.told, a.reason(all))
	places, groups := s.found, 0
	for i, p := range places {
		if ix.words[p.word].brand != a.brand || groups == maxPlaces {
			continue
		}
		l, ok := a.labelOf(p)
		again := func(q place) bool {
			other := labelAround(a.raw, q)
			return q.word == p.word && other.from == l.from && other.to == l.to
		}
		if !ok || slices.ContainsFunc(places[:i], again) {
			continue
		}
		groups++
		all.cores = all.cores[:0]
		for _, q := range places[i:] {
			if len(all.cores) < maxPlaces && again(q) {
				all.cores = append(all.cores, permute.Core{From: q.from - l.from, To: q.to - l.from})
			}
		}
		// Where a word stands as it is, nothing comes from a variant of it.
		if ix.words[p.word].kind == ofVariant && a.unchanged() {
			continue
		}
		if n := l.to - l.from - len(ix.words[p.word].text); n >= -slipLength && n <= slipLength {
			all.cores = append(all.cores, permute.Core{From: 0, To: l.to - l.from})
		}
		ix.tell(all, b, p.word, a, l)
	}
	if b.lastWord-b.firstWord > 1 && (a.before != "" || a.behind != "" || a.base != "" && a.base != productWord) {
		ix.kin(all, b, places, a)
	}
	for _, x := range ix.explain.Name(all.ways[:0], b.target, d) {
		r := all.ofName(b, x, a)
		all.told, all.besides = append(all.told, r), append(all.besides, r)
	}
	if !a.at.sub {
		for _, x := range all.suffixes {
			all.besides = append(all.besides, reason{techniques: x.Techniques})
		}
	}
}

// ofName is the reason that an explanation of the whole name gives. A product that it has in
// place of the label is the word.
func (all *reasons) ofName(b *brand, x permute.Explanation, a *anatomy) reason {
	r := reason{word: b.Domains[0].UnicodeLabel(), techniques: x.Techniques, edits: x.Changes, sub: a.at.sub}
	if len(r.edits) > 0 && r.edits[0].From == r.word {
		r.word, r.edits = r.edits[0].To, r.edits[1:]
		start := len(all.names)
		all.names = append(append(all.names, productWord), x.Techniques...)
		r.techniques = all.names[start:len(all.names):len(all.names)]
	}
	// What stands behind the brand's name is no suffix that was swapped.
	if n := len(r.edits) - 1; n >= 0 && a.at.sub && r.edits[n].At == lurehound.SuffixEdit {
		r.edits = r.edits[:n:n]
	}
	r.steps = len(r.techniques)
	return r
}

// kin explains what stands beside a word of the brand, and the whole label, as another one
// of its words that was changed: "mozzilafirefox". No such piece is looked for in names, as it
// stands between other letters; and of a long word sometimes only a part is found.
func (ix *Index) kin(all *reasons, b *brand, places []place, a *anatomy) {
	groups := 0
	for _, q := range places {
		l, ok := a.labelOf(q)
		if !ok || ix.words[q.word].brand != a.brand {
			continue
		}
		pieces := [...]permute.Core{{From: 0, To: q.from - l.from}, {From: q.to - l.from, To: l.to - l.from}, {From: 0, To: l.to - l.from}}
		for _, rest := range pieces {
			for id := b.firstWord; id < b.lastWord && groups < maxPlaces; id++ {
				if n := rest.To - rest.From - len(ix.words[id].text); n < -slipLength || n > slipLength || rest.To-rest.From < minKin || ix.words[id].kind > ofProduct || groupedBefore(places, q, id) {
					continue
				}
				groups++
				all.cores = append(all.cores[:0], rest)
				ix.tell(all, b, id, a, l)
			}
		}
	}
}

// groupedBefore reports whether the word was found itself, or the whole is asked about
// again at another word.
func groupedBefore(places []place, q place, word int32) bool {
	for _, p := range places {
		if p.word == word && p.from <= q.from && p.to >= q.to {
			return true
		}
	}
	return false
}

// slipLength is how many characters two slips may make a word shorter or longer.
const slipLength = 2

// minKin is how many characters a piece has that may be a changed word.
const minKin = 2

// tell adds the ways in which permute makes the label of one word.
func (ix *Index) tell(all *reasons, b *brand, word int32, a *anatomy, l label) {
	for k := range ix.words[word].origins {
		ix.tellFrom(all, b, &ix.words[word].origins[k], ix.words[word].kind == ofVariant, a, l)
	}
}

// tellFrom is tell for one way to write the word.
func (ix *Index) tellFrom(all *reasons, b *brand, from *origin, variant bool, a *anatomy, l label) {
	first := &all.told[0]
	t := b.target
	t.Label = from.text
	located := 0
	if l.over || l.sub || len(all.suffixes) > 0 {
		located = 1
	}
	if from.technique != "" {
		located++
	}
	text := a.raw[l.from:l.to]
	// A variant that is changed itself tells nothing where the word is changed in fewer steps.
	if variant && text != from.text && first.steps <= located {
		return
	}
	all.ways = ix.explain.Label(all.ways[:0], t, text, all.cores, first.steps-located)
	for _, x := range all.ways {
		r := reason{word: from.text, edits: x.Changes, sub: l.sub || l.over, free: !x.Listed}
		start := len(all.names)
		if from.technique != "" {
			all.names = append(all.names, from.technique)
		}
		all.names = append(all.names, x.Techniques...)
		bare := len(all.names) // without what says where it stands
		all.names = l.located(all.names, all.suffix)
		if !l.over && !l.sub && all.suffix != "" {
			r.edits = all.keep(x.Changes, a.suffixEdit())
		}
		r.techniques = all.names[start:len(all.names):len(all.names)]
		r.steps = len(r.techniques)
		if x.Again {
			r.steps++
		}
		// The score is that of a.word: a shorter one tells less of the name, unless it is the
		// site's or a product's with nothing around it, or tells the name far more simply.
		own := (from.technique == "" || from.technique == productWord) && !x.Around
		// So is the site's label that stands between hyphens.
		whole := from.technique == "" && r.steps < first.steps && apart(x)
		if r.steps > 0 && (own || whole || letters(from.text) >= letters(a.word) || x.Listed && r.steps+2 <= first.steps) {
			all.told = append(all.told, r)
			first = &all.told[0]
		}
		r.techniques = all.names[start:bare:bare]
		all.besides = append(all.besides, r)
		if !l.over && !l.sub {
			for _, x := range all.suffixes {
				all.besides = append(all.besides, reason{techniques: x.Techniques})
			}
		}
	}
}

// apart reports whether all that an explanation does is to put words around, with hyphens between.
func apart(x permute.Explanation) bool {
	return x.Around && len(x.Techniques) == 1 && !slices.ContainsFunc(x.Changes, func(e lurehound.Edit) bool {
		return e.From != "" || e.At == 0 && !strings.HasSuffix(e.To, "-") || e.At > 0 && !strings.HasPrefix(e.To, "-")
	})
}

// keep writes changes into the memory for edits, with some more.
func (all *reasons) keep(changes []lurehound.Edit, more ...lurehound.Edit) []lurehound.Edit {
	start := len(all.edits)
	all.edits = append(append(all.edits, changes...), more...)
	return all.edits[start:len(all.edits):len(all.edits)]
}

// letters counts what a word has besides hyphens.
func letters(word string) int { return len(word) - strings.Count(word, "-") }

// suffixTechnique is the one that says most of those that explain a suffix.
func suffixTechnique(ways []permute.Explanation, d lurehound.Domain) string {
	if d.Hosted() {
		return hosted
	}
	for _, name := range [...]string{wrongSecondLevel, tldAppend} {
		for _, x := range ways {
			if x.Techniques[0] == name {
				return name
			}
		}
	}
	return tldSwap
}

// simplest is the explanation of fewest steps, and of these one that does not drop a
// character where it adds another, then the one of least effort, then the one that changes fewest characters.
func (all *reasons) simplest(ix *Index, own string) *reason {
	best := &all.told[0]
	for i := range all.told[1:] {
		if r := &all.told[i+1]; r.simpler(best, ix, own) {
			best = r
		}
	}
	return best
}

func (r *reason) simpler(than *reason, ix *Index, own string) bool {
	if r.steps != than.steps {
		return r.steps < than.steps
	}
	if a, b := r.torn(), than.torn(); a != b {
		return a < b
	}
	if a, b := ix.effort(r, own), ix.effort(than, own); a != b {
		return a < b
	}
	return r.changed() < than.changed()
}

// techniques are those of the first reason in its order, then all others in the
// order of permute's table, then those that permute has no part in. Left out are ways that
// are longer than the first and that permute does not take.
func (all *reasons) techniques(ix *Index, first *reason) []string {
	start := len(all.names)
	all.names = append(all.names, first.techniques...)
	more := func(r *reason) {
		// Any word around what is left of another makes a way to every name.
		if r.free && (r.steps > first.steps || len(r.edits) > len(first.edits)) {
			return
		}
		for _, t := range r.techniques {
			if !slices.Contains(all.names[start:], t) {
				all.names = append(all.names, t)
			}
		}
	}
	for i := range all.told {
		more(&all.told[i])
	}
	for i := range all.besides {
		more(&all.besides[i])
	}
	slices.SortFunc(all.names[start+len(first.techniques):], func(a, b string) int {
		return cmp.Or(cmp.Compare(ix.rankOf(a), ix.rankOf(b)), strings.Compare(a, b))
	})
	return slices.Clone(all.names[start:])
}

// rankOf is the technique's place in permute's table, or behind it.
func (ix *Index) rankOf(technique string) int {
	if at, ok := ix.ranks[technique]; ok {
		return at
	}
	return len(ix.ranks)
}
