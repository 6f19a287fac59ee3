package feed

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// maxDownload bounds one file of the feed on its way: a day of 250,000 records
// has about 5 MB.
const maxDownload = 256 << 20

// archive keeps days that were read to their end, so that what is known outgrows
// what the feed still offers. Contents are files named by their SHA-256, entries
// are small files named by the hash of their key. Every file appears by rename,
// so a crash leaves a whole file or none. A nil archive keeps nothing.
type archive struct{ dir string }

// entry says what the archive holds under a key.
type entry struct {
	Key     string    `json:"key"`
	SHA256  string    `json:"sha256"` // of the content as stored
	ETag    string    `json:"etag,omitempty"`
	Records int       `json:"records"` // names and malformed ones
	Fetched time.Time `json:"fetched"`
}

func dayKey(day time.Time) string { return "day " + day.Format(time.DateOnly) }

func searchKey(day time.Time, fragments []string) string {
	return "search " + day.Format(time.DateOnly) + " " + strings.Join(fragments, " ")
}

// leftOver is the age at which a temporary file belongs to a run that crashed.
const leftOver = 24 * time.Hour

func openArchive(dir string, now time.Time) (*archive, error) {
	if dir == "" {
		return nil, nil
	}
	dir = filepath.Join(dir, "isc")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("opening the archive of days: %w", err)
	}
	tmp, _ := filepath.Glob(filepath.Join(dir, "tmp-*")) // its only error is a bad pattern
	for _, t := range tmp {
		if st, err := os.Lstat(t); err == nil && now.Sub(st.ModTime()) > leftOver {
			_ = os.Remove(t)
		}
	}
	return &archive{dir: dir}, nil
}

// find returns the entry of a key whose content is there and whole.
func (a *archive) find(key string) (entry, bool) {
	if a == nil {
		return entry{}, false
	}
	var e entry
	if a.load(entryName(key), &e) != nil || e.Key != key || len(e.SHA256) != 2*sha256.Size {
		return entry{}, false
	}
	f, err := a.open(e)
	if err != nil {
		return entry{}, false
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil || hex.EncodeToString(h.Sum(nil)) != e.SHA256 {
		return entry{}, false
	}
	return e, true
}

func (a *archive) open(e entry) (*os.File, error) {
	return os.Open(filepath.Join(a.dir, filepath.Base(e.SHA256)))
}

// spool is a download on its way into the archive.
type spool struct {
	a    *archive
	f    *os.File
	sum  string
	done bool
}

// spool takes r to the disk. What was read before r failed is kept and readable;
// the error says that it is not all.
func (a *archive) spool(r io.Reader) (*spool, error) {
	f, err := os.CreateTemp(a.dir, "tmp-*")
	if err != nil {
		return nil, err
	}
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(f, h), io.LimitReader(r, maxDownload+1))
	if err == nil && n > maxDownload {
		err = fmt.Errorf("it has more than %d MiB", maxDownload>>20)
	}
	s := &spool{a: a, f: f, sum: hex.EncodeToString(h.Sum(nil))}
	if _, serr := f.Seek(0, io.SeekStart); err == nil {
		err = serr
	}
	return s, err
}

// keep makes the content and its entry durable.
func (s *spool) keep(e entry) error {
	if err := s.f.Sync(); err != nil {
		return err
	}
	if err := os.Rename(s.f.Name(), filepath.Join(s.a.dir, s.sum)); err != nil {
		return err
	}
	s.done = true
	e.SHA256 = s.sum
	return s.a.save(entryName(e.Key), e)
}

// close ends the spool; what was not kept is removed.
func (s *spool) close() {
	s.f.Close()
	if !s.done {
		os.Remove(s.f.Name())
	}
}

const mannersFile = "requests.json"

func (a *archive) manners() manners {
	var m manners
	if a != nil && a.load(mannersFile, &m) != nil {
		return manners{}
	}
	return m
}

// saveManners is best effort and not synced: a count that a crash loses costs
// politeness, not names.
func (a *archive) saveManners(m manners) {
	if a == nil {
		return
	}
	b, err := json.Marshal(m)
	if err != nil {
		return
	}
	tmp := filepath.Join(a.dir, "tmp-"+mannersFile)
	if os.WriteFile(tmp, b, 0o600) == nil {
		_ = os.Rename(tmp, filepath.Join(a.dir, mannersFile))
	}
}

func entryName(key string) string {
	h := sha256.Sum256([]byte(key))
	return hex.EncodeToString(h[:16]) + ".json"
}

func (a *archive) load(name string, v any) error {
	b, err := os.ReadFile(filepath.Join(a.dir, name))
	if err != nil {
		return err
	}
	return json.Unmarshal(b, v)
}

func (a *archive) save(name string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return writeFile(a.dir, name, func(w io.Writer) error {
		_, err := w.Write(b)
		return err
	})
}

// writeFile writes a file that is there as a whole or not at all: a temporary
// file beside it, synced, renamed, and the directory synced.
func writeFile(dir, name string, write func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(dir, "tmp-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if err := write(f); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), filepath.Join(dir, name)); err != nil {
		return err
	}
	return syncDir(dir)
}

// syncDir makes a rename durable. Where directories cannot be synced, it is not an error.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	_ = d.Sync()
	return nil
}
