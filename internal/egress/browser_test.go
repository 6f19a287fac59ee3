package egress

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// inside is a laboratory with one host outside, at 192.0.2.10. Whoever dials anything else is counted and let in, so that a hole shows.
type inside struct {
	plain, secure string // servers that answer
	strays        atomic.Int64
	reached       atomic.Int64
}

func (i *inside) dial(ctx context.Context, network, address string) (net.Conn, error) {
	var d net.Dialer
	switch address {
	case "192.0.2.10:80":
		i.reached.Add(1)
	case "192.0.2.10:443":
		i.reached.Add(1)
		return d.DialContext(ctx, network, i.secure)
	default:
		i.strays.Add(1)
	}
	return d.DialContext(ctx, network, i.plain)
}

func laboratory(t testing.TB, h http.HandlerFunc) *inside {
	plain, secure := httptest.NewServer(h), httptest.NewTLSServer(h)
	t.Cleanup(plain.Close)
	t.Cleanup(secure.Close)
	return &inside{plain: strings.TrimPrefix(plain.URL, "http://"), secure: strings.TrimPrefix(secure.URL, "https://")}
}

func never(t testing.TB) LookUp {
	return func(_ context.Context, host string) ([]netip.Addr, error) {
		t.Errorf("%q was looked up", host)
		return nil, nil
	}
}

