package permute

import (
	"slices"
	"strings"

	"lurehound"
	"lurehound/internal/lexicon"
)

// stream gives the names of a target in rising order of cost: a label and a
// suffix cost what both cost together. Labels are made in rising order of their own cost, each
// when the first name with it could be due, and keep the least cost that they can be made for.
type stream struct {
	target Target
	techs  []Technique
	rows   *rows
	whole  *wholeNames
	*suffixes
	yield  func(lurehound.Permutation) bool
	left   int // names that may still be given; negative is no limit
	best   int // cost of the first name; -1 before
	scored struct {
		cost  int
		value float64
	}
	names strings.Builder
}

func newStream(t Target, x *lexicon.Tables, opt Options, yield func(lurehound.Permutation) bool) *stream {
	techs := Techniques()
	if len(opt.Techniques) > 0 {
		techs = slices.DeleteFunc(techs, func(tech Technique) bool { return !slices.Contains(opt.Techniques, tech.Name) })
	}
	w := opt.Weights
	if w == nil {
		w = DefaultWeights()
	}
	m := w.model(x)
	s := &stream{target: t, techs: techs, yield: yield, left: opt.Budget, best: -1}
	if s.left <= 0 {
		s.left = -1
	}
	s.rows = newRows(t, techs, m, opt.Budget)
	s.whole = newWholeNames(t, techs, m.tables)
	if s.rows.suffixes == nil || s.rows.suffixes.of != t.Suffix || s.rows.suffixes.hosted != t.Domain.Hosted() {
		s.rows.suffixes = newSuffixes(t, techs, m)
	}
	s.suffixes = s.rows.suffixes
	return s
}

// level gives the names of one cost; false when no more are wanted.
func (s *stream) level(cost int) bool {
	if cost >= s.least {
		s.rows.fill() // labels of cost-least: no name of others costs as little
	}
	for k := range s.columns {
		list, cols := &s.rows.of[k], &s.columns[k]
		for c := list.first; c <= cost-s.least && c < list.filled(); c++ {
			r, end := list.span(c)
			if r == end {
				continue
			}
			from, to := cols.own.span(cost - c)
			start, stop := cols.table.span(cost - c)
			if from == to && start == stop {
				continue
			}
			for ; r < end; r++ {
				if !s.under(&list.items[r], cols.own.items[from:to], cost) || !s.under(&list.items[r], cols.table.items[start:stop], cost) {
					return false
				}
			}
		}
	}
	for {
		p, ok := s.whole.peek()
		if !ok || costOf(p) > cost {
			return true
		}
		if p, ok := s.whole.next(); ok {
			p.Score = s.score(cost)
			if !s.give(p) {
				return false
			}
		}
	}
}

// under gives the names that a label has under some suffixes.
func (s *stream) under(r *row, cols []column, cost int) bool {
	label := s.rows.text[r.at : r.at+uint32(r.n)]
	if len(cols) == 0 {
		return true
	}
	changes := s.rows.changes(r)
	word := s.rows.words[r.word].word
	for i := range cols {
		c, technique := &cols[i], int(cols[i].technique)
		if technique == swapped {
			if s.masked[c.id] {
				continue
			}
			technique = s.swap
		}
		p := lurehound.Permutation{Word: word, Changes: changes}
		if r.slow || c.parse {
			var ok bool
			if p.Domain, ok = s.target.domain(string(label), c.name, s.rows.model.tables); !ok {
				continue
			}
		} else {
			if r.own && s.owns(label, c.name) {
				continue
			}
			p.Domain = lurehound.Registrable(s.name(label, c.name), len(label)+1, s.rows.model.private(c))
		}
		if technique < 0 && len(s.whole.apex) > 0 && !s.whole.first(p.Domain) {
			continue
		}
		p.Score = s.score(cost)
		p.Techniques = s.rows.techniques(r, technique)
		if technique >= 0 {
			p.Instead = s.target.Suffix
		}
		if !s.give(p) {
			return false
		}
	}
	return true
}

// give yields a name; false when no more are wanted.
func (s *stream) give(p lurehound.Permutation) bool {
	s.left--
	return s.yield(p) && s.left != 0
}

// score is the likelihood of names of a cost relative to the first name of all.
func (s *stream) score(cost int) float64 {
	if s.best < 0 {
		s.best = cost
	}
	if cost != s.scored.cost || s.scored.value == 0 {
		s.scored.cost, s.scored.value = cost, likelihood(cost-s.best)
	}
	return s.scored.value
}

// owns reports whether the brand has the name itself.
func (s *stream) owns(label []byte, suffix string) bool {
	for _, own := range s.target.Own {
		if own.Label() == string(label) && own.Suffix() == suffix {
			return true
		}
	}
	return false
}

// name is label.suffix. Names are kept in blocks: thousands of small strings cost more.
func (s *stream) name(label []byte, suffix string) string {
	const block = 4096
	n := len(label) + 1 + len(suffix)
	if s.names.Cap()-s.names.Len() < n {
		s.names = strings.Builder{}
		s.names.Grow(block)
	}
	at := s.names.Len()
	s.names.Write(label)
	s.names.WriteByte('.')
	s.names.WriteString(suffix)
	return s.names.String()[at:]
}

// domain makes the name when it can be registered and is none of the brand's.
// ParseDomain decides on the suffix: "com" under "br" is one itself. Labels beyond
// ASCII must be such as the suffix's registry takes.
func (t Target) domain(label, suffix string, x *lexicon.Tables) (lurehound.Domain, bool) {
	if !x.Admits(suffix, label) {
		return lurehound.Domain{}, false
	}
	d, err := lurehound.ParseDomain(label + "." + suffix)
	if err != nil || d.Problem() != "" || d.Suffix() != suffix || isALabel(label) && !x.Admits(suffix, d.UnicodeLabel()) {
		return lurehound.Domain{}, false
	}
	for _, own := range t.Own {
		if d.Within(own) || d.String() == own.Registrable() {
			return lurehound.Domain{}, false
		}
	}
	return d, true
}
