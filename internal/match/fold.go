package match

import (
	"strings"
	"unicode/utf8"

	"lurehound/internal/lexicon"
)

// A name is compared in two folded forms, both without hyphens and dots:
//
//   - plain: one class for each character, look-alikes and letters written as
//     digits in the same class. Edits are counted here.
//   - wide: as lexicon.Skeleton writes it, so that what one character imitates
//     by two (rn for m) is equal too. Only equality is asked here.
//
// Folding a piece of a name gives a piece of the folded name, wherever it was
// cut, but for an r at the end that an n follows; see wideForms.

// other is the class of characters that resemble none of a-z and 0-9. No brand's
// form holds it, so it matches nothing.
const other = '?'

// folder holds the classes. It is never changed after newFolder.
type folder struct {
	plain  [128]byte         // 0 for what is no letter or digit
	octets [256]octet        // of ASCII names
	wide   [128][2]byte      // by plain class; the second is 0 where one character stays one
	broad  [128]uint32       // wide in the lower 16 bits, and above them how many classes that is
	alike  [128][128]float32 // how alike the characters of one class are, [0,1]; see readGlyphs
}

// octet says what an octet is: its class in the lower eight bits, 0 for what is no
// letter or digit.
type octet uint16

const (
	isUpper octet = 1 << (8 + iota) // a letter in upper case
	isWide                          // two classes in the wide form
	isHyphen
	isDot
)

func (o octet) letter() bool { return o&0xff != 0 }

// classBit is the bit of a class in a set. Classes are lower-case letters, and other.
func classBit(class byte) uint32 { return 1 << (class & 31) }

func newFolder() *folder {
	f := &folder{}
	for c := byte(0); c < 128; c++ {
		if !isLetterOrDigit(c) {
			continue
		}
		f.plain[c] = c
		switch s := lexicon.Skeleton(string(rune(c))); len(s) {
		case 1:
			f.plain[c] = s[0]
			f.wide[c] = [2]byte{s[0]}
		case 2:
			f.wide[c] = [2]byte{s[0], s[1]}
		}
	}
	for c, k := range f.plain {
		if k == 0 {
			continue
		}
		o := octet(k)
		if f.wide[k][1] != 0 {
			o |= isWide
		}
		f.octets[c] = o
		if 'a' <= c && c <= 'z' {
			f.octets[c-'a'+'A'] = o | isUpper
		}
	}
	f.octets['-'], f.octets['.'] = isHyphen, isDot
	f.plain[other] = other
	f.wide[other] = [2]byte{other}
	for k, w := range f.wide {
		f.broad[k] = uint32(w[0]) | uint32(w[1])<<8 | 1<<16
		if w[1] != 0 {
			f.broad[k] += 1 << 16
		}
	}
	return f
}

func isLetterOrDigit(c byte) bool { return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' }

// appendPlain appends the plain classes of one lower-case character: none for
// hyphens and marks, several for a ligature.
func (f *folder) appendPlain(dst []byte, r rune) []byte {
	if r < utf8.RuneSelf {
		if k := f.plain[r]; k != 0 && r != other {
			dst = append(dst, k)
		}
		return dst
	}
	var in [utf8.UTFMax]byte
	var out [32]byte
	s := lexicon.AppendSkeleton(out[:0], string(utf8.AppendRune(in[:0], r)))
	switch string(s) { // what the skeleton widened is one class here
	case "nn":
		s = append(s[:0], 'm')
	case "uu":
		s = append(s[:0], 'w')
	case "cl":
		s = append(s[:0], 'd')
	}
	for i, c := range s {
		switch {
		case c < utf8.RuneSelf && isLetterOrDigit(c):
			dst = append(dst, f.plain[c])
		case utf8.RuneStart(s[i]) && c >= utf8.RuneSelf:
			dst = append(dst, other)
		}
	}
	return dst
}

// plainForm folds a word of lower-case text.
func (f *folder) plainForm(s string) string {
	var b []byte
	for _, r := range s {
		b = f.appendPlain(b, r)
	}
	return string(b)
}

// wideForm widens a plain form.
func (f *folder) wideForm(plain string) string {
	b := make([]byte, 0, 2*len(plain))
	for i := range len(plain) {
		b = f.appendWide(b, plain[i])
	}
	return string(b)
}

// appendWide appends the wide form of one plain class. An r in front of an n
// reads as the left half of an m, as in lexicon.Skeleton.
func (f *folder) appendWide(dst []byte, class byte) []byte {
	w := f.wide[class]
	if w[0] == 'n' {
		for i := len(dst) - 1; i >= 0 && dst[i] == 'r'; i-- {
			dst[i] = 'n'
		}
	}
	dst = append(dst, w[0])
	if w[1] != 0 {
		dst = append(dst, w[1])
	}
	return dst
}

// wideForms are the wide forms that a word can have inside a name: a second one
// when it ends in r, for the case that an n follows.
func (f *folder) wideForms(plain string) []string {
	w := f.wideForm(plain)
	stem := strings.TrimRight(w, "r")
	if stem == w || stem == "" {
		return []string{w}
	}
	return []string{w, stem + strings.Repeat("n", len(w)-len(stem))}
}
