package fetch

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"lurehound"
	"lurehound/internal/egress"
)

// kinds are the ways to speak to a proxy.
var kinds = []egress.RouteKind{egress.SOCKS5, egress.Connect}

// proxy is a proxy of a test that does as it should, but for its hooks.
type proxy struct {
	kind egress.RouteKind
	to   func(target string) string  // where it connects for whom; nil: as it is told
	then func(client, host net.Conn) // carries the tunnel; nil: both ways to the end

	mu    sync.Mutex
	asked []string // targets, as it was told them
}

func (p *proxy) targets() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.asked...)
}

func (p *proxy) talk(c net.Conn) {
	target, grant, err := p.handshake(c)
	if err != nil {
		return
	}
	p.mu.Lock()
	p.asked = append(p.asked, target)
	p.mu.Unlock()
	if p.to != nil {
		target = p.to(target)
	}
	host, err := net.Dial("tcp", target)
	if err != nil {
		return
	}
	defer host.Close()
	if _, err := io.WriteString(c, grant); err != nil {
		return
	}
	if p.then != nil {
		p.then(c, host)
		return
	}
	go func() {
		_, _ = io.Copy(host, c)
		host.Close()
	}()
	_, _ = io.Copy(c, host)
}

// handshake reads what the visitor wants and what he is to be told when he gets it.
func (p *proxy) handshake(c net.Conn) (target, grant string, err error) {
	if p.kind == egress.Connect {
		line, _, _ := strings.Cut(readRequest(c), " HTTP/1.1\r\n")
		target, ok := strings.CutPrefix(line, "CONNECT ")
		if !ok {
			return "", "", fmt.Errorf("%q is no CONNECT", line)
		}
		return target, "HTTP/1.1 200 Connection established\r\n\r\n", nil
	}
	var b [18]byte
	if _, err := io.ReadFull(c, b[:2]); err != nil {
		return "", "", err
	}
	if _, err := io.ReadFull(c, b[:b[1]%4]); err != nil { // ways to log in
		return "", "", err
	}
	if _, err := io.WriteString(c, "\x05\x00"); err != nil {
		return "", "", err
	}
	if _, err := io.ReadFull(c, b[:4]); err != nil {
		return "", "", err
	}
	n := map[byte]int{1: 4, 4: 16}[b[3]]
	if n == 0 {
		return "", "", fmt.Errorf("address type %d", b[3])
	}
	if _, err := io.ReadFull(c, b[:n+2]); err != nil {
		return "", "", err
	}
	a, _ := netip.AddrFromSlice(b[:n])
	ap := netip.AddrPortFrom(a, binary.BigEndian.Uint16(b[n:]))
	return ap.String(), "\x05\x00\x00\x01\x0a\x00\x00\x01\x00\x50", nil // it says that it dials from inside
}

// listening is a server that counts who connects.
func listening(t testing.TB, h http.HandlerFunc) (address string, connections *atomic.Int64) {
	t.Helper()
	connections = new(atomic.Int64)
	srv := httptest.NewUnstartedServer(h)
	srv.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			connections.Add(1)
		}
	}
	srv.Start()
	t.Cleanup(srv.Close)
	return strings.TrimPrefix(srv.URL, "http://"), connections
}

// through is a client with one route, "us-1", whose proxy is at an address.
func through(t testing.TB, kind egress.RouteKind, at string, table hosts, network egress.Network) *Client {
	t.Helper()
	al, err := egress.ParseAllowance("127.0.0.1:1024-65535")
	if err != nil {
		t.Fatal(err)
	}
	l := hasty()
	c := New(Config{Resolver: table, Clock: egress.SystemClock{}, Limits: l, Gateway: egress.New(egress.Config{
		Allow: []egress.Allowance{al}, Lab: network,
		Routes: []egress.Route{{Name: "us-1", Region: "US", Kind: kind, Proxy: netip.MustParseAddrPort(at), User: "hunter", Password: egress.NewSecret("canary")}},
	})})
	t.Cleanup(c.Close)
	return c
}

