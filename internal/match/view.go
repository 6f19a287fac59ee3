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
	last   int                        // where the last label begins in raw
	plain  text
	wide   text
	// store is raw's memory: an A-label's octet decodes to less than one
	// character, a character has at most four octets.
	store [utf8.UTFMax * (lurehound.MaxNameLen + 1)]byte
}

// text is a folded name. Position i of it came from raw[at[i]].
type text struct {
	n      int
	class  [2*(lurehound.MaxNameLen+1) + 8]byte // with room for reading eight at once
	at     [2 * (lurehound.MaxNameLen + 1)]uint16
	narrow bool // every character has one class

	pieces int // runs of classes between hyphens and dots
	starts [lurehound.MaxNameLen + 2]uint16
}

func (t *text) bytes() []byte { return t.class[:t.n] }

func (t *text) add(class byte, at int) {
	if t.n < len(t.at) {
		t.class[t.n], t.at[t.n] = class, uint16(at)
		t.n++
	}
}

func (t *text) startPiece(i int) {
	t.starts[t.pieces] = uint16(i)
	t.pieces++
}

// findPieces is for names that readSimple does not read.
func (v *view) findPieces(t *text) {
	t.pieces, t.narrow = 0, false
	for i := 0; i < t.n; i = t.next(i) {
		if at := t.at[i]; i == 0 || v.raw[at-1] == '-' || v.raw[at-1] == '.' {
			t.startPiece(i)
		}
	}
}

// before is how many positions come from raw[:at].
func (t *text) before(at int) int {
	n := t.n
	for n > 0 && int(t.at[n-1]) >= at {
		n--
	}
	return n
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
	v.last = lastDot(v.raw) + 1
	v.fold(f)
	v.findPieces(&v.plain)
	v.findPieces(&v.wide)
	return true
}

// readSimple is read for what nearly every line of a feed is, in one pass. It
// reports false for all else, good or bad.
func (v *view) readSimple(name string, f *folder) bool {
	if len(name) == 0 || len(name) > lurehound.MaxNameLen {
		return false
	}
	v.plain.n, v.wide.n = 0, 0
	v.plain.pieces, v.wide.pieces = 0, 0
	label, n, wn := 0, 0, 0 // where the label begins; of plain and wide
	fresh := true           // a piece begins with the next class
	for i := range len(name) {
		c := name[i]
		k := f.simple[c]
		switch {
		case k > 0:
			v.ascii[i] = c
			if c < 'a' {
				v.ascii[i] = lowerByte(c)
			}
			if fresh {
				v.plain.startPiece(n)
				v.wide.startPiece(wn)
				fresh = false
			}
			v.plain.class[n], v.plain.at[n] = k, uint16(i)
			n++
			if w := f.wide[k]; w[1] == 0 && w[0] != 'n' {
				v.wide.class[wn], v.wide.at[wn] = w[0], uint16(i)
				wn++
			} else {
				v.wide.n = wn
				v.widen(f, k, i)
				wn = v.wide.n
			}
		case c == '-':
			v.ascii[i], fresh = c, true
			if i == label+3 && string(v.ascii[label:i]) == "xn-" {
				return false
			}
		case c == '.':
			v.ascii[i], fresh = c, true
			if i == label || i-label > lurehound.MaxLabelLen {
				return false
			}
			label = i + 1
		default:
			return false
		}
	}
	v.plain.n, v.wide.n = n, wn
	last := name[len(name)-1]
	if n := len(name) - label; n == 0 || n > lurehound.MaxLabelLen || last >= '0' && last <= '9' {
		return false
	}
	v.plain.narrow, v.wide.narrow = true, wn == n
	v.name, v.raw = name, v.ascii[:len(name)]
	v.last = label
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
