package lexicon

// glyphPair is a pair of ASCII look-alikes; it holds in both directions.
type glyphPair struct {
	a, b   string
	weight float64
}

// glyphPairs are the pairs that sans-serif faces of address bars draw alike.
// The weights order them as they occur among the homoglyph names of real
// campaigns (i→l and o→0 far before all else), by eye where none occurs.
func glyphPairs() []glyphPair {
	return []glyphPair{
		{"i", "l", 1},
		{"l", "1", 0.9},
		{"i", "1", 0.85},
		{"o", "0", 0.9},
		{"m", "rn", 0.9},
		{"w", "vv", 0.85},
		{"d", "cl", 0.75},
		{"m", "nn", 0.5},
		{"u", "v", 0.45},
		{"g", "q", 0.5},
		{"i", "j", 0.45},
		{"e", "3", 0.5},
		{"a", "4", 0.45},
		{"s", "5", 0.5},
		{"g", "9", 0.35},
		{"q", "9", 0.35},
		{"b", "6", 0.3},
		{"b", "8", 0.35},
		{"z", "2", 0.4},
		{"l", "j", 0.3},
		{"8", "6", 0.2},
		{"j", "1", 0.2},
		{"t", "7", 0.3},
		{"w", "uu", 0.2},
	}
}

func glyphs() []Glyph {
	var out []Glyph
	for _, p := range glyphPairs() {
		out = append(out, Glyph{p.a, p.b, p.weight}, Glyph{p.b, p.a, p.weight})
	}
	return out
}
