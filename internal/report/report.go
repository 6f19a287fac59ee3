// Package report writes what was found: for people as a table, for programs as
// JSON, JSON lines or CSV. Names are defanged only in what people read. Foreign
// text is shown so that it can steer neither a terminal nor a spreadsheet.
// It decides nothing: verdicts, order and advice come with the Hunt.
package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"

	"lurehound"
)

// Options of a writer.
type Options struct {
	Color bool      // only tables are coloured
	Width int       // columns of the terminal; 0 is DefaultWidth. Only tables use it
	Now   time.Time // ages in tables are counted to it; zero leaves them out
}

// DefaultWidth is the width of a table when nobody says another: that of the
// terminals that everything fits into.
const DefaultWidth = 80

// minWidth is where wrapping narrower would leave words in pieces.
const minWidth = 40

// width is what a line may take. The last column stays free: some terminals
// begin a new line when it is written to, and a copy has a blank line then.
func (o Options) width() int {
	w := o.Width
	if w <= 0 {
		w = DefaultWidth
	}
	return max(w, minWidth) - 1
}

// Write writes the hunt in the format of that name.
func Write(w io.Writer, format string, h lurehound.Hunt, opt Options) error {
	f, err := Named(format)
	if err != nil {
		return err
	}
	b := bufio.NewWriterSize(w, bufferSize)
	if err := f.Write(b, h, opt); err != nil {
		return fmt.Errorf("writing %s: %w", f.Name, err)
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("writing %s: %w", f.Name, err)
	}
	return nil
}

// Named is the format of that name; the error lists those that there are.
func Named(name string) (Format, error) {
	var names []string
	for _, f := range Formats() {
		if f.Name == name {
			return f, nil
		}
		names = append(names, f.Name)
	}
	return Format{}, fmt.Errorf("there is no format %q; choose one of %s", name, strings.Join(names, ", "))
}

// bufferSize is what one write to a pipe takes at most on Linux without being split.
const bufferSize = 64 << 10
