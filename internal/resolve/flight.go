package resolve

import (
	"encoding/binary"
	"time"

	"github.com/miekg/dns"
)

// flight is one question under way on a port. Either somebody waits for it
// (waiter), or it is the first question about a name of bulk work (number).
type flight struct {
	id     uint16
	length uint16 // of query
	qend   uint16 // where its question section ends
	sends  uint8  // packets sent
	state  flightState
	sent   time.Duration // first time; all times since the client was made
	next   time.Duration // when it is looked at: to be sent again, or given up
	end    time.Duration // when it is given up

	waiter *waiter
	number int // of the name
	which  int // of the questions about it
	query  [maxQuery]byte
}

type flightState uint8

const (
	unused flightState = iota
	underWay
	answeredOnce // an answer was handed to the waiter, who may not like it
)

// waiter is told of packets that answer its question, and with nil when the
// time is over. It takes itself off the port after an answer that it likes.
type waiter struct {
	packets chan []byte
	recased bool   // to be read when packets is closed
	why     string // likewise
}

// fill writes the query of a question. name is on the wire.
func (f *flight) fill(name []byte, qtype uint16, edns bool) {
	q := f.query[:]
	clear(q[:headerLen])
	binary.BigEndian.PutUint16(q, f.id)
	q[2] = 1 // RD
	q[5] = 1 // one question
	end := headerLen + copy(q[headerLen:], name)
	f.qend = uint16(putQuestion(q, end, qtype))
	f.length = f.qend
	if edns {
		f.length = uint16(putOPT(q, int(f.qend)))
	}
}

// putQuestion ends a question whose name ends at end.
func putQuestion(q []byte, end int, qtype uint16) int {
	binary.BigEndian.PutUint16(q[end:], qtype)
	binary.BigEndian.PutUint16(q[end+2:], dns.ClassINET)
	return end + 4
}

// putOPT says which length of UDP packet we take (RFC 6891).
func putOPT(q []byte, at int) int {
	clear(q[at : at+optLen])
	q[11] = 1 // one additional record
	binary.BigEndian.PutUint16(q[at+1:], dns.TypeOPT)
	binary.BigEndian.PutUint16(q[at+3:], udpSize)
	return at + optLen
}

// mixCase gives every letter of a name on the wire a random case
// (draft-vixie-dnsext-dns0x20).
func mixCase(name []byte, random func() uint64) {
	noise, left := uint64(0), 0
	for i, ch := range name {
		// Lengths are below 64 and so never letters.
		if l := ch | 0x20; l < 'a' || l > 'z' {
			continue
		}
		if left == 0 {
			noise, left = random(), 64
		}
		name[i] = ch&^0x20 | byte(noise&1)<<5
		noise, left = noise>>1, left-1
	}
}
