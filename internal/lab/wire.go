package lab

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"strings"
)

// The part of RFC 1035 that a name server needs, written by hand because a
// hunt asks a hundred thousand questions: parsing one question, and appending
// records whose data is already in wire form.

// Record types and response codes (IANA, DNS parameters).
const (
	typeA     = 1
	typeNS    = 2
	typeCNAME = 5
	typeSOA   = 6
	typeMX    = 15
	typeTXT   = 16
	typeAAAA  = 28
	typeOPT   = 41
	typeANY   = 255

	classIN = 1

	rcodeSuccess  = 0
	rcodeFormErr  = 1
	rcodeServFail = 2
	rcodeNXDomain = 3
	rcodeNotImp   = 4
	rcodeRefused  = 5
)

// Header flags (RFC 1035, section 4.1.1).
const (
	flagQR     = 1 << 15
	flagAA     = 1 << 10
	flagTC     = 1 << 9
	flagRD     = 1 << 8
	flagRA     = 1 << 7
	maskOpcode = 0xf << 11
)

const (
	dnsHeader  = 12   // octets
	plainUDP   = 512  // octets a client takes without EDNS (RFC 1035, section 2.3.4)
	mostUDP    = 1232 // octets that we send by UDP (DNS flag day 2020)
	timeToLive = 300  // seconds, of every record
)

// question is what a query asks.
type question struct {
	id    uint16
	flags uint16
	raw   []byte // name, type and class as sent: the answer repeats the case of every letter
	name  string // lower case, no trailing dot, "" for the root
	typ   uint16
	class uint16
	edns  bool
	size  int // octets that the client takes by UDP
}

var (
	errNotQuery  = errors.New("not a DNS query")
	errMalformed = errors.New("a malformed DNS query")
)

// parseQuery reads a query with one question. errNotQuery means that nothing
// can be answered, errMalformed that FORMERR can: id and flags are set then.
func parseQuery(b []byte) (q question, err error) {
	if len(b) < dnsHeader {
		return q, errNotQuery
	}
	q.id, q.flags = binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:])
	q.size = plainUDP
	if q.flags&flagQR != 0 {
		return q, errNotQuery
	}
	count := func(i int) int { return int(binary.BigEndian.Uint16(b[4+2*i:])) }
	if count(0) != 1 || count(1) != 0 || count(2) != 0 {
		return q, errMalformed
	}
	end, name, err := readName(b, dnsHeader)
	if err != nil || end+4 > len(b) {
		return q, errMalformed
	}
	q.name = name
	q.typ, q.class = binary.BigEndian.Uint16(b[end:]), binary.BigEndian.Uint16(b[end+2:])
	q.raw = b[dnsHeader : end+4]
	rest := b[end+4:]
	// The additional section holds OPT (root name, 11 octets and options), or nothing we need.
	if count(3) > 0 {
		if len(rest) < 11 {
			return q, errMalformed
		}
		if rest[0] == 0 && binary.BigEndian.Uint16(rest[1:]) == typeOPT {
			q.edns = true
			q.size = min(max(plainUDP, int(binary.BigEndian.Uint16(rest[3:]))), mostUDP)
		}
	}
	return q, nil
}

// readName reads an uncompressed name: a question has nothing to point to.
func readName(b []byte, at int) (end int, name string, err error) {
	var buf [256]byte
	out := buf[:0]
	for {
		if at >= len(b) {
			return 0, "", errMalformed
		}
		n := int(b[at])
		at++
		if n == 0 {
			break
		}
		if n > 63 || at+n > len(b) || len(out)+n+1 > 253 { // 255 with the first length and the root
			return 0, "", errMalformed
		}
		if len(out) > 0 {
			out = append(out, '.')
		}
		for _, c := range b[at : at+n] {
			if 'A' <= c && c <= 'Z' {
				c |= 0x20
			}
			// A dot inside a label would make another name of it; no name here has one.
			if c == '.' {
				c = 0
			}
			out = append(out, c)
		}
		at += n
	}
	return at, string(out), nil
}

// record is a resource record whose data is in wire form, without compression.
type record struct {
	typ  uint16
	data []byte
}

// owned is a record with its owner: a name that ends the question's name (or
// is it), or any other.
type owned struct {
	name string
	rec  record
}

