package match

import (
	"math"
	"unicode/utf8"

	"lurehound"
	"lurehound/internal/lexicon"
)

// maxReach is how many octets of a name are looked at here; longer ones have many in U-labels.
const maxReach = lurehound.MaxNameLen

// vicinity is what stands around any place of one name: borders, and runs of affixes.
type vicinity struct {
	done     bool
	placed   float64 // what the name's suffix can add to a score, in log-odds
	hyphens  bool    // there are any
	digits   bool
	second   int // where the last label but one begins
	weight   [2][maxReach + 1]float32
	slip     [2][maxReach + 1]float32 // near, -1 until asked for
	begin    [maxReach + 1]uint8      // where the piece between hyphens and dots begins that position i is in or behind
	finish   [maxReach + 1]uint8      // where it ends
	label    [maxReach + 1]uint8      // the same for labels
	labelEnd [maxReach + 1]uint8

	memory       lexicon.Reading
	heads, tails [maxReach + 1]float32 // ReadEnds of the pieces; where one begins heads is -1 until it has been read
}

// surroundings are what stands around the places of the name, nil for names that are too long.
func (ix *Index) surroundings(s *scratch) *vicinity {
	r := &s.vicinity
	switch {
	case r.done:
		return r
	case len(s.view.raw) > maxReach:
		return nil
	}
	r.read(&s.view, &ix.affixes, ix.atMost)
	return r
}

// The two directions of runs: those that end at a position and begin with its piece, and
// those that begin there and end with it.
const (
	ending = iota
	beginning
)

func (r *vicinity) read(v *view, a *affixSet, m *most) {
	r.done, r.hyphens, r.digits = true, false, false
	raw := v.raw
	r.placed = m.placed(raw[v.last:])
	r.second = lastDot(raw[:max(v.last-1, 0)]) + 1
	n := len(raw)
	clear(r.weight[ending][:n+1])
	clear(r.weight[beginning][:n+1])
	for i := range n + 1 {
		r.slip[ending][i], r.slip[beginning][i] = -1, -1
	}
	piece, label := 0, 0
	r.weight[ending][0], r.heads[0] = math.SmallestNonzeroFloat32, -1
	for i, c := range raw {
		r.begin[i], r.label[i] = uint8(piece), uint8(label)
		switch {
		case c == '.':
			piece, label = i+1, i+1
			r.weight[ending][i+1], r.heads[i+1] = math.SmallestNonzeroFloat32, -1
		case c == '-':
			piece, r.hyphens = i+1, true
			r.weight[ending][i+1], r.heads[i+1] = math.SmallestNonzeroFloat32, -1
		case isDigit(c):
			r.digits = true
		}
	}
	r.begin[n], r.label[n] = uint8(piece), uint8(label)
	piece, label = n, n
	r.finish[n], r.labelEnd[n] = uint8(n), uint8(n)
	r.weight[beginning][n] = math.SmallestNonzeroFloat32
	for i := n - 1; i >= 0; i-- {
		switch raw[i] {
		case '.':
			piece, label = i, i
			r.weight[beginning][i] = math.SmallestNonzeroFloat32
		case '-':
			piece = i
			r.weight[beginning][i] = math.SmallestNonzeroFloat32
		}
		r.finish[i], r.labelEnd[i] = uint8(piece), uint8(label)
	}
	r.forwards(raw, a)
	r.backwards(raw, a)
}

// forwards is affixSet.run of all beginnings of pieces at once.
func (r *vicinity) forwards(raw []byte, a *affixSet) {
	w := &r.weight[ending]
	for i, c := range raw {
		if w[i] == 0 || c == '-' || c == '.' {
			continue
		}
		if isDigit(c) {
			w[i+1] = max(w[i+1], w[i], digitWeight)
		}
		end := int(r.finish[i])
		for n := range a.atHead(raw[i:end]) {
			if x, ok := a.words[string(raw[i:i+n])]; ok {
				w[i+n] = max(w[i+n], w[i], float32(x))
			}
		}
	}
}

