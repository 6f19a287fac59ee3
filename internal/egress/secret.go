package egress

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"strings"
)

// Secret is a credential that shows itself to nobody but the peer that it is for: in every form of
// printing, in JSON, TOML and logs it is "[redacted]". The zero Secret is none.
type Secret struct {
	// A pointer, because fmt prints what lies in unexported fields without asking for a method.
	text *string
}

const redacted = "[redacted]"

// NewSecret is for what was read from where secrets are kept.
func NewSecret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{&text}
}

// reveal is the credential itself, "" when there is none.
func (s Secret) reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// String is "[redacted]", and "" when there is none.
func (s Secret) String() string {
	if s.text == nil {
		return ""
	}
	return redacted
}

// Format writes String for every verb and flag.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// MarshalText is String, for TOML and keys of maps.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalJSON is String, quoted.
func (s Secret) MarshalJSON() ([]byte, error) { return json.Marshal(s.String()) }

// LogValue is String.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// maxSecret is how long a credential may be: RFC 1929 has room for 255 octets.
const maxSecret = 255

// ReadSecret reads a credential from where a reference says that it is: env:NAME is looked up with
// lookup, file:PATH is a file that only its owner can read, less the line's end. Errors say what to
// write instead and never repeat the reference, which may be a password that was typed in its place.
func ReadSecret(reference string, lookup func(name string) (value string, ok bool)) (Secret, error) {
	kind, where, _ := strings.Cut(reference, ":")
	var text string
	switch {
	case kind == "env" && where != "":
		value, ok := lookup(where)
		if !ok || value == "" {
			return Secret{}, fmt.Errorf("the environment has no %s: set it, or write file:PATH", quote(where))
		}
		text = value
	case kind == "file" && where != "":
		value, err := secretFile(where)
		if err != nil {
			return Secret{}, err
		}
		text = value
	default:
		return Secret{}, errors.New("a password is not written down here: write env:NAME or file:PATH, where it is kept")
	}
	if len(text) > maxSecret {
		return Secret{}, fmt.Errorf("what %s:%s holds is longer than %d bytes, and so no password", kind, where, maxSecret)
	}
	if strings.ContainsFunc(text, isControl) {
		return Secret{}, fmt.Errorf("what %s:%s holds has control characters or several lines, and so is no password", kind, where)
	}
	return NewSecret(text), nil
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }

func secretFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		var pe *fs.PathError
		if errors.As(err, &pe) {
			err = pe.Err
		}
		return "", fmt.Errorf("the password's file %s: %w", path, err)
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return "", fmt.Errorf("the password's file %s: %w", path, err)
	case !info.Mode().IsRegular():
		return "", fmt.Errorf("the password's file %s is no regular file", path)
	case info.Mode().Perm()&0o077 != 0:
		return "", fmt.Errorf("others may read the password's file %s (mode %04o): type chmod 600 %s", path, info.Mode().Perm(), path)
	}
	// Two bytes more for the line's end and one to see that it is longer.
	b, err := io.ReadAll(io.LimitReader(f, maxSecret+3))
	if err != nil {
		return "", fmt.Errorf("the password's file %s: %w", path, err)
	}
	text := strings.TrimSuffix(strings.TrimSuffix(string(b), "\n"), "\r")
	if text == "" {
		return "", fmt.Errorf("the password's file %s is empty", path)
	}
	return text, nil
}
