package lab

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/netip"
	"time"
)

// nameserver is one address at which DNS is answered.
type nameserver struct {
	lab   *Lab
	world *dnsWorld
	role  role
	addr  netip.AddrPort
}

// packet answers one datagram, in the asker's goroutine.
func (s *nameserver) packet(d *datagram, packet []byte) {
	answer, latency := s.answer(packet, d.local.(*net.UDPAddr).AddrPort(), true)
	switch {
	case answer == nil:
	case latency > 0:
		s.lab.network.after(latency, func() { d.deliver(answer) })
	default:
		d.deliver(answer)
	}
}

// stream answers queries over TCP (RFC 7766) until the client is gone.
func (s *nameserver) stream(c net.Conn) {
	defer c.Close()
	src := c.RemoteAddr().(*net.TCPAddr).AddrPort()
	var size [2]byte
	for {
		if _, err := io.ReadFull(c, size[:]); err != nil {
			return
		}
		packet := make([]byte, binary.BigEndian.Uint16(size[:]))
		if _, err := io.ReadFull(c, packet); err != nil {
			return
		}
		answer, latency := s.answer(packet, src, false)
		if answer == nil {
			continue
		}
		if latency > 0 {
			s.lab.network.pause(latency)
		}
		framed := append(binary.BigEndian.AppendUint16(make([]byte, 0, len(answer)+2), uint16(len(answer))), answer...)
		if _, err := c.Write(framed); err != nil {
			return
		}
	}
}

// answer is nil where nothing comes back.
func (s *nameserver) answer(packet []byte, src netip.AddrPort, udp bool) (answer []byte, latency time.Duration) {
	q, err := parseQuery(packet)
	if err == errNotQuery {
		return nil, 0
	}
	limit := 0
	if udp {
		limit = q.size
	}
	r := s.reply(q, err)
	if z := s.world.zoneOf(q.name); z != nil && err == nil {
		latency = z.latency
		r.silent = z.lost()
	}
	s.lab.journal.add(Request{
		Time: s.lab.clock.Now(), Service: DNS, Src: src, Dst: s.addr,
		Host: q.name, Method: typeName(q.typ), Status: r.rcode,
	})
	if r.silent {
		return nil, 0
	}
	return r.pack(q, limit), latency
}

func (s *nameserver) reply(q question, problem error) reply {
	switch {
	case problem != nil:
		return reply{rcode: rcodeFormErr}
	case q.flags&maskOpcode != 0:
		return reply{rcode: rcodeNotImp}
	case q.class != classIN:
		return reply{rcode: rcodeRefused}
	case s.role.kind == recursiveServer:
		return s.world.recursive(q)
	}
	return s.world.authoritative(q, s.role)
}

// typeName writes a record type; those without a name here as RFC 3597 does.
func typeName(t uint16) string {
	switch t {
	case typeA:
		return "A"
	case typeNS:
		return "NS"
	case typeCNAME:
		return "CNAME"
	case typeSOA:
		return "SOA"
	case typeMX:
		return "MX"
	case typeTXT:
		return "TXT"
	case typeAAAA:
		return "AAAA"
	}
	return fmt.Sprintf("TYPE%d", t)
}
