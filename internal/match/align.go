package match

import (
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
	cost        [maxWord + 1][maxPiece + 1]float32
	step        [maxWord + 1][maxPiece + 1]step
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

// align computes the cheapest changes from word to piece and their cost. Edits
// allocates them; align itself allocates nothing.
func (a *alignment) align(f *folder, n, m int) float64 {
	for i := 0; i <= n; i++ {
		for j := 0; j <= m; j++ {
			a.cell(f, i, j)
		}
	}
	return float64(a.cost[n][m])
}

func (a *alignment) cell(f *folder, i, j int) {
	if i == 0 && j == 0 {
		a.cost[0][0] = 0
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
	if i > 0 && j > 0 {
		k := sameness(f, a.word[i-1], a.piece[j-1])
		extra := 0.0
		if k == substitute {
			extra = first
		}
		try(1, 1, k, extra)
	}
	if i > 0 {
		switch {
		case a.word[i-1] == '-':
			try(1, 0, hyphen, 0)
		case i > 1 && a.word[i-1] == a.word[i-2]:
			try(1, 0, repeat, 0)
		default:
			try(1, 0, drop, first)
		}
	}
	if j > 0 {
		switch {
		case a.piece[j-1] == '-' || a.piece[j-1] == '.':
			try(0, 1, hyphen, 0)
		case i > 0 && a.piece[j-1] == a.word[i-1]:
			try(0, 1, repeat, 0)
		default:
			try(0, 1, add, 0)
		}
	}
	if i > 1 && j > 1 && a.word[i-1] == a.piece[j-2] && a.word[i-2] == a.piece[j-1] && a.word[i-1] != a.word[i-2] {
		try(2, 2, swapped, 0)
	}
	if i > 0 && j > 1 && widePair(f, a.word[i-1], a.piece[j-2], a.piece[j-1]) {
		try(1, 2, glyph, 0)
	}
	if i > 1 && j > 0 && widePair(f, a.piece[j-1], a.word[i-2], a.word[i-1]) {
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

// changes reads the alignment of the last align back, left to right.
func (a *alignment) changes(n, m int) []change {
	var out []change
	for i, j := n, m; i > 0 || j > 0; {
		s := a.step[i][j]
		i, j = i-int(s.word), j-int(s.piece)
		out = append(out, change{
			from: string(a.word[i : i+int(s.word)]), to: string(a.piece[j : j+int(s.piece)]), at: i, kind: s.kind,
		})
	}
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return out
}

// edits are the changes that change something.
func edits(all []change) []lurehound.Edit {
	var out []lurehound.Edit
	for _, c := range all {
		if c.kind != same {
			out = append(out, lurehound.Edit{From: c.from, To: c.to, At: c.at})
		}
	}
	return out
}
