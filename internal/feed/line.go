package feed

import (
	"bytes"
	"time"
)

// maxLine is the most bytes of a line that is read. The longest that makes sense
// is a hosts line of some names.
const maxLine = 64 << 10

// layout is what the first lines of a list tell about the others.
type layout struct {
	begun           bool // a first line that is no comment was seen
	plain           bool // rows are name,day and what does not matter
	name, day, ip   int  // columns, -1 for none
	inSOA           int  // lines that the parentheses of a zone's SOA may still take
	lastDay         [len(time.DateOnly)]byte
	lastSeen        time.Time
	score, scoreWhy int
}

func newLayout() *layout {
	return &layout{plain: true, name: 0, day: 1, ip: -1, score: -1, scoreWhy: -1}
}

// found is one name of a line. Its parts point into the line.
type found struct {
	name, ip, score, reason []byte
	day                     time.Time
}

// parseLine yields the names of a line; ok is false when it should hold one and
// does not. Blank lines, comments, headers and the records of a zone about itself
// yield nothing. Read are, in any mix:
//
//	name                      plain, also a URL's host, also with "# comment" behind it
//	name,date[,…]             CSV with , ; or tab, with or without a header, also rank,name
//	0.0.0.0 name [name…]      hosts: one record a name
//	address=/name[/name…]/…   dnsmasq, also server= and local=: one record a name
//	name [ttl] [IN] CNAME .   RPZ
func (l *layout) parseLine(b []byte, yield func(f found, ok bool)) {
	b = bytes.TrimSpace(b)
	if l.inSOA > 0 {
		l.inSOA--
		if bytes.IndexByte(b, ')') >= 0 {
			l.inSOA = 0
		}
		return
	}
	if !l.begun {
		b = bytes.TrimSpace(bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))) // byte order mark
	}
	if len(b) == 0 || isComment(b) {
		return
	}
	if b[0] == '@' && (len(b) == 1 || b[1] == ' ' || b[1] == '\t') { // the apex of a zone
		l.soa(b)
		return
	}
	i := 0
	for i < len(b) && !ends(b[i]) {
		i++
	}
	first := !l.begun
	l.begun = true
	if i == len(b) {
		if first && isHeader(b) {
			return
		}
		emitClean(b, found{}, yield)
		return
	}
	switch c := b[i]; {
	case c == ',' && !first && l.plain && i > 0 && l.dayBehind(b[i+1:]): // most rows of large lists
		emitClean(b[:i], found{day: l.lastSeen}, yield)
	case c == ',' || c == ';' || c == '"':
		if c == '"' {
			c = separator(b)
		}
		l.row(b, c, first, yield)
	case c == '/' || c == '=':
		l.slashed(b, yield)
	default:
		l.spaced(b, first, yield)
	}
}

// ends reports whether c ends a plain name. What does not end one may be in a name.
func ends(c byte) bool {
	return c <= ' ' || c == ',' || c == ';' || c == '"' || c == '/' || c == '=' || c == 0x7f
}

// dayBehind reports whether the cell that b begins with is the day of the row before.
func (l *layout) dayBehind(b []byte) bool {
	const n = len(time.DateOnly)
	return len(b) >= n && string(b[:n]) == string(l.lastDay[:]) && (len(b) == n || b[n] == ',')
}

func isComment(b []byte) bool {
	switch b[0] {
	case '#', ';', '!', '$': // $TTL and $ORIGIN of zones
		return true
	case '/':
		return len(b) > 1 && b[1] == '/'
	}
	return false
}

func isNumber(b []byte) bool {
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(b) > 0
}

// dayOf reads a day; rows mostly repeat the day of the row before.
func (l *layout) dayOf(b []byte) time.Time {
	if len(b) == len(l.lastDay) && string(b) == string(l.lastDay[:]) {
		return l.lastSeen
	}
	if len(b) < len(l.lastDay) || len(b) > 40 {
		return time.Time{}
	}
	t, ok := parseDay(string(b))
	if !ok {
		return time.Time{}
	}
	if len(b) == len(l.lastDay) {
		copy(l.lastDay[:], b)
		l.lastSeen = t
	}
	return t
}

// emitName yields a name without what stands for "and all below it".
func emitName(b []byte, f found, yield func(found, bool)) {
	for _, c := range b {
		if c <= ' ' || c == 0x7f {
			yield(found{}, false)
			return
		}
	}
	emitClean(b, f, yield)
}

// emitClean is emitName for what has no white space and no control characters.
func emitClean(b []byte, f found, yield func(found, bool)) {
	if len(b) > 1 && b[0] == '*' && b[1] == '.' {
		b = b[2:]
	} else if len(b) > 1 && b[0] == '.' {
		b = b[1:]
	}
	if len(b) == 0 || len(b) > maxNameLen || b[0] == '.' { // a label is missing
		yield(found{}, false)
		return
	}
	f.name = b
	yield(f, true)
}
