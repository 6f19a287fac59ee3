package egress

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"testing"
	"time"
)

var (
	somewhere = netip.MustParseAddrPort("192.0.2.10:443")
	theProxy  = netip.MustParseAddrPort("198.51.100.7:1080")
)

// scripted is a connection to a proxy that has made up its mind what to say.
type scripted struct {
	net.Conn
	in  *bytes.Reader
	out bytes.Buffer
}

func (s *scripted) Read(p []byte) (int, error)    { return s.in.Read(p) }
func (s *scripted) Write(p []byte) (int, error)   { return s.out.Write(p) }
func (s *scripted) Close() error                  { return nil }
func (s *scripted) SetDeadline(_ time.Time) error { return nil }

// by is a gateway with one route, whose proxy says answer. Any other dial fails the test.
func by(t testing.TB, r Route, answer string) (*Gateway, *scripted) {
	c := &scripted{in: bytes.NewReader([]byte(answer))}
	r.Name, r.Proxy = "us-1", theProxy
	return New(Config{Routes: []Route{r}, Lab: func(_ context.Context, network, address string) (net.Conn, error) {
		if address != theProxy.String() {
			t.Errorf("%s %s is dialled, and is not the proxy", network, address)
		}
		return c, nil
	}}), c
}

const (
	socksOK = "\x05\x00" + "\x05\x00\x00\x01\x0a\x00\x00\x01\x00\x50" // dials from 10.0.0.1, as it says
	httpOK  = "HTTP/1.1 200 Connection established\r\n\r\n"
)

