// Package installer holds the laboratory's installers: real, signed and
// harmless files that are put together while they are read. What a generator
// made and signed is stored packed; the noise that gives the files their size
// is made anew from a seed. Its files are written by internal/lab/gen.
package installer

import (
	"bytes"
	"compress/gzip"
	"crypto/x509"
	"embed"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"lurehound"
)

//go:embed files
var files embed.FS

// The files beside the packed ones.
const (
	ManifestFile = "files.toml"
	RootFile     = "root.pem"
)

// maxPacked bounds what one packed file may unpack to.
const maxPacked = 4 << 20

// Manifest tells how every file is put together.
type Manifest struct {
	Files []File `toml:"file"`
}

// File is one installer.
type File struct {
	Name     string                `toml:"name"`   // by which scenarios and tests ask for it
	As       string                `toml:"as"`     // what a site calls it
	What     string                `toml:"what"`   // for the reader of the list
	Size     int64                 `toml:"size"`   // bytes
	SHA256   string                `toml:"sha256"` // hex
	Signer   string                `toml:"signer"` // common name of the certificate; "" for none
	Digest   lurehound.DigestState `toml:"digest"` // what is true of its signature
	Unsigned int64                 `toml:"unsigned"`
	Modified time.Time             `toml:"modified"` // what servers say
	Parts    []Part                `toml:"part"`
	Patches  []Patch               `toml:"patch"`
}

// Part is a run of bytes: of a packed file from an offset, or noise when the
// packed file has no name.
type Part struct {
	Packed string `toml:"packed,omitempty"`
	From   int64  `toml:"from,omitempty"`
	Seed   uint64 `toml:"seed,omitempty"`
	Size   int64  `toml:"size"`
}

// Patch is bytes that stand in place of those of the parts.
type Patch struct {
	At  int64  `toml:"at"`
	Hex string `toml:"hex"`
}

// All lists the installers in the order of the manifest.
func All() ([]File, error) {
	var m Manifest
	meta, err := toml.DecodeFS(files, "files/"+ManifestFile, &m)
	if err != nil {
		return nil, fmt.Errorf("reading the list of installers: %w", err)
	}
	if keys := meta.Undecoded(); len(keys) > 0 {
		return nil, fmt.Errorf("reading the list of installers: unknown key %s", keys[0])
	}
	return m.Files, nil
}

// ErrUnknown is wrapped by what Find returns for a name that no file has.
var ErrUnknown = errors.New("there is no such installer")

// Find is the installer of that name.
func Find(name string) (File, error) {
	all, err := All()
	if err != nil {
		return File{}, err
	}
	var names []string
	for _, f := range all {
		if f.Name == name {
			return f, nil
		}
		names = append(names, f.Name)
	}
	return File{}, fmt.Errorf("%w: %q; there are %s", ErrUnknown, name, strings.Join(names, ", "))
}

// Open makes the file readable. Any number of readers may use the result at
// once; it holds the packed parts (less than 1 MB), and no noise.
func Open(f File) (io.ReaderAt, error) {
	packed := map[string][]byte{}
	return Assemble(f, func(name string) ([]byte, error) {
		if b, ok := packed[name]; ok {
			return b, nil
		}
		b, err := unpack(name)
		packed[name] = b
		return b, err
	})
}

func unpack(name string) ([]byte, error) {
	b, err := files.ReadFile("files/" + name + ".gz")
	if err != nil {
		return nil, err
	}
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	b, err = io.ReadAll(io.LimitReader(z, maxPacked+1))
	if err == nil && len(b) > maxPacked {
		err = fmt.Errorf("it has more than %d bytes", maxPacked)
	}
	return b, err
}

// Root is the certificate of "Lurehound Laboratory Root", to which the chains of the
// installers lead. Its key was thrown away when they had been signed.
func Root() (*x509.Certificate, error) {
	b, err := files.ReadFile("files/" + RootFile)
	if err != nil {
		return nil, fmt.Errorf("reading the laboratory's root: %w", err)
	}
	block, _ := pem.Decode(b)
	if block == nil {
		return nil, fmt.Errorf("reading the laboratory's root: %s holds no certificate", RootFile)
	}
	return x509.ParseCertificate(block.Bytes)
}
