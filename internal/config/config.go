// Package config reads what a user writes down: the configuration file, and files of
// brands and of profiles. All are strict: a key that nobody knows is an error that names
// it. It does not decide defaults that depend on the machine.
package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/BurntSushi/toml"
)

// File is the configuration file. Flags win over the environment, which wins over it.
type File struct {
	// Contact is the mail address that SANS ISC asks for in the User-Agent.
	// Without it the isc feed is skipped. It goes to ISC only.
	Contact string `toml:"contact"`
	// Data is the folder of the database and the caches.
	Data string `toml:"data"`
	// Resolvers are DNS servers, ADDR or ADDR:PORT. Two of different operators
	// make a "not registered" certain.
	Resolvers []string `toml:"resolvers"`
	// AllowNet are ranges of one's own that may be visited besides public
	// addresses, CIDR or CIDR:PORTS.
	AllowNet []string `toml:"allow_net"`
}

// ErrConfig is wrapped by every error about what a file says.
var ErrConfig = errors.New("configuration")

// maxFile bounds what is read: nobody writes a megabyte of settings by hand.
const maxFile = 1 << 20

// Read reads a configuration file.
func Read(path string) (File, error) {
	b, err := readCapped(path, maxFile)
	if err != nil {
		return File{}, err
	}
	var f File
	if err := strict(string(b), &f); err != nil {
		return File{}, fmt.Errorf("%w: %s: %w", ErrConfig, path, err)
	}
	return f, nil
}

func readCapped(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%w: there is no file %s", ErrConfig, path)
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrConfig, err)
	case info.IsDir():
		return nil, fmt.Errorf("%w: %s is a folder, not a file", ErrConfig, path)
	case info.Size() > limit:
		return nil, fmt.Errorf("%w: %s has %d bytes, the limit is %d", ErrConfig, path, info.Size(), limit)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	return b, nil
}

// strict decodes TOML and refuses keys that have no place.
func strict(text string, into any) error {
	meta, err := toml.Decode(text, into)
	if err != nil {
		var pe toml.ParseError
		if errors.As(err, &pe) {
			return &syntaxError{pe.Position.Line, pe.Message}
		}
		return errors.New(strings.TrimPrefix(err.Error(), "toml: "))
	}
	if extra := meta.Undecoded(); len(extra) > 0 {
		return fmt.Errorf("nobody knows the key %q", extra[0].String())
	}
	return nil
}

// syntaxError is a line that is no TOML. The message may repeat a part of it.
type syntaxError struct {
	line    int
	message string
}

func (e *syntaxError) Error() string { return fmt.Sprintf("line %d: %s", e.line, e.message) }