func wayOut(t testing.TB, g *Gateway, look LookUp) *Browser {
	b, err := g.Browser(t.Context(), BrowserConfig{Route: DirectName, LookUp: look, Owner: os.Getuid()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

// asked writes a request's bytes and reads the answer, nil where the connection is closed.
func (b *Browser) asked(t testing.TB, raw string) *http.Response {
	c, err := net.Dial("tcp", b.addr.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.WriteString(c, raw); err != nil {
		return nil
	}
	r := bufio.NewReader(c)
	method, _, _ := strings.Cut(raw, " ")
	resp, err := http.ReadResponse(r, &http.Request{Method: method})
	if err != nil {
		return nil
	}
	t.Cleanup(func() { resp.Body.Close() })
	if method == http.MethodConnect && resp.StatusCode == http.StatusOK {
		resp.Body = tunnelled{c, r}
	}
	return resp
}

type tunnelled struct {
	net.Conn
	r *bufio.Reader
}

func (t tunnelled) Read(p []byte) (int, error) { return t.r.Read(p) }

func get(url, host string) string { return "GET " + url + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n" }
func connect(hostport string) string {
	return "CONNECT " + hostport + " HTTP/1.1\r\nHost: " + hostport + "\r\n\r\n"
}

// TestBrowserIsLedNowhereInside is the fifth path of the special addresses: a page's resource, by URL, by tunnel, and by a name that leads there.
func TestBrowserIsLedNowhereInside(t *testing.T) {
	lab := laboratory(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "inside") })
	text, err := os.ReadFile("testdata/special.txt")
	if err != nil {
		t.Fatal(err)
	}
	refused := func(b *Browser, raw string) {
		t.Helper()
		_, before := b.Refused()
		resp := b.asked(t, raw)
		if resp != nil && resp.StatusCode == http.StatusBadRequest && strings.ContainsAny(raw, "%⓪。") {
			return // what no browser writes on the wire is no request
		}
		if resp == nil || resp.StatusCode != http.StatusForbidden {
			t.Errorf("%.60q: %+v, want 403", raw, resp)
		}
		if _, after := b.Refused(); after != before+1 {
			t.Errorf("%.60q: %d refusals are told, want %d", raw, after, before+1)
		}
	}
	addresses, spellings := 0, 0
	for line := range strings.Lines(string(text)) {
		kind, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch kind {
		case "addr":
			addresses++
			a := netip.MustParseAddr(value)
			g := New(Config{Lab: lab.dial})
			if inAny(documentation[:], a.Unmap()) {
				g = New(Config{}) // outside a laboratory these are as forbidden as the rest
			}
			if a.Is6() {
				value = "[" + value + "]"
			}
			inURL := strings.Replace(value, "%", "%25", 1)
			b := wayOut(t, g, func(context.Context, string) ([]netip.Addr, error) { return []netip.Addr{a}, nil })
			for _, port := range []string{"80", "443"} {
				refused(b, get("http://"+inURL+":"+port+"/pixel.png", value))
				refused(b, connect(value+":"+port))
				refused(b, get("http://lure.example:"+port+"/", "lure.example"))
				refused(b, connect("lure.example:"+port))
			}
			b.Close()
		case "host":
			spellings++
			b := wayOut(t, New(Config{Lab: lab.dial}), never(t))
			refused(b, get("http://"+value+"/", value))
			refused(b, connect(value+":443"))
			b.Close()
		}
	}
	if addresses < 64 || spellings == 0 {
		t.Errorf("%d addresses and %d spellings were tried", addresses, spellings)
	}
	if n := lab.strays.Load(); n != 0 {
		t.Errorf("%d connections inside", n)
	}
	t.Logf("%d addresses and %d spellings, 0 connections inside", addresses, spellings)
}

// TestBrowserIsCarriedOutside shows that the refusals above are the guard's, and that nothing is added on the way.
func TestBrowserIsCarriedOutside(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	told := make(chan string, 1)
	server, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	go func() {
		c, err := server.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		r, err := http.ReadRequest(bufio.NewReader(c))
		if err != nil {
			return
		}
		told <- fmt.Sprintf("%s %s %s %v", r.Method, r.RequestURI, r.Host, r.Header)
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nX-Kit: 1\r\nKeep-Alive: 5\r\nContent-Length: 5\r\n\r\nhello")
	}()
	g := New(Config{Lab: func(ctx context.Context, network, address string) (net.Conn, error) {
		if address != "192.0.2.10:80" {
			return nil, fmt.Errorf("%s is dialled", address)
		}
		return (&net.Dialer{}).DialContext(ctx, network, server.Addr().String())
	}})
	b := wayOut(t, g, func(context.Context, string) ([]netip.Addr, error) {
		return []netip.Addr{netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("192.0.2.10")}, nil
	})
	resp := b.asked(t, "GET http://lure.example/a%2Fb?c=d HTTP/1.1\r\nHost: other.example\r\nProxy-Connection: keep-alive\r\nConnection: X-Hop\r\nX-Hop: 1\r\nAccept: */*\r\n\r\n")
	if resp == nil || resp.StatusCode != 200 {
		t.Fatalf("%+v", resp)
	}
	body, _ := io.ReadAll(resp.Body)
	if got, want := <-told, "GET /a%2Fb?c=d lure.example map[Accept:[*/*]]"; got != want {
		t.Errorf("the host was told %s, want %s", got, want)
	}
	if got := fmt.Sprint(resp.Header, string(body)); got != "map[Content-Length:[5] X-Kit:[1]]hello" {
		t.Errorf("the browser got %s", got)
	}
	b.Close()
}

// TestBrowserTunnels speaks TLS in one, and what is no TLS in another.
func TestBrowserTunnels(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	h := func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Host) }
	secure := httptest.NewTLSServer(http.HandlerFunc(h))
	defer secure.Close()
	lab := &inside{secure: strings.TrimPrefix(secure.URL, "https://")}
	b := wayOut(t, New(Config{Lab: lab.dial}), never(t))
	resp := b.asked(t, connect("192.0.2.10:443"))
	if resp == nil || resp.StatusCode != 200 {
		t.Fatalf("%+v", resp)
	}
	c := tls.Client(resp.Body.(net.Conn), &tls.Config{InsecureSkipVerify: true, ServerName: "lure.example"})
	if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: lure.example\r\nConnection: close\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if text, _ := io.ReadAll(c); !strings.HasSuffix(string(text), "lure.example") {
		t.Errorf("through the tunnel came %q", text)
	}
	resp = b.asked(t, connect("192.0.2.10:443")+"POST / HTTP/1.1\r\n\r\n")
	if resp == nil || resp.StatusCode != 200 {
		t.Fatalf("%+v", resp)
	}
	if text, err := io.ReadAll(resp.Body); len(text) != 0 {
		t.Errorf("what is no TLS was answered with %q, %v", text, err)
	}
	if first, n := b.Refused(); n != 1 || !strings.Contains(first[0].Why, "no TLS") {
		t.Errorf("refusals %v", first)
	}
	b.Close()
}

// TestBrowserIsRefused is what a browser, or somebody else on the machine, does not get.
func TestBrowserIsRefused(t *testing.T) {
	lab := laboratory(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusSwitchingProtocols)
	})
	b := wayOut(t, New(Config{Lab: lab.dial}), func(_ context.Context, host string) ([]netip.Addr, error) {
		if host == "fails.example" {
			return nil, io.ErrUnexpectedEOF
		}
		return nil, nil
	})
	for _, c := range []struct {
		raw  string
		want int
	}{
		{get("/", "127.0.0.1"), 400},
		{"GET / HTTP/1.1\r\nHost: lure.example\r\nOrigin: http://lure.example\r\n\r\n", 400},
		{get("https://192.0.2.10/", "192.0.2.10"), 400},
		{get("ftp://192.0.2.10/", "192.0.2.10"), 400},
		{get("file:///etc/passwd", "x"), 400},
		{get("http://user:pw@192.0.2.10/", "192.0.2.10"), 400},
		{"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", 400},
		{"POST http://192.0.2.10/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx", 405},
		{"PUT http://192.0.2.10/ HTTP/1.1\r\nHost: x\r\n\r\n", 405},
		{"OPTIONS http://192.0.2.10/ HTTP/1.1\r\nHost: x\r\n\r\n", 405},
		{"GET http://192.0.2.10/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx", 405},
		{"GET http://192.0.2.10/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 405},
		{get("http://192.0.2.10:22/", "x"), 403},
		{connect("192.0.2.10:25"), 403},
		{connect("192.0.2.10:0"), 403},
		{connect("localhost:443"), 403},
		{get("http://a.localhost./", "x"), 403},
		{get("http://fails.example/", "x"), 502},
		{get("http://nowhere.example/", "x"), 502},
		{get("http://x/", strings.Repeat("a", browserHeader+8<<10)), 431},
	} {
		resp := b.asked(t, c.raw)
		if resp == nil || resp.StatusCode != c.want {
			t.Errorf("%.60q: %+v, want %d", c.raw, resp, c.want)
			continue
		}
		if text, _ := io.ReadAll(resp.Body); len(text) > 0 && c.want != 431 {
			t.Errorf("%.60q: the answer says %q", c.raw, text)
		}
	}
	if n := lab.reached.Load() + lab.strays.Load(); n != 0 {
		t.Errorf("%d connections", n)
	}
	if resp := b.asked(t, get("http://192.0.2.10/", "192.0.2.10")); resp == nil || resp.StatusCode != 502 {
		t.Errorf("101, which nobody asked for: %+v", resp)
	}
	if _, err := New(Config{}).Browser(t.Context(), BrowserConfig{Route: "us-1"}); err == nil {
		t.Error("a route that is not there is used")
	}
}

