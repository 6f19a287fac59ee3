package permute

import (
	"slices"
	"strings"

	"lurehound"
	"lurehound/internal/lexicon"
)

// stream gives the names of a target in rising order of cost: a label and a
// suffix cost what both cost together. All labels of a cost are made before the first name
// of that cost is given, so that each name costs as little as it can.
type stream struct {
	target  Target
	techs   []Technique
	rows    *rows
	whole   *wholeNames
	columns [kinds]*levels[column]
	yield   func(lurehound.Permutation) bool
	left    int // names that may still be given; negative is no limit
	best    int // cost of the first name; -1 before
	names   strings.Builder
	edits   []lurehound.Edit
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
	s.rows = newRows(t, techs, m)
	s.whole = newWholeNames(t, techs, m.tables)
	for k := range s.columns {
		s.columns[k] = m.columns(t, techs, kind(k))
	}
	return s
}

func (s *stream) stop() {
	s.rows.stop()
	s.whole.stop()
}

// level gives the names of one cost; false when no more are wanted.
func (s *stream) level(cost int) bool {
	s.rows.fill()
	for k := range s.columns {
		list, cols := &s.rows.of[k], s.columns[k]
		for c := range list.filled() {
			r, end := list.span(c)
			if r == end {
				continue
			}
			from, to := cols.span(cost - c)
			if from == to {
				continue
			}
			for ; r < end; r++ {
				if !s.under(&list.items[r], cols.items[from:to], cost) {
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
		if p, ok := s.whole.next(); ok && !s.give(p, cost) {
			return false
		}
	}
}

// under gives the names that a label has under some suffixes.
func (s *stream) under(r *row, cols []column, cost int) bool {
	label := s.rows.text[r.at : r.at+uint32(r.n)]
	changes := s.rows.changes(r)
	for i := range cols {
		c := &cols[i]
		p := lurehound.Permutation{Word: s.rows.words[r.word].word}
		if r.slow {
			var ok bool
			if p.Domain, ok = s.target.domain(string(label), c.name, s.rows.model.tables); !ok {
				continue
			}
		} else {
			p.Domain = lurehound.Registrable(s.name(label, c.name), len(label)+1, c.isPrivate())
		}
		if c.technique < 0 && len(s.whole.apex) > 0 && !s.whole.first(p.Domain) {
			continue
		}
		p.Techniques, p.Edits = s.explained(r, c, changes)
		if !s.give(p, cost) {
			return false
		}
	}
	return true
}

// give yields a name; false when no more are wanted.
func (s *stream) give(p lurehound.Permutation, cost int) bool {
	if s.best < 0 {
		s.best = cost
	}
	p.Score = likelihood(cost - s.best)
	s.left--
	return s.yield(p) && s.left != 0
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

// explained is the techniques and edits of a row and a column.
func (s *stream) explained(r *row, c *column, changes []lurehound.Edit) ([]string, []lurehound.Edit) {
	const block = 128
	techniques := s.rows.techniques(r, int(c.technique))
	if c.technique < 0 {
		return techniques, changes
	}
	n := len(changes) + 1
	if cap(s.edits)-len(s.edits) < n {
		s.edits = make([]lurehound.Edit, 0, block+n)
	}
	at := len(s.edits)
	s.edits = append(s.edits, changes...)
	s.edits = append(s.edits, lurehound.Edit{From: s.target.Suffix, To: c.name, At: lurehound.SuffixEdit})
	return techniques, slices.Clip(s.edits[at:])
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
