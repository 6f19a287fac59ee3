package resolve

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"time"

	"github.com/miekg/dns"
)

const (
	headerLen = 12    // RFC 1035, section 4.1.1
	udpSize   = 1232  // what we say we take: the size of DNS flag day 2020, below any usual MTU
	maxPacket = 65535 // what we do take, UDP or TCP
)

// Why a try brought nothing. They are reasons of outcomes, so part of the output.
const (
	whyTimeout      = "timeout"
	whyUnreachable  = "unreachable" // no connection, or it broke
	whyMalformed    = "malformed"   // only packets that cannot be read came
	whyCancelled    = "cancelled"
	whyNoResolver   = "no-resolver" // all of them are put aside
	whyServfail     = "servfail"
	whyRefused      = "refused"
	whyLame         = "lame" // the answer neither has the records nor says that there are none
	whyTruncated    = "truncated"
	whyDisagree     = "disagreement"
	whyUnconfirmed  = "unconfirmed" // absent by one answer, and nothing confirms it
	whyWildcard     = "wildcard"
	whyUntrusted    = "untrusted"     // the resolver's certificate is not valid for its name
	whyHTTP         = "http"          // a web server answered, but no resolver
	whyNotDelegated = "not-delegated" // a resolver has records, the registry knows no such name
	whySingle       = "single-resolver"
	whyNotName      = "not-a-name"
)

// attempt is one try of one question at one server.
type attempt struct {
	network string // "udp", "tcp"
	name    string // absolute, in presentation form
	qtype   uint16
	wait    time.Duration // real time
	plain   bool          // without EDNS
}

// reply is what an attempt brought: a message that answers our question, or why not.
type reply struct {
	msg       *dns.Msg
	rcodeOnly bool // an error without question section; msg is nil
	rcode     int
	why       string
	recased   bool // an answer came with the letters of the question changed
}

// answered reports whether the server said anything at all.
func (r reply) answered() bool { return r.msg != nil || r.rcodeOnly }

func newPacketBuffer() any { b := make([]byte, maxPacket); return &b }

// exchange sends one question and waits for its answer, past everything that
// is not: over the shared sockets while bulk work runs, else over a fresh one.
func (c *Client) exchange(ctx context.Context, s *server, t attempt) reply {
	if c.streams && t.network == "udp" {
		t.network, t.wait = "tcp", c.timeout
	}
	if s.way != nil {
		return s.way.exchange(ctx, c, s, t)
	}
	if err := c.pace.wait(ctx); err != nil {
		return reply{why: whyCancelled}
	}
	if e := c.engine.Load(); e != nil && t.network == "udp" {
		if r, ok := e.exchange(ctx, s, t); ok {
			return r
		}
	}
	query, qend, err := c.query(t.name, t.qtype, !t.plain && !s.noEDNS.Load(), !s.lowerCase.Load())
	if err != nil {
		return reply{why: whyNotName}
	}
	began := time.Now()
	conn, err := c.dial(ctx, t.network, s.text, t.wait)
	if err != nil {
		return reply{why: failed(ctx, err)}
	}
	return c.talk(ctx, conn, s, t, query, qend, began)
}

// talk asks over a socket of the question's own, and closes it.
func (c *Client) talk(ctx context.Context, conn net.Conn, s *server, t attempt, query []byte, qend int, began time.Time) reply {
	defer conn.Close()
	// A cancelled context ends the wait at once.
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	r, sends := c.converse(ctx, conn, s, t, query, qend, began)
	switch {
	case r.answered():
		if t.network == "tcp" && r.recased {
			s.lowerCase.Store(true)
		}
		took, sample := time.Since(began), time.Duration(0)
		if t.network == "udp" && sends == 1 {
			sample = took
		}
		s.heard(took, sample)
	case ctx.Err() != nil:
		r.why = whyCancelled
	}
	return r
}

func (c *Client) dial(ctx context.Context, network, address string, wait time.Duration) (net.Conn, error) {
	if network == "udp" {
		return c.dialer.DialNamed(ctx, network, address)
	}
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	return c.dialer.DialNamed(ctx, network, address)
}

func failed(ctx context.Context, err error) string {
	switch {
	case ctx.Err() != nil:
		return whyCancelled
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return whyTimeout
	}
	return whyUnreachable
}

// converse writes the query and reads until its answer comes or the time is
// over. Over UDP it is written again when the answer is overdue.
func (c *Client) converse(ctx context.Context, conn net.Conn, s *server, t attempt, query []byte, qend int, began time.Time) (r reply, sends int) {
	out, tcp := query, t.network == "tcp"
	if tcp {
		out = append(binary.BigEndian.AppendUint16(make([]byte, 0, 2+len(query)), uint16(len(query))), query...)
	}
	end := began.Add(t.wait)
	buf := c.buffers.Get().(*[]byte)
	defer c.buffers.Put(buf)
	for sends = 1; ; sends++ {
		until := end
		if after := s.timing.resendAfter(sends, s.window.lossy.Load()); !tcp && after > 0 && time.Now().Add(after).Before(end) {
			until = time.Now().Add(after)
		}
		if sends > 1 {
			c.pace.owe()
		}
		if err := conn.SetDeadline(until); err != nil {
			r.why = whyUnreachable
			return r, sends
		}
		if ctx.Err() != nil { // later than here, it overrules our deadline
			r.why = whyCancelled
			return r, sends
		}
		if _, err := conn.Write(out); err != nil {
			r.why = failed(context.Background(), err)
			return r, sends
		}
		why := c.listen(conn, tcp, *buf, query, qend, &r)
		if r.answered() {
			return r, sends
		}
		if why != whyTimeout || !until.Before(end) {
			r.why = cmp.Or(r.why, why)
			return r, sends
		}
	}
}

