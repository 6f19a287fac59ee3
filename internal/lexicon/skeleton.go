package lexicon

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Skeleton maps a label to a form in which everything that looks alike is
// equal: two labels that any number of pairs of Tables.Glyphs connects, and two that
// UTS #39 calls confusable, have the same skeleton. Case and diacritics do not
// count. The label is in Unicode form: an A-label must be decoded first.
// Skeleton(Skeleton(s)) == Skeleton(s). A skeleton is for comparing, not for
// showing: "modern" and "modem" both give "nnoclenn".
func Skeleton(s string) string { return string(AppendSkeleton(nil, s)) }

// AppendSkeleton appends the skeleton of s to dst. It allocates nothing for an
// ASCII label when dst has room for twice its length.
//
// Look-alikes of several characters are written in their longest form (m as nn,
// w as uu, d as cl), never contracted: contraction depends on the order ("rnn" is m+n and
// r+m at once), expansion does not, so that the classes are closed.
func AppendSkeleton(dst []byte, s string) []byte {
	start := len(dst)
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return appendUnicodeSkeleton(dst[:start], start, s)
		}
		dst = appendASCII(dst, start, s[i])
	}
	return dst
}

// appendASCII appends the canonical form of one octet. An r in front of an n
// reads as the left half of an m, so it becomes an n; start is where the
// skeleton begins in dst.
func appendASCII(dst []byte, start int, c byte) []byte {
	switch c := asciiForms[c]; c {
	case 'n':
		return append(rToN(dst, start), 'n')
	case 'm':
		return append(rToN(dst, start), 'n', 'n')
	case 'w':
		return append(dst, 'u', 'u')
	case 'd':
		return append(dst, 'c', 'l')
	default:
		return append(dst, c)
	}
}

func rToN(dst []byte, start int) []byte {
	for i := len(dst) - 1; i >= start && dst[i] == 'r'; i-- {
		dst[i] = 'n'
	}
	return dst
}

// asciiForms maps an octet to its class; m, w and d stand for their expansion.
// The classes are those of glyphPairs, which a test compares.
var asciiForms = func() (f [utf8.RuneSelf]byte) {
	for c := range f {
		f[c] = byte(c)
		if 'A' <= c && c <= 'Z' {
			f[c] |= 0x20
		}
	}
	for _, class := range []string{"li1j", "o0", "s5", "z2", "b86", "g9q", "uv", "e3", "a4", "t7"} {
		for i := range len(class) {
			f[class[i]] = class[0]
			if c := class[i]; 'a' <= c && c <= 'z' {
				f[c&^0x20] = class[0]
			}
		}
	}
	return f
}()

// confusable is a rune and the closed form of its prototype.
type confusable struct {
	from rune
	to   string
}

var confusableForms = sync.OnceValue(func() map[rune]string {
	list := confusables()
	m := make(map[rune]string, len(list))
	for _, c := range list {
		m[c.from] = c.to
	}
	return m
})

func appendUnicodeSkeleton(dst []byte, start int, s string) []byte {
	forms := confusableForms()
	// Invalid octets stop the decomposition of what follows them, so they go first.
	for _, r := range norm.NFKD.String(strings.ToValidUTF8(s, "\ufffd")) {
		r = unicode.ToLower(r)
		switch {
		case r < utf8.RuneSelf:
			dst = appendASCII(dst, start, byte(r))
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		default:
			to, ok := forms[r]
			if !ok {
				dst = utf8.AppendRune(dst, r)
				continue
			}
			for _, r := range to {
				if r < utf8.RuneSelf {
					dst = appendASCII(dst, start, byte(r))
				} else {
					dst = utf8.AppendRune(dst, r)
				}
			}
		}
	}
	return dst
}
