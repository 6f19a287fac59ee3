package permute

import (
	"slices"
	"strings"

	"lurehound"
	"lurehound/internal/lexicon"
)

// labelEdit is a label that the brand's may become, and how. Large budgets keep
// hundreds of thousands, so it only says which edits of its origin make it.
type labelEdit struct {
	label string
	from  *origin
	i, j  int32 // edits in the lists of from
	p     float64
}

// origin is what the labels of one source have in common.
type origin struct {
	base
	techniques    []string
	composed      []string      // with the last suffix technique that was asked for
	first, second *ranked[Edit] // nil when nothing, or nothing more, happens to the base
}

// changes are those of the base's word. They may be appended to, not written.
func (e *labelEdit) changes() []lurehound.Edit {
	switch o := e.from; {
	case o.first == nil:
		return slices.Clip(o.base.changes)
	case o.second == nil:
		return slices.Clip(o.first.items[e.i].Changes)
	default:
		all, _ := merge(o.first.items[e.i].Changes, o.second.items[e.j].Changes)
		return all
	}
}

// with is the techniques and that of the suffix.
func (n *origin) with(suffix string) []string {
	if k := len(n.composed); k == 0 || n.composed[k-1] != suffix {
		n.composed = with(n.techniques, suffix)
	}
	return n.composed
}

// base is a label that label techniques start from.
type base struct {
	word    string
	names   []string         // how the base itself came about: none, or the base technique
	changes []lurehound.Edit // when nothing else happens to it
	p       float64
}

// bases are the brand's label and what base techniques put in its place. The
// label has weight 1, the others theirs; all are scaled to add up to 1.
func bases(t Target, techs []Technique, x *lexicon.Tables) []base {
	out := []base{{word: t.Label, p: 1}}
	sum := 1.0
	for _, tech := range techs {
		if tech.On != OnBase {
			continue
		}
		for e := range tech.Apply(t, x) {
			if !validLabel(e.Label) || slices.ContainsFunc(out, func(b base) bool { return b.word == e.Label }) {
				continue
			}
			out = append(out, base{word: e.Label, names: []string{tech.Name}, changes: e.Changes, p: tech.Weight * e.Weight})
			sum += tech.Weight * e.Weight
		}
	}
	for i := range out {
		out[i].p /= sum
	}
	return out
}

// source is a stream of label edits in falling order.
type source interface {
	peek() (p float64, ok bool)
	next() (e labelEdit, ok bool) // ok is false for a pair that does not compose
}

// labels merges all sources of all bases into one stream without duplicates.
type labels struct {
	heap  heap[source]
	rows  ranked[labelEdit] // what was given
	seen  labelSet          // the same by label
	stops []func()
}

func newLabels(t Target, techs []Technique, x *lexicon.Tables) *labels {
	l := &labels{}
	l.rows.more = l.next
	for _, b := range bases(t, techs, x) {
		l.add(&exactSource{from: &origin{base: b, techniques: b.names}})
		if strings.HasPrefix(b.word, "xn--") {
			continue // edits of an A-label mean nothing to a reader
		}
		bt := t
		bt.Label = b.word
		lists := map[string]*ranked[Edit]{}
		simple := simpleLabels(bt, x)
		for _, tech := range techs {
			if tech.On != OnLabel {
				continue
			}
			list, stop := edits(tech, bt, x)
			l.stops = append(l.stops, stop)
			lists[tech.Name] = list
			l.add(&editSource{from: &origin{base: b, techniques: with(b.names, tech.Name), first: list}})
		}
		for _, p := range pairs() {
			first, second := lists[p.first], lists[p.second]
			if first != nil && second != nil {
				l.add(newPairSource(b, p, first, second, simple))
			}
		}
	}
	return l
}

// simpleLabels are those that a technique makes of the label by a single edit, whatever
// techniques are asked for: so Explainer has it, too.
func simpleLabels(t Target, x *lexicon.Tables) map[string]bool {
	simple := map[string]bool{}
	for _, tech := range Techniques() {
		if tech.On == OnLabel && tech.single() {
			for e := range tech.Apply(t, x) {
				if e.imitates(t.Label) {
					simple[e.Label] = true
				}
			}
		}
	}
	return simple
}

