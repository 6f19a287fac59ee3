package match

import (
	"slices"
	"strings"
	"unicode/utf8"

	"lurehound"
	"lurehound/internal/lexicon"
)

// change is one step of an alignment: a piece of the word and what stands for it
// in the name. Unchanged characters are changes from themselves to themselves.
type change struct {
	from, to string
	at       int // character of the word
	kind     changeKind
}

type changeKind uint8

const (
	same       changeKind = iota
	glyph                 // looks alike
	confusable            // looks alike, in another script
	leetDigit             // a digit for a letter
	hyphen                // a hyphen more or less
	repeat                // a character doubled
	drop
	add
	substitute
	swapped
)

// What a change costs: 1 is a character that everybody sees is another one. By
// eye: of the changes in real campaigns, look-alikes are seen by few, doubled and swapped
// letters by more, and hyphens are not thought about.
var costs = [...]float64{same: 0, glyph: 0.2, confusable: 0.1, leetDigit: 0.5, hyphen: 0.2, repeat: 0.6, drop: 0.9, add: 1, substitute: 1, swapped: 0.7}

// firstCharacter is what a visible change of the first character costs besides:
// people look there.
const firstCharacter = 0.4

// Most characters that are aligned: a word is one label, a piece of a name may
// have a hyphen between all.
const (
	maxWord  = lurehound.MaxLabelLen
	maxPiece = 2 * lurehound.MaxLabelLen
)

// alignment is reusable memory for align.
type alignment struct {
	word, piece [maxPiece]rune
	skip        int // characters that both begin with; no cell is before them
	n, m        int // of word and piece, without what both end with
	cost        [maxWord + 1][maxPiece + 1]float32
	step        [maxWord + 1][maxPiece + 1]step
	out         []change
}

// step is how a cell was reached: so many characters of word and piece back.
type step struct {
	word, piece uint8
	kind        changeKind
}

// read takes word and piece in; false when they are too long.
func (a *alignment) read(word string, piece []byte) (n, m int, ok bool) {
	for _, r := range word {
		if n == maxWord {
			return 0, 0, false
		}
		a.word[n] = r
		n++
	}
	for i := 0; i < len(piece); {
		r, size := utf8.DecodeRune(piece[i:])
		if m == maxPiece {
			return 0, 0, false
		}
		a.piece[m] = r
		m++
		i += size
	}
	return n, m, true
}

// align computes the cheapest changes from word to piece and their cost. It
// allocates nothing. What both begin with, and then what both end with, is unchanged in one of
// the cheapest ways.
func (a *alignment) align(f *folder, n, m int) float64 {
	a.skip = 0
	for a.skip < min(n, m) && a.word[a.skip] == a.piece[a.skip] {
		a.skip++
	}
	for n > a.skip && m > a.skip && a.word[n-1] == a.piece[m-1] {
		n, m = n-1, m-1
	}
	return a.fill(f, n, m)
}

// fill computes the cells from skip to n and m.
func (a *alignment) fill(f *folder, n, m int) float64 {
	a.n, a.m = n, m
	for i := a.skip; i <= n; i++ {
		for j := a.skip; j <= m; j++ {
			a.cell(f, i, j)
		}
	}
	return float64(a.cost[n][m])
}

// between aligns a word with the piece that stands for it. The changes are good
// until the next call; none when one of them is too long.
func (a *alignment) between(f *folder, word, piece string) []change {
	n, m, ok := a.read(word, []byte(piece))
	if !ok {
		return nil
	}
	a.align(f, n, m)
	return a.changes(word, piece)
}

func (a *alignment) cell(f *folder, i, j int) {
	if i == a.skip && j == a.skip {
		a.cost[i][j] = 0
		return
	}
	best, via := float32(1e9), step{}
	try := func(w, p int, k changeKind, extra float64) {
		if c := a.cost[i-w][j-p] + float32(costs[k]+extra); c < best {
			best, via = c, step{uint8(w), uint8(p), k}
		}
	}
	first := 0.0
	if i <= 1 {
		first = firstCharacter
	}
	if i > a.skip && j > a.skip {
		k := sameness(f, a.word[i-1], a.piece[j-1])
		extra := 0.0
		switch k {
		case substitute:
			extra = first
		case glyph:
			extra = f.unlike(a.word[i-1], a.piece[j-1])
		}
		try(1, 1, k, extra)
	}
	if i > a.skip {
		switch {
		case a.word[i-1] == '-':
			try(1, 0, hyphen, 0)
		case i > 1 && a.word[i-1] == a.word[i-2]:
			try(1, 0, repeat, 0)
		default:
			try(1, 0, drop, first)
		}
	}
	if j > a.skip {
		switch {
		case a.piece[j-1] == '-' || a.piece[j-1] == '.':
			try(0, 1, hyphen, 0)
		case i > 0 && a.piece[j-1] == a.word[i-1]:
			try(0, 1, repeat, 0)
		default:
			try(0, 1, add, 0)
		}
	}
	if i > a.skip+1 && j > a.skip+1 && a.word[i-1] == a.piece[j-2] && a.word[i-2] == a.piece[j-1] && a.word[i-1] != a.word[i-2] {
		try(2, 2, swapped, 0)
	}
	if i > a.skip && j > a.skip+1 && widePair(f, a.word[i-1], a.piece[j-2], a.piece[j-1]) {
		try(1, 2, glyph, 0)
	}
	if i > a.skip+1 && j > a.skip && widePair(f, a.piece[j-1], a.word[i-2], a.word[i-1]) {
		try(2, 1, glyph, 0)
	}
	a.cost[i][j], a.step[i][j] = best, via
}