// byName is the client with the proxy of "us-1" given by a name, which has its address alone.
func byName(t testing.TB, c *Client, kind egress.RouteKind, at string, roots *x509.CertPool, network egress.Network) *Client {
	t.Helper()
	al, err := egress.ParseAllowance("127.0.0.1:1-65535")
	if err != nil {
		t.Fatal(err)
	}
	proxy := netip.MustParseAddrPort(at)
	c.gateway = egress.New(egress.Config{Allow: []egress.Allowance{al}, Lab: network, Roots: roots, Clock: day{today},
		Routes: []egress.Route{{Name: "us-1", Region: "US", Kind: kind, Host: "gate.example", Port: proxy.Port(), User: "hunter", Password: egress.NewSecret("canary")}}})
	c.gateway.Locate(t.Context(), hosts{"gate.example": {proxy.Addr()}}.Addrs)
	return c
}

// inTLS is a proxy that shakes hands before it talks.
func inTLS(cert tls.Certificate, talk func(net.Conn)) func(net.Conn) {
	return func(c net.Conn) {
		s := tls.Server(c, &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12})
		defer s.Close()
		if s.Handshake() == nil {
			talk(s)
		}
	}
}

// TestProxiesInTLS: the page comes through a proxy that proves to be the one that the user named, whichever of its addresses answers, and
// one that does not prove it never hears what it is wanted for.
func TestProxiesInTLS(t *testing.T) {
	ca, other := newAuthority(t), newAuthority(t)
	named := func(name string) func(*x509.Certificate) {
		return func(c *x509.Certificate) { c.DNSNames, c.IPAddresses = []string{name}, nil }
	}
	for _, c := range []struct {
		name   string
		cert   tls.Certificate
		plain  bool
		kind   egress.RouteKind
		addrs  []netip.Addr
		reason string
	}{
		{"right", ca.issue(t, named("gate.example")), false, egress.Secure, []netip.Addr{loopback}, ""},
		{"the second address", ca.issue(t, named("gate.example")), false, egress.Secure, []netip.Addr{netip.MustParseAddr("127.0.0.9"), loopback}, ""},
		{"by name in the clear", tls.Certificate{}, true, egress.Connect, []netip.Addr{netip.MustParseAddr("127.0.0.9"), loopback}, ""},
		{"another name", ca.issue(t, named("other.example")), false, egress.Secure, []netip.Addr{loopback}, "is for others"},
		{"another authority", other.issue(t, named("gate.example")), false, egress.Secure, []netip.Addr{loopback}, "name it with ca"},
		{"expired", ca.issue(t, func(c *x509.Certificate) { named("gate.example")(c); c.NotAfter = today.AddDate(0, 0, -1) }), false, egress.Secure, []netip.Addr{loopback}, "out of date"},
		{"no TLS", tls.Certificate{}, true, egress.Secure, []netip.Addr{loopback}, "kind may be connect"},
		{"TLS unasked", ca.issue(t, named("gate.example")), false, egress.Connect, []netip.Addr{loopback}, "closes the connection"},
		{"inside", ca.issue(t, named("gate.example")), false, egress.Secure, []netip.Addr{netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("::1")}, "leads to 10.0.0.1: private use"},
		{"no address", ca.issue(t, named("gate.example")), false, egress.Secure, nil, "has no address"},
	} {
		t.Run(c.name, func(t *testing.T) {
			lure, seen := listening(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Host) })
			p := &proxy{kind: egress.Connect}
			talk := p.talk
			switch {
			case c.name == "no TLS":
				talk = then(answerOnce("HTTP/1.1 400 Bad Request\r\n\r\n"))
			case !c.plain:
				talk = inTLS(c.cert, p.talk)
			}
			at := netip.MustParseAddrPort(serve(t, talk))
			al, err := egress.ParseAllowance("127.0.0.0/24:1024-65535")
			if err != nil {
				t.Fatal(err)
			}
			client := through(t, c.kind, at.String(), hosts{"lure.example": {loopback}}, nil)
			client.gateway = egress.New(egress.Config{Allow: []egress.Allowance{al}, Clock: day{today},
				Routes: []egress.Route{{Name: "us-1", Kind: c.kind, Host: "gate.example", Port: at.Port(), Roots: map[bool]*x509.CertPool{true: ca.pool}[c.kind == egress.Secure]}}})
			client.gateway.Locate(t.Context(), func(_ context.Context, host string) ([]netip.Addr, error) { return c.addrs, nil })
			_, port, _ := net.SplitHostPort(lure)
			got := visitBy(t, client, "us-1", "http://lure.example:"+port+"/")
			if c.reason == "" {
				if got.err != nil || string(got.body) != "lure.example:"+port || len(p.targets()) != 1 || p.targets()[0] != lure {
					t.Errorf("%v, %q, asked for %q", got.err, got.body, p.targets())
				}
				return
			}
			if got.err == nil || got.err.Outcome != lurehound.Blocked || !strings.Contains(got.err.Reason, c.reason) || seen.Load() != 0 || len(p.targets()) != 0 {
				t.Errorf("%v, want blocked: %s; asked for %q", got.err, c.reason, p.targets())
			}
		})
	}
}

