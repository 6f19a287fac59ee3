package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"lurehound"
)

// Explained is a match taken apart: the two names in pieces that stand above
// each other, and what the score is made of.
type Explained struct {
	Pieces  []Piece
	Match   lurehound.Match
	Factors []Factor
	OrElse  []string // techniques that tell the same otherwise
	Note    string   // last line, "" for none
}

// Piece is a part of the brand's name and what stands for it in the other name.
type Piece struct {
	Brand, Name string
	Changed     bool
}

// Factor is one part of a score: evidence for or against it, in bits. Each
// doubles the odds.
type Factor struct {
	Name  string
	Value float64
	Why   string
}

// Explain writes an explanation for people: names aligned, changes marked.
func Explain(w io.Writer, e Explained, opt Options) error {
	out := bufio.NewWriter(w)
	picture(out, e.Pieces, opt)
	for _, l := range wrap(visible(e.Match.Why), opt.width()) {
		fmt.Fprintln(out, l)
	}
	if main := e.Match.Main(); len(main) > 0 {
		item(out, "techniques   ", strings.Join(main, ", "), opt)
		if len(e.OrElse) > 0 {
			item(out, "or else      ", strings.Join(e.OrElse, ", "), opt)
		}
	}
	score := fmt.Sprintf("%.2f", e.Match.Score)
	if len(e.Factors) > 0 {
		score += ", from bits of evidence, each of which doubles the odds"
	}
	item(out, "score        ", score, opt)
	for _, f := range e.Factors {
		item(out, pad("  "+visible(f.Name), 12)+fmt.Sprintf(" %+5.1f  ", f.Value), f.Why, opt)
	}
	if e.Note != "" {
		fmt.Fprintln(out, e.Note)
	}
	return out.Flush()
}

// item writes a text behind its lead, and what does not fit below itself.
func item(out *bufio.Writer, lead, text string, opt Options) {
	for i, l := range wrap(visible(text), max(opt.width()-columns(lead), minWidth/2)) {
		if i == 1 {
			lead = strings.Repeat(" ", columns(lead))
		}
		fmt.Fprintln(out, lead+l)
	}
}

// picture writes the two names above each other, with marks under what is changed, in as
// many rows as the width needs.
func picture(out *bufio.Writer, pieces []Piece, opt Options) {
	const lead = "brand  " // and as wide for the other rows
	room := max(opt.width()-len(lead), minWidth/2)
	var brand, name, marks strings.Builder
	used := 0
	flush := func() {
		if used == 0 {
			return
		}
		under := strings.TrimRight(marks.String(), " ")
		if opt.Color {
			under = paint(under, red)
		}
		fmt.Fprintln(out, strings.TrimRight("brand  "+brand.String(), " "))
		fmt.Fprintln(out, strings.TrimRight("name   "+name.String(), " "))
		if under != "" {
			fmt.Fprintln(out, "       "+under)
		}
		brand.Reset()
		name.Reset()
		marks.Reset()
		used = 0
	}
	for _, p := range pieces {
		b, n := visible(p.Brand), visible(p.Name)
		for b != "" || n != "" {
			if used == room {
				flush()
			}
			var left, right string
			if max(columns(b), columns(n)) > room-used {
				b, left = cut(b, room-used)
				n, right = cut(n, room-used)
			}
			width := max(columns(b), columns(n))
			used += width
			brand.WriteString(pad(b, width))
			mark, style := " ", ""
			if p.Changed {
				mark, style = "^", red
			}
			if !opt.Color {
				style = ""
			}
			name.WriteString(paint(n, style) + strings.Repeat(" ", width-columns(n)))
			marks.WriteString(strings.Repeat(mark, width))
			b, n = left, right
		}
	}
	if flush(); len(pieces) > 0 {
		fmt.Fprintln(out)
	}
}