// sameness is how one character stands for another.
func sameness(f *folder, w, p rune) changeKind {
	switch {
	case w == p:
		return same
	case w < utf8.RuneSelf && p < utf8.RuneSelf:
		if f.plain[w] == 0 || f.plain[w] != f.plain[p] {
			return substitute
		}
		if strings.ContainsRune("347", w) || strings.ContainsRune("347", p) {
			return leetDigit
		}
		return glyph
	}
	var in, out [2][8]byte
	ws := lexicon.AppendSkeleton(out[0][:0], string(utf8.AppendRune(in[0][:0], w)))
	ps := lexicon.AppendSkeleton(out[1][:0], string(utf8.AppendRune(in[1][:0], p)))
	if string(ws) == string(ps) {
		return confusable
	}
	return substitute
}

// unlikeCost is what a look-alike costs besides that looks like nothing: the more,
// the less of a pair's weight it has.
const unlikeCost = 0.4

// readGlyphs takes in how alike the pairs are.
func (f *folder) readGlyphs(x *lexicon.Tables) {
	for i := range f.alike {
		for j := range f.alike[i] {
			f.alike[i][j] = 0.3 // alike by way of a third one
		}
	}
	for _, g := range x.Glyphs {
		if len(g.From) == 1 && len(g.To) == 1 {
			f.alike[g.From[0]&127][g.To[0]&127] = float32(g.Weight)
		}
	}
}

// unlike is what a pair of look-alikes costs besides.
func (f *folder) unlike(a, b rune) float64 {
	return unlikeCost * float64(1-f.alike[a&127][b&127])
}

// widePair reports whether two characters together imitate one.
func widePair(f *folder, one, left, right rune) bool {
	if one >= utf8.RuneSelf || left >= utf8.RuneSelf || right >= utf8.RuneSelf || f.plain[one] == 0 || f.plain[left] == 0 || f.plain[right] == 0 {
		return false
	}
	w := f.wide[f.plain[one]]
	if w[1] == 0 {
		return false
	}
	var b [4]byte
	got := f.appendWide(f.appendWide(b[:0], f.plain[left]), f.plain[right])
	return len(got) == 2 && got[0] == w[0] && got[1] == w[1]
}

// changes reads the alignment of the last align back, left to right. They hold
// pieces of the two texts.
func (a *alignment) changes(word, piece string) []change {
	out, unchanged := a.out[:0], 0
	for range a.skip {
		_, size := utf8.DecodeRuneInString(word[unchanged:])
		out = append(out, change{from: word[unchanged : unchanged+size], to: word[unchanged : unchanged+size], at: len(out)})
		unchanged += size
	}
	// The steps are read from the end. There, texts are cut behind what was not aligned.
	behind := utf8.RuneCountInString(word) - a.n
	start, w, p := len(out), len(word), len(piece)
	back := func(text string, end *int, n int) string {
		to := *end
		for range n {
			_, size := utf8.DecodeLastRuneInString(text[:*end])
			*end -= size
		}
		return text[*end:to]
	}
	for i := range behind {
		c := back(word, &w, 1)
		p -= len(c)
		out = append(out, change{from: c, to: c, at: a.n + behind - 1 - i})
	}
	for i, j := a.n, a.m; i > a.skip || j > a.skip; {
		s := a.step[i][j]
		i, j = i-int(s.word), j-int(s.piece)
		out = append(out, change{from: back(word, &w, int(s.word)), to: back(piece, &p, int(s.piece)), at: i, kind: s.kind})
	}
	slices.Reverse(out[start:])
	a.out = out
	return out
}

// changed counts the changes that change something.
func changed(all []change) int {
	n := 0
	for _, c := range all {
		if c.kind != same {
			n++
		}
	}
	return n
}
