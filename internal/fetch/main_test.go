package fetch

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"lurehound"
	"lurehound/internal/egress"
)

func TestMain(m *testing.M) {
	// net/http logs what hostile servers send unasked.
	log.SetOutput(io.Discard)
	code := m.Run()
	if code == 0 {
		if err := goleak.Find(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// hasty are limits that let a test of a deadline end soon.
func hasty() Limits {
	return Limits{
		Total:   2 * time.Second,
		Connect: time.Second,
		TLS:     500 * time.Millisecond,
		Header:  500 * time.Millisecond,
		Grace:   300 * time.Millisecond,
		Body:    1 << 20,

		ServiceHeader: 500 * time.Millisecond,
		ServiceGrace:  300 * time.Millisecond,
		ServiceBody:   1 << 20,
	}
}

// hosts is a resolver with a fixed table.
type hosts map[string][]netip.Addr

func (h hosts) Addrs(_ context.Context, host string) ([]netip.Addr, error) { return h[host], nil }

// day is a clock that stands still.
type day struct{ at time.Time }

func (d day) Now() time.Time                                   { return d.at }
func (d day) Sleep(ctx context.Context, _ time.Duration) error { return ctx.Err() }

var loopback = netip.MustParseAddr("127.0.0.1")

// local is a client that may reach servers of the test, by address or by any
// of the names.
func local(t testing.TB, cfg Config, names ...string) *Client {
	t.Helper()
	al, err := egress.ParseAllowance("127.0.0.1:1024-65535")
	if err != nil {
		t.Fatal(err)
	}
	table := hosts{}
	for _, n := range names {
		table[n] = []netip.Addr{loopback}
	}
	cfg.Gateway = egress.New(egress.Config{Allow: []egress.Allowance{al}})
	if cfg.Resolver == nil {
		cfg.Resolver = table
	}
	if cfg.Clock == nil {
		cfg.Clock = egress.SystemClock{}
	}
	if cfg.Limits == (Limits{}) {
		cfg.Limits = hasty()
	}
	c := New(cfg)
	t.Cleanup(c.Close)
	return c
}

// serve runs a TCP server whose whole behaviour is talk. The connection is
// closed after it; it ends with the test.
func serve(t testing.TB, talk func(net.Conn)) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	talks := make(chan struct{}, 1<<10)
	go func() {
		defer close(ended)
		n := 0
		for {
			c, err := l.Accept()
			if err != nil {
				break
			}
			n++
			go func() {
				defer func() { talks <- struct{}{} }()
				defer c.Close()
				stop := context.AfterFunc(ctx, func() { c.Close() })
				defer stop()
				talk(c)
			}()
		}
		for range n {
			<-talks
		}
	}()
	t.Cleanup(func() {
		cancel()
		l.Close()
		<-ended
	})
	return l.Addr().String()
}

// answer is a server that reads each request's header and writes the same bytes.
func answer(raw string) func(net.Conn) {
	return func(c net.Conn) {
		for readRequest(c) != "" {
			if _, err := io.WriteString(c, raw); err != nil {
				return
			}
		}
	}
}

// once answers one request and closes.
func once(raw string) func(net.Conn) {
	return func(c net.Conn) {
		readRequest(c)
		_, _ = io.WriteString(c, raw)
	}
}

// afterRequest reads one request, then does talk.
func afterRequest(talk func(net.Conn)) func(net.Conn) {
	return func(c net.Conn) {
		readRequest(c)
		talk(c)
	}
}

// endless writes s until the other side has enough.
func endless(s string) func(net.Conn) {
	block := []byte(strings.Repeat(s, max(1, (32<<10)/len(s))))
	return func(c net.Conn) {
		for {
			if _, err := c.Write(block); err != nil {
				return
			}
		}
	}
}

// drip writes s over and over, a byte every 20 ms.
func drip(s string) func(net.Conn) {
	return func(c net.Conn) {
		for i := 0; ; i++ {
			if _, err := c.Write([]byte{s[i%len(s)]}); err != nil {
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
}

func then(steps ...func(net.Conn)) func(net.Conn) {
	return func(c net.Conn) {
		for _, s := range steps {
			s(c)
		}
	}
}

func write(s string) func(net.Conn) {
	return func(c net.Conn) { _, _ = io.WriteString(c, s) }
}

// stall holds the connection until the other side closes it.
func stall(c net.Conn) { _, _ = io.Copy(io.Discard, c) }

// readRequest returns a request's header, "" at the end.
func readRequest(c net.Conn) string {
	r := bufio.NewReader(c)
	var b strings.Builder
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return ""
		}
		b.WriteString(line)
		if line == "\r\n" {
			return b.String()
		}
	}
}

type result struct {
	facts lurehound.VisitFacts
	body  []byte
	err   *Error
	took  time.Duration
}

// visit opens a session, visits once and closes it.
func visitOnce(t testing.TB, c *Client, url string) result {
	t.Helper()
	s := c.Session(egress.DefaultProfile())
	defer s.Close()
	began := time.Now()
	facts, body, err := s.Visit(t.Context(), url)
	r := result{facts: facts, body: body, took: time.Since(began)}
	if err != nil && !errors.As(err, &r.err) {
		t.Fatalf("%v is a %T, want an *Error", err, err)
	}
	return r
}

func lastHop(f lurehound.VisitFacts) lurehound.Hop {
	if len(f.Hops) == 0 {
		return lurehound.Hop{}
	}
	return f.Hops[len(f.Hops)-1]
}
