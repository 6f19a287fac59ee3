package feed

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// zoneReader reads a zone in master format (RFC 1035, section 5) and gives its
// delegations, one name a line: the owners of NS records but the zone's own. What has an
// address only is glue and no registration. An owner that stands in records one after the other is
// given once. A record that cannot be read is given as a line that is no name, so that it counts.
type zoneReader struct {
	in     *bufio.Reader
	out    []byte // lines not yet given
	err    error
	origin []byte // without the trailing dot; "" is the root
	apex   []byte // owner of the SOA record
	owner  []byte // of the record before
	last   []byte // that was given

	known  bool // there is an apex
	fields [][]byte
	kept   []byte // fields of a record that goes over several lines
	depth  int    // open parentheses
	lines  int    // of the record
	blank  bool   // the record has no owner of its own

	delegations int // records, for telling what a file is
}

const (
	// heading is a first line that is passed over, so that no name is taken for one.
	heading = "domain\n"
	// noName is given for what should be a name and is none.
	noName = ".."
	// zoneFields are owner, TTL, class and type: nobody needs the others.
	zoneFields = 4
	// maxZoneLines is how many lines one record may take. The longest ones, keys and
	// signatures, take some twenty; a parenthesis that is never closed must not swallow the zone.
	maxZoneLines = 256
	// zoneChunk is how much is made ready at once.
	zoneChunk = 64 << 10
)

func newZoneReader(r io.Reader) *zoneReader {
	return &zoneReader{in: bufio.NewReaderSize(r, maxLine), out: []byte(heading)}
}

func (z *zoneReader) Read(p []byte) (int, error) {
	for len(z.out) == 0 {
		if z.err != nil {
			return 0, z.err
		}
		z.fill()
	}
	n := copy(p, z.out)
	z.out = z.out[n:]
	return n, nil
}

// fill makes the next lines ready.
func (z *zoneReader) fill() {
	z.out = z.out[:0]
	for len(z.out) < zoneChunk && z.err == nil {
		line, err := z.in.ReadSlice('\n')
		long := false
		for errors.Is(err, bufio.ErrBufferFull) {
			long = true
			_, err = z.in.ReadSlice('\n')
		}
		switch {
		case long:
			z.bad()
		case len(line) > 0 && (err == nil || errors.Is(err, io.EOF)):
			z.line(line)
		case len(line) > 0: // a piece of a line, which may be a piece of a name
			z.bad()
		}
		if z.err = err; err != nil && z.depth > 0 {
			z.bad()
		}
	}
}

// bad gives up the record and counts it.
func (z *zoneReader) bad() {
	z.out = appendName(z.out, nil)
	z.reset()
}

func (z *zoneReader) reset() {
	z.depth, z.lines, z.fields, z.kept = 0, 0, z.fields[:0], z.kept[:0]
}

// line takes one line in. A record ends with the line in which its last parenthesis closes.
func (z *zoneReader) line(b []byte) {
	if z.lines == 0 {
		z.blank = b[0] == ' ' || b[0] == '\t'
	}
	old := len(z.fields)
	if z.lines++; z.lines > maxZoneLines || !z.split(b) {
		z.bad()
		return
	}
	if z.depth > 0 {
		for i, f := range z.fields[old:] { // the line's memory is used again
			from := len(z.kept)
			z.kept = append(z.kept, f...)
			z.fields[old+i] = z.kept[from:len(z.kept):len(z.kept)]
		}
		return
	}
	if len(z.fields) > 0 {
		z.record()
	}
	z.reset()
}

// split appends the fields of a line and counts parentheses. It reports false for
// quotes and parentheses that do not match.
func (z *zoneReader) split(b []byte) bool {
	for i := 0; i < len(b); {
		switch c := b[i]; c {
		case ' ', '\t', '\r', '\n':
			i++
		case ';':
			return true
		case '(':
			z.depth++
			i++
		case ')':
			if z.depth--; z.depth < 0 {
				return false
			}
			i++
		case '"':
			n := quoted(b[i+1:])
			if n < 0 {
				return false
			}
			z.field(b[i : i+1+n])
			i += n + 1
		default:
			if endsField(c) {
				return false // a control character
			}
			from := i
			for i < len(b) && !endsField(b[i]) {
				if b[i] == '\\' {
					i++
				}
				i++
			}
			i = min(i, len(b))
			z.field(b[from:i])
		}
	}
	return true
}

