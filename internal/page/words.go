package page

import (
	"unicode"
	"unicode/utf8"
)

// words splits visible text into words and feeds their hashes into shingles.
// A word is a run of letters and digits, in lower case; a character of a script
// that is written without spaces is a word of its own.
type words struct {
	count    int
	shingles shingles
}

func (w *words) add(text []byte) {
	h, in := uint64(fnvOffset), false
	end := func() {
		if in {
			w.count++
			w.shingles.add(h)
			h, in = fnvOffset, false
		}
	}
	for i := 0; i < len(text); {
		c := text[i]
		if c < utf8.RuneSelf {
			i++
			switch {
			case 'a' <= c && c <= 'z' || '0' <= c && c <= '9':
				h, in = fnvByte(h, c), true
			case 'A' <= c && c <= 'Z':
				h, in = fnvByte(h, c+'a'-'A'), true
			default:
				end()
			}
			continue
		}
		r, n := utf8.DecodeRune(text[i:])
		i += n
		switch {
		case r == utf8.RuneError && n == 1:
			end()
		case alone(r):
			end()
			h, in = hashRune(h, r), true
			end()
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
			h, in = hashRune(h, unicode.ToLower(r)), true
		case unicode.Is(unicode.Cf, r):
			// Zero-width and soft hyphens: not seen, so no boundary.
		default:
			end()
		}
	}
	end()
}

func hashRune(h uint64, r rune) uint64 {
	return fnvByte(fnvByte(fnvByte(h, byte(r)), byte(r>>8)), byte(r>>16))
}

// alone reports whether r belongs to a script that is written without spaces.
func alone(r rune) bool {
	return r >= 0x0E00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai)
}
