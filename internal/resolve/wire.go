package resolve

import (
	"encoding/binary"

	"github.com/miekg/dns"
)

// This file reads and writes the little of a message that bulk work needs, in
// place and without allocation. Whatever it does not recognise at once is left
// to the full reader, so that it may be narrow.

const (
	maxName    = 255 // octets of a name on the wire (RFC 1035, 2.3.4)
	maxQuery   = headerLen + maxName + 4 + optLen
	optLen     = 11         // an OPT record without options (RFC 6891, 6.1.2)
	soaNumbers = 20         // five 32-bit fields after the two names (RFC 1035, 3.3.13)
	flagAA     = 1 << 2     // octet 2 of the header
	flagTC     = 1 << 1     // octet 2
	flagRA     = 1 << 7     // octet 3
	rcodeMask  = 0xf        // octet 3
	pointer    = byte(0xc0) // the two bits of a compression pointer
	pointerOff = int(^pointer) & 0x3f
)

// appendName packs a name of plain labels (no escapes; a final dot may be left
// out). ok is false for anything else, and b is as it was.
func appendName(b []byte, name string) (_ []byte, ok bool) {
	before := len(b)
	if n := len(name); n > 0 && name[n-1] == '.' {
		name = name[:n-1]
	}
	if len(name) > maxName-2 {
		return b, false
	}
	b = append(b, 0)
	length := len(b) - 1 // where the current label's length goes
	for i := range len(name) {
		switch ch := name[i]; {
		case ch == '.':
			n := len(b) - length - 1
			if n == 0 || n > 63 {
				return b[:before], false
			}
			b[length] = byte(n)
			length = len(b)
			b = append(b, 0)
		case ch == '\\':
			return b[:before], false
		default:
			b = append(b, ch)
		}
	}
	n := len(b) - length - 1
	if n > 63 || n == 0 && length > before {
		return b[:before], false
	}
	if n > 0 {
		b[length] = byte(n)
		b = append(b, 0)
	}
	return b, true
}

// readName expands the name that begins at at into out. next is where the
// message goes on. Pointers lead back only, so that reading ends; what else the
// two high bits of a length can say is not taken.
func readName(p []byte, at int, out *[maxName]byte) (n, next int, ok bool) {
	before := at // a pointer leads to before this
	for {
		if at >= len(p) {
			return 0, 0, false
		}
		l := int(p[at])
		switch {
		case p[at]&pointer == pointer:
			if at+1 >= len(p) {
				return 0, 0, false
			}
			to := l&pointerOff<<8 | int(p[at+1])
			if to >= before || to < headerLen {
				return 0, 0, false
			}
			if next == 0 {
				next = at + 2
			}
			at, before = to, to
			continue
		case p[at]&pointer != 0 || at+1+l > len(p) || n+1+l > maxName:
			return 0, 0, false
		}
		n += copy(out[n:], p[at:at+1+l])
		at += 1 + l
		if l == 0 {
			if next == 0 {
				next = at
			}
			return n, next, true
		}
	}
}

// denier is who says in an answer that a name does not exist, if that is all
// that it says.
type denier int

// The deniers.
const (
	noDenial   denier = iota // or one that has to be read with more care
	byParent                 // a server that does not recurse, with authority
	byResolver               // one that recurses; what authority it claims is its owner's
)

// denies reads the plainest denial there is: NXDOMAIN with the SOA of a zone
// strictly above the name and below the root, and nothing else but an empty
// OPT, as an answer to our question, which ends at qend.
func denies(p []byte, qend int) denier {
	if len(p) < qend+1 || p[3]&rcodeMask != dns.RcodeNameError || p[2]&flagTC != 0 {
		return noDenial
	}
	who := byResolver
	if p[3]&flagRA == 0 {
		who = byParent
		if p[2]&flagAA == 0 {
			return noDenial
		}
	}
	if !plainDenial(p, qend) {
		return noDenial
	}
	return who
}

// plainDenial reports whether all of an answer is the SOA and the OPT.
func plainDenial(p []byte, qend int) bool {
	be := binary.BigEndian
	extra := be.Uint16(p[10:])
	if be.Uint16(p[4:]) != 1 || be.Uint16(p[6:]) != 0 || be.Uint16(p[8:]) != 1 || extra > 1 {
		return false
	}
	var owner [maxName]byte
	n, at, ok := readName(p, qend, &owner)
	if !ok || !below(p[headerLen:qend-4], owner[:n]) {
		return false
	}
	if len(p) < at+10 || be.Uint16(p[at:]) != dns.TypeSOA || be.Uint16(p[at+2:]) != dns.ClassINET {
		return false
	}
	end := at + 10 + int(be.Uint16(p[at+8:]))
	if end > len(p) {
		return false
	}
	if !wholeSOA(p[:end], at+10) {
		return false
	}
	if extra == 0 {
		return end == len(p)
	}
	opt := p[end:]
	return len(opt) == optLen && opt[0] == 0 && be.Uint16(opt[1:]) == dns.TypeOPT &&
		opt[5] == 0 && // the high bits of the rcode
		be.Uint16(opt[9:]) == 0
}

// wholeSOAs reports whether every SOA of an answer has its two names and five
// numbers, and no octet more. The full reader takes what is cut off as zeros,
// and an SOA is what absence rests on.
func wholeSOAs(p []byte) bool {
	be := binary.BigEndian
	var name [maxName]byte
	at, ok := headerLen, false
	for range be.Uint16(p[4:]) {
		if _, at, ok = readName(p, at, &name); !ok {
			return false
		}
		at += 4
	}
	for range int(be.Uint16(p[6:])) + int(be.Uint16(p[8:])) {
		if _, at, ok = readName(p, at, &name); !ok || len(p) < at+10 {
			return false
		}
		end := at + 10 + int(be.Uint16(p[at+8:]))
		if end > len(p) {
			return false
		}
		if be.Uint16(p[at:]) == dns.TypeSOA && !wholeSOA(p[:end], at+10) {
			return false
		}
		at = end
	}
	return true
}

// wholeSOA is the same for the data of one, which begins at at and ends the packet.
func wholeSOA(p []byte, at int) bool {
	var name [maxName]byte
	ok := false
	for range 2 {
		if _, at, ok = readName(p, at, &name); !ok {
			return false
		}
	}
	return at+soaNumbers == len(p)
}

// below reports whether a name lies strictly below a zone other than the root;
// both are on the wire and not compressed.
func below(name, zone []byte) bool {
	at := len(name) - len(zone)
	if len(zone) < 2 || at <= 0 {
		return false
	}
	for i := 0; i < at; {
		if i += 1 + int(name[i]); i == at {
			return sameFold(name[at:], zone)
		}
	}
	return false
}
