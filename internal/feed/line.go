package feed

import (
	"bytes"
	"net/netip"
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

// maxSOA is how many lines the parentheses of an SOA record may span: seven
// numbers and names, each with a comment line.
const maxSOA = 16

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

// column is what a header calls a column; "" for a word that is no header.
func column(cell []byte) string {
	if len(cell) > 20 {
		return ""
	}
	switch string(bytes.ToLower(cell)) {
	case "domain", "domainname", "domain_name", "name", "host", "hostname", "fqdn":
		return "name"
	case "firstseen", "first_seen", "first_listed", "date", "registered", "created", "creation_date":
		return "day"
	case "ip", "address":
		return "ip"
	case "score":
		return "score"
	case "scorereason", "reason":
		return "reason"
	}
	return ""
}

func isHeader(b []byte) bool { return column(b) == "name" }

// separator is the separator of a row that begins with a quoted cell.
func separator(b []byte) byte {
	if i := bytes.IndexByte(b[1:], '"'); i >= 0 && i+2 < len(b) {
		if c := b[i+2]; c == ';' || c == '\t' {
			return c
		}
	}
	return ','
}

// row reads a line of CSV. The first one may be a header, or begin with a rank.
func (l *layout) row(b []byte, sep byte, first bool, yield func(found, bool)) {
	if first && l.learn(b, sep) {
		return
	}
	var f found
	var name []byte
	rest, more := b, true
	for i := 0; more; i++ {
		var c []byte
		c, rest, more = nextCell(rest, sep)
		switch i {
		case l.name:
			name = c
		case l.day:
			f.day = l.dayOf(c)
		case l.ip:
			f.ip = c
		case l.score:
			f.score = c
		case l.scoreWhy:
			f.reason = c
		}
	}
	if bytes.Contains(name, []byte("://")) {
		name = hostOf(name)
	}
	emitName(name, f, yield)
}

// learn takes the columns from a first row; it is true when that was a header.
func (l *layout) learn(b []byte, sep byte) bool {
	names, rest, more := []string{}, b, true
	var cells [][]byte
	for more {
		var c []byte
		c, rest, more = nextCell(rest, sep)
		cells, names = append(cells, c), append(names, column(c))
	}
	header := false
	for _, n := range names {
		header = header || n == "name"
	}
	if !header {
		if len(cells) > 1 && isNumber(cells[0]) && bytes.IndexByte(cells[1], '.') > 0 {
			l.name, l.day, l.plain = 1, 2, false
		}
		return false
	}
	l.name, l.day = -1, -1
	for i, n := range names {
		for _, at := range []struct {
			name string
			col  *int
		}{{"name", &l.name}, {"day", &l.day}, {"ip", &l.ip}, {"score", &l.score}, {"reason", &l.scoreWhy}} {
			if n == at.name && *at.col < 0 {
				*at.col = i
			}
		}
	}
	l.plain = l.name == 0 && l.day == 1 && l.ip < 0 && l.score < 0 && l.scoreWhy < 0
	return true
}

// nextCell cuts the first cell off a row. A doubled quote inside quotes is left
// doubled: no name, date or address holds one.
func nextCell(b []byte, sep byte) (cell, rest []byte, more bool) {
	b = bytes.TrimLeft(b, " ")
	if len(b) > 0 && b[0] == '"' {
		if end := bytes.IndexByte(b[1:], '"'); end >= 0 {
			cell, rest = b[1:end+1], b[end+2:]
			i := bytes.IndexByte(rest, sep)
			if i < 0 {
				return bytes.TrimSpace(cell), nil, false
			}
			return bytes.TrimSpace(cell), rest[i+1:], true
		}
	}
	i := bytes.IndexByte(b, sep)
	if i < 0 {
		return bytes.TrimSpace(b), nil, false
	}
	return bytes.TrimSpace(b[:i]), b[i+1:], true
}

// slashed reads what dnsmasq reads, and hosts of URLs and paths.
func (l *layout) slashed(b []byte, yield func(found, bool)) {
	eq := bytes.IndexByte(b, '=')
	if eq > 0 && eq+1 < len(b) && b[eq+1] == '/' && isOption(b[:eq]) {
		rest := b[eq+2:]
		n := 0
		for {
			i := bytes.IndexByte(rest, '/')
			if i < 0 {
				break
			}
			emitName(rest[:i], found{}, yield)
			rest, n = rest[i+1:], n+1
		}
		if n == 0 {
			yield(found{}, false)
		}
		return
	}
	emitName(hostOf(b), found{}, yield)
}

// isOption reports whether b is a dnsmasq option that names domains.
func isOption(b []byte) bool {
	switch string(b) {
	case "address", "server", "local", "ipset", "nftset":
		return true
	}
	return false
}

// hostOf is the host of a URL, or what stands before a path.
func hostOf(b []byte) []byte {
	if i := bytes.Index(b, []byte("://")); i >= 0 {
		b = b[i+3:]
	}
	if i := bytes.IndexAny(b, "/?# \t,"); i >= 0 {
		b = b[:i]
	}
	if i := bytes.LastIndexByte(b, '@'); i >= 0 {
		b = b[i+1:]
	}
	if i := bytes.LastIndexByte(b, ':'); i >= 0 && isNumber(b[i+1:]) {
		b = b[:i]
	}
	return b
}

// spaced reads hosts files, zones, tables with tabs, and names with a comment or
// a date behind them.
func (l *layout) spaced(b []byte, first bool, yield func(found, bool)) {
	fields := bytes.Fields(b)
	for i, f := range fields {
		if i > 0 && (f[0] == '#' || f[0] == ';') {
			fields = fields[:i]
			break
		}
	}
	if isAddress(fields[0]) {
		for _, f := range fields[1:] {
			emitName(f, found{}, yield)
		}
		if len(fields) == 1 {
			yield(found{}, false)
		}
		return
	}
	if len(fields) == 1 {
		emitName(fields[0], found{}, yield)
		return
	}
	switch t := recordType(fields[1:]); t {
	case "":
	case "SOA", "NS":
		l.soa(b)
		return
	default:
		if bytes.Contains(fields[0], []byte(".rpz-")) { // triggers that are addresses or servers
			yield(found{}, false)
			return
		}
		emitName(bytes.TrimSuffix(fields[0], []byte(".")), found{}, yield)
		return
	}
	if bytes.IndexByte(b, '\t') >= 0 {
		l.row(b, '\t', first, yield)
		return
	}
	if day := l.dayOf(fields[1]); !day.IsZero() {
		emitName(fields[0], found{day: day}, yield)
		return
	}
	yield(found{}, false)
}

// soa skips the lines that follow until a parenthesis closes.
func (l *layout) soa(b []byte) {
	if bytes.IndexByte(b, '(') >= 0 && bytes.IndexByte(b, ')') < 0 {
		l.inSOA = maxSOA
	}
}

// recordType is the type of a zone's record, whose owner was cut off; "" when it is none.
func recordType(fields [][]byte) string {
	for i, f := range fields[:min(3, len(fields))] {
		switch s := string(bytes.ToUpper(f[:min(len(f), 8)])); s {
		case "IN":
		case "A", "AAAA": // "a" is a word, too
			if i+1 < len(fields) && isAddress(fields[i+1]) {
				return s
			}
			return ""
		case "CNAME", "DNAME", "TXT", "SOA", "NS":
			return s
		default:
			if i > 1 || !isNumber(f) { // TTL
				return ""
			}
		}
	}
	return ""
}

func isAddress(b []byte) bool {
	if c := b[0]; len(b) > 45 || c != ':' && (c < '0' || c > '9') && bytes.IndexByte(b, ':') < 0 {
		return false
	}
	_, err := netip.ParseAddr(string(b))
	return err == nil
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
	if len(b) == 0 || len(b) > maxNameLen {
		yield(found{}, false)
		return
	}
	f.name = b
	yield(f, true)
}
