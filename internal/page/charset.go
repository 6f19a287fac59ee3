package page

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
)

// maxDecode caps what is converted from another encoding, in bytes; the
// conversion is the slowest step for a large page.
const maxDecode = 2 << 20

var utf8BOM = []byte("\xef\xbb\xbf")

// decode gives the page in UTF-8, as a browser finds it: byte order mark, then
// the Content-Type header, then meta, then what the bytes look like. Invalid
// bytes stay where they are; text is cleaned when it is taken out.
func decode(body []byte, contentType string) (text []byte, problem string) {
	e, name, _ := charset.DetermineEncoding(body, contentType)
	switch {
	case e == nil || e == encoding.Replacement || name == "utf-8":
		return bytes.TrimPrefix(body, utf8BOM), ""
	case name == "windows-1252" && utf8.Valid(body):
		// The guess looks at the first KiB only, and is this one where it finds nothing.
		return body, ""
	}
	if len(body) > maxDecode {
		body, problem = body[:maxDecode], "too large: only the first 2 MiB were converted from "+name
	}
	out, err := e.NewDecoder().Bytes(body)
	if err != nil {
		return body, "converting from " + name + ": " + err.Error()
	}
	return bytes.TrimPrefix(out, utf8BOM), problem
}

// clean makes hostile text fit to be kept: valid UTF-8, NULs visible, white
// space collapsed, at most limit bytes, cut between runes.
func clean(s string, limit int) string {
	if len(s) > 4*limit+64 { // white space and bad bytes shrink or grow; do not walk a megabyte
		s = s[:4*limit+64]
	}
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.ReplaceAll(s, "\x00", "\u2400")
	s = strings.Join(strings.Fields(s), " ")
	return cut(s, limit)
}

// cut shortens s to at most limit bytes without splitting a rune.
func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}
