package resolve

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"lurehound"
	"lurehound/internal/egress"
)

func TestParseUpstream(t *testing.T) {
	for in, want := range map[string]string{
		"9.9.9.10": "9.9.9.10:53", "[2620:fe::10]:53": "[2620:fe::10]:53",
		"tls://9.9.9.10#dns10.quad9.net": "tls://9.9.9.10:853#dns10.quad9.net", "TLS://9.9.9.10:8853#x": "tls://9.9.9.10:8853#x",
		"tls://2620:fe::10#dns10.quad9.net": "tls://[2620:fe::10]:853#dns10.quad9.net", "tls://[2620:fe::10]:853": "tls://[2620:fe::10]:853#2620:fe::10",
		"tls://9.9.9.10": "tls://9.9.9.10:853#9.9.9.10",
		"https://dns10.quad9.net/dns-query#9.9.9.10":    "https://dns10.quad9.net/dns-query#9.9.9.10",
		"https://dns10.quad9.net#9.9.9.10":              "https://dns10.quad9.net/dns-query#9.9.9.10",
		"https://dns10.quad9.net:8443/q#[2620:fe::10]":  "https://dns10.quad9.net:8443/q#2620:fe::10",
		"https://9.9.9.10/dns-query":                    "https://9.9.9.10/dns-query#9.9.9.10",
		"https://[2620:fe::10]/dns-query":               "https://[2620:fe::10]/dns-query#2620:fe::10",
		"https://dns10.quad9.net/dns-query":             "!the address of dns10.quad9.net is wanted",
		"https://dns10.quad9.net/dns-query#elsewhere":   "!https://HOST/PATH#ADDR",
		"https://u:p@dns10.quad9.net/dns-query#9.9.9.9": "!https://HOST/PATH#ADDR", "https://h/q?x=1#9.9.9.9": "!https://HOST/PATH#ADDR",
		"https:///dns-query#9.9.9.9": "!https://HOST/PATH#ADDR", "https://h:0/q#9.9.9.9": "!https://HOST/PATH#ADDR", "https://h:99999/q#9.9.9.9": "!https://HOST/PATH#ADDR",
		"tls://dns10.quad9.net": "!for example tls://", "tls://9.9.9.10#": "!for example tls://", "tls://9.9.9.10#a b": "!for example tls://", "tls://9.9.9.10:0#x": "!for example tls://",
		"quic://9.9.9.10": "!tls://ADDR", "dns.example": "!for example 9.9.9.10", "": "!for example",
	} {
		u, err := ParseUpstream(in)
		if why, wrong := strings.CutPrefix(want, "!"); wrong {
			if err == nil || !strings.Contains(err.Error(), why) {
				t.Errorf("%q: %v, %v; want an error with %q", in, u, err, why)
			}
			continue
		}
		if err != nil || u.String() != want {
			t.Errorf("%q: %v, %v; want %s", in, u, err, want)
			continue
		}
		if again, err := ParseUpstream(u.String()); err != nil || again != u {
			t.Errorf("%q: its own form %s reads as %v, %v", in, u, again, err)
		}
	}
}

// hidden is resolvers behind TLS and HTTPS on loopback.
type hidden struct {
	web   *httptest.Server // its certificate is for example.com and 127.0.0.1
	dot   net.Listener
	roots *x509.CertPool
	links atomic.Int64 // connections over TLS
	sizes sync.Map     // of the questions, in octets
}

