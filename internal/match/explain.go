package match

import (
	"strings"
	"unicode/utf8"

	"lurehound"
)

// Explanation is a match taken apart for people.
type Explanation struct {
	Domain  lurehound.Domain `json:"domain"`
	Match   lurehound.Match  `json:"match"`             // Score 0 and no technique when nothing was recognised
	Columns []Column         `json:"columns"`           // none when the names have little in common
	OrElse  []string         `json:"or_else,omitempty"` // techniques of the match that a person would accept instead
	Factors []Factor         `json:"factors,omitempty"`
}

// Column is one step of two names written above each other: Brand and Name
// hold the pieces, "" where the other has something more.
type Column struct {
	Brand   string `json:"brand"`
	Name    string `json:"name"`
	Changed bool   `json:"changed"`
}

// Explain aligns d with each brand of the index that it resembles, the highest
// score first; with every brand when it resembles none. A brand's own name is explained
// by no edits, and its score is 0.
func (ix *Index) Explain(d lurehound.Domain) []Explanation {
	s := ix.scratch.Get().(*scratch)
	defer ix.scratch.Put(s)
	var out []Explanation
	if s.view.read(d.String(), ix.fold) {
		s.min = 0
		ix.find(s)
		for _, f := range ix.best(s) {
			w := &ix.words[f.word]
			a := ix.anatomy(s, d, f)
			e := Explanation{Domain: d, Match: ix.describe(s, d, &a, f.score), Factors: ix.factors(w, f.rating)}
			e.OrElse = s.reasons.alternatives(e.Match, s.reasons.simplest(ix, ix.brands[a.brand].target.Suffix).steps)
			if !a.edited(&e.Match) && e.Match.Word != a.word {
				ix.realign(s, &a, e.Match.Word)
			}
			e.Columns = columns(&a)
			at := len(out)
			for at > 0 && out[at-1].Match.Score < e.Match.Score {
				at--
			}
			out = append(out[:at], append([]Explanation{e}, out[at:]...)...)
		}
	}
	if len(out) > 0 {
		return out
	}
	for i := range ix.brands {
		out = append(out, ix.unlike(s, d, &ix.brands[i]))
	}
	return out
}

// realign puts another word in place of the anatomy's, which all of the label is aligned with.
func (ix *Index) realign(s *scratch, a *anatomy, word string) {
	if changes := s.align.between(ix.fold, word, a.raw[a.at.from:a.at.to]); changes != nil {
		a.word, a.changes, a.before, a.behind = word, changes, "", ""
	}
}

// unlike aligns a name with a brand that it does not resemble.
func (ix *Index) unlike(s *scratch, d lurehound.Domain, b *brand) Explanation {
	own := b.Domains[0]
	why := "nothing of the brand was recognised; product names (--words) may help"
	if b.Owns(d) {
		why = "it is the brand's own"
	}
	e := Explanation{Domain: d, Match: lurehound.Match{Brand: b.ID(), Word: own.UnicodeLabel(), Techniques: []string{}, Why: why}}
	label := d.UnicodeLabel()
	changes := s.align.between(ix.fold, own.UnicodeLabel(), label)
	// Up to a third of the letters, a reader sees what became of the others.
	if 3*changed(changes) <= max(utf8.RuneCountInString(own.UnicodeLabel()), utf8.RuneCountInString(label)) && changes != nil {
		at := registrable(d.Unicode(), d)
		e.Columns = columns(&anatomy{changes: changes, raw: d.Unicode(), at: at, registrable: at, domain: d, own: own})
	}
	return e
}

// columns writes the brand's name and the look-alike above each other.
func columns(a *anatomy) []Column {
	var out []Column
	add := func(brand, name string) {
		if brand != "" || name != "" {
			out = append(out, Column{Brand: brand, Name: name, Changed: brand != name})
		}
	}
	add("", a.raw[:a.at.from]+a.before)
	for _, c := range a.changes {
		add(c.from, c.to)
	}
	add("", a.behind)
	tail := a.raw[a.at.to:]
	if a.at.sub || a.at.over {
		own := "." + a.own.Suffix()
		if strings.HasPrefix(tail+".", own+".") {
			add(own, own)
			tail = tail[len(own):]
		}
		add("", tail)
		return out
	}
	add(".", ".")
	if more, ok := strings.CutPrefix(tail, "."+a.own.Suffix()+"."); ok {
		add(a.own.Suffix(), a.own.Suffix())
		add("", "."+more)
		return out
	}
	add(a.own.Suffix(), strings.TrimPrefix(tail, "."))
	return out
}
