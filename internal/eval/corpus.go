package eval

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/klauspost/compress/gzip"
)

// open opens a file, through gzip when it is called so.
func open(path string) (io.ReadCloser, error) {
	f, err := os.Open(path)
	if err != nil || !strings.HasSuffix(path, ".gz") {
		return f, err
	}
	z, err := gzip.NewReader(bufio.NewReaderSize(f, 1<<20))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), f.Close())
	}
	return struct {
		io.Reader
		io.Closer
	}{z, f}, nil
}

func (r *run) corpus(name string) string {
	return filepath.Join(r.opt.Corpus, filepath.FromSlash(name))
}

// eachRecord reads a CSV file with a heading and yields the columns asked for, in that
// order. "trail|file" asks for the first of these that there is, "trail|" for a column that
// may be missing and is empty then, as is what a short record lacks. The slice is used again for the next record.
func eachRecord(path string, want []string, yield func([]string) error) error {
	f, err := open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := readRecords(f, want, yield); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func readRecords(r io.Reader, want []string, yield func([]string) error) error {
	c := csv.NewReader(r)
	c.ReuseRecord, c.Comment, c.LazyQuotes, c.FieldsPerRecord = true, '#', true, -1
	head, err := c.Read()
	if err != nil {
		return fmt.Errorf("reading the heading: %w", err)
	}
	head = slices.Clone(head) // the next record takes its place
	head[0] = strings.TrimPrefix(head[0], "\ufeff")
	at := make([]int, len(want))
	for i, w := range want {
		at[i] = -1
		for name := range strings.SplitSeq(w, "|") {
			if at[i] = slices.Index(head, name); at[i] >= 0 {
				break
			}
		}
		if at[i] < 0 && !strings.HasSuffix(w, "|") {
			return fmt.Errorf("there is no column %q", w)
		}
	}
	columns := make([]string, len(want))
	for {
		rec, err := c.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		for i, j := range at {
			if columns[i] = ""; j >= 0 && j < len(rec) {
				columns[i] = rec[j]
			}
		}
		if err := yield(columns); err != nil {
			return err
		}
	}
}

// eachLine yields the lines of a list that say anything.
func eachLine(path string, yield func(string) error) error {
	f, err := open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	s := bufio.NewScanner(f)
	for s.Scan() {
		if line := strings.TrimSpace(s.Text()); line != "" && line[0] != '#' {
			if err := yield(line); err != nil {
				return err
			}
		}
	}
	return s.Err()
}
