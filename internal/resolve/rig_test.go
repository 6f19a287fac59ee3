package resolve

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// behaviour is a name server: it gets every query and sends packets back, now
// or later, as many as it likes.
type behaviour func(network string, query []byte, send func([]byte))

// rig is a network in memory: servers by address. An address without a server
// is silence over UDP and refuses TCP.
type rig map[string]behaviour

var errRefused = errors.New("connection refused")

func (r rig) DialNamed(_ context.Context, network, address string) (net.Conn, error) {
	b, ok := r[address]
	if network == "tcp" && !ok {
		return nil, errRefused
	}
	c := &memConn{network: network, server: b}
	c.changed.L = &c.mu
	return c, nil
}

// memConn is one end of a socket whose other end is a behaviour.
type memConn struct {
	net.Conn // the methods that nobody calls
	network  string
	server   behaviour

	mu       sync.Mutex
	changed  sync.Cond
	in       []byte // TCP: what was written and is no whole message yet
	queue    [][]byte
	closed   bool
	eof      bool
	deadline time.Time
	timer    *time.Timer
}

func (c *memConn) send(p []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if p == nil {
		c.eof = true
	} else {
		c.queue = append(c.queue, p)
	}
	c.changed.Broadcast()
}

func (c *memConn) Write(p []byte) (int, error) {
	if c.network == "udp" {
		if c.server != nil {
			c.server("udp", p, c.send)
		}
		return len(p), nil
	}
	c.in = append(c.in, p...)
	for len(c.in) >= 2 && len(c.in) >= 2+int(binary.BigEndian.Uint16(c.in)) {
		n := 2 + int(binary.BigEndian.Uint16(c.in))
		c.server("tcp", c.in[2:n], c.send)
		c.in = c.in[n:]
	}
	return len(p), nil
}

func (c *memConn) Read(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		switch {
		case c.closed:
			return 0, net.ErrClosed
		case !c.deadline.IsZero() && !time.Now().Before(c.deadline):
			return 0, os.ErrDeadlineExceeded
		case len(c.queue) > 0:
			n := copy(p, c.queue[0])
			if c.queue[0] = c.queue[0][n:]; len(c.queue[0]) == 0 || c.network == "udp" {
				c.queue = c.queue[1:]
			}
			return n, nil
		case c.eof:
			return 0, io.EOF
		}
		c.changed.Wait()
	}
}

func (c *memConn) SetDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deadline = t
	if c.timer != nil {
		c.timer.Stop()
	}
	switch left := time.Until(t); {
	case t.IsZero():
		c.timer = nil
	case left <= 0:
		c.timer = nil
		c.changed.Broadcast()
	default:
		c.timer = time.AfterFunc(left, func() {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.changed.Broadcast()
		})
	}
	return nil
}

func (c *memConn) SetReadDeadline(t time.Time) error { return c.SetDeadline(t) }

func (c *memConn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	if c.timer != nil {
		c.timer.Stop()
	}
	c.changed.Broadcast()
	return nil
}

// jumpClock is a laboratory clock: it jumps while somebody sleeps.
type jumpClock struct {
	mu  sync.Mutex
	now time.Time
}

func newJumpClock() *jumpClock {
	return &jumpClock{now: time.Date(2024, 7, 1, 0, 0, 0, 0, time.UTC)}
}

func (c *jumpClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *jumpClock) Sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if d > 0 {
		c.now = c.now.Add(d)
	}
	return ctx.Err()
}

// world is what is registered, in master-file lines without TTLs and classes:
// "evil.com. NS ns1.host.net.". Names that are no key do not exist.
type world map[string][]dns.RR

func newWorld(t testing.TB, lines ...string) world {
	t.Helper()
	w := world{}
	for _, l := range lines {
		rr, err := dns.NewRR(l)
		if err != nil {
			t.Fatal(err)
		}
		w[strings.ToLower(rr.Header().Name)] = append(w[strings.ToLower(rr.Header().Name)], rr)
	}
	return w
}

func soa(owner string) dns.RR {
	return &dns.SOA{Hdr: dns.RR_Header{Name: owner, Rrtype: dns.TypeSOA, Class: dns.ClassINET, Ttl: 60}, Ns: "a.nic.example.", Mbox: "h.nic.example."}
}

