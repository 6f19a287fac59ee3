package report

import (
	"bufio"
	"slices"
	"strings"
)

// measuredRows is how many rows are kept to measure the columns of a table:
// several screens, so that what people scroll through is aligned.
const measuredRows = 500

// gap stands between two columns.
const gap = "  "

// What columns keep where they have to give way.
const (
	narrowest     = 14 // "combosquatting"
	narrowestList = 14 // most IPv4 addresses, or one and "+1"
	narrowestText = 30 // prose in fewer columns is read word by word
)

// fit is what becomes of a column for which there is too little room.
type fit uint8

const (
	wraps fit = iota // wraps, then goes below its row
	prose            // goes below its row early
	spare            // a list is cut to "a, b +3", then left out, which a line below the table says
)

// grid is a table of rows with a header. What goes below its row stands there as
// "name: value"; so does a value in a column that was empty in the rows that were
// measured and has no width therefore.
type grid struct {
	out    *bufio.Writer
	names  []string
	fits   []fit
	color  bool
	width  int
	held   [][]gridCell
	widths []int  // 0: not in the line; nil while rows are held
	left   []bool // spare columns without room that had something to show
}

// gridCell is a visible text; list has its parts when it may be cut.
type gridCell struct {
	text string
	list []string
}

func (g *grid) add(cells []gridCell) error {
	if g.widths != nil {
		return g.row(cells)
	}
	g.held = append(g.held, cells)
	if len(g.held) < measuredRows {
		return nil
	}
	return g.release()
}

func (g *grid) end() error {
	if len(g.held) > 0 {
		if err := g.release(); err != nil {
			return err
		}
	}
	var left []string
	for i, name := range g.names {
		if len(g.left) > 0 && g.left[i] {
			left = append(left, name)
		}
	}
	if len(left) == 0 {
		return nil
	}
	said := "Left out for want of room: " + strings.Join(left, ", ") + ". A wider terminal or --format jsonl shows all."
	for _, text := range wrap(said, g.width) {
		if err := g.line(g.paint(text, faint)); err != nil {
			return err
		}
	}
	return nil
}

func (g *grid) release() error {
	g.measure()
	header := make([]gridCell, len(g.names))
	for i, name := range g.names {
		header[i].text = name
	}
	if err := g.lines(header, bold); err != nil {
		return err
	}
	for _, cells := range g.held {
		if err := g.row(cells); err != nil {
			return err
		}
	}
	g.held = nil
	return nil
}

// measure gives every column what it needs. Where that is more than the line,
// the widest that may give way does, and when none may, the last column leaves
// the line, spare ones first, and all others have what they need again.
func (g *grid) measure() {
	needs := make([]int, len(g.names))
	for _, cells := range g.held {
		for i, c := range cells {
			if c.text != "" {
				needs[i] = max(needs[i], columns(c.text), columns(g.names[i]))
			}
		}
	}
	g.left = make([]bool, len(g.names))
	for !g.squeeze(needs) {
		out := g.last(needs)
		g.left[out] = g.fits[out] == spare
		needs[out] = 0
	}
}

// squeeze sets the widths; it is false when something has to leave the line.
func (g *grid) squeeze(needs []int) bool {
	g.widths = slices.Clone(needs)
	for g.used() > g.width {
		widest := -1
		for i, w := range g.widths {
			if w > g.least(i) && (widest < 0 || g.rank(i) < g.rank(widest) || g.rank(i) == g.rank(widest) && w > g.widths[widest]) {
				widest = i
			}
		}
		if widest < 0 && g.last(needs) == 0 {
			widest = 0 // the name is alone
		}
		if widest < 0 {
			return false
		}
		g.widths[widest]--
	}
	return true
}

// rank is the order in which columns give way: lists, texts, the name.
func (g *grid) rank(i int) int {
	switch {
	case i == 0:
		return 2
	case g.fits[i] == spare:
		return 0
	}
	return 1
}

func (g *grid) least(i int) int {
	switch {
	case i == 0:
		return max(narrowest, g.width*2/7) // beside it there is room for three narrow columns
	case g.fits[i] == spare:
		return max(narrowestList, columns(g.names[i]))
	case g.fits[i] == prose:
		return narrowestText
	}
	return max(narrowest, columns(g.names[i]))
}

// last is the column that leaves the line next; 0 when none can.
func (g *grid) last(needs []int) int {
	out := 0
	for i, n := range needs {
		if i > 0 && n > 0 && (g.fits[i] == spare || g.fits[out] != spare) {
			out = i
		}
	}
	return out
}

// used is what a line takes at most.
func (g *grid) used() int {
	n := -len(gap)
	for _, w := range g.widths {
		if w > 0 {
			n += w + len(gap)
		}
	}
	return n
}

// row writes a row, and below it what has no column.
func (g *grid) row(cells []gridCell) error {
	if err := g.lines(cells, ""); err != nil {
		return err
	}
	for i, c := range cells {
		if g.widths[i] > 0 || c.text == "" || g.left[i] {
			continue
		}
		for _, text := range wrap(g.names[i]+": "+c.text, g.width-2*len(gap)) {
			if err := g.line(gap + gap + text); err != nil {
				return err
			}
		}
	}
	return nil
}

// lines writes the cells that have a column, as many lines as the highest needs.
func (g *grid) lines(cells []gridCell, style string) error {
	parts := make([][]string, len(cells))
	height := 0
	for i, c := range cells {
		switch w := g.widths[i]; {
		case w == 0:
			continue
		case g.fits[i] == spare && len(c.list) > 0:
			parts[i] = []string{cutList(c.list, w)}
		default:
			parts[i] = wrap(c.text, w)
		}
		height = max(height, len(parts[i]))
	}
	for y := range height {
		var b strings.Builder
		for i := range cells {
			if g.widths[i] == 0 {
				continue
			}
			text := ""
			if y < len(parts[i]) {
				text = parts[i][y]
			}
			b.WriteString(pad(text, g.widths[i]) + gap)
		}
		if err := g.line(g.paint(strings.TrimRight(b.String(), " "), style)); err != nil {
			return err
		}
	}
	return nil
}

// cutList shows as many values as fit and counts the rest: "a, b +3". Of a first
// one that does not fit it shows the beginning.
func cutList(list []string, w int) string {
	for n := len(list); n > 0; n-- {
		s := strings.Join(list[:n], ", ")
		rest := ""
		if n < len(list) {
			rest = " +" + thousands(len(list)-n)
		}
		if columns(s)+columns(rest) <= w {
			return s + rest
		}
		if n == 1 {
			return head(s, max(1, w-1-columns(rest))) + "…" + rest
		}
	}
	return ""
}

func (g *grid) paint(s, style string) string {
	if !g.color {
		return s
	}
	return paint(s, style)
}

func (g *grid) line(s string) error {
	_, err := g.out.WriteString(s + "\n")
	return err
}