// newHidden serves b both ways; answer may replace the HTTP side.
func newHidden(t testing.TB, b behaviour, answer http.HandlerFunc) *hidden {
	t.Helper()
	h := &hidden{roots: x509.NewCertPool()}
	if answer == nil {
		answer = func(rw http.ResponseWriter, r *http.Request) {
			q, err := io.ReadAll(r.Body)
			if err != nil || r.Method != http.MethodPost || r.URL.Path != "/dns-query" || r.Header.Get("Content-Type") != dnsMessage || r.UserAgent() != "" {
				http.Error(rw, "no", http.StatusBadRequest)
				return
			}
			h.sizes.Store(len(q), true)
			b("udp", q, func(p []byte) {
				rw.Header().Set("Content-Type", dnsMessage)
				_, _ = rw.Write(p) // the client may be gone
			})
		}
	}
	h.web = httptest.NewUnstartedServer(answer)
	h.web.EnableHTTP2 = true
	h.web.Config.ErrorLog = log.New(io.Discard, "", 0) // refusals are what tests are about
	h.web.StartTLS()
	t.Cleanup(h.web.Close)
	h.roots.AddCert(h.web.Certificate())
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h.dot = tls.NewListener(l, &tls.Config{Certificates: h.web.TLS.Certificates, NextProtos: []string{"dot"}})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := h.dot.Accept()
			if err != nil {
				return
			}
			h.links.Add(1)
			wg.Go(func() { h.serve(c, b) })
		}
	})
	t.Cleanup(func() { h.dot.Close(); wg.Wait() })
	return h
}

// serve answers each question in its own goroutine, so in any order; nil ends
// the connection.
func (h *hidden) serve(c net.Conn, b behaviour) {
	defer c.Close()
	var wg sync.WaitGroup
	defer wg.Wait()
	var mu sync.Mutex
	for {
		buf := make([]byte, maxPacket)
		n, err := readPacket(c, true, buf)
		if err != nil {
			return
		}
		h.sizes.Store(n, true)
		wg.Go(func() {
			b("tcp", buf[:n], func(p []byte) {
				mu.Lock()
				defer mu.Unlock()
				if p == nil {
					c.Close()
					return
				}
				_, _ = c.Write(p) // the client may be gone
			})
		})
	}
}

func (h *hidden) upstreams(t testing.TB) []Upstream {
	t.Helper()
	var ups []Upstream
	for _, s := range []string{
		"tls://" + h.dot.Addr().String() + "#example.com",
		fmt.Sprintf("https://example.com:%d/dns-query#127.0.0.1", netip.MustParseAddrPort(h.web.Listener.Addr().String()).Port()),
	} {
		u, err := ParseUpstream(s)
		if err != nil {
			t.Fatal(err)
		}
		ups = append(ups, u)
	}
	return ups
}

