package match

import (
	"strings"
	"unicode/utf8"
	"unsafe"

	"lurehound"
)

// view is one name, decoded and folded. It lives on the stack of its reader;
// filling it allocates nothing for a name in ASCII.
type view struct {
	asked  string                     // trimmed and without "*.", for ParseDomain
	name   string                     // in A-labels, without the trailing dot
	simple bool                       // nothing but letters, digits, hyphens and dots, and no A-label
	ascii  [lurehound.MaxNameLen]byte // name in lower case
	raw    []byte                     // lower case, A-labels decoded
	plain  text
	wide   text
	// store is raw's memory: an A-label's octet decodes to less than one
	// character, a character has at most four octets.
	store [utf8.UTFMax * (lurehound.MaxNameLen + 1)]byte
}

// text is a folded name. Position i of it came from raw[at[i]].
type text struct {
	n     int
	class [2 * (lurehound.MaxNameLen + 1)]byte
	at    [2 * (lurehound.MaxNameLen + 1)]uint16
}

func (t *text) bytes() []byte { return t.class[:t.n] }

func (t *text) add(class byte, at int) {
	if t.n < len(t.class) {
		t.class[t.n], t.at[t.n] = class, uint16(at)
		t.n++
	}
}

// next is where the character after that of position i begins.
func (t *text) next(i int) int {
	j := i + 1
	for j < t.n && t.at[j] == t.at[i] {
		j++
	}
	return j
}

// read fills the view. It reports false for what lurehound.ParseDomain calls no
// domain name. "*." in front, as certificates have it, does not count.
func (v *view) read(name string, f *folder) bool {
	v.asked = name
	if v.simple = v.readSimple(name, f); v.simple {
		return true
	}
	name = strings.TrimPrefix(strings.TrimSpace(name), "*.")
	v.asked = name
	if !simple(name) {
		d, err := lurehound.ParseDomain(name)
		if err != nil {
			return false
		}
		name = d.String()
	}
	name = strings.TrimSuffix(name, ".")
	if name == "" || len(name) > lurehound.MaxNameLen {
		return false
	}
	v.name, v.raw, v.plain.n, v.wide.n = name, v.store[:0], 0, 0
	for i := range len(name) {
		v.ascii[i] = lowerByte(name[i])
	}
	for start := 0; ; {
		end := strings.IndexByte(name[start:], '.')
		if end < 0 {
			end = len(name) - start
		}
		if end == 0 || end > lurehound.MaxLabelLen {
			return false
		}
		v.appendLabel(name[start : start+end])
		start += end + 1
		if start > len(name) {
			break
		}
		v.raw = append(v.raw, '.')
	}
	v.fold(f)
	return true
}

// readSimple is read for what nearly every line of a feed is, in one pass. It
// reports false for all else, good or bad.
func (v *view) readSimple(name string, f *folder) bool {
	if len(name) == 0 || len(name) > lurehound.MaxNameLen {
		return false
	}
	v.plain.n, v.wide.n = 0, 0
	label := 0 // where it begins
	for i := range len(name) {
		c := lowerByte(name[i])
		v.ascii[i] = c
		switch {
		case c < utf8.RuneSelf && f.plain[c] != 0 && c != other:
			k := f.plain[c]
			v.plain.add(k, i)
			v.widen(f, k, i)
		case c == '-':
			if i == label+3 && string(v.ascii[label:i]) == "xn-" {
				return false
			}
		case c == '.':
			if i == label || i-label > lurehound.MaxLabelLen {
				return false
			}
			label = i + 1
		default:
			return false
		}
	}
	last := v.ascii[len(name)-1]
	if n := len(name) - label; n == 0 || n > lurehound.MaxLabelLen || last >= '0' && last <= '9' {
		return false
	}
	v.name, v.raw = name, v.ascii[:len(name)]
	return true
}

// lower is the name in lower case, good until the next read.
func (v *view) lower() string { return unsafe.String(&v.ascii[0], len(v.name)) }

// simple reports whether a name is what nearly every line of a feed is: ASCII,
// not defanged, no link, no address. What is not is left to lurehound.ParseDomain.
func simple(name string) bool {
	for i := range len(name) {
		switch c := name[i]; {
		case c >= utf8.RuneSelf || c <= ' ':
			return false
		case c == '/' || c == '@' || c == '?' || c == '#' || c == ':':
			return false
		case c == '[' || c == ']' || c == '(' || c == ')' || c == '{' || c == '}':
			return false
		}
	}
	last := strings.TrimRight(name, ".")
	return last == "" || last[len(last)-1] < '0' || last[len(last)-1] > '9'
}

func lowerByte(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c | 0x20
	}
	return c
}

// appendLabel appends one label in lower case, decoded where it is an A-label.
func (v *view) appendLabel(l string) {
	start := len(v.raw)
	for i := range len(l) {
		v.raw = append(v.raw, lowerByte(l[i]))
	}
	const prefix = "xn--" // RFC 5890, section 2.3.1
	if len(l) > len(prefix) && string(v.raw[start:start+len(prefix)]) == prefix {
		var runes [lurehound.MaxLabelLen]rune
		if n, ok := decodePunycode(&runes, v.raw[start+len(prefix):]); ok {
			v.raw = v.raw[:start]
			for _, r := range runes[:n] {
				v.raw = utf8.AppendRune(v.raw, r)
			}
		}
	}
}

// fold fills the folded forms from raw.
func (v *view) fold(f *folder) {
	var classes [32]byte
	for i := 0; i < len(v.raw); {
		c := v.raw[i]
		if c < utf8.RuneSelf {
			if k := f.plain[c]; k != 0 && c != other {
				v.plain.add(k, i)
				v.widen(f, k, i)
			}
			i++
			continue
		}
		r, size := utf8.DecodeRune(v.raw[i:])
		for _, k := range f.appendPlain(classes[:0], r) {
			v.plain.add(k, i)
			v.widen(f, k, i)
		}
		i += size
	}
}

func (v *view) widen(f *folder, class byte, at int) {
	t := &v.wide
	w := f.wide[class]
	if w[0] == 'n' {
		for i := t.n - 1; i >= 0 && t.class[i] == 'r'; i-- {
			t.class[i] = 'n'
		}
	}
	t.add(w[0], at)
	if w[1] != 0 {
		t.add(w[1], at)
	}
}