// TestWhatProxiesAnswer has one row for each answer that a proxy can give.
func TestWhatProxiesAnswer(t *testing.T) {
	known := Route{Kind: SOCKS5, User: "hunter", Password: NewSecret("pw")}
	socks, connect := Route{Kind: SOCKS5}, Route{Kind: Connect}
	withPassword := Route{Kind: Connect, User: "hunter", Password: NewSecret("pw")}
	for _, c := range []struct {
		name   string
		route  Route
		answer string
		says   string // of a ProxyError
		behind error  // of a TargetError
	}{
		{"socks", socks, socksOK, "", nil},
		{"socks, name", socks, "\x05\x00" + "\x05\x00\x00\x03\x03abc\x00\x50", "", nil},
		{"socks, six", socks, "\x05\x00" + "\x05\x00\x00\x04" + strings.Repeat("\x00", 18), "", nil},
		{"socks, login", known, "\x05\x02\x01\x00" + socksOK[2:], "", nil},
		{"socks, login not asked for", known, socksOK, "", nil},
		{"socks, login wrong", known, "\x05\x02\x01\x01", "other credentials", nil},
		{"socks, login garbled", known, "\x05\x02\x07\x00", "no SOCKS 5", nil},
		{"socks, wants login", socks, "\x05\xff", "give it user and password", nil},
		{"socks, wants another login", known, "\x05\xff", "neither", nil},
		{"socks, login not offered", socks, "\x05\x02", "not offered", nil},
		{"socks, GSSAPI", known, "\x05\x01", "not offered", nil},
		{"socks 4", socks, "\x00\x5b\x00\x00", "SOCKS 4 only", nil},
		{"socks 4 by its number", socks, "\x04\x01", "SOCKS 4 only", nil},
		{"version 6", socks, "\x06\x00", "version byte 6", nil},
		{"version later", socks, "\x05\x00\x06\x00\x00\x01", "version byte 6", nil},
		{"HTTP for SOCKS", socks, "HTTP/1.1 400 Bad Request\r\n\r\n", "may be connect", nil},
		{"page for SOCKS", socks, "<html>", "a page", nil},
		{"silence", socks, "", "closes the connection", nil},
		{"half a greeting", socks, "\x05", "closes the connection", nil},
		{"half a reply", socks, "\x05\x00\x05\x00", "closes the connection", nil},
		{"half an address", socks, socksOK[:9], "closes the connection", nil},
		{"odd address", socks, "\x05\x00\x05\x00\x00\x02", "address type 2", nil},
		{"code 1", socks, "\x05\x00\x05\x01\x00\x01", "does not tell", nil},
		{"code 2", socks, "\x05\x00\x05\x02\x00\x01", "does not let us", nil},
		{"code 3", socks, "\x05\x00\x05\x03\x00\x01", "", syscall.ENETUNREACH},
		{"code 4", socks, "\x05\x00\x05\x04\x00\x01", "", syscall.EHOSTUNREACH},
		{"code 5", socks, "\x05\x00\x05\x05\x00\x01", "", syscall.ECONNREFUSED},
		{"code 6", socks, "\x05\x00\x05\x06\x00\x01", "", syscall.ETIMEDOUT},
		{"code 7", socks, "\x05\x00\x05\x07\x00\x01", "code 7", nil},
		{"code 8", socks, "\x05\x00\x05\x08\x00\x01", "of that kind", nil},

		{"connect", connect, httpOK, "", nil},
		{"connect 1.0", connect, "HTTP/1.0 200 OK\r\nProxy-agent: x\r\nContent-Length: 0\r\n\r\n", "", nil},
		{"login page", connect, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", "a page", nil},
		{"login page by length", connect, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "a page", nil},
		{"login page in chunks", connect, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "a page", nil},
		{"login page after it", connect, httpOK + "<html>", "a page", nil},
		{"page alone", connect, "<!doctype html>", "a page", nil},
		{"redirect", connect, "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n", "a redirect", nil},
		{"wants a login", connect, "HTTP/1.1 407 X\r\nProxy-Authenticate: Basic\r\n\r\n", "give it user and password", nil},
		{"wants another", withPassword, "HTTP/1.1 407 X\r\n\r\n", "other credentials", nil},
		{"forbids", connect, "HTTP/1.1 403 X\r\n\r\n<html>", "443 only", nil},
		{"knows none", connect, "HTTP/1.1 405 X\r\n\r\n", "knows no CONNECT", nil},
		{"busy", connect, "HTTP/1.1 503 X\r\n\r\n", "status 503", nil},
		{"too many", connect, "HTTP/1.1 429 X\r\n\r\n", "status 429", nil},
		{"interim", connect, "HTTP/1.1 100 Continue\r\n\r\n" + httpOK, "status 100", nil},
		{"switch", connect, "HTTP/1.1 101 X\r\n\r\n", "status 101", nil},
		{"502", connect, "HTTP/1.1 502 X\r\n\r\n", "", syscall.EHOSTUNREACH},
		{"504", connect, "HTTP/1.1 504 X\r\nContent-Length: 9\r\n\r\nno answer", "", syscall.ETIMEDOUT},
		{"squid refused", connect, "HTTP/1.1 503 X\r\nX-Squid-Error: ERR_CONNECT_FAIL 111\r\n\r\n", "", syscall.ECONNREFUSED},
		{"squid timeout", connect, "HTTP/1.1 503 X\r\nX-Squid-Error: ERR_CONNECT_FAIL 110\r\n\r\n", "", syscall.ETIMEDOUT},
		{"squid unroutable", connect, "HTTP/1.1 503 X\r\nX-Squid-Error: ERR_CONNECT_FAIL 101\r\n\r\n", "", syscall.ENETUNREACH},
		{"squid itself", connect, "HTTP/1.1 503 X\r\nX-Squid-Error: ERR_CANNOT_FORWARD 0\r\n\r\n", "status 503", nil},
		{"RFC 9209", connect, "HTTP/1.1 502 X\r\nProxy-Status: p; error=connection_refused; details=\"x\"\r\n\r\n", "", syscall.ECONNREFUSED},
		{"RFC 9209 itself", connect, "HTTP/1.1 500 X\r\nProxy-Status: p; error=proxy_internal_error\r\n\r\n", "status 500", nil},
		{"RFC 9209 with success", connect, "HTTP/1.1 200 X\r\nProxy-Status: p; error=connection_refused\r\n\r\n", "", nil},
		{"SOCKS for HTTP", connect, "\x05\xff", "may be socks5", nil},
		{"TLS for HTTP", connect, "\x15\x03\x01\x00\x02\x02\x46", "may be https", nil},
		{"SSH for HTTP", connect, "SSH-2.0-x\r\n", "no HTTP", nil},
		{"HTTP 2", connect, "HTTP/2.0 200 OK\r\n\r\n", "no HTTP", nil},
		{"no status", connect, "HTTP/1.1 OK\r\n\r\n", "no HTTP", nil},
		{"broken header", connect, "HTTP/1.1 200 OK\r\n\x00: x\r\n\r\n", "no HTTP", nil},
		{"endless header", connect, "HTTP/1.1 200 OK\r\n" + strings.Repeat("A: b\r\n", 1<<12), "16384 bytes", nil},
		{"endless line", connect, "HTTP/1.1 200 " + strings.Repeat("O", 1<<17), "16384 bytes", nil},
		{"half a header", connect, "HTTP/1.1 200 OK\r\n", "closes the connection", nil},
		{"nothing", connect, "", "closes the connection", nil},
	} {
		g, conn := by(t, c.route, c.answer)
		got, err := g.DialVia(t.Context(), "us-1", "tcp", somewhere)
		var p *ProxyError
		var target *TargetError
		switch {
		case c.says != "":
			if !errors.As(err, &p) || !strings.Contains(p.Reason, c.says) || p.Route != "us-1" {
				t.Errorf("%s: %v, want it to say %q", c.name, err, c.says)
			}
		case c.behind != nil:
			if !errors.As(err, &target) || !errors.Is(err, c.behind) {
				t.Errorf("%s: %v, want %v of the host behind", c.name, err, c.behind)
			}
		case err != nil || got == nil:
			t.Errorf("%s: %v", c.name, err)
		}
		if len(c.answer)-conn.in.Len() > maxConnectHeader {
			t.Errorf("%s: %d bytes were read", c.name, len(c.answer)-conn.in.Len())
		}
	}
}

// TestWhatProxiesAreTold compares the bytes: an address, never a name, and the password only where it is asked for.
func TestWhatProxiesAreTold(t *testing.T) {
	login := func(k RouteKind) Route { return Route{Kind: k, User: "hunter", Password: NewSecret("p:w")} }
	six := netip.MustParseAddrPort("[2001:db8::7]:80")
	for _, c := range []struct {
		name   string
		route  Route
		to     netip.AddrPort
		answer string
		want   string
	}{
		{"socks", Route{Kind: SOCKS5}, somewhere, socksOK, "\x05\x01\x00" + "\x05\x01\x00\x01\xc0\x00\x02\x0a\x01\xbb"},
		{"socks, mapped", Route{Kind: SOCKS5}, netip.MustParseAddrPort("[::ffff:192.0.2.10]:443"), socksOK, "\x05\x01\x00" + "\x05\x01\x00\x01\xc0\x00\x02\x0a\x01\xbb"},
		{"socks, six", Route{Kind: SOCKS5}, six, socksOK, "\x05\x01\x00" + "\x05\x01\x00\x04\x20\x01\x0d\xb8" + strings.Repeat("\x00", 11) + "\x07\x00\x50"},
		{"socks, login", login(SOCKS5), somewhere, "\x05\x02\x01\x00" + socksOK[2:], "\x05\x02\x00\x02" + "\x01\x06hunter\x03p:w" + "\x05\x01\x00\x01\xc0\x00\x02\x0a\x01\xbb"},
		{"socks, no login asked for", login(SOCKS5), somewhere, socksOK, "\x05\x02\x00\x02" + "\x05\x01\x00\x01\xc0\x00\x02\x0a\x01\xbb"},
		{"connect", Route{Kind: Connect}, somewhere, httpOK, "CONNECT 192.0.2.10:443 HTTP/1.1\r\nHost: 192.0.2.10:443\r\n\r\n"},
		{"connect, six", Route{Kind: Connect}, six, httpOK, "CONNECT [2001:db8::7]:80 HTTP/1.1\r\nHost: [2001:db8::7]:80\r\n\r\n"},
		{"connect, login", login(Connect), somewhere, httpOK, "CONNECT 192.0.2.10:443 HTTP/1.1\r\nHost: 192.0.2.10:443\r\nProxy-Authorization: Basic aHVudGVyOnA6dw==\r\n\r\n"},
	} {
		g, conn := by(t, c.route, c.answer)
		if _, err := g.DialVia(t.Context(), "us-1", "tcp", c.to); err != nil || conn.out.String() != c.want {
			t.Errorf("%s: %v, told\n%q, want\n%q", c.name, err, conn.out.String(), c.want)
		}
		if conn.in.Len() != 0 {
			t.Errorf("%s: %d bytes of the answer are left", c.name, conn.in.Len())
		}
	}
}

// TestNoProxyHearsOfWhatIsRefused: the 64 special addresses and what else the guard refuses, by both kinds of proxy.
func TestNoProxyHearsOfWhatIsRefused(t *testing.T) {
	r := new(recorder)
	g := New(Config{Lab: r.dial, Routes: []Route{{Name: "socks", Kind: SOCKS5, Proxy: theProxy}, {Name: "connect", Kind: Connect, Proxy: theProxy}}})
	plain := New(Config{Routes: g.routes})
	for _, route := range []string{"socks", "connect"} {
		for _, a := range specials(t) {
			for _, port := range []uint16{80, 443} {
				ap := netip.AddrPortFrom(a, port)
				if !inAny(documentation[:], a.Unmap()) {
					_, err := g.DialVia(t.Context(), route, "tcp", ap)
					wantBlocked(t, err)
				}
				_, err := plain.DialVia(t.Context(), route, "tcp", ap)
				wantBlocked(t, err)
			}
		}
		for _, ap := range []string{"8.8.8.8:25", "8.8.8.8:1080"} {
			_, err := g.DialVia(t.Context(), route, "tcp", netip.MustParseAddrPort(ap))
			wantBlocked(t, err)
		}
		_, err := g.DialVia(t.Context(), route, "udp", somewhere)
		wantBlocked(t, err)
	}
	if n := r.dials.Load(); n != 0 {
		t.Fatalf("%d dials, want none", n)
	}
}

// TestOwnProxiesAreNoHosts: what listens on a proxy's machine may trust it, and us.
func TestOwnProxiesAreNoHosts(t *testing.T) {
	at := netip.MustParseAddrPort("8.8.8.8:3128")
	g := New(Config{Routes: []Route{{Name: "us-1", Kind: Connect, Proxy: at}}})
	for _, ap := range []string{"8.8.8.8:80", "8.8.8.8:8080", "[::ffff:8.8.8.8]:443", "[64:ff9b::8.8.8.8]:443"} {
		wantBlocked(t, g.Guard(netip.MustParseAddrPort(ap)))
	}
	if err := g.Guard(netip.MustParseAddrPort("8.8.4.4:443")); err != nil {
		t.Error(err)
	}
}

func TestRoutesThatAreRefused(t *testing.T) {
	r := new(recorder)
	pw := NewSecret("pw")
	g := New(Config{Lab: r.dial, Routes: []Route{
		{Name: "twice", Kind: SOCKS5, Proxy: theProxy}, {Name: "twice", Kind: Connect, Proxy: theProxy},
		{Name: "http3", Kind: "http3", Proxy: theProxy},
		{Name: "nowhere", Kind: SOCKS5},
		{Name: "zero", Kind: SOCKS5, Proxy: netip.MustParseAddrPort("0.0.0.0:1080")},
		{Name: "sneaky", Kind: StraightOut},
		{Name: "", Kind: SOCKS5, Proxy: theProxy},
		{Name: "nobody", Kind: SOCKS5, Proxy: theProxy, Password: pw},
		{Name: "nothing", Kind: SOCKS5, Proxy: theProxy, User: "hunter"},
		{Name: "colon", Kind: Connect, Proxy: theProxy, User: "a:b", Password: pw},
		{Name: "lines", Kind: Connect, Proxy: theProxy, User: "a\r\nb", Password: pw},
		{Name: "long", Kind: SOCKS5, Proxy: theProxy, User: strings.Repeat("a", 256), Password: pw},
	}})
	for _, name := range []string{"twice", "http3", "nowhere", "zero", "sneaky", "", "nobody", "nothing", "colon", "lines", "long", "Direct", "unknown\n"} {
		_, err := g.DialVia(t.Context(), name, "tcp", somewhere)
		wantBlocked(t, err)
		wantBlocked(t, g.CheckRoute(name))
		wantBlocked(t, g.Greet(t.Context(), name))
	}
	if n := r.dials.Load(); n != 0 {
		t.Fatalf("%d dials, want none", n)
	}
	// A proxy that is called direct must not make the direct route of it, nor be passed over.
	if err := (Route{Name: DirectName, Kind: SOCKS5, Proxy: theProxy}).Check(); err == nil {
		t.Error("a proxy may be called direct")
	}
	if _, err := g.DialVia(t.Context(), DirectName, "tcp", somewhere); err != nil || r.dials.Load() != 1 {
		t.Errorf("direct: %v", err)
	}
}

// TestTunnelsCarryBothWays: nothing of the talk with the proxy is left in the way, deadlines neither.
func TestTunnelsCarryBothWays(t *testing.T) {
	for _, c := range []struct {
		kind   RouteKind
		answer string
		asks   int
	}{{SOCKS5, socksOK, 3 + 10}, {Connect, httpOK, len("CONNECT 192.0.2.10:443 HTTP/1.1\r\nHost: 192.0.2.10:443\r\n\r\n")}} {
		ours, theirs := net.Pipe()
		g := New(Config{Routes: []Route{{Name: "us-1", Kind: c.kind, Proxy: theProxy}}, Lab: func(context.Context, string, string) (net.Conn, error) { return ours, nil }})
		go func() {
			defer theirs.Close()
			if c.kind == SOCKS5 {
				_, _ = io.ReadFull(theirs, make([]byte, 3))
				_, _ = io.WriteString(theirs, c.answer[:2])
				_, _ = io.ReadFull(theirs, make([]byte, 10))
				_, _ = io.WriteString(theirs, c.answer[2:])
			} else {
				_, _ = io.ReadFull(theirs, make([]byte, c.asks))
				_, _ = io.WriteString(theirs, c.answer)
			}
			_, _ = io.Copy(theirs, theirs)
		}()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		conn, err := g.DialVia(ctx, "us-1", "tcp", somewhere)
		cancel() // the tunnel outlives the dial
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, "hello"); err != nil {
			t.Fatal(err)
		}
		b := make([]byte, 5)
		if _, err := io.ReadFull(conn, b); err != nil || string(b) != "hello" {
			t.Errorf("%s: %q, %v", c.kind, b, err)
		}
		conn.Close()
	}
}

