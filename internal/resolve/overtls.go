package resolve

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/miekg/dns"
)

// linkIdle is how long a connection without questions stays open. Servers close
// theirs after some seconds to minutes (RFC 7766, section 6.2.3).
const linkIdle = 5 * time.Second

// secureQuery makes the questions for resolvers behind TLS and HTTPS: without mixed
// case, since nobody on the way can forge an answer, and padded to a multiple of
// 128 octets (RFC 8467, section 4.1), so that their length tells no name.
func (c *Client) secureQuery(s *server, t attempt) (query []byte, qend int, err error) {
	edns := !t.plain && !s.noEDNS.Load()
	query, qend, err = c.query(t.name, t.qtype, edns, false)
	if err != nil || !edns {
		return query, qend, err
	}
	const block, optionHead = 128, 4
	pad := (block - (len(query)+optionHead)%block) % block
	binary.BigEndian.PutUint16(query[len(query)-2:], uint16(optionHead+pad)) // OPT's length
	query = binary.BigEndian.AppendUint16(query, dns.EDNS0PADDING)
	query = binary.BigEndian.AppendUint16(query, uint16(pad))
	return append(query, make([]byte, pad)...), qend, nil
}

// overTLS keeps one connection to a resolver, with many questions in flight on it.
type overTLS struct {
	c      *Client
	up     Upstream
	config *tls.Config

	mu      sync.Mutex
	current *link
	closed  bool
}

func newTLSWay(c *Client, u Upstream) *overTLS {
	return &overTLS{c: c, up: u, config: &tls.Config{
		ServerName: u.Name, RootCAs: c.roots, MinVersion: tls.VersionTLS12,
		NextProtos: []string{"dot"}, ClientSessionCache: tls.NewLRUClientSessionCache(1), // RFC 7858, 3.1 and 3.4
	}}
}

func (w *overTLS) exchange(ctx context.Context, c *Client, s *server, t attempt) reply {
	if err := c.pace.wait(ctx); err != nil {
		return reply{why: whyCancelled}
	}
	query, qend, err := c.secureQuery(s, t)
	if err != nil {
		return reply{why: whyNotName}
	}
	began := time.Now()
	inner, cancel := context.WithTimeout(ctx, c.timeout) // nothing is lost on the way: no early second try
	defer cancel()
	var r reply
	for range 2 { // the second time where the server had just closed an old connection
		l, fresh, err := w.link(inner)
		if err != nil {
			r.why = refusal(err)
			break
		}
		if r = l.ask(inner, query, qend); r.why != whyUnreachable {
			break
		}
		w.drop(l)
		if fresh {
			break
		}
	}
	switch {
	case r.answered():
		took := time.Since(began)
		s.heard(took, took)
	case ctx.Err() != nil:
		r.why = whyCancelled
	}
	return r
}

// refusal says why there is no connection.
func refusal(err error) string {
	var cert *tls.CertificateVerificationError
	if errors.As(err, &cert) {
		return whyUntrusted
	}
	return failed(context.Background(), err) // whether it was cancelled the caller knows
}

// link is the connection, a new one if need be.
func (w *overTLS) link(ctx context.Context) (l *link, fresh bool, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return nil, false, net.ErrClosed
	}
	if w.current != nil && w.current.open() {
		return w.current, false, nil
	}
	raw, err := w.c.dialer.DialNamed(ctx, "tcp", w.up.Addr.String())
	if err != nil {
		return nil, false, err
	}
	conn := tls.Client(raw, w.config)
	if err := conn.HandshakeContext(ctx); err != nil {
		raw.Close()
		return nil, false, err
	}
	w.current = newLink(conn)
	return w.current, true, nil
}

// drop forgets a link that broke; its reader may not have noticed yet.
func (w *overTLS) drop(l *link) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.current == l {
		w.current = nil
	}
	l.end()
}

func (w *overTLS) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	if w.current != nil {
		w.current.end()
		<-w.current.done
	}
}

