package feed

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// ErrExists is wrapped when a file is in the way.
var ErrExists = errors.New("the file is already there; --force writes it anew")

// FileName is the name of the file that a search is written to, safe on every
// file system: "com.info" gives "com.info.csv".
func FileName(search string) string {
	const longest = 100 // leaves room for the extension and for prefixes of others
	s := strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '.', r == '-', r == '_':
			return r
		}
		return '_'
	}, search)
	if len(s) > longest {
		s = s[:longest]
	}
	if s = strings.TrimLeft(s, ".-"); s == "" { // no hidden file, no option, no ".."
		s = "search"
	}
	if isDevice(s) {
		s = "_" + s
	}
	return s + ".csv"
}

// isDevice reports whether Windows takes the name for a device, whatever its extension.
func isDevice(s string) bool {
	base, _, _ := strings.Cut(strings.ToUpper(s), ".")
	switch base {
	case "CON", "PRN", "AUX", "NUL":
		return true
	}
	return len(base) == 4 && (strings.HasPrefix(base, "COM") || strings.HasPrefix(base, "LPT")) && base[3] >= '0' && base[3] <= '9'
}

// CSV writes names as rows of "domain,ip,firstseen".
type CSV struct{ w *csv.Writer }

// NewCSV writes the header. Rows are buffered until Flush.
func NewCSV(w io.Writer) (*CSV, error) {
	c := &CSV{w: csv.NewWriter(w)}
	return c, c.w.Write([]string{"domain", "ip", "firstseen"})
}

// Row writes one name; what is unknown is an empty cell.
func (c *CSV) Row(n Name) error {
	day := ""
	if !n.FirstSeen.IsZero() {
		day = n.FirstSeen.Format(time.DateOnly)
	}
	return c.w.Write([]string{cell(n.Name), cell(n.IP), day})
}

// Flush writes what is buffered.
func (c *CSV) Flush() error {
	c.w.Flush()
	return c.w.Error()
}

// cell keeps a spreadsheet from taking foreign text for a formula.
func cell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// Table is a CSV file that is there as a whole or not at all. It is written
// beside its final name; Commit gives it that name, Discard takes it away.
type Table struct {
	*CSV
	f     *os.File
	path  string
	force bool
}

// CreateTable begins the file at path. It fails with ErrExists when something is
// there, unless force is set. Every error says what is wrong with the path.
func CreateTable(path string, force bool) (*Table, error) {
	dir := filepath.Dir(path)
	if st, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) || err == nil && !st.IsDir() {
		return nil, fmt.Errorf("there is no folder %s", dir)
	}
	if st, err := os.Lstat(path); err == nil && st.IsDir() {
		return nil, fmt.Errorf("%s is a folder; name a file", path)
	} else if err == nil && !force {
		return nil, fmt.Errorf("writing %s: %w", path, ErrExists)
	}
	f, err := os.CreateTemp(dir, ".nrd-*.part")
	if err != nil {
		if of, ok := errors.AsType[*fs.PathError](err); ok { // it names the temporary file
			err = of.Err
		}
		return nil, fmt.Errorf("writing into the folder %s: %w", dir, err)
	}
	c, err := NewCSV(f)
	t := &Table{CSV: c, f: f, path: path, force: force}
	if err != nil {
		t.Discard()
		return nil, err
	}
	return t, nil
}

// Commit makes the file durable under its name. Without force it never replaces
// a file, not even one that came meanwhile.
func (t *Table) Commit() error {
	err := t.Flush()
	if err == nil {
		err = t.f.Chmod(0o644) // the table is no secret
	}
	if err == nil {
		err = t.f.Sync()
	}
	if err == nil {
		err = t.f.Close()
	}
	if err == nil {
		err = t.name()
	}
	if err != nil {
		t.Discard()
		return fmt.Errorf("writing %s: %w", t.path, err)
	}
	return syncDir(filepath.Dir(t.path))
}

func (t *Table) name() error {
	if t.force {
		return os.Rename(t.f.Name(), t.path)
	}
	err := os.Link(t.f.Name(), t.path) // fails where a rename would replace
	if errors.Is(err, fs.ErrExist) {
		return ErrExists
	}
	if err == nil {
		return os.Remove(t.f.Name())
	}
	if _, serr := os.Lstat(t.path); serr == nil { // a file system without links
		return ErrExists
	}
	return os.Rename(t.f.Name(), t.path)
}

// Discard removes what was written. It does nothing after Commit.
func (t *Table) Discard() {
	t.f.Close()
	os.Remove(t.f.Name())
}
