package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// maxMarks is how many combining marks may follow a character. Vietnamese and
// Hebrew need two and three; a tower of them smears over the lines around it.
const maxMarks = 3

// shown reports whether r may go to a terminal or file as it is: neither a
// control (C0, C1, bidi), nor invisible, nor unassigned.
func shown(r rune) bool {
	if r < utf8.RuneSelf {
		return ' ' <= r && r <= '~'
	}
	switch r {
	case utf8.RuneError: // visible, and what JSON makes of invalid UTF-8
		return true
	case '\u2800': // BRAILLE PATTERN BLANK is a symbol that looks like a space
		return false
	}
	return unicode.IsPrint(r) && !unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// visible writes what cannot be seen as an escape (\x1b, \u202e), so that a
// text stays on its line, in its direction and in its colour.
func visible(s string) string {
	if plain(s) {
		return s
	}
	var b strings.Builder
	marks := 0
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if unicode.Is(unicode.M, r) {
			marks++
		} else {
			marks = 0
		}
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case shown(r) && marks <= maxMarks && (marks == 0 || b.Len() > 0):
			b.WriteString(s[i : i+n])
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < 0x80:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
		i += n
	}
	return b.String()
}

// plain reports whether s is printable ASCII.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// columns is how many terminal columns a visible text takes.
func columns(s string) int {
	if plain(s) {
		return len(s)
	}
	n := 0
	for _, r := range s {
		n += runeColumns(r)
	}
	return n
}

func runeColumns(r rune) int {
	if unicode.In(r, unicode.Mn, unicode.Me) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// pad fills s up to n columns.
func pad(s string, n int) string {
	return s + strings.Repeat(" ", max(0, n-columns(s)))
}

// wrap breaks a visible text into lines of at most n columns, between words
// where it can.
func wrap(s string, n int) []string {
	n = max(n, 1)
	var lines []string
	line, used := "", 0 // a line of marks only has no width, but is there
	for _, word := range strings.Fields(s) {
		w := columns(word)
		if line != "" && used+1+w <= n {
			line, used = line+" "+word, used+1+w
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		for w > n {
			head, tail := cut(word, n)
			lines = append(lines, head)
			word, w = tail, columns(tail)
		}
		line, used = word, w
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// cut splits s after at most n columns, but after one character at least.
func cut(s string, n int) (head, tail string) {
	used := 0
	for i, r := range s {
		w := runeColumns(r)
		if i > 0 && used+w > n {
			return s[:i], s[i:]
		}
		used += w
	}
	return s, ""
}
