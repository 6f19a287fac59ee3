package permute

import (
	"slices"
	"unicode/utf8"

	"lurehound"
	"lurehound/internal/lexicon"
)

// maxGlyph is the most characters that one look-alike has ("nn", "rn", "cl",
// and three for combining marks of Unicode).
const maxGlyph = 3

// alignGlyphs recognises a label, ASCII or Unicode, that looks like the
// target's, and says which characters stand for which.
func alignGlyphs(t Target, label string, x *lexicon.Tables) ([]lurehound.Edit, bool) {
	if label == t.Label || !sameSkeleton(t.Label, label) {
		return nil, false
	}
	a, b := boundaries(t.Label), boundaries(label)
	n, m := len(a), len(b)
	// cells[i*m+j] is the cheapest way to make the first j characters of the label of
	// the first i of the target's: its cost and how many characters its last step has.
	const unreached = 1 << 20
	type step struct{ cost, di, dj int }
	cells := make([]step, n*m)
	for i := range cells {
		cells[i].cost = unreached
	}
	cells[0].cost = 0
	for i := range n {
		for j := range m {
			here := cells[i*m+j].cost
			if here == unreached {
				continue
			}
			for di := 1; di <= maxGlyph && i+di < n; di++ {
				for dj := 1; dj <= maxGlyph && j+dj < m; dj++ {
					from, to := t.Label[a[i]:a[i+di]], label[b[j]:b[j+dj]]
					cost := here
					if from != to {
						if !sameSkeleton(from, to) {
							continue
						}
						cost += (di + dj) * (di + dj) // small changes rather than few
					} else if di > 1 {
						continue
					}
					if c := &cells[(i+di)*m+j+dj]; cost < c.cost {
						*c = step{cost, di, dj}
					}
				}
			}
		}
	}
	if cells[n*m-1].cost == unreached {
		return whole(t.Label, label), true
	}
	var changes []lurehound.Edit
	for i, j := n-1, m-1; i > 0; {
		s := cells[i*m+j]
		i, j = i-s.di, j-s.dj
		from, to := t.Label[a[i]:a[i+s.di]], label[b[j]:b[j+s.dj]]
		if from != to {
			changes = append(changes, lurehound.Edit{From: from, To: to, At: i})
		}
	}
	slices.Reverse(changes)
	return changes, true
}

// boundaries are the offsets where characters begin, and the end.
func boundaries(s string) []int {
	out := make([]int, 0, len(s)+1)
	for i := range s {
		out = append(out, i)
	}
	return append(out, len(s))
}

func sameSkeleton(a, b string) bool {
	var x, y [2 * lurehound.MaxLabelLen]byte
	return string(lexicon.AppendSkeleton(x[:0], a)) == string(lexicon.AppendSkeleton(y[:0], b))
}

// whole is one change of everything between the common ends: for look-alikes
// that cannot be told apart character by character ("rm" and "mn").
func whole(from, to string) []lurehound.Edit {
	start := 0
	for start < len(from) && start < len(to) && from[start] == to[start] {
		start++
	}
	for start > 0 && (start < len(from) && !utf8.RuneStart(from[start]) || start < len(to) && !utf8.RuneStart(to[start])) {
		start--
	}
	a, b := len(from), len(to)
	for a > start && b > start && from[a-1] == to[b-1] && from[a-1] < utf8.RuneSelf {
		a, b = a-1, b-1
	}
	return []lurehound.Edit{{From: from[start:a], To: to[start:b], At: start}}
}