// backwards is affixSet.run of all ends of pieces at once.
func (r *vicinity) backwards(raw []byte, a *affixSet) {
	w := &r.weight[beginning]
	for i := len(raw); i > 0; i-- {
		c := raw[i-1]
		if w[i] == 0 || c == '-' || c == '.' {
			continue
		}
		if isDigit(c) {
			w[i-1] = max(w[i-1], w[i], digitWeight)
		}
		start := int(r.begin[i-1])
		for n := range a.atTail(raw[start:i]) {
			if x, ok := a.words[string(raw[i-n:i])]; ok {
				w[i-n] = max(w[i-n], w[i], float32(x))
			}
		}
	}
}

// left is what the place may touch on its left, the best for its score: glued may be
// an innocent word, or misspell an affix.
func (r *vicinity) left(raw []byte, p place, start int) side {
	if p.from == start {
		return edge
	}
	i := p.from - 1
	switch c := raw[i]; {
	case c == '-':
		return hyphened
	case c >= utf8.RuneSelf:
		return glued
	case isDigit(c):
		if isDigit(raw[p.from]) {
			return glued
		}
		for i >= start && isDigit(raw[i]) {
			i--
		}
		if i < start || raw[i] == '-' || r.weight[ending][i+1] > 0 || i+1-int(r.begin[i]) >= minMisspelt-1 {
			return digit
		}
		return scrap
	}
	return r.letters(r.weight[ending][p.from], p.from-int(r.begin[i]))
}

// right is left for the other side.
func (r *vicinity) right(raw []byte, p place, end int) side {
	if p.to == end {
		return edge
	}
	i := p.to
	switch c := raw[i]; {
	case c == '-':
		return hyphened
	case c >= utf8.RuneSelf:
		return glued
	case isDigit(c):
		if isDigit(raw[p.to-1]) {
			return glued
		}
		for i < end && isDigit(raw[i]) {
			i++
		}
		if i == end || raw[i] == '-' || r.weight[beginning][i] > 0 || int(r.finish[i])-i >= minMisspelt-1 {
			return digit
		}
		return scrap
	}
	return r.letters(r.weight[beginning][p.to], int(r.finish[i])-p.to)
}

func (r *vicinity) letters(run float32, n int) side {
	switch {
	case run > 0:
		return affixed
	case n <= 2:
		return scrap
	}
	return glued
}

// lure is the weight of the likeliest affix around the place, as Index.lure has it, but for
// what misspells one.
func (r *vicinity) lure(raw []byte, p place, start, end int) float64 {
	best := float32(0)
	for to := p.from; to > start; {
		if raw[to-1] == '-' {
			to--
			continue
		}
		begin := int(r.begin[to-1])
		if to-begin > 1 {
			best = max(best, r.weight[ending][to])
		}
		to = begin
	}
	for from := p.to; from < end; {
		finish := int(r.finish[from])
		if finish-from > 1 {
			best = max(best, r.weight[beginning][from])
		}
		from = finish + 1
	}
	return float64(best)
}

// near is affixSet.nearly of the piece that ends at position i, or begins there.
func (r *vicinity) near(way int, raw []byte, i int, a *affixSet) float32 {
	if w := r.slip[way][i]; w >= 0 {
		return w
	}
	var piece []byte
	switch {
	case way == beginning:
		piece = raw[i:r.finish[i]]
	case i > 0:
		piece = raw[r.begin[i-1]:i]
	}
	w := float32(0)
	if r.weight[way][i] == 0 {
		w = float32(a.nearly(piece))
	}
	r.slip[way][i] = w
	return w
}

// misspelt is lure for what misspells an affix.
func (r *vicinity) misspelt(raw []byte, p place, start, end int, a *affixSet) float64 {
	best := float32(0)
	for to := p.from; to > start; {
		if raw[to-1] == '-' {
			to--
			continue
		}
		best = max(best, r.near(ending, raw, to, a))
		to = int(r.begin[to-1])
	}
	for from := p.to; from < end; from = int(r.finish[from]) + 1 {
		best = max(best, r.near(beginning, raw, from, a))
	}
	return float64(best)
}
