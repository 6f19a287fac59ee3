package match

import (
	"strings"

	"lurehound"
)

// Explanation is a match taken apart for people.
type Explanation struct {
	Domain  lurehound.Domain `json:"domain"`
	Match   lurehound.Match  `json:"match"`   // Score 0 and no technique when nothing was recognised
	Columns []Column         `json:"columns"` // none when the names have little in common
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
			e := Explanation{Domain: d, Match: ix.describe(d, a, f.score), Factors: ix.factors(w, f.rating)}
			if e.Match.Word != a.word {
				a = ix.realigned(s, a, e.Match.Word)
			}
			e.Columns = columns(a)
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

// realigned is the anatomy around another word, which all of the label is aligned with.
func (ix *Index) realigned(s *scratch, a anatomy, word string) anatomy {
	if n, m, ok := s.align.read(word, []byte(a.labels)); ok {
		s.align.align(ix.fold, n, m)
		a.word, a.changes, a.before, a.behind = word, s.align.changes(n, m), "", ""
	}
	return a
}

// unlike aligns a name with a brand that it does not resemble.
func (ix *Index) unlike(s *scratch, d lurehound.Domain, b *brand) Explanation {
	own := b.Domains[0]
	why := "nothing of the brand was recognised; product names (--words) may help"
	if b.Owns(d) {
		why = "it is the brand's own"
	}
	e := Explanation{Domain: d, Match: lurehound.Match{Brand: b.ID(), Word: own.UnicodeLabel(), Techniques: []string{}, Why: why}}
	if n, m, ok := s.align.read(own.UnicodeLabel(), []byte(d.UnicodeLabel())); ok {
		s.align.align(ix.fold, n, m)
		a := anatomy{changes: s.align.changes(n, m), labels: d.UnicodeLabel(), domain: d, own: own}
		// Up to a third of the letters, a reader sees what became of the others.
		if 3*len(edits(a.changes)) <= max(n, m) {
			e.Columns = columns(a)
		}
	}
	return e
}

// columns writes the brand's name and the look-alike above each other.
func columns(a anatomy) []Column {
	var out []Column
	add := func(brand, name string) {
		if brand != "" || name != "" {
			out = append(out, Column{Brand: brand, Name: name, Changed: brand != name})
		}
	}
	front, tail, _ := strings.Cut("\x00"+a.domain.Unicode(), a.labels)
	front = strings.TrimPrefix(front, "\x00")
	add("", front+a.before)
	for _, c := range a.changes {
		add(c.from, c.to)
	}
	add("", a.behind)
	if a.sub || a.over {
		add("", tail)
		return out
	}
	add(".", ".")
	add(a.own.Suffix(), strings.TrimPrefix(tail, "."))
	return out
}