func visitor(t testing.TB, route string) egress.Profile {
	p, err := egress.NewProfile(egress.Route{Name: route, Region: "US", Kind: egress.SOCKS5}, "chrome-windows", "en-US", egress.Search)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func visitBy(t testing.TB, c *Client, route, url string) result {
	t.Helper()
	s := c.Session(visitor(t, route))
	defer s.Close()
	facts, body, err := s.Visit(t.Context(), url)
	r := result{facts: facts, body: body}
	if err != nil {
		r.err = err.(*Error)
	}
	return r
}

// TestTwelveProxies: whatever a proxy does, nobody else is dialled in its place, and the outcome says whose fault it is.
func TestTwelveProxies(t *testing.T) {
	trap, trapped := listening(t, func(http.ResponseWriter, *http.Request) {})
	for _, v := range []string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy", "SOCKS_PROXY"} {
		t.Setenv(v, "http://"+trap) // the twelfth, beside all others
	}
	t.Setenv("NO_PROXY", "")
	t.Setenv("REQUEST_METHOD", "")
	greeted := func(talk func(net.Conn)) func(net.Conn) { // by SOCKS, then as told
		return func(c net.Conn) {
			_, _ = io.ReadFull(c, make([]byte, 4))
			_, _ = io.WriteString(c, "\x05\x00")
			_, _ = io.ReadFull(c, make([]byte, 10))
			talk(c)
		}
	}
	answers := func(s string) func(net.Conn) { // to whatever comes first
		return func(c net.Conn) {
			_, _ = c.Read(make([]byte, 1024))
			_, _ = io.WriteString(c, s)
			_, _ = io.Copy(io.Discard, c)
		}
	}
	ca := newAuthority(t)
	page := "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 12\r\n\r\n<html>log in"
	for _, c := range []struct {
		name   string
		kinds  []egress.RouteKind
		talk   func(net.Conn)
		reason string // of an outcome that is blocked; what else is unknown begins with "unknown: "
	}{
		{"absent", kinds, nil, "does not answer in time"},
		{"refuses", kinds, nil, "refuses the connection"},
		{"refuses the address", kinds[:1], greeted(write("\x05\x02\x00\x01")), "does not let us to that address"},
		{"refuses the address", kinds[1:], answers("HTTP/1.1 403 Forbidden\r\n\r\n"), "does not let us to that address"},
		{"wrong credentials", kinds[:1], then(answerOnce("\x05\x02"), answerOnce("\x01\x01")), "wants other credentials"},
		{"wrong credentials", kinds[1:], answers("HTTP/1.1 407 X\r\nProxy-Authenticate: Basic\r\n\r\n"), "wants other credentials"},
		{"hangs", kinds, stall, "does not answer in time"},
		{"hangs up", kinds, func(net.Conn) {}, "closes the connection"},
		{"hangs, host", kinds[:1], greeted(stall), "unknown: timeout while connecting"},
		{"answers HTML", kinds[:1], answers(page), "speaks HTTP and no SOCKS"},
		{"answers HTML", kinds[1:], answers(page), "answers with a page"},
		{"HTML alone", kinds, answers("<html>log in"), "answers with a page"},
		{"redirects", kinds[:1], answers("HTTP/1.1 302 Found\r\nLocation: http://" + trap + "/\r\n\r\n"), "speaks HTTP and no SOCKS"},
		{"redirects", kinds[1:], answers("HTTP/1.1 302 Found\r\nLocation: http://" + trap + "/\r\n\r\n"), "answers with a redirect"},
		{"SOCKS 4 only", kinds[:1], answers("\x00\x5b\x00\x00\x00\x00\x00\x00"), "speaks SOCKS 4 only"},
		{"SOCKS for HTTP", kinds[1:], answers("\x00\x5b\x00\x00\x00\x00\x00\x00"), "speaks SOCKS and no HTTP"},
		{"wrong version bytes", kinds[:1], answers("\x06\x00"), "speaks no SOCKS 5 (version byte 6)"},
		{"wrong version bytes", kinds[1:], answers("HTTP/3.0 200 OK\r\n\r\n"), "speaks no HTTP"},
		{"slow", kinds[:1], greeted(drip("\x05\x00\x00\x03\xff" + strings.Repeat("a", 257))), "unknown: timeout while connecting"},
		{"slow", kinds[1:], then(write("HTTP/1.1 200 OK\r\n"), drip("A: b\r\n")), "does not answer in time"},
		{"host refuses", kinds[:1], greeted(write("\x05\x05\x00\x01")), "unknown: connection refused"},
		{"host refuses", kinds[1:], answers("HTTP/1.1 503 X\r\nX-Squid-Error: ERR_CONNECT_FAIL 111\r\n\r\n"), "unknown: connection refused"},
		{"host is not there", kinds[:1], greeted(write("\x05\x04\x00\x01")), "unknown: unreachable"},
		{"host is not there", kinds[1:], answers("HTTP/1.1 502 X\r\n\r\n"), "unknown: unreachable"},
		{"host does not answer", kinds[1:], answers("HTTP/1.1 504 X\r\n\r\n"), "unknown: timeout while connecting"},
	} {
		type way struct {
			kind  egress.RouteKind
			named bool
		}
		var all []way
		for _, kind := range c.kinds {
			all = append(all, way{kind, false}, way{kind, true})
			if kind == egress.Connect {
				all = append(all, way{egress.Secure, false}, way{egress.Secure, true})
			}
		}
		for _, way := range all {
			t.Run(fmt.Sprintf("%s %s %v", c.name, way.kind, way.named), func(t *testing.T) {
				talk := c.talk
				if talk != nil && way.kind == egress.Secure {
					talk = inTLS(ca.issue(t, func(c *x509.Certificate) { c.DNSNames = []string{"gate.example"} }), c.talk)
				}
				lure, seen := listening(t, func(http.ResponseWriter, *http.Request) {})
				at := "127.0.0.1:1"
				var network egress.Network
				switch {
				case c.talk != nil:
					at = serve(t, talk)
				case c.name == "absent": // no packet comes back
					network = func(ctx context.Context, _, address string) (net.Conn, error) {
						if address != at {
							t.Errorf("%s is dialled", address)
						}
						<-ctx.Done()
						return nil, ctx.Err()
					}
				default:
					l, err := net.Listen("tcp", "127.0.0.1:0")
					if err != nil {
						t.Fatal(err)
					}
					at = l.Addr().String()
					l.Close()
				}
				_, port, _ := net.SplitHostPort(lure)
				client := through(t, way.kind, at, hosts{"lure.example": {loopback, netip.MustParseAddr("127.0.0.1")}}, network)
				if way.named || way.kind == egress.Secure {
					client = byName(t, client, way.kind, at, ca.pool, network)
				}
				if strings.Contains(c.reason, "in time") || strings.Contains(c.reason, "timeout") {
					client.limits.Connect = 200 * time.Millisecond // to be waited for; by a proxy it is twice that
				}
				got := visitBy(t, client, "us-1", "http://lure.example:"+port+"/")
				unknown, behind := strings.CutPrefix(c.reason, "unknown: ")
				switch {
				case got.err == nil:
					t.Errorf("the visit succeeds: %+v", got.facts)
				case behind && (got.err.Outcome != lurehound.Unknown || got.err.Reason != unknown):
					t.Errorf("%v, want unknown: %s", got.err, unknown)
				case !behind && (got.err.Outcome != lurehound.Blocked || !strings.HasPrefix(got.err.Reason, "route us-1: its proxy "+c.reason)):
					t.Errorf("%v, want blocked: %s", got.err, c.reason)
				case strings.Contains(got.err.Reason+got.err.Error(), "canary"):
					t.Error("the password is shown")
				}
				if seen.Load() != 0 || trapped.Load() != 0 {
					t.Errorf("%d connections past the proxy, %d to the trap", seen.Load(), trapped.Load())
				}
			})
		}
	}
}

