package report

import (
	"bufio"
	"strings"
)

// measuredRows is how many rows are kept to measure the columns of a table:
// several screens, so that what people scroll through is aligned.
const measuredRows = 500

// gap stands between two columns.
const gap = "  "

// narrowest is what a column keeps where it has to give way.
const narrowest = 14

// grid is a table of rows with a header. Cells that are wider than their column
// wrap. Columns for which there is no room, and those that were empty in the
// rows that were measured, follow below their row as "name: value".
type grid struct {
	out    *bufio.Writer
	names  []string
	color  bool
	width  int
	held   [][]string
	widths []int // 0: shown below; nil while rows are held
}

func (g *grid) add(cells []string) error {
	if g.widths != nil {
		return g.row(cells, "")
	}
	g.held = append(g.held, cells)
	if len(g.held) < measuredRows {
		return nil
	}
	return g.release()
}

func (g *grid) end() error {
	if g.widths != nil || len(g.held) == 0 {
		return nil
	}
	return g.release()
}

func (g *grid) release() error {
	g.measure()
	style := ""
	if g.color {
		style = bold
	}
	if err := g.row(g.names, style); err != nil {
		return err
	}
	for _, cells := range g.held {
		if err := g.row(cells, ""); err != nil {
			return err
		}
	}
	g.held = nil
	return nil
}

// measure gives every column what it needs. Where that is more than the line,
// the widest gives way until all are narrow, then the last one goes below. The
// first column, the name, gives way last.
func (g *grid) measure() {
	g.widths = make([]int, len(g.names))
	for _, cells := range g.held {
		for i, c := range cells {
			if c != "" {
				g.widths[i] = max(g.widths[i], columns(c), columns(g.names[i]))
			}
		}
	}
	for g.used() > g.width {
		widest, last := 0, 0
		for i, w := range g.widths {
			if i > 0 && w > 0 {
				last = i
				if widest == 0 || w > g.widths[widest] {
					widest = i
				}
			}
		}
		switch {
		case g.widths[widest] > narrowest || last == 0:
			g.widths[widest]--
		default:
			g.widths[last] = 0
		}
	}
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

func (g *grid) row(cells []string, style string) error {
	parts := make([][]string, len(cells))
	height := 0
	for i, c := range cells {
		if g.widths[i] > 0 {
			parts[i] = wrap(c, g.widths[i])
			height = max(height, len(parts[i]))
		}
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
		if err := g.line(paint(strings.TrimRight(b.String(), " "), style)); err != nil {
			return err
		}
	}
	if style != "" || &cells[0] == &g.names[0] {
		return nil // the header
	}
	for i, c := range cells {
		if g.widths[i] > 0 || c == "" {
			continue
		}
		for _, text := range wrap(g.names[i]+": "+c, g.width-2*len(gap)) {
			if err := g.line(gap + gap + text); err != nil {
				return err
			}
		}
	}
	return nil
}

func (g *grid) line(s string) error {
	_, err := g.out.WriteString(s + "\n")
	return err
}