func with(names []string, more ...string) []string {
	return append(append([]string(nil), names...), more...)
}

func (l *labels) add(s source) {
	if p, ok := s.peek(); ok {
		l.heap.push(p, s)
	}
}

// next is the likeliest valid label that was not given yet.
func (l *labels) next() (labelEdit, bool) {
	for l.heap.len() > 0 {
		s := l.heap.nodes[0].v
		e, ok := s.next()
		if p, more := s.peek(); more {
			l.heap.replaceTop(p, s)
		} else {
			l.heap.pop()
		}
		if !ok || len(e.from.techniques) > 0 && !strings.HasPrefix(e.from.word, "xn--") && !validLabel(e.label) {
			continue
		}
		if l.seen.add(l.rows.items, e.label) {
			return e, true
		}
	}
	return labelEdit{}, false
}

func (l *labels) stop() {
	for _, f := range l.stops {
		f()
	}
}

// exactSource gives the base as it is.
type exactSource struct {
	from *origin
	done bool
}

func (s *exactSource) peek() (float64, bool) { return s.from.p * shareExact, !s.done }

func (s *exactSource) next() (labelEdit, bool) {
	s.done = true
	return labelEdit{label: s.from.word, from: s.from, p: s.from.p * shareExact}, true
}

// editSource gives the edits of one technique.
type editSource struct {
	from *origin
	i    int
}

func (s *editSource) peek() (float64, bool) {
	e, ok := s.from.first.at(s.i)
	return s.from.p * e.Weight, ok
}

func (s *editSource) next() (labelEdit, bool) {
	e, ok := s.from.first.at(s.i)
	s.i++
	return labelEdit{label: e.Label, from: s.from, i: int32(s.i - 1), p: s.from.p * e.Weight}, ok
}

// pairSource gives the edits of two techniques together.
type pairSource struct {
	from   *origin
	simple map[string]bool // labels that one technique makes: no pair is needed for these
	grid   *grid
}

func newPairSource(b base, p pair, first, second *ranked[Edit], simple map[string]bool) *pairSource {
	weight := b.p * p.weight
	row := func(i int) (float64, bool) {
		e, ok := first.at(i)
		return weight * e.Weight, ok
	}
	col := func(j int) (float64, bool) {
		e, ok := second.at(j)
		return e.Weight, ok
	}
	from := &origin{base: b, techniques: with(b.names, p.first, p.second), first: first, second: second}
	return &pairSource{from: from, simple: simple, grid: newGrid(row, col)}
}

func (s *pairSource) peek() (float64, bool) { return s.grid.peek() }

func (s *pairSource) next() (labelEdit, bool) {
	i, j, p, ok := s.grid.next()
	if !ok {
		return labelEdit{}, false
	}
	o := s.from
	changes, ok := merge(o.first.items[i].Changes, o.second.items[j].Changes)
	if !ok {
		return labelEdit{}, false
	}
	label := rewrite(o.word, changes)
	if s.simple[label] || sameSkeleton(o.word, label) || !(Edit{Label: label, Changes: changes}).imitates(o.word) {
		return labelEdit{}, false
	}
	return labelEdit{label: label, from: o, i: int32(i), j: int32(j), p: p}, true
}

// merge puts two lists of changes of the same label into one. ok is false when
// they touch the same characters.
func merge(a, b []lurehound.Edit) (all []lurehound.Edit, ok bool) {
	all = make([]lurehound.Edit, 0, len(a)+len(b)+1) // one more for the suffix
	for len(a) > 0 && len(b) > 0 {
		if end(a[0]) <= b[0].At && (a[0].At < b[0].At || a[0].From == "") {
			all, a = append(all, a[0]), a[1:]
			continue
		}
		if end(b[0]) > a[0].At {
			return nil, false
		}
		all, b = append(all, b[0]), b[1:]
	}
	return append(append(all, a...), b...), true
}

func end(e lurehound.Edit) int { return e.At + len(e.From) }