// answerOnce reads once and answers.
func answerOnce(s string) func(net.Conn) {
	return func(c net.Conn) {
		_, _ = c.Read(make([]byte, 1024))
		_, _ = io.WriteString(c, s)
	}
}

// TestWorkingProxies: the page comes through the proxy alone, the proxy hears an address and no name, and the hop says whose.
func TestWorkingProxies(t *testing.T) {
	trap, trapped := listening(t, func(http.ResponseWriter, *http.Request) {})
	for _, v := range []string{"HTTP_PROXY", "http_proxy", "ALL_PROXY"} {
		t.Setenv(v, "http://"+trap)
	}
	for _, kind := range kinds {
		lure, seen := listening(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Host) })
		_, port, _ := net.SplitHostPort(lure)
		p := &proxy{kind: kind}
		// A slow proxy that does as it should is none that fails.
		c := through(t, kind, serve(t, func(c net.Conn) { time.Sleep(20 * time.Millisecond); p.talk(c) }), hosts{"lure.example": {loopback}}, nil)
		got := visitBy(t, c, "us-1", "http://lure.example:"+port+"/")
		if got.err != nil || string(got.body) != "lure.example:"+port || lastHop(got.facts).Addr != loopback {
			t.Errorf("%s: %v, %q, %+v", kind, got.err, got.body, got.facts.Hops)
		}
		if asked := p.targets(); len(asked) != 1 || asked[0] != lure || seen.Load() != 1 || trapped.Load() != 0 {
			t.Errorf("%s: the proxy was asked for %q; %d connections, %d to the trap", kind, asked, seen.Load(), trapped.Load())
		}
		// The direct route goes past it, and services too.
		if got := visitBy(t, c, egress.DirectName, "http://lure.example:"+port+"/"); got.err != nil || len(p.targets()) != 1 {
			t.Errorf("%s: direct: %v, %q", kind, got.err, p.targets())
		}
		if _, err := get(t, c, "http://lure.example:"+port+"/"); err != nil || len(p.targets()) != 1 {
			t.Errorf("%s: service: %v, %q", kind, err, p.targets())
		}
	}
}