// TestSilentProxies end with the caller's deadline, and a cancelled caller is told so.
func TestSilentProxies(t *testing.T) {
	for _, kind := range []RouteKind{SOCKS5, Connect} {
		ours, theirs := net.Pipe()
		defer theirs.Close()
		go func() { _, _ = io.Copy(io.Discard, theirs) }()
		g := New(Config{Routes: []Route{{Name: "us-1", Kind: kind, Proxy: theProxy}}, Lab: func(context.Context, string, string) (net.Conn, error) { return ours, nil }})
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		_, err := g.DialVia(ctx, "us-1", "tcp", somewhere)
		var p *ProxyError
		if !errors.As(err, &p) || p.Reason != "does not answer in time" {
			t.Errorf("%s: %v", kind, err)
		}
		if _, err := ours.Write([]byte("x")); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("%s: the connection is left open: %v", kind, err)
		}
		ours, theirs = net.Pipe()
		defer theirs.Close()
		go func() { _, _ = io.Copy(io.Discard, theirs) }()
		ctx, stop := context.WithCancel(t.Context())
		time.AfterFunc(20*time.Millisecond, stop)
		if _, err := g.DialVia(ctx, "us-1", "tcp", somewhere); !errors.Is(err, context.Canceled) {
			t.Errorf("%s, cancelled: %v", kind, err)
		}
	}
	// The network itself is silent: the proxy is absent.
	g := New(Config{Routes: []Route{{Name: "us-1", Kind: SOCKS5, Proxy: theProxy}}, Lab: func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	var p *ProxyError
	if _, err := g.DialVia(ctx, "us-1", "tcp", somewhere); !errors.As(err, &p) || p.Reason != "does not answer in time" {
		t.Errorf("absent: %v", err)
	}
}

// TestGreet goes as far as concerns nobody else.
func TestGreet(t *testing.T) {
	login := Route{Kind: SOCKS5, User: "hunter", Password: NewSecret("pw")}
	g, conn := by(t, login, "\x05\x02\x01\x00")
	if err := g.Greet(t.Context(), "us-1"); err != nil || conn.out.String() != "\x05\x02\x00\x02\x01\x06hunter\x02pw" {
		t.Errorf("%v, told %q", err, conn.out.String())
	}
	g, _ = by(t, login, "\x05\x02\x01\x01")
	var p *ProxyError
	if err := g.Greet(t.Context(), "us-1"); !errors.As(err, &p) || p.Reason != "wants other credentials" {
		t.Errorf("wrong password: %v", err)
	}
	g, conn = by(t, Route{Kind: Connect}, "")
	if err := g.Greet(t.Context(), "us-1"); err != nil || conn.out.Len() != 0 {
		t.Errorf("%v, told %q", err, conn.out.String())
	}
}

// FuzzProxyAnswer lets a proxy say anything, to both kinds. It is never believed more than it may be.
func FuzzProxyAnswer(f *testing.F) {
	for _, s := range []string{socksOK, "\x05\x02\x01\x00" + socksOK[2:], "\x05\x00\x05\x00\x00\x03\xff", "\x05\xff", "\x00\x5b", httpOK, httpOK + "x",
		"HTTP/1.1 407 X\r\nProxy-Authenticate: Basic\r\n\r\n", "HTTP/1.1 503 X\r\nX-Squid-Error: ERR_CONNECT_FAIL 111\r\n\r\n",
		"HTTP/1.1 502 X\r\nProxy-Status: a; error=connection_refused\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "<html>"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, answer []byte) {
		for _, kind := range []RouteKind{SOCKS5, Connect} {
			g, conn := by(t, Route{Kind: kind, User: "hunter", Password: NewSecret("canary")}, string(answer))
			c, err := g.DialVia(t.Context(), "us-1", "tcp", somewhere)
			var p *ProxyError
			var target *TargetError
			used := len(answer) - conn.in.Len()
			switch {
			case err == nil && c == nil:
				t.Fatal("neither a connection nor an error")
			case err == nil && kind == SOCKS5 && (answer[0] != 5 || used < 2+7 || used > 2+2+4+1+255+2):
				t.Fatalf("a tunnel after %q", answer[:used])
			case err == nil && kind == Connect && (!bytes.HasPrefix(answer, []byte("HTTP/1.")) || !bytes.HasSuffix(answer[:used], []byte("\r\n\r\n"))):
				t.Fatalf("a tunnel after %q", answer[:used])
			case err != nil && !errors.As(err, &p) && !errors.As(err, &target):
				t.Fatalf("%v is whose fault?", err)
			case used > maxConnectHeader:
				t.Fatalf("%d bytes were read", used)
			case kind == SOCKS5 && strings.Contains(conn.out.String(), "canary") && !bytes.HasPrefix(answer, []byte("\x05\x02")):
				t.Fatal("the password went to a proxy that did not ask for it")
			case err != nil && (strings.Contains(err.Error(), "canary") || strings.ContainsFunc(err.Error(), isControl)):
				t.Fatalf("the error says %q", err)
			}
		}
	})
}