func endsField(c byte) bool {
	return c <= ' ' || c == ';' || c == '(' || c == ')' || c == '"'
}

// quoted is where what stands in quotes ends, behind the closing one; -1 when it does not.
func quoted(b []byte) int {
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return -1
}

func (z *zoneReader) field(b []byte) {
	most := zoneFields
	if z.blank {
		most--
	}
	if len(z.fields) < most {
		z.fields = append(z.fields, b[:min(len(b), maxNameLen+2)]) // cut off, it stays too long
	}
}

// record takes in a record, or what begins with $.
func (z *zoneReader) record() {
	f := z.fields
	if !z.blank && f[0][0] == '$' {
		z.directive(f)
		return
	}
	if !z.blank {
		z.owner = z.absolute(z.owner[:0], f[0])
		f = f[1:]
	}
	if len(z.owner) > maxNameLen || len(z.owner) == 0 && !z.known && z.blank {
		z.bad()
		return
	}
	for len(f) > 0 && (isTTL(f[0]) || isClass(f[0])) {
		f = f[1:]
	}
	if len(f) == 0 {
		z.bad()
		return
	}
	switch {
	case bytes.EqualFold(f[0], []byte("SOA")):
		if !z.known {
			z.known, z.apex = true, append(z.apex[:0], z.owner...)
			if len(z.origin) == 0 {
				z.origin = append(z.origin[:0], z.owner...)
			}
		}
	case !bytes.EqualFold(f[0], []byte("NS")):
	case z.known && bytes.EqualFold(z.owner, z.apex):
	default:
		z.delegations++
		if !bytes.Equal(z.owner, z.last) {
			z.last = append(z.last[:0], z.owner...)
			z.out = appendName(z.out, z.owner)
		}
	}
}

// appendName appends a line with a name. What would be more than one line, a comment
// or columns is none.
func appendName(dst, name []byte) []byte {
	if len(name) == 0 || bytes.ContainsAny(name, "\r\n,;\t\"# ") {
		name = []byte(noName)
	}
	return append(append(dst, name...), '\n')
}

// directive follows $ORIGIN. Files that $INCLUDE names are not read, and names that
// $GENERATE would make are not made; both count as what could not be read.
func (z *zoneReader) directive(f [][]byte) {
	switch {
	case bytes.EqualFold(f[0], []byte("$ORIGIN")) && len(f) > 1:
		origin := z.absolute(nil, f[1])
		if len(origin) > maxNameLen {
			z.bad()
			return
		}
		z.origin = origin
	case bytes.EqualFold(f[0], []byte("$TTL")):
	default:
		z.bad()
	}
}

// absolute appends a name as it stands in the zone, made whole, without the trailing dot.
func (z *zoneReader) absolute(dst, name []byte) []byte {
	switch n := len(name); {
	case string(name) == "@":
		return append(dst, z.origin...)
	case name[n-1] == '.' && (n == 1 || name[n-2] != '\\'):
		return append(dst, name[:n-1]...)
	case len(z.origin) > 0:
		dst = append(append(dst, name...), '.')
		return append(dst, z.origin...)
	}
	return append(dst, name...)
}

// isTTL reports whether b is seconds, or as BIND writes them: 1w2d.
func isTTL(b []byte) bool {
	if b[0] < '0' || b[0] > '9' {
		return false
	}
	for _, c := range b {
		if (c < '0' || c > '9') && bytes.IndexByte([]byte("smhdwSMHDW"), c) < 0 {
			return false
		}
	}
	return true
}

func isClass(b []byte) bool {
	return len(b) == 2 && (bytes.EqualFold(b, []byte("IN")) || bytes.EqualFold(b, []byte("CH")) || bytes.EqualFold(b, []byte("HS")) || bytes.EqualFold(b, []byte("CS")))
}

// isZone reports whether a file that begins so is a zone with delegations. Zones of
// response policies are none: their names stand in front of CNAME.
func isZone(head []byte) bool {
	z := newZoneReader(bytes.NewReader(head))
	for z.err == nil {
		z.fill()
	}
	return z.known && z.delegations > 0 && bytes.Count(bytes.ToUpper(head), []byte("CNAME")) <= z.delegations
}
