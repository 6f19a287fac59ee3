package lexicon

import (
	"slices"
	"strings"
)

// layout is the rows of a keyboard from top to bottom, each shifted by about
// half a key to the right of the one above. A blank is a key without letter,
// digit or hyphen.
type layout [4]string

// layouts are the US, German and French ones, as ISO/IEC 9995 keyboards carry them.
func layouts() []layout {
	return []layout{
		{"1234567890-", "qwertyuiop", "asdfghjkl", "zxcvbnm"},
		{"1234567890", "qwertzuiop", "asdfghjkl", "yxcvbnm  -"},
		{"1234567890", "azertyuiop", "qsdfghjklm", "wxcvbn"},
	}
}

// neighbors lists for each key those that touch it: left, right, two above,
// two below.
func neighbors(all []layout) map[byte]string {
	set := map[byte][]byte{}
	add := func(a, b byte) {
		if a != ' ' && b != ' ' && !slices.Contains(set[a], b) {
			set[a] = append(set[a], b)
		}
	}
	for _, rows := range all {
		for r, row := range rows {
			for c := range len(row) {
				for _, p := range [][2]int{{r, c - 1}, {r, c + 1}, {r - 1, c}, {r - 1, c + 1}, {r + 1, c - 1}, {r + 1, c}} {
					if p[0] >= 0 && p[0] < len(rows) && p[1] >= 0 && p[1] < len(rows[p[0]]) {
						add(row[c], rows[p[0]][p[1]])
					}
				}
			}
		}
	}
	out := make(map[byte]string, len(set))
	for k, v := range set {
		slices.Sort(v)
		out[k] = string(v)
	}
	return out
}

// Near reports whether two keys touch on one of the layouts.
func (t *Tables) Near(a, b byte) bool { return strings.IndexByte(t.Neighbors[a], b) >= 0 }
