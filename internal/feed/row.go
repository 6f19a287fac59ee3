package feed

import "bytes"

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
