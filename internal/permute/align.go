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
func alignGlyphs(t Target, label string, _ *lexicon.Tables) ([]lurehound.Edit, bool) {
	word := t.Label
	if label == word || !sameSkeleton(word, label) {
		return nil, false
	}
	// What both begin and end with stands for itself. Character by character is
	// cheaper than anything else.
	skip := 0
	if isASCII(word) && isASCII(label) {
		skip = common(word, label)
		end := 0
		for end < min(len(word), len(label))-skip && word[len(word)-1-end] == label[len(label)-1-end] {
			end++
		}
		word, label = word[skip:len(word)-end], label[skip:len(label)-end]
		if changes, ok := eachGlyph(word, label, skip); ok {
			return changes, true
		}
	}
	changes := cheapestGlyphs(word, label)
	if changes == nil {
		changes = whole(word, label)
	}
	for i := range changes {
		changes[i].At += skip
	}
	return changes, true
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// eachGlyph aligns labels whose characters look alike one by one.
func eachGlyph(word, label string, at int) ([]lurehound.Edit, bool) {
	if len(word) != len(label) {
		return nil, false
	}
	n := 0
	for i := range len(word) {
		if word[i] == label[i] {
			continue
		}
		if !sameSkeleton(word[i:i+1], label[i:i+1]) {
			return nil, false
		}
		n++
	}
	changes := make([]lurehound.Edit, 0, n)
	for i := range len(word) {
		if word[i] != label[i] {
			changes = append(changes, lurehound.Edit{From: word[i : i+1], To: label[i : i+1], At: at + i})
		}
	}
	return changes, true
}

// cheapestGlyphs are the smallest look-alikes that make the label of the word;
// none when it cannot be told apart so.
func cheapestGlyphs(word, label string) []lurehound.Edit {
	a, b := boundaries(word), boundaries(label)
	n, m := len(a), len(b)
	// cells[i*m+j] is the cheapest way to make the first j characters of the label of
	// the first i of the word: its cost and how many characters its last step has.
	const unreached = 1 << 20
	type step struct{ cost, di, dj int32 }
	var few [16 * 16]step // most differ in a few characters
	cells := few[:]
	if n*m > len(few) {
		cells = make([]step, n*m)
	}
	for i := range n * m {
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
					from, to := word[a[i]:a[i+di]], label[b[j]:b[j+dj]]
					cost := here
					if from != to {
						if !sameSkeleton(from, to) {
							continue
						}
						cost += int32((di + dj) * (di + dj)) // small changes rather than few
					} else if di > 1 {
						continue
					}
					if c := &cells[(i+di)*m+j+dj]; cost < c.cost {
						*c = step{cost, int32(di), int32(dj)}
					}
				}
			}
		}
	}
	if cells[n*m-1].cost == unreached {
		return nil
	}
	var changes []lurehound.Edit
	for i, j := n-1, m-1; i > 0; {
		s := cells[i*m+j]
		i, j = i-int(s.di), j-int(s.dj)
		from, to := word[a[i]:a[i+int(s.di)]], label[b[j]:b[j+int(s.dj)]]
		if from != to {
			changes = append(changes, lurehound.Edit{From: from, To: to, At: i})
		}
	}
	slices.Reverse(changes)
	return changes
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
	if !sameEnds(a, b) {
		return false
	}
	var x, y [2 * lurehound.MaxLabelLen]byte
	return string(lexicon.AppendSkeleton(x[:0], a)) == string(lexicon.AppendSkeleton(y[:0], b))
}

// sameEnds reports whether two labels may have the same skeleton, by their ends. An r at
// the beginning may look like the left half of an m.
func sameEnds(a, b string) bool {
	if a == "" || b == "" || !isASCII(a) || !isASCII(b) {
		return true
	}
	var x, y [2]byte
	p, q := lexicon.AppendSkeleton(x[:0], a[len(a)-1:]), lexicon.AppendSkeleton(y[:0], b[len(b)-1:])
	if p[len(p)-1] != q[len(q)-1] {
		return false
	}
	p, q = lexicon.AppendSkeleton(x[:0], a[:1]), lexicon.AppendSkeleton(y[:0], b[:1])
	return p[0] == q[0] || a[0]|0x20 == 'r' || b[0]|0x20 == 'r'
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