// TestProxyDiesInMidStream: half a page is said to be half a page, and every connection of the host came from the proxy.
func TestProxyDiesInMidStream(t *testing.T) {
	for _, kind := range kinds {
		for name, then := range map[string]func(client, host net.Conn){
			"at once": func(net.Conn, net.Conn) {},
			"before the answer": func(client, _ net.Conn) {
				readRequest(client)
			},
			"in the body": func(client, host net.Conn) {
				go func() { _, _ = io.Copy(host, client) }()
				_, _ = io.CopyN(client, host, 600)
			},
		} {
			lure, seen := listening(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", "100000")
				_, _ = io.WriteString(w, strings.Repeat("x", 100000))
			})
			p := &proxy{kind: kind, then: then}
			got := visitBy(t, through(t, kind, serve(t, p.talk), nil, nil), "us-1", "http://"+lure+"/")
			half := got.err == nil && got.facts.Truncated != "" && got.facts.Size < 100000
			if failed := got.err != nil && got.err.Outcome == lurehound.Unknown; !half && !failed {
				t.Errorf("%s, %s: %v, %+v", kind, name, got.err, got.facts)
			}
			// A connection that ends at once may not have been accepted yet.
			if n := seen.Load(); n > int64(len(p.targets())) || len(p.targets()) == 0 {
				t.Errorf("%s, %s: %d connections to the host, %d by the proxy", kind, name, n, len(p.targets()))
			}
		}
	}
}