// link is a stream with questions in flight; answers come in any order.
type link struct {
	conn net.Conn
	done chan struct{} // closed when the reader has ended

	writing sync.Mutex

	mu     sync.Mutex
	flying map[uint16]*awaited // nil when the link has ended
	idle   *time.Timer
}

// awaited is one question that waits for its answer.
type awaited struct {
	query []byte
	qend  int
	got   chan reply // room for one
}

func newLink(conn net.Conn) *link {
	l := &link{conn: conn, done: make(chan struct{}), flying: map[uint16]*awaited{}}
	l.idle = time.AfterFunc(linkIdle, l.rest)
	go l.read()
	return l
}

func (l *link) open() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.flying != nil
}

// rest ends a link that nobody has used for a while.
func (l *link) rest() {
	l.mu.Lock()
	used := len(l.flying) > 0
	l.mu.Unlock()
	if used {
		l.idle.Reset(linkIdle)
		return
	}
	l.end()
}

// end closes the link; the reader then settles what is in flight.
func (l *link) end() { l.conn.Close() }

func (l *link) ask(ctx context.Context, query []byte, qend int) reply {
	f := &awaited{query: query, qend: qend, got: make(chan reply, 1)}
	l.mu.Lock()
	if l.flying == nil {
		l.mu.Unlock()
		return reply{why: whyUnreachable}
	}
	id := binary.BigEndian.Uint16(query)
	for l.flying[id] != nil { // at most a few hundred of 65,536
		id++
	}
	binary.BigEndian.PutUint16(query, id)
	l.flying[id] = f
	l.idle.Reset(linkIdle)
	l.mu.Unlock()
	defer func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.flying[id] == f {
			delete(l.flying, id)
		}
	}()

	out := append(binary.BigEndian.AppendUint16(make([]byte, 0, 2+len(query)), uint16(len(query))), query...)
	l.writing.Lock()
	deadline, _ := ctx.Deadline()
	err := l.conn.SetWriteDeadline(deadline)
	if err == nil {
		_, err = l.conn.Write(out)
	}
	l.writing.Unlock()
	if err != nil {
		l.end() // a half-written question spoils the stream
		return reply{why: refusal(err)}
	}
	select {
	case r := <-f.got:
		return r
	case <-ctx.Done():
		return reply{why: whyTimeout}
	}
}

// read hands answers to their questions until the stream ends.
func (l *link) read() {
	defer close(l.done)
	buf := make([]byte, maxPacket)
	for {
		n, err := readPacket(l.conn, true, buf)
		if err != nil {
			break
		}
		if n < headerLen {
			continue
		}
		l.mu.Lock()
		f := l.flying[binary.BigEndian.Uint16(buf)]
		l.mu.Unlock()
		if f == nil {
			continue // late, or nobody's
		}
		if r, ok := understood(buf[:n], f.query, f.qend); ok {
			select {
			case f.got <- r:
			default: // a second answer
			}
		}
	}
	l.conn.Close()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.idle.Stop()
	for _, f := range l.flying {
		select {
		case f.got <- reply{why: whyUnreachable}:
		default:
		}
	}
	l.flying = nil
}

// understood reads a message that came over a stream on which nobody else can
// write; ok is false when it is no answer to the question.
func understood(packet, query []byte, qend int) (reply, bool) {
	switch match(packet, query, qend, true) {
	case fitHeader:
		return reply{rcodeOnly: true, rcode: int(packet[3] & 0xf)}, true
	case fitAnswer:
		m, ok := unpack(packet)
		if !ok {
			return reply{why: whyMalformed}, true
		}
		return reply{msg: m, rcode: m.Rcode}, true
	}
	return reply{}, false
}

// closer is a way that keeps connections.
type closer interface{ close() }

// Close ends the connections to resolvers behind TLS and HTTPS. Nothing may be
// asked afterwards.
func (c *Client) Close() {
	for _, s := range c.servers {
		if w, ok := s.way.(closer); ok {
			w.close()
		}
	}
}
