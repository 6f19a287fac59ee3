// Package vault is the quarantine: payloads and evidence, encrypted while they come, named by their
// SHA-256, and never in plain on the disk. It reads them back chunk by chunk, and gives them out only as a zip
// with a password. It judges nothing and removes nothing that is whole.
package vault

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"lurehound"
)

const (
	suffix     = ".q"    // after 64 hexadecimal digits: a whole artifact
	partSuffix = ".part" // a download that may go on
	tempSuffix = ".tmp"  // a file that only its Writer wants
	partAge    = 7 * 24 * time.Hour
	defaultCap = 512 << 20 // bytes
)

// Meta is what came with an artifact. All of it is the host's word, and data: nothing on disk is named after it.
type Meta struct {
	Name    string    `json:"name,omitempty"`
	URL     string    `json:"url,omitempty"`
	Fetched time.Time `json:"fetched,omitzero"`
}

// Stored is an artifact of the vault. Its other hashes are made from the sealed bytes: MD5 and SHA-1
// would take four times as long as all that is done here.
type Stored struct {
	lurehound.Artifact       // of all bytes that came
	Sealed             int64 `json:"sealed"`           // bytes that are kept
	Capped             bool  `json:"capped,omitempty"` // only the beginning is kept
	Meta               Meta  `json:"meta"`
}

// Vault is one folder of sealed files and the master key.
type Vault struct {
	root   *os.Root
	master []byte
	cap    int64
}

// ErrUnknown is a hash that the vault does not hold.
var ErrUnknown = errors.New("not in the vault")

// Open opens the vault in dir, and makes it, and the key file, at first use. The key file must be
// outside of dir and readable by its owner only. What was left half written by a process that is gone is
// removed, but for downloads of the last seven days, which may go on. Limit is how many bytes of an
// artifact are kept, in whole chunks of 64 KiB; 0 is 512 MiB.
func Open(dir, keyFile string, limit int64) (*Vault, error) {
	fail := func(err error) (*Vault, error) { return nil, fmt.Errorf("opening the vault: %w", err) }
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fail(err)
	}
	if err := private(dir); err != nil {
		return fail(err)
	}
	if err := apart(dir, keyFile); err != nil {
		return fail(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fail(err)
	}
	v := &Vault{root: root, cap: defaultCap}
	if limit > 0 {
		v.cap = max(limit/chunkSize, 1) * chunkSize
	}
	names, err := v.names()
	if err == nil {
		v.master, err = masterKey(keyFile, len(names) == 0)
	}
	if err == nil {
		err = v.clean()
	}
	if err != nil {
		root.Close()
		return fail(err)
	}
	return v, nil
}

// Close lets go of the folder.
func (v *Vault) Close() error { return v.root.Close() }

// private refuses what others than its owner can read.
func private(name string) error {
	st, err := os.Stat(name)
	if err != nil {
		return err
	}
	if runtime.GOOS != "windows" && st.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("%s can be read by others: type chmod go= %s", name, name)
	}
	return nil
}

// apart refuses a key inside the vault: a copy of the folder would be a copy in plain.
func apart(dir, keyFile string) error {
	d, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return err
	}
	k := keyFile
	if real, err := filepath.EvalSymlinks(filepath.Dir(keyFile)); err == nil {
		k = filepath.Join(real, filepath.Base(keyFile))
	}
	d, err = filepath.Abs(d)
	if err != nil {
		return err
	}
	if k, err = filepath.Abs(k); err != nil {
		return err
	}
	if rel, err := filepath.Rel(d, k); err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return fmt.Errorf("the key %s lies inside the vault: put it elsewhere", keyFile)
	}
	return nil
}

// masterKey reads the key, or makes it when there is nothing yet that another key sealed.
func masterKey(name string, fresh bool) ([]byte, error) {
	if _, err := os.Lstat(name); errors.Is(err, fs.ErrNotExist) {
		if !fresh {
			return nil, fmt.Errorf("the key %s is gone, and the vault is not empty: put the key back", name)
		}
		if err := makeKey(name); err != nil {
			return nil, fmt.Errorf("making the key: %w", err)
		}
	}
	if err := private(name); err != nil {
		return nil, err
	}
	key, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	if len(key) != keySize {
		return nil, fmt.Errorf("the key %s has %d bytes, not %d", name, len(key), keySize)
	}
	return key, nil
}