// TestInnerNamesByProxies: a name that resolves inside is refused before a proxy hears of it, for it could reach what we must not.
func TestInnerNamesByProxies(t *testing.T) {
	for _, kind := range kinds {
		p := &proxy{kind: kind}
		var connections atomic.Int64
		c := through(t, kind, serve(t, func(c net.Conn) { connections.Add(1); p.talk(c) }), hosts{"lure.example": {netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("::1")}}, nil)
		got := visitBy(t, c, "us-1", "http://lure.example/")
		if got.err == nil || got.err.Outcome != lurehound.Blocked || !strings.Contains(got.err.Reason, "private use") || connections.Load() != 0 {
			t.Errorf("%s: %v, %d connections", kind, got.err, connections.Load())
		}
	}
}

// byProxy is a laboratory of one good host and one proxy. Whoever dials anything but the proxy, or asks it for anything but the
// good host, is counted and let in, so that a hole in the guard shows.
func byProxy(t testing.TB, kind egress.RouteKind, h http.HandlerFunc, r Resolver) (*Client, *wiretap) {
	w := &wiretap{good: netip.MustParseAddrPort("192.0.2.10:80"), server: strings.TrimPrefix(web(t, h), "http://")}
	p := &proxy{kind: kind, to: func(target string) string {
		if target != w.good.String() {
			w.strays.Add(1)
		}
		return w.server
	}}
	local := serve(t, p.talk)
	route := egress.Route{Name: "us-1", Kind: kind, Proxy: netip.MustParseAddrPort("198.51.100.7:1080")}
	network := func(ctx context.Context, network, address string) (net.Conn, error) {
		if address != route.Proxy.String() {
			w.strays.Add(1)
		}
		var d net.Dialer
		return d.DialContext(ctx, network, local)
	}
	c := New(Config{Gateway: egress.New(egress.Config{Lab: network, Routes: []egress.Route{route}}), Resolver: r, Clock: egress.SystemClock{}, Limits: hasty()})
	t.Cleanup(c.Close)
	return c, w
}

// TestNoProxyLeadsInward is the paths of the guard by proxies: asked for directly, by a redirect, by a name that flips, by a name with
// an inner address beside a good one.
func TestNoProxyLeadsInward(t *testing.T) {
	urls, addrs := special(t)
	for _, kind := range kinds {
		for _, host := range urls {
			if labDoc(host) {
				continue // the laboratory's own; TestNoProxyHearsOfWhatIsRefused has them
			}
			c, tap := byProxy(t, kind, redirectTo("http://"+host+"/"), nil)
			got := visitBy(t, c, "us-1", "http://192.0.2.10/")
			if got.err != nil || len(got.facts.Hops) != 2 || lastHop(got.facts).Reason == "" || tap.strays.Load() != 0 {
				t.Errorf("%s to %s: %v, %d strays, %+v", kind, host, got.err, tap.strays.Load(), got.facts.Hops)
			}
			if got := visitBy(t, c, "us-1", "http://"+host+"/"); got.err == nil || got.err.Outcome != lurehound.Blocked || tap.strays.Load() != 0 {
				t.Errorf("%s, %s directly: %v, %d strays", kind, host, got.err, tap.strays.Load())
			}
		}
		for _, a := range addrs {
			if labDoc(a.String()) {
				continue
			}
			f := &flip{other: a}
			c, tap := byProxy(t, kind, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Connection", "close") }, f)
			s := c.Session(visitor(t, "us-1"))
			if _, _, err := s.Visit(t.Context(), "http://lure.example/"); err != nil {
				t.Fatal(err)
			}
			_, _, err := s.Visit(t.Context(), "http://lure.example/")
			s.Close()
			if e, ok := err.(*Error); !ok || e.Outcome != lurehound.Blocked || tap.strays.Load() != 0 {
				t.Errorf("%s, flip to %s: %v, %d strays", kind, a, err, tap.strays.Load())
			}
			c, tap = byProxy(t, kind, func(http.ResponseWriter, *http.Request) {}, hosts{"lure.example": {a, netip.MustParseAddr("192.0.2.10")}})
			if got := visitBy(t, c, "us-1", "http://lure.example/"); got.err != nil || tap.strays.Load() != 0 {
				t.Errorf("%s, %s beside a good one: %v, %d strays", kind, a, got.err, tap.strays.Load())
			}
		}
	}
}
