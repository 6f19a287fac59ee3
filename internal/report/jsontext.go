package report

import (
	"math"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// appendString appends s as a JSON string. What a terminal would act upon or
// not show is escaped, so that a file of results can be looked at safely; the
// value stays the same. Invalid UTF-8 becomes U+FFFD, as JSON has no word for it.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	if simple(s) {
		b = append(b, s...)
		return append(b, '"')
	}
	for _, r := range s { // yields U+FFFD for an invalid octet
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r == '\n':
			b = append(b, `\n`...)
		case r == '\r':
			b = append(b, `\r`...)
		case r == '\t':
			b = append(b, `\t`...)
		default:
			b = appendRune(b, r)
		}
	}
	return append(b, '"')
}

// simple reports whether s needs no escape in JSON.
func simple(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

// appendRune appends r as it is where it can be seen, else as \uXXXX.
func appendRune(b []byte, r rune) []byte {
	if shown(r) {
		return utf8.AppendRune(b, r)
	}
	if r > 0xffff {
		hi, lo := utf16.EncodeRune(r)
		return appendHex(appendHex(b, hi), lo)
	}
	return appendHex(b, r)
}

func appendHex(b []byte, r rune) []byte {
	const digits = "0123456789abcdef"
	return append(b, '\\', 'u', digits[r>>12&15], digits[r>>8&15], digits[r>>4&15], digits[r&15])
}

// appendVisible copies encoded JSON and escapes what cannot be seen. Outside of
// strings JSON is ASCII, so whatever is escaped is in one.
func appendVisible(b, encoded []byte) []byte {
	for i := 0; i < len(encoded); {
		if c := encoded[i]; c < 0x7f {
			b = append(b, c)
			i++
			continue
		}
		r, n := utf8.DecodeRune(encoded[i:])
		b = appendRune(b, r)
		i += n
	}
	return b
}

// scoreDigits are enough to keep the order of scores and few enough to read.
const scoreDigits = 6

// appendScore appends a score. What is no number is null.
func appendScore(b []byte, f float64) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(b, "null"...)
	}
	return strconv.AppendFloat(b, f, 'g', scoreDigits, 64)
}
