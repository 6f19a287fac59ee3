package sqlite

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"lurehound"
)

// Names come from feeds and may hold any octet, also NUL and invalid UTF-8,
// which not every database keeps in text. They are stored escaped: \\ for a
// backslash, \xNN for such an octet. Ordinary names stay as they are.

func escape(s string) string {
	if utf8.ValidString(s) && !strings.ContainsAny(s, "\\\x00") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '\\':
			b.WriteString(`\\`)
		case r == 0 || r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		default:
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	return b.String()
}

func unescape(s string) (string, error) {
	if !strings.Contains(s, `\`) {
		return s, nil
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			b.WriteByte(s[i])
			continue
		}
		if strings.HasPrefix(s[i:], `\\`) {
			b.WriteByte('\\')
			i++
			continue
		}
		if len(s) < i+4 || s[i+1] != 'x' {
			return "", fmt.Errorf("bad escape in stored text %q", s)
		}
		v, err := strconv.ParseUint(s[i+2:i+4], 16, 8)
		if err != nil {
			return "", fmt.Errorf("bad escape in stored text %q", s)
		}
		b.WriteByte(byte(v))
		i += 3
	}
	return b.String(), nil
}

// domainOf gives back the domain whose A-label form was stored.
func domainOf(stored string) (lurehound.Domain, error) {
	name, err := unescape(stored)
	if err != nil {
		return lurehound.Domain{}, err
	}
	d, err := lurehound.ParseDomain(name)
	if err != nil {
		return d, fmt.Errorf("stored name: %w", err)
	}
	if d.String() != name {
		return d, fmt.Errorf("stored name %q reads as %q", name, d.String())
	}
	return d, nil
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// encode writes JSON. Invalid UTF-8 inside becomes U+FFFD: facts that hold
// foreign text are for people and rules, bytes are named by their hash.
func encode(v any) (string, error) {
	b, err := json.Marshal(v)
	return string(b), err
}

func decode(text string, v any) error { return json.Unmarshal([]byte(text), v) }
