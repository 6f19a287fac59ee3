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
	Note    string // last line, "" for none
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
	var brand, name, marks strings.Builder
	for _, p := range e.Pieces {
		b, n := visible(p.Brand), visible(p.Name)
		width := max(columns(b), columns(n))
		brand.WriteString(pad(b, width))
		name.WriteString(pad(n, width))
		mark := " "
		if p.Changed {
			mark = "^"
		}
		marks.WriteString(strings.Repeat(mark, width))
	}
	under := strings.TrimRight(marks.String(), " ")
	if opt.Color && under != "" {
		under = paint(under, red)
	}
	out := bufio.NewWriter(w)
	if len(e.Pieces) > 0 {
		fmt.Fprintf(out, "brand  %s\nname   %s\n       %s\n\n", strings.TrimRight(brand.String(), " "), strings.TrimRight(name.String(), " "), under)
	}
	for _, l := range wrap(visible(e.Match.Why), opt.width()) {
		fmt.Fprintln(out, l)
	}
	if main := e.Match.Main(); len(main) > 0 {
		fmt.Fprintf(out, "techniques   %s\n", strings.Join(main, ", "))
		if also := e.Match.Techniques[len(main):]; len(also) > 0 {
			fmt.Fprintf(out, "or else      %s\n", strings.Join(also, ", "))
		}
	}
	fmt.Fprintf(out, "score        %.2f", e.Match.Score)
	if len(e.Factors) > 0 {
		fmt.Fprint(out, ", from bits of evidence, each of which doubles the odds")
	}
	fmt.Fprintln(out)
	for _, f := range e.Factors {
		lead := pad("  "+visible(f.Name), 12) + fmt.Sprintf(" %+5.1f  ", f.Value)
		for i, l := range wrap(visible(f.Why), max(opt.width()-columns(lead), 20)) {
			if i > 0 {
				lead = strings.Repeat(" ", columns(lead))
			}
			fmt.Fprintln(out, lead+l)
		}
	}
	if e.Note != "" {
		fmt.Fprintln(out, e.Note)
	}
	return out.Flush()
}
