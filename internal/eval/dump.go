package eval

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"lurehound"
)

// dump is a TSV file of rows for people; its zero value takes rows and keeps none.
type dump struct {
	f *os.File
	w *bufio.Writer
}

// dump makes the file name.tsv when rows were asked for.
func (r *run) dump(name string, columns ...string) (*dump, error) {
	if r.opt.Dump == "" {
		return &dump{}, nil
	}
	f, err := os.Create(filepath.Join(r.opt.Dump, name+".tsv"))
	if err != nil {
		return nil, err
	}
	d := &dump{f: f, w: bufio.NewWriter(f)}
	d.row(columns...)
	return d, nil
}

// row writes one row. Errors come with close.
func (d *dump) row(columns ...string) {
	if d.w != nil {
		d.w.WriteString(strings.Join(columns, "\t"))
		d.w.WriteByte('\n')
	}
}

func (d *dump) close() error {
	if d.w == nil {
		return nil
	}
	return errors.Join(d.w.Flush(), d.f.Close())
}

// columns are the last columns of every row about a match: score, techniques, why.
func columns(m lurehound.Match) []string {
	return []string{fmt.Sprintf("%.4f", m.Score), strings.Join(m.Techniques, "+"), m.Why}
}