// makeKey links a finished file to its name, so that of two processes one makes the key and both read it whole.
func makeKey(name string) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".key-*") // 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(random(keySize))
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), name); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

// clean removes what no living process writes.
func (v *Vault) clean() error {
	entries, err := fs.ReadDir(v.root.FS(), ".")
	if err != nil {
		return err
	}
	for _, e := range entries {
		old := false
		if st, err := e.Info(); err == nil {
			old = time.Since(st.ModTime()) > partAge
		}
		if strings.HasSuffix(e.Name(), tempSuffix) || strings.HasSuffix(e.Name(), partSuffix) && old {
			f, err := v.root.Open(e.Name())
			if err != nil {
				continue // just filed or removed
			}
			if lock(f) == nil {
				err = v.root.Remove(e.Name())
			}
			f.Close()
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}

// names are the hashes of all whole artifacts, sorted.
func (v *Vault) names() ([]string, error) {
	entries, err := fs.ReadDir(v.root.FS(), ".")
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if sha, ok := strings.CutSuffix(e.Name(), suffix); ok && isSHA256(sha) {
			names = append(names, sha)
		}
	}
	slices.Sort(names)
	return names, nil
}

// isSHA256 is whether s is such a hash in lower case, and so a safe name.
func isSHA256(s string) bool {
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == 32 && strings.ToLower(s) == s
}

// List gives all artifacts in the order of their hashes, and a sentence for each file that cannot be read.
func (v *Vault) List(ctx context.Context) ([]Stored, []string, error) {
	names, err := v.names()
	if err != nil {
		return nil, nil, fmt.Errorf("listing the vault: %w", err)
	}
	var all []Stored
	var problems []string
	for _, sha := range names {
		if err := ctx.Err(); err != nil {
			return nil, nil, fmt.Errorf("listing the vault: %w", err)
		}
		f, err := v.Open(sha)
		if err != nil {
			problems = append(problems, err.Error())
			continue
		}
		all = append(all, f.Stored())
		f.Close()
	}
	return all, problems, nil
}

// File is an artifact being read; its owner closes it.
type File struct {
	*Sealed
	f *os.File
}

// Close lets go of the sealed file.
func (f *File) Close() error { return f.f.Close() }

// Open opens an artifact for reading at any place. An error wraps ErrUnknown or ErrSealed where that is why.
func (v *Vault) Open(sha string) (*File, error) {
	f, key, err := v.SealedFile(sha)
	if err != nil {
		return nil, err
	}
	st, err := f.Stat()
	if err == nil {
		var s *Sealed
		if s, err = openSealed(f, st.Size(), key); err == nil {
			if s.stored.SHA256 == sha {
				return &File{Sealed: s, f: f}, nil
			}
			err = ErrSealed
		}
	}
	f.Close()
	return nil, fmt.Errorf("opening artifact %s: %w", sha, err)
}

// SealedFile gives an artifact's sealed file and the key of that file only: both can be handed to a
// child that may not see the vault, which calls OpenSealed. The caller closes the file.
func (v *Vault) SealedFile(sha string) (*os.File, []byte, error) {
	if !isSHA256(sha) {
		return nil, nil, fmt.Errorf("opening artifact %.80q: %w: not a SHA-256 of 64 lower-case hexadecimal digits", sha, ErrUnknown)
	}
	f, err := v.root.Open(sha + suffix)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("opening artifact %s: %w", sha, ErrUnknown)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("opening artifact %s: %w", sha, err)
	}
	header := make([]byte, headerSize)
	err = readFull(f, header, 0)
	var key []byte
	if err == nil {
		key, err = dataKey(v.master, header)
	}
	if err != nil {
		f.Close()
		return nil, nil, fmt.Errorf("opening artifact %s: %w", sha, err)
	}
	return f, key, nil
}

// syncDir makes a rename durable.
func (v *Vault) syncDir() error {
	if runtime.GOOS == "windows" {
		return nil // it has no such call for folders
	}
	d, err := v.root.Open(".")
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

var _ io.ReaderAt = (*File)(nil)
