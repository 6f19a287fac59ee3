package match

import (
	"encoding/binary"
	"strings"
	"unicode/utf8"
	"unsafe"

	"lurehound"
)

// view is one name, decoded and folded. It lives on the stack of its reader;
// filling it allocates nothing for a name in ASCII.
type view struct {
	asked  string // trimmed and without "*.", for ParseDomain
	name   string // in A-labels, without the trailing dot
	simple bool   // nothing but letters, digits, hyphens and dots, and no A-label
	raw    []byte // lower case, A-labels decoded; never written to: it may be name itself
	last   int    // where the last label begins in raw
	plain  text
	broad  text                       // the wide form, where that is not the plain one
	wide   *text                      // broad or plain
	ascii  [lurehound.MaxNameLen]byte // name in lower case, where it is not so already
	// store is raw's memory: an A-label's octet decodes to less than one
	// character, a character has at most four octets.
	store [utf8.UTFMax * (lurehound.MaxNameLen + 1)]byte
}

// text is a folded name. Position i of it came from raw[at[i]]. Behind its end are
// zeros for eight positions: no class is zero, and eight are read at once.
type text struct {
	n     int
	class [2*(lurehound.MaxNameLen+1) + 8]byte
	at    [2*(lurehound.MaxNameLen+1) + 8]uint16
	set   uint32 // classBit of every class

	last   int // where the last label begins
	pieces int // runs of classes between hyphens and dots
	starts [lurehound.MaxNameLen + 2]uint16
}

// maxText is how many classes a text may have.
const maxText = 2 * (lurehound.MaxNameLen + 1)

func (t *text) bytes() []byte { return t.class[:t.n] }

// eight are the classes from position i on, the first in the lowest bits.
func (t *text) eight(i int) uint64 { return binary.LittleEndian.Uint64(t.class[i:]) }

func (t *text) add(class byte, at int) {
	if t.n < maxText {
		t.class[t.n], t.at[t.n] = class, uint16(at)
		t.set |= classBit(class)
		t.n++
	}
}

// end is called when all classes are there.
func (t *text) end() { binary.LittleEndian.PutUint64(t.class[t.n:], 0) }

// findPieces is for names that readSimple does not read.
func (v *view) findPieces(t *text) {
	t.pieces, t.last = 0, t.n
	for i := t.n - 1; i >= 0 && int(t.at[i]) >= v.last; i-- {
		t.last = i
	}
	for i := 0; i < t.n; i = t.next(i) {
		if at := t.at[i]; i == 0 || v.raw[at-1] == '-' || v.raw[at-1] == '.' {
			t.starts[t.pieces] = uint16(i)
			t.pieces++
		}
	}
	t.end()
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
	for i := range len(name) {
		v.ascii[i] = lowerByte(name[i])
	}
	v.name, v.raw = unsafe.String(&v.ascii[0], len(name)), v.store[:0]
	v.wide = &v.broad
	for _, t := range [...]*text{&v.plain, &v.broad} {
		t.n, t.set = 0, 0
	}
	for start := 0; ; {
		end := strings.IndexByte(name[start:], '.')
		if end < 0 {
			end = len(name) - start
		}
		if end == 0 || end > lurehound.MaxLabelLen {
			return false
		}
		v.last = len(v.raw)
		v.appendLabel(name[start : start+end])
		if start += end + 1; start > len(name) {
			break
		}
		v.raw = append(v.raw, '.')
	}
	v.fold(f)
	v.findPieces(&v.plain)
	v.findPieces(v.wide)
	return true
}

// readSimple is read for nearly all names, in one pass over the octets and one over
// the classes. It reports false for others, which need not be bad.
func (v *view) readSimple(name string, f *folder) bool {
	if len(name) == 0 || len(name) > lurehound.MaxNameLen {
		return false
	}
	t := &v.plain
	n, begin, pieces := 0, 0, 0 // begin: of the piece
	label, last := 0, 0         // where the label begins, in name and in plain
	var seen octet
	var set uint32
	t.starts[0] = 0
	for i := range len(name) {
		o := f.octets[name[i]]
		if seen |= o; o.letter() {
			t.class[n], t.at[n] = byte(o), uint16(i)
			set |= classBit(byte(o))
			n++
			continue
		}
		if o&(isHyphen|isDot) == 0 {
			return false
		}
		if n > begin {
			pieces, begin = pieces+1, n
			t.starts[pieces] = uint16(n)
		}
		if o&isDot != 0 {
			if i == label || i-label > lurehound.MaxLabelLen {
				return false
			}
			label, last = i+1, n
		} else if i == label+3 && name[label]|0x20 == 'x' && name[label+1]|0x20 == 'n' && name[label+2] == '-' {
			return false
		}
	}
	end := name[len(name)-1]
	if n := len(name) - label; n == 0 || n > lurehound.MaxLabelLen || isDigit(end) {
		return false
	}
	if n > begin {
		pieces++
	}
	t.n, t.pieces, t.last, t.set = n, pieces, last, set
	t.end()
	v.name, v.last = name, label
	if seen&isUpper != 0 {
		for i := range len(name) {
			v.ascii[i] = lowerByte(name[i])
		}
		v.name = unsafe.String(&v.ascii[0], len(name))
	}
	v.raw = unsafe.Slice(unsafe.StringData(v.name), len(name))
	v.wide = t
	if seen&isWide != 0 || set&rAndN == rAndN {
		v.wide = &v.broad
		v.broad.widen(t, f)
	}
	return true
}

// rAndN are the classes that together read as one.
var rAndN = classBit('r') | classBit('n')

// widen makes t the wide form of p. Names are too short for the processor to foresee
// their letters, so there is one jump for each class, which is hardly ever taken.
func (t *text) widen(p *text, f *folder) {
	n, set, before := 0, p.set, byte(0)
	var to [lurehound.MaxNameLen + 1]uint16 // where a class of p went
	for i, class := range p.class[:p.n] {
		to[i&0xff] = uint16(n)
		w := f.broad[class&127]
		if byte(w) == 'n' && before == 'r' {
			for j := n - 1; j >= 0 && t.class[j] == 'r'; j-- {
				t.class[j] = 'n'
			}
		}
		binary.LittleEndian.PutUint16(t.class[n:], uint16(w))
		t.at[n], t.at[n+1] = p.at[i], p.at[i]
		set |= classBit(byte(w)) | classBit(byte(w>>8))
		n += int(w >> 16)
		before = byte(w)
	}
	to[p.n] = uint16(n)
	t.n, t.pieces, t.set, t.last = n, p.pieces, set, int(to[p.last])
	for i := range p.pieces {
		t.starts[i] = to[p.starts[i]]
	}
	t.end()
}

// lower is the name in lower case, good until the next read.
func (v *view) lower() string { return v.name }

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
	t := &v.broad
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