// zoneOf is the closest name above (or at) the given one that has name
// servers; the top-level domain when none has.
func (w world) zoneOf(name string) string {
	labels := dns.SplitDomainName(name)
	for i := range labels {
		at := strings.ToLower(dns.Fqdn(strings.Join(labels[i:], ".")))
		for _, rr := range w[at] {
			if rr.Header().Rrtype == dns.TypeNS {
				return at
			}
		}
	}
	if len(labels) < 2 {
		return "."
	}
	return dns.Fqdn(labels[len(labels)-1])
}

// answer is what an honest recursive resolver says.
func (w world) answer(q *dns.Msg) *dns.Msg {
	m := new(dns.Msg).SetReply(q)
	m.RecursionAvailable = true
	at := q.Question[0].Name
	for range 9 {
		rrs, ok := w[strings.ToLower(at)]
		if !ok && at != "." {
			m.Rcode = dns.RcodeNameError
			break
		}
		next := ""
		for _, rr := range rrs {
			switch h := rr.Header(); {
			case h.Rrtype == q.Question[0].Qtype:
				m.Answer = append(m.Answer, recased(rr, at))
			case h.Rrtype == dns.TypeCNAME:
				m.Answer = append(m.Answer, recased(rr, at))
				next = rr.(*dns.CNAME).Target
			}
		}
		if next == "" {
			break
		}
		at = next
	}
	if len(m.Answer) == 0 || m.Rcode != 0 || m.Answer[len(m.Answer)-1].Header().Rrtype != q.Question[0].Qtype {
		m.Ns = append(m.Ns, soa(w.zoneOf(at)))
	}
	return m
}

// recased gives a record the owner as it was asked for.
func recased(rr dns.RR, owner string) dns.RR {
	rr = dns.Copy(rr)
	rr.Header().Name = owner
	return rr
}

func packed(t testing.TB, m *dns.Msg) []byte {
	b, err := m.Pack()
	if err != nil {
		t.Error(err)
	}
	return b
}

// frame is a message as it goes over TCP.
func frame(network string, b []byte) []byte {
	if network == "udp" {
		return b
	}
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(b))), b...)
}

// says makes a server of a function from question to answer; nil is silence.
func says(t testing.TB, f func(network string, q *dns.Msg) *dns.Msg) behaviour {
	return func(network string, query []byte, send func([]byte)) {
		q := new(dns.Msg)
		if err := q.Unpack(query); err != nil {
			t.Errorf("a query that cannot be read: %v", err)
			return
		}
		if m := f(network, q); m != nil {
			m.Compress = true
			send(frame(network, packed(t, m)))
		}
	}
}

// honest is a resolver that knows the world.
func (w world) honest(t testing.TB) behaviour {
	return says(t, func(_ string, q *dns.Msg) *dns.Msg { return w.answer(q) })
}

// but is an honest resolver with other answers for one name; f may change the
// honest answer or return nil for silence.
func (w world) but(t testing.TB, name string, f func(network string, m *dns.Msg) *dns.Msg) behaviour {
	return says(t, func(network string, q *dns.Msg) *dns.Msg {
		m := w.answer(q)
		if strings.EqualFold(q.Question[0].Name, name) {
			return f(network, m)
		}
		return m
	})
}

// denial is an answer with that rcode and nothing else.
func denial(rcode int) func(string, *dns.Msg) *dns.Msg {
	return func(_ string, m *dns.Msg) *dns.Msg {
		m.Rcode, m.Answer, m.Ns = rcode, nil, nil
		return m
	}
}

// Addresses of resolvers: s1 and s2 are of different operators, s3 of s1's.
const (
	s1 = "192.0.2.53:53"
	s2 = "198.51.100.53:53"
	s3 = "192.0.2.54:53"
)

// client asks the given servers of a rig, quickly and repeatably.
func client(t testing.TB, r rig, servers ...string) *Client {
	t.Helper()
	quick := 200 * time.Millisecond
	if raceEnabled {
		quick *= 3 // everything takes its time then
	}
	return clientWith(t, r, Config{Timeout: quick}, servers...)
}

func clientWith(t testing.TB, r rig, cfg Config, servers ...string) *Client {
	t.Helper()
	cfg.Dialer, cfg.Clock, cfg.Seed = r, newJumpClock(), [32]byte{1}
	for _, s := range servers {
		cfg.Servers = append(cfg.Servers, netip.MustParseAddrPort(s))
	}
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