// listen reads until an answer comes, which it puts into r, or reading fails.
func (c *Client) listen(conn net.Conn, tcp bool, buf, query []byte, qend int, r *reply) (why string) {
	for {
		n, err := readPacket(conn, tcp, buf)
		if err != nil {
			return failed(context.Background(), err)
		}
		switch fit := match(buf[:n], query, qend, tcp); fit {
		case fitStranger:
		case fitRecased:
			r.recased = true
		case fitHeader:
			r.rcodeOnly, r.rcode = true, int(buf[3]&rcodeMask)
			return ""
		case fitAnswer:
			m, ok := unpack(buf[:n])
			if !ok {
				r.why = whyMalformed
				continue
			}
			changed := !bytes.Equal(buf[headerLen:qend], query[headerLen:qend])
			r.msg, r.rcode, r.recased = m, m.Rcode, changed
			return ""
		}
	}
}

// readPacket reads one message into buf.
func readPacket(conn net.Conn, tcp bool, buf []byte) (int, error) {
	if !tcp {
		return conn.Read(buf)
	}
	if _, err := io.ReadFull(conn, buf[:2]); err != nil {
		return 0, err
	}
	n := int(binary.BigEndian.Uint16(buf))
	return io.ReadFull(conn, buf[:n])
}

// query is a question on the wire; its question section ends at qend. With
// mixed, every letter of the name has a random case.
func (c *Client) query(name string, qtype uint16, edns, mixed bool) (query []byte, qend int, err error) {
	q := make([]byte, maxQuery)
	binary.BigEndian.PutUint16(q, uint16(c.random()))
	q[2] = 1 // RD
	q[5] = 1 // one question
	end, err := dns.PackDomainName(name, q, headerLen, nil, false)
	if err != nil {
		return nil, 0, err
	}
	if mixed {
		mixCase(q[headerLen:end], c.random)
	}
	qend = putQuestion(q, end, qtype)
	if !edns {
		return q[:qend], qend, nil
	}
	return q[:putOPT(q, qend)], qend, nil
}

// fit is how a packet relates to our question.
type fit int

const (
	fitStranger fit = iota // not ours, or not even DNS
	fitRecased             // ours, if the case of letters did not matter
	fitHeader              // an error that repeats no question
	fitAnswer
)

// match compares ID, opcode and the question section, octet by octet. Over TCP,
// where nobody else can write, the case of letters is not held against it.
func match(packet, query []byte, qend int, tcp bool) fit {
	if len(packet) < headerLen || packet[0] != query[0] || packet[1] != query[1] {
		return fitStranger
	}
	const qr, opcode = 0x80, 0x78
	if packet[2]&qr == 0 || packet[2]&opcode != 0 {
		return fitStranger
	}
	questions := binary.BigEndian.Uint16(packet[4:])
	if questions == 0 && len(packet) == headerLen && packet[3]&0xf != dns.RcodeSuccess && packet[3]&0xf != dns.RcodeNameError {
		return fitHeader
	}
	if questions != 1 || len(packet) < qend {
		return fitStranger
	}
	got, want := packet[headerLen:qend], query[headerLen:qend]
	if bytes.Equal(got, want) {
		return fitAnswer
	}
	name := len(want) - 4
	if !bytes.Equal(got[name:], want[name:]) || !sameFold(got[:name], want[:name]) {
		return fitStranger
	}
	if tcp {
		return fitAnswer
	}
	return fitRecased
}

// sameFold compares names on the wire as DNS does: only A-Z have a case.
func sameFold(a, b []byte) bool {
	for i := range a {
		x, y := a[i], b[i]
		if x == y {
			continue
		}
		if l := x | 0x20; l != y|0x20 || l < 'a' || l > 'z' {
			return false
		}
	}
	return true
}

// unpack reads a whole message. Sections that hold less than the header
// declares, and records without data, are a cut or a lie, and the message is
// not taken.
func unpack(packet []byte) (*dns.Msg, bool) {
	m := new(dns.Msg)
	if err := m.Unpack(packet); err != nil {
		return nil, false
	}
	for i, n := range []int{len(m.Question), len(m.Answer), len(m.Ns), len(m.Extra)} {
		if int(binary.BigEndian.Uint16(packet[4+2*i:])) != n {
			return nil, false
		}
	}
	for _, rr := range slices.Concat(m.Answer, m.Ns) {
		if rr.Header().Rdlength == 0 {
			return nil, false
		}
	}
	return m, len(m.Ns) == 0 || wholeSOAs(packet)
}
