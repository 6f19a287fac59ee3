package lexicon

import (
	_ "embed"
	"slices"
	"strconv"
	"strings"
)

//go:embed layouts.txt
var layoutFile string

// layout is the rows of a keyboard from top to bottom, each shifted by about
// half a key to the right of the one above. "_" is a key without letter, digit or hyphen.
type layout struct {
	name  string
	share float64 // of those who write Latin letters, (0,1]
	rows  [4]string
}

// layouts reads the lines "name share rows" of layouts.txt. A bad line is left
// out, which a test finds.
func layouts(file string) []layout {
	var out []layout
	for line := range strings.Lines(file) {
		f := strings.Fields(line)
		if len(f) != 6 || f[0] == "#" {
			continue
		}
		if share, err := strconv.Atoi(f[1]); err == nil {
			out = append(out, layout{f[0], float64(share) / 1000, [4]string(f[2:])})
		}
	}
	return out
}

// keyPairs has the share of people on whose keyboards two keys touch.
type keyPairs [128][128]float32

// neighbors reads off the layouts which keys touch: left, right, two above, two
// below. The list of a key has those first that are neighbours on most keyboards.
func neighbors(all []layout) (map[byte]string, *keyPairs) {
	pairs := new(keyPairs)
	for _, l := range all {
		for r, row := range l.rows {
			for c := range len(row) {
				for _, p := range [][2]int{{r, c - 1}, {r, c + 1}, {r - 1, c}, {r - 1, c + 1}, {r + 1, c - 1}, {r + 1, c}} {
					if p[0] >= 0 && p[0] < len(l.rows) && p[1] >= 0 && p[1] < len(l.rows[p[0]]) {
						pairs[row[c]][l.rows[p[0]][p[1]]] += float32(l.share)
					}
				}
			}
		}
	}
	lists := map[byte]string{}
	for a := range pairs {
		var keys []byte
		for b, share := range pairs[a] {
			if share > 0 && a != '_' && b != '_' {
				keys = append(keys, byte(b))
			}
		}
		if len(keys) > 0 {
			slices.SortStableFunc(keys, func(x, y byte) int {
				if pairs[a][x] > pairs[a][y] {
					return -1
				}
				if pairs[a][x] < pairs[a][y] {
					return 1
				}
				return 0
			})
			lists[byte(a)] = string(keys)
		}
	}
	return lists, pairs
}

// commonShare is the share of keyboards from which on two keys count as
// neighbours at all: those of German and French are, those of people who chose Dvorak are not.
const commonShare = 0.03

// Near reports whether two keys touch on common keyboards.
func (t *Tables) Near(a, b byte) bool { return t.NearShare(a, b) >= commonShare }

// NearShare is the share of people on whose keyboards two keys touch, from 0 to 1.
func (t *Tables) NearShare(a, b byte) float64 {
	if a >= 128 || b >= 128 {
		return 0
	}
	return float64(t.keys[a][b])
}