// TestBrowserServesItsOwnerOnly asks as a user who is not the browser's.
func TestBrowserServesItsOwnerOnly(t *testing.T) {
	lab := laboratory(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") })
	for _, c := range []struct{ owner, status int }{{os.Getuid(), 200}, {os.Getuid() + 1, 0}} {
		b, err := New(Config{Lab: lab.dial}).Browser(t.Context(), BrowserConfig{Route: DirectName, LookUp: never(t), Owner: c.owner})
		if err != nil {
			t.Fatal(err)
		}
		status := 0
		if resp := b.asked(t, get("http://192.0.2.10/", "192.0.2.10")); resp != nil {
			status = resp.StatusCode
		}
		first, n := b.Refused()
		if status != c.status || (n == 1) != (c.status == 0) {
			t.Errorf("owner %d: status %d, want %d; refusals %v", c.owner, status, c.status, first)
		}
		b.Close()
	}
}

// TestBrowserHasItsBytes: an endless answer ends, and does not look whole.
func TestBrowserHasItsBytes(t *testing.T) {
	lab := laboratory(t, func(w http.ResponseWriter, _ *http.Request) {
		for {
			if _, err := w.Write(make([]byte, 32<<10)); err != nil {
				return
			}
		}
	})
	b, err := New(Config{Lab: lab.dial}).Browser(t.Context(), BrowserConfig{Route: DirectName, LookUp: never(t), Owner: os.Getuid(), Bytes: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	resp := b.asked(t, get("http://192.0.2.10/", "192.0.2.10"))
	if resp == nil {
		t.Fatal("no answer")
	}
	n, err := io.Copy(io.Discard, resp.Body)
	if n > 1<<20 || err == nil {
		t.Errorf("%d bytes came, and the end looked like %v", n, err)
	}
}

// TestBrowserEnds: nothing is left when its context is done, or it is closed, whatever is open.
func TestBrowserEnds(t *testing.T) {
	for _, closes := range []bool{true, false} {
		before := goleak.IgnoreCurrent()
		ctx, cancel := context.WithCancel(t.Context())
		hang := make(chan struct{})
		lab := &inside{}
		server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-hang }))
		lab.plain = strings.TrimPrefix(server.URL, "http://")
		lab.secure = lab.plain
		b, err := New(Config{Lab: lab.dial}).Browser(ctx, BrowserConfig{Route: DirectName, LookUp: never(t), Owner: os.Getuid()})
		if err != nil {
			t.Fatal(err)
		}
		var open []net.Conn
		for _, raw := range []string{"", "GET http://192", get("http://192.0.2.10/", "192.0.2.10"), connect("192.0.2.10:443"), connect("192.0.2.10:443") + "\x16\x03\x01"} {
			c, err := net.Dial("tcp", b.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			open = append(open, c)
			_, _ = io.WriteString(c, raw)
		}
		for end := time.Now().Add(10 * time.Second); lab.reached.Load() < 3 && time.Now().Before(end); {
			time.Sleep(time.Millisecond)
		}
		if n := lab.reached.Load(); n != 3 {
			t.Errorf("%d hosts were reached, want 3", n)
		}
		if !closes {
			cancel()
		}
		b.Close()
		cancel()
		for _, c := range open {
			_ = c.SetDeadline(time.Now().Add(10 * time.Second))
			if _, err := io.Copy(io.Discard, c); timedOut(err) {
				t.Error("a connection is left open")
			}
			c.Close()
		}
		close(hang)
		server.Close()
		goleak.VerifyNone(t, before)
	}
}

func TestOwnersAreReadFromTheKernelsList(t *testing.T) {
	if os.Getuid() < 0 {
		t.Skip("this system has no user ids")
	}
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := net.Dial("tcp4", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	at := func(a net.Addr) netip.AddrPort { return a.(*net.TCPAddr).AddrPort() }
	if uid, err := socketOwner(at(c.LocalAddr()), at(l.Addr())); err != nil || uid != os.Getuid() {
		t.Errorf("%d, %v, want %d", uid, err, os.Getuid())
	}
	// No socket of ours has that peer.
	if uid, err := socketOwner(at(c.LocalAddr()), netip.MustParseAddrPort("127.0.0.1:1")); err == nil {
		t.Errorf("the owner of a socket that is not there is %d", uid)
	}
}
