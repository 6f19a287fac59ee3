package feed

import (
	"bytes"
	"net/netip"
)

// maxSOA is how many lines the parentheses of an SOA record may span: seven
// numbers and names, each with a comment line.
const maxSOA = 16

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