func hiddenClient(t testing.TB, roots *x509.CertPool, timeout time.Duration, ups ...Upstream) *Client {
	t.Helper()
	var named []netip.AddrPort
	for _, u := range ups {
		named = append(named, u.Addr)
	}
	c, err := New(Config{Dialer: egress.New(egress.Config{Named: named}), Clock: newJumpClock(), Upstreams: ups, Roots: roots, Timeout: timeout, Rate: 1e6, Tries: 3})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestHiddenTransports(t *testing.T) {
	w := fixture(t)
	h := newHidden(t, w.honest(t), nil)
	ups := h.upstreams(t)
	all := []uint16{dns.TypeA, dns.TypeAAAA, dns.TypeNS, dns.TypeMX}
	want := evilFacts()
	want.AAAA, want.MX = addrs("2001:db8::7"), []string{"mx1.host.net", "mx2.host.net"}
	for _, u := range ups {
		t.Run(string(u.Transport), func(t *testing.T) {
			c := hiddenClient(t, h.roots, time.Second, u)
			if d := cmp.Diff(want, c.Lookup(t.Context(), "evil.com", all...), compareAddrs); d != "" {
				t.Errorf("(-want +got)\n%s", d)
			}
			if f := c.Lookup(t.Context(), "absent.com"); f.Resolution != lurehound.NXDomain {
				t.Errorf("absent: %s (%s)", f.Resolution, f.Reason)
			}
			// Many at once: some exist, some do not.
			var names []string
			for i := range 300 {
				names = append(names, either(i%3 == 0, "evil.com", fmt.Sprintf("absent%d.com", i)))
			}
			err := c.LookupAll(t.Context(), slices.Values(names), nil, 0, func(i int, name string, f lurehound.DNSFacts) bool {
				if wanted := lurehound.Resolution(either(i%3 == 0, "exists", "nxdomain")); f.Resolution != wanted {
					t.Errorf("%s: %s (%s)", name, f.Resolution, f.Reason)
				}
				return true
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	if n := h.links.Load(); n != 1 {
		t.Errorf("%d connections over TLS, one is enough", n)
	}
	h.sizes.Range(func(size, _ any) bool {
		if size.(int)%128 != 0 {
			t.Errorf("a question of %d octets tells its length", size)
		}
		return true
	})
	c := hiddenClient(t, h.roots, time.Second, ups...)
	if health := c.Check(t.Context()); health.Usable != 2 {
		t.Errorf("health: %+v", health)
	}
}

func either(cond bool, yes, no string) string {
	if cond {
		return yes
	}
	return no
}

// TestHiddenTransportsAreStrict: a resolver that cannot prove its name is asked nothing.
func TestHiddenTransportsAreStrict(t *testing.T) {
	w := fixture(t)
	var asked atomic.Int64
	honest := w.honest(t)
	h := newHidden(t, func(network string, q []byte, send func([]byte)) { asked.Add(1); honest(network, q, send) }, nil)
	for _, u := range h.upstreams(t) {
		for what, roots := range map[string]*x509.CertPool{"another name": h.roots, "unknown authority": x509.NewCertPool()} {
			if what == "another name" {
				u.Name = "resolver.example"
			}
			f := hiddenClient(t, roots, time.Second, u).Lookup(t.Context(), "evil.com")
			if f.Resolution != lurehound.NotResolvable || f.Reason != "untrusted" {
				t.Errorf("%s, %s: %s (%s)", u.Transport, what, f.Resolution, f.Reason)
			}
		}
	}
	if n := asked.Load(); n != 0 {
		t.Errorf("%d questions were put to them", n)
	}
	u := h.upstreams(t)[0]
	c, err := New(Config{Dialer: egress.New(egress.Config{}), Clock: newJumpClock(), Upstreams: []Upstream{u}, Roots: h.roots})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if f := c.Lookup(t.Context(), "evil.com"); f.Reason != "unreachable" || asked.Load() != 0 {
		t.Errorf("an address that was not named: %s (%s)", f.Resolution, f.Reason)
	}
}

// TestHiddenTransportsFail is what a resolver behind TLS or HTTPS may do wrong.
func TestHiddenTransportsFail(t *testing.T) {
	w := fixture(t)
	honest := w.honest(t)
	evil := evilFacts()
	unknown := func(why string) lurehound.DNSFacts {
		return lurehound.DNSFacts{Resolution: lurehound.NotResolvable, Reason: why, Missing: []string{"NS", "A"}}
	}
	var served atomic.Int64
	for _, tc := range []struct {
		what string
		do   behaviour
		http http.HandlerFunc
		by   Transport
		want lurehound.DNSFacts
	}{
		{"closes after every answer", func(n string, q []byte, send func([]byte)) { honest(n, q, send); send(nil) }, nil, OverTLS, evil},
		{"silence", func(string, []byte, func([]byte)) {}, nil, OverTLS, unknown("timeout")},
		{"closes at once", func(_ string, _ []byte, send func([]byte)) { send(nil) }, nil, OverTLS, unknown("unreachable")},
		{"strangers' answers first", func(n string, q []byte, send func([]byte)) {
			other := slices.Clone(q)
			other[0]++
			honest(n, other, send)
			other = slices.Clone(q)
			other[headerLen+1] = 'x'
			honest(n, other, send)
			honest(n, q, send)
			honest(n, q, send)
		}, nil, OverTLS, evil},
		{"a message that cannot be read", func(n string, q []byte, send func([]byte)) {
			honest(n, q, func(p []byte) { p[2+7] = 9; send(p) })
		}, nil, OverTLS, unknown("malformed")},
		{"a page", nil, func(rw http.ResponseWriter, _ *http.Request) { fmt.Fprint(rw, "<html>") }, OverHTTP, unknown("http")},
		{"an error", nil, func(rw http.ResponseWriter, _ *http.Request) { http.Error(rw, "no", http.StatusServiceUnavailable) }, OverHTTP, unknown("http")},
		{"a redirect", nil, func(rw http.ResponseWriter, r *http.Request) {
			http.Redirect(rw, r, "/elsewhere", http.StatusTemporaryRedirect)
		}, OverHTTP, unknown("http")},
		{"an endless body", nil, func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Content-Type", dnsMessage)
			for range 1000 {
				if _, err := rw.Write(make([]byte, 1000)); err != nil {
					return
				}
			}
		}, OverHTTP, unknown("malformed")},
		{"no DNS", nil, func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Content-Type", dnsMessage)
			fmt.Fprint(rw, "hello")
		}, OverHTTP, unknown("malformed")},
		{"silence", nil, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, OverHTTP, unknown("timeout")},
	} {
		t.Run(string(tc.by)+" "+tc.what, func(t *testing.T) {
			served.Store(0)
			do := tc.do
			if do == nil {
				do = honest
			}
			h := newHidden(t, do, tc.http)
			ups := h.upstreams(t)
			u := ups[0]
			if tc.by == OverHTTP {
				u = ups[1]
			}
			c := hiddenClient(t, h.roots, 300*time.Millisecond, u)
			c.tries = 1
			got := c.Lookup(t.Context(), "evil.com")
			if d := cmp.Diff(tc.want, got, compareAddrs); d != "" {
				t.Errorf("(-want +got)\n%s", d)
			}
		})
	}
}

// through is a dialer whose every connection goes through a proxy by CONNECT,
// as an egress route may.
type through struct {
	Dialer
	proxy  string
	target atomic.Value
}

func (p *through) DialNamed(ctx context.Context, network, address string) (net.Conn, error) {
	if network != "tcp" {
		return nil, errRefused
	}
	c, err := p.Dialer.DialNamed(ctx, "tcp", p.proxy)
	if err != nil {
		return nil, err
	}
	if _, err := fmt.Fprintf(c, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n", address, address); err != nil {
		return nil, err
	}
	buf := make([]byte, len("HTTP/1.1 200 OK\r\n\r\n"))
	if _, err := io.ReadFull(c, buf); err != nil || !strings.HasPrefix(string(buf), "HTTP/1.1 200") {
		return nil, errRefused
	}
	p.target.Store(address)
	return c, nil
}

// TestHiddenTransportsThroughAProxy: both need nothing but a stream to the
// address, so that any route that gives one will do.
func TestHiddenTransportsThroughAProxy(t *testing.T) {
	w := fixture(t)
	h := newHidden(t, w.honest(t), nil)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range h.upstreams(t) {
		gate := egress.New(egress.Config{Named: []netip.AddrPort{u.Addr, netip.MustParseAddrPort(l.Addr().String())}})
		var wg sync.WaitGroup
		wg.Go(func() {
			c, err := l.Accept()
			if err != nil {
				return
			}
			defer c.Close()
			var line [512]byte
			n, err := c.Read(line[:])
			if err != nil {
				return
			}
			target, err := gate.DialNamed(t.Context(), "tcp", strings.Fields(string(line[:n]))[1])
			if err != nil {
				return
			}
			defer target.Close()
			if _, err := io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n"); err != nil {
				return
			}
			wg.Go(func() { _, _ = io.Copy(target, c); target.Close() }) // ends with either side
			_, _ = io.Copy(c, target)
		})
		p := &through{Dialer: gate, proxy: l.Addr().String()}
		c, err := New(Config{Dialer: p, Clock: newJumpClock(), Upstreams: []Upstream{u}, Roots: h.roots, Timeout: time.Second})
		if err != nil {
			t.Fatal(err)
		}
		f := c.Lookup(t.Context(), "evil.com", dns.TypeA)
		if f.Resolution != lurehound.Exists || p.target.Load() != u.Addr.String() {
			t.Errorf("%s: %s (%s) by way of %v", u, f.Resolution, f.Reason, p.target.Load())
		}
		c.Close()
		wg.Wait()
	}
	l.Close()
}