// reply is what a server says, before it is put on the wire.
type reply struct {
	rcode      int
	flags      uint16 // AA, RA
	answer     []owned
	authority  []owned
	additional []owned
	silent     bool // no answer at all
}

// pack puts a reply on the wire. Beyond limit (0: none) the sections are left
// out and TC is set.
func (r *reply) pack(q question, limit int) []byte {
	b := make([]byte, dnsHeader, 512)
	b = append(b, q.raw...)
	for _, section := range [][]owned{r.answer, r.authority, r.additional} {
		for _, o := range section {
			b = appendRecord(b, q.name, o)
		}
	}
	extra := len(r.additional)
	if q.edns {
		extra++
		b = append(b, 0, 0, typeOPT, mostUDP>>8, mostUDP&0xff, 0, 0, 0, 0, 0, 0)
	}
	flags := flagQR | r.flags | q.flags&(flagRD|maskOpcode) | uint16(r.rcode)
	answers, authorities := len(r.answer), len(r.authority)
	if limit > 0 && len(b) > limit {
		flags |= flagTC
		answers, authorities, extra = 0, 0, 0
		b = b[:dnsHeader+len(q.raw)]
		if q.edns {
			extra = 1
			b = append(b, 0, 0, typeOPT, mostUDP>>8, mostUDP&0xff, 0, 0, 0, 0, 0, 0)
		}
	}
	binary.BigEndian.PutUint16(b, q.id)
	binary.BigEndian.PutUint16(b[2:], flags)
	questions := 1
	if len(q.raw) == 0 {
		questions = 0
	}
	for i, n := range []int{questions, answers, authorities, extra} {
		binary.BigEndian.PutUint16(b[4+2*i:], uint16(n))
	}
	return b
}

// appendRecord writes the owner as a pointer into the question where it ends
// the question's name.
func appendRecord(b []byte, asked string, o owned) []byte {
	switch {
	case o.name == "":
		b = append(b, 0)
	case o.name == asked:
		b = append(b, 0xc0, dnsHeader)
	case strings.HasSuffix(asked, o.name) && asked[len(asked)-len(o.name)-1] == '.':
		// In a question every dot stands where the next label's length is, so
		// offsets in the text are offsets on the wire. They stay below 2^14.
		at := dnsHeader + len(asked) - len(o.name)
		b = append(b, 0xc0|byte(at>>8), byte(at))
	default:
		b = appendName(b, o.name)
	}
	b = binary.BigEndian.AppendUint16(b, o.rec.typ)
	b = binary.BigEndian.AppendUint16(b, classIN)
	b = binary.BigEndian.AppendUint32(b, timeToLive)
	b = binary.BigEndian.AppendUint16(b, uint16(len(o.rec.data)))
	return append(b, o.rec.data...)
}

// appendName writes a name of labels that are known to fit.
func appendName(b []byte, name string) []byte {
	for label := range strings.SplitSeq(name, ".") {
		if label != "" {
			b = append(b, byte(len(label)))
			b = append(b, label...)
		}
	}
	return append(b, 0)
}

func addressRecord(a netip.Addr) record {
	if a.Is4() {
		return record{typeA, a.AsSlice()}
	}
	return record{typeAAAA, a.AsSlice()}
}

func nameRecord(typ uint16, target string) record { return record{typ, appendName(nil, target)} }

func mxRecord(preference int, host string) record {
	return record{typeMX, appendName(binary.BigEndian.AppendUint16(nil, uint16(preference)), host)}
}

// txtRecord splits a text into strings of 255 octets (RFC 1035, section 3.3.14).
func txtRecord(text string) record {
	var b []byte
	for {
		n := min(len(text), 255)
		b = append(append(b, byte(n)), text[:n]...)
		if text = text[n:]; text == "" {
			return record{typeTXT, b}
		}
	}
}

func soaRecord(mname, rname string, serial uint32) record {
	b := appendName(appendName(nil, mname), rname)
	// serial, refresh, retry, expire, minimum: RIPE-203's recommendation for small zones, minimum as negative TTL (RFC 2308)
	for _, n := range []uint32{serial, 86400, 7200, 3600000, timeToLive} {
		b = binary.BigEndian.AppendUint32(b, n)
	}
	return record{typeSOA, b}
}
