package permute

import (
	"cmp"
	"slices"

	"lurehound/internal/lexicon"
)

// ranked is a list in falling order of likelihood that is read only as far as
// somebody asks for it.
type ranked[T any] struct {
	items []T
	more  func() (T, bool) // nil when items is all there is
}

// at is the i-th item; ok is false behind the last.
func (r *ranked[T]) at(i int) (item T, ok bool) {
	for i >= len(r.items) {
		if r.more == nil {
			return item, false
		}
		next, ok := r.more()
		if !ok {
			r.more = nil
			return item, false
		}
		r.items = append(r.items, next)
	}
	return r.items[i], true
}

// edits reads what a technique makes of the target, with weights scaled so that they add up
// to the technique's share.
func edits(tech Technique, t Target, x *lexicon.Tables) *ranked[Edit] {
	if tech.BestFirst != nil {
		next := tech.BestFirst(t, x)
		return &ranked[Edit]{more: func() (Edit, bool) {
			e, ok := next()
			e.Weight *= tech.Weight
			return e, ok
		}}
	}
	var all []Edit
	sum := 0.0
	for e := range tech.Apply(t, x) {
		if (tech.On == OnLabel || tech.On == OnBase) && (e.Label == t.Label || !validLabel(e.Label) || tech.On == OnLabel && !e.imitates(t.Label)) {
			continue
		}
		all = append(all, e)
		sum += e.Weight
	}
	for i := range all {
		all[i].Weight *= tech.Weight / sum
	}
	slices.SortStableFunc(all, func(a, b Edit) int { return cmp.Compare(b.Weight, a.Weight) })
	return &ranked[Edit]{items: all}
}

// grid walks the pairs of two ranked lists in falling order of the product of
// their likelihoods, holding one cell for each row that was begun.
type grid struct {
	row, col func(i int) (p float64, ok bool)
	cells    heap[cell]
}

type cell struct{ i, j int32 }

func newGrid(row, col func(int) (float64, bool)) *grid {
	g := &grid{row: row, col: col}
	g.open(0)
	return g
}

// open begins row i with its first cell.
func (g *grid) open(i int) {
	p, ok := g.row(i)
	q, any := g.col(0)
	if ok && any {
		g.cells.push(p*q, cell{int32(i), 0})
	}
}

// peek is the likelihood of what next would give.
func (g *grid) peek() (p float64, ok bool) {
	if g.cells.len() == 0 {
		return 0, false
	}
	return g.cells.top(), true
}

// next is the likeliest pair that was not given yet.
func (g *grid) next() (i, j int, p float64, ok bool) {
	if g.cells.len() == 0 {
		return 0, 0, 0, false
	}
	p = g.cells.top()
	c := g.cells.nodes[0].v
	row, _ := g.row(int(c.i))
	if q, ok := g.col(int(c.j) + 1); ok {
		g.cells.replaceTop(row*q, cell{c.i, c.j + 1})
	} else {
		g.cells.pop()
	}
	if c.j == 0 {
		g.open(int(c.i) + 1)
	}
	return int(c.i), int(c.j), p, true
}
