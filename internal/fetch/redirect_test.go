package fetch

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"lurehound"
	"lurehound/internal/egress"
)

func redirectTo(location string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Location"] = []string{location}
		w.WriteHeader(http.StatusFound)
	}
}

func web(t testing.TB, h http.HandlerFunc) (url string) {
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv.URL
}

// TestRefusedTargets are Locations that are recorded and not followed.
func TestRefusedTargets(t *testing.T) {
	for _, c := range []struct{ location, reason string }{
		{"file:///etc/passwd", `scheme "file" is not visited`},
		{"gopher://127.0.0.1:6379/_FLUSHALL", `scheme "gopher" is not visited`},
		{"data:text/html,<script>x</script>", `scheme "data" is not visited`},
		{"javascript:alert(1)", `scheme "javascript" is not visited`},
		{"ftp://lure.example/x", `scheme "ftp" is not visited`},
		{"intent://scan/#Intent;scheme=zxing;end", `scheme "intent" is not visited`},
		{"http://user:secret@lure.example/", "a URL with a user name is not followed"},
		{"//user@lure.example/", "a URL with a user name is not followed"},
		{"/a\tb", "a URL with control characters is not followed"},
		{"/a\x00b", "a URL with control characters is not followed"},
		{"http://lure.example:43/", "port 43 is not visited: no web server is there"},
		{"http://lure.example:99999/", "not a port"},
		{"http://", "a URL without a host is not followed"},
		{"https:opaque", "a URL without a host is not followed"},
		{"http://lure%2eexample/", "not a URL"},
		{"http://[::1", "not a URL"},
		{"http://1.2.3.4.5/", "a host that ends in a number but is no IPv4 address"},
		{"http://127.0.0.1:1/", "127.0.0.1:1 is refused: port 1 is not among those allowed for 127.0.0.1/32"},
		{"http://[::1]/", "[::1]:80 is refused: loopback (RFC 4291)"},
		{"http://2130706433:2/", "127.0.0.1:2 is refused: port 2 is not among those allowed for 127.0.0.1/32"},
		{`\\10.0.0.1/`, "10.0.0.1:80 is refused: private use (RFC 1918)"},
		{"http://nowhere.example/", "no address"},
		{"/" + strings.Repeat("a", 9000), "a URL of 9001 bytes is not followed"},
	} {
		url := "http://" + serve(t, answer("HTTP/1.1 302 Found\r\nLocation: "+c.location+"\r\nContent-Length: 4\r\n\r\nmove"))
		got := visitOnce(t, local(t, Config{}), url)
		if c.location == "/a\x00b" && got.err != nil {
			continue // net/http may refuse the header itself
		}
		if got.err != nil {
			t.Errorf("%s: %v", c.location, got.err)
			continue
		}
		hop := lastHop(got.facts)
		if len(got.facts.Hops) != 2 || hop.Reason != c.reason || hop.Via != "location" || hop.URL == "" {
			t.Errorf("%.60s: hops %+v, want the reason %q", c.location, got.facts.Hops, c.reason)
		}
		if got.facts.Status != 302 || got.facts.URL != url+"/" {
			t.Errorf("%.60s: the facts are not of the answer: %+v", c.location, got.facts)
		}
	}
}

func TestLoopsEnd(t *testing.T) {
	var asked atomic.Int64
	count := func(h http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { asked.Add(1); h(w, r) }
	}
	refresh := func(value string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Refresh", value) }
	}
	for _, c := range []struct {
		name   string
		serve  http.HandlerFunc
		asked  int64
		reason string
	}{
		{"itself", redirectTo("/"), 1, "redirect loop"},
		{"itself with another fragment", redirectTo("/#b"), 1, "redirect loop"},
		{"to and fro", func(w http.ResponseWriter, r *http.Request) {
			redirectTo(map[string]string{"/": "/b", "/b": "/"}[r.URL.Path])(w, r)
		}, 2, "redirect loop"},
		{"endless", func(w http.ResponseWriter, r *http.Request) { redirectTo(r.URL.Path+"a")(w, r) }, 9, "more than 8 redirects"},
		{"endless refresh", func(w http.ResponseWriter, r *http.Request) { refresh("0; url="+r.URL.Path+"a")(w, r) }, 9, "more than 8 redirects"},
		{"refresh to itself", refresh("0; url=/"), 1, "redirect loop"},
		{"reload", refresh("5"), 1, ""},
		{"a cookie, then round once more", func(w http.ResponseWriter, r *http.Request) {
			if _, err := r.Cookie("seen"); err != nil {
				http.SetCookie(w, &http.Cookie{Name: "seen", Value: "1"})
				redirectTo("/")(w, r)
			}
		}, 2, ""},
		{"a new cookie for ever", func(w http.ResponseWriter, r *http.Request) {
			http.SetCookie(w, &http.Cookie{Name: "n", Value: fmt.Sprint(asked.Load())})
			redirectTo("/")(w, r)
		}, 9, "more than 8 redirects"},
	} {
		asked.Store(0)
		got := visitOnce(t, local(t, Config{}), web(t, count(c.serve)))
		if got.err != nil || asked.Load() != c.asked || lastHop(got.facts).Reason != c.reason {
			t.Errorf("%s: asked %d times, want %d; %v, %+v", c.name, asked.Load(), c.asked, got.err, lastHop(got.facts))
		}
	}
}

func TestMetaRefresh(t *testing.T) {
	// The hook is the page package's work; here a page is its target.
	hook := func(body []byte, base string) string {
		if !strings.HasPrefix(base, "http://127.0.0.1:") {
			t.Errorf("base %q", base)
		}
		_, to, _ := strings.Cut(string(body), "to ")
		return to
	}
	pages := map[string]string{
		"/": "to /b", "/b": "to /c", "/c": "end ", "/self": "to /self", "/file": "to file:///x", "/dead": "to http://nowhere.example/",
		"/large": strings.Repeat("x", keepBody) + "to http://nowhere.example/",
	}
	url := web(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, pages[r.URL.Path])
	})
	for _, c := range []struct {
		path, end, body string
		hops            int
		reason          string
	}{
		{"/", "/c", "end ", 3, ""},
		{"/self", "/self", "to /self", 2, "redirect loop"},
		{"/file", "/file", "to file:///x", 2, `scheme "file" is not visited`},
		{"/dead", "/dead", "to http://nowhere.example/", 2, "no address"},
		{"/large", "/large", "", 2, "no address"},
	} {
		got := visitOnce(t, local(t, Config{Refresh: hook}), url+c.path)
		if got.err != nil {
			t.Errorf("%s: %v", c.path, got.err)
			continue
		}
		f := got.facts
		if f.URL != url+c.end || len(f.Hops) != c.hops || lastHop(f).Reason != c.reason || string(got.body) != c.body || f.Size == 0 || f.Body.SHA256 == "" {
			t.Errorf("%s: %+v %.20q", c.path, f, got.body)
		}
	}
}

// TestFirstRequestTellsNothingOfUs compares the bytes on the wire.
func TestFirstRequestTellsNothingOfUs(t *testing.T) {
	var mu sync.Mutex
	var seen []string
	address := serve(t, func(c net.Conn) {
		for {
			h := readRequest(c)
			if h == "" {
				return
			}
			mu.Lock()
			seen = append(seen, h)
			mu.Unlock()
			reply := page("Set-Cookie: sid=1; Path=/\r\n", "ok")
			if strings.HasPrefix(h, "GET / ") {
				reply = "HTTP/1.1 302 Found\r\nLocation: http://other.example:" + strings.Split(c.LocalAddr().String(), ":")[1] + "/b#frag\r\nSet-Cookie: sid=1\r\nContent-Length: 0\r\n\r\n"
			}
			if _, err := c.Write([]byte(reply)); err != nil {
				return
			}
		}
	})
	_, port, _ := net.SplitHostPort(address)
	c := local(t, Config{}, "lure.example", "other.example")
	s := c.Session(egress.DefaultProfile())
	defer s.Close()
	for _, u := range []string{"http://LURE.example.:" + port, "http://other.example:" + port + "/favicon.ico", "http://lure.example:" + port + "/c?q=1", "http://lure.example:" + port + "/"} {
		if _, _, err := s.Visit(t.Context(), u); err != nil {
			t.Fatal(err)
		}
	}
	p := egress.DefaultProfile()
	want := func(path, host, referrer, cookie string) string {
		lines := []string{"Host: " + host + ":" + port, "User-Agent: " + p.UserAgent, "Accept: " + p.Accept, "Accept-Encoding: gzip", "Accept-Language: " + p.AcceptLanguage}
		if cookie != "" {
			lines = append(lines, "Cookie: "+cookie)
		}
		lines = append(lines, "Referer: "+referrer, "Upgrade-Insecure-Requests: 1")
		return "GET " + path + " HTTP/1.1\r\n" + strings.Join(lines, "\r\n") + "\r\n\r\n"
	}
	diff := cmp.Diff([]string{
		want("/", "lure.example", "https://www.google.com/", ""),
		want("/b", "other.example", "https://www.google.com/", ""),
		want("/favicon.ico", "other.example", "http://other.example:"+port+"/b", "sid=1"),
		want("/c?q=1", "lure.example", "http://other.example:"+port+"/", "sid=1"),
		want("/", "lure.example", "http://lure.example:"+port+"/c?q=1", "sid=1"),
		want("/b", "other.example", "http://lure.example:"+port+"/", "sid=1"), // across sites: the origin only
	}, seen)
	if diff != "" {
		t.Errorf("on the wire (-want +got):\n%s", diff)
	}
}

func TestSessionsShareNothing(t *testing.T) {
	url := web(t, func(w http.ResponseWriter, r *http.Request) {
		if len(r.Cookies()) > 0 {
			t.Errorf("cookies %v of another visitor", r.Cookies())
		}
		http.SetCookie(w, &http.Cookie{Name: "a", Value: "b"})
	})
	c := local(t, Config{})
	visitOnce(t, c, url)
	visitOnce(t, c, url)
}

func TestUnknownRouteIsRefused(t *testing.T) {
	var asked atomic.Int64
	url := web(t, func(http.ResponseWriter, *http.Request) { asked.Add(1) })
	p := egress.DefaultProfile()
	p.Route = "residential"
	s := local(t, Config{}).Session(p)
	defer s.Close()
	_, _, err := s.Visit(t.Context(), url)
	if e, ok := err.(*Error); !ok || e.Outcome != lurehound.Blocked || asked.Load() != 0 {
		t.Errorf("got %v after %d requests", err, asked.Load())
	}
}

// special reads the addresses and spellings that egress must refuse.
func special(t testing.TB) (urlHosts []string, addrs []netip.Addr) {
	text, err := os.ReadFile("../egress/testdata/special.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		kind, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch kind {
		case "addr":
			a := netip.MustParseAddr(value)
			addrs = append(addrs, a)
			if a.Is6() {
				value = "[" + strings.Replace(value, "%", "%25", 1) + "]"
			}
			urlHosts = append(urlHosts, value)
		case "host":
			urlHosts = append(urlHosts, value)
		}
	}
	return urlHosts, addrs
}

// labDocs are admitted in a laboratory; what they lead to is not tested there.
func labDoc(host string) bool {
	return slices.ContainsFunc([]string{"192.0.2.", "198.51.100.", "203.0.113.", "[2001:db8:", "2001:db8:"}, func(p string) bool { return strings.HasPrefix(host, p) })
}

// wiretap is a laboratory with one good host. Whoever dials anything else is
// counted and let in, so that a hole in the guard shows.
type wiretap struct {
	good   netip.AddrPort
	server string
	strays atomic.Int64
}

func (w *wiretap) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if address != w.good.String() {
		w.strays.Add(1)
	}
	var d net.Dialer
	return d.DialContext(ctx, network, w.server)
}

func tapped(t testing.TB, h http.HandlerFunc, r Resolver) (*Client, *wiretap) {
	w := &wiretap{good: netip.MustParseAddrPort("192.0.2.10:80")}
	w.server = strings.TrimPrefix(web(t, h), "http://")
	c := New(Config{Gateway: egress.New(egress.Config{Lab: w.dial}), Resolver: r, Clock: egress.SystemClock{}, Limits: hasty()})
	t.Cleanup(c.Close)
	return c, w
}

func TestRedirectsInward(t *testing.T) {
	urls, _ := special(t)
	if len(urls) < 64 {
		t.Fatalf("%d spellings, 64 are the least", len(urls))
	}
	for _, host := range urls {
		handler := redirectTo("http://" + host + "/")
		c, tap := tapped(t, handler, nil)
		start := "http://192.0.2.10/"
		if labDoc(host) {
			// Outside a laboratory these are as forbidden as the rest.
			start = web(t, handler)
			c = local(t, Config{})
		}
		got := visitOnce(t, c, start)
		hop := lastHop(got.facts)
		if got.err != nil || len(got.facts.Hops) != 2 || hop.Status != 0 || hop.Reason == "" || tap.strays.Load() != 0 {
			t.Errorf("%s: %v, %d strays, %+v", host, got.err, tap.strays.Load(), got.facts.Hops)
		}
		if direct := visitOnce(t, c, "http://"+host+"/"); direct.err == nil || direct.err.Outcome != lurehound.Blocked || tap.strays.Load() != 0 {
			t.Errorf("%s directly: %v, %d strays", host, direct.err, tap.strays.Load())
		}
	}
}

// flip answers with the good host at first, then with the other.
type flip struct {
	mu    sync.Mutex
	asked int
	other netip.Addr
}

func (f *flip) Addrs(context.Context, string) ([]netip.Addr, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked++
	if f.asked == 1 {
		return []netip.Addr{netip.MustParseAddr("192.0.2.10")}, nil
	}
	return []netip.Addr{f.other}, nil
}

func TestNamesThatTurnInward(t *testing.T) {
	_, addrs := special(t)
	for _, a := range addrs {
		if labDoc(a.String()) {
			continue
		}
		hang := func(w http.ResponseWriter, r *http.Request) { w.Header().Set("Connection", "close") }
		f := &flip{other: a}
		c, tap := tapped(t, hang, f)
		s := c.Session(egress.DefaultProfile())
		if _, _, err := s.Visit(t.Context(), "http://lure.example/"); err != nil {
			t.Fatal(err)
		}
		_, _, err := s.Visit(t.Context(), "http://lure.example/")
		s.Close()
		if e, ok := err.(*Error); !ok || e.Outcome != lurehound.Blocked || f.asked != 2 || tap.strays.Load() != 0 {
			t.Errorf("flip to %s: %v, asked %d, strays %d", a, err, f.asked, tap.strays.Load())
		}
	}
}

func TestMixedAnswers(t *testing.T) {
	_, addrs := special(t)
	good := netip.MustParseAddr("192.0.2.10")
	for _, a := range addrs {
		if labDoc(a.String()) {
			continue
		}
		for _, list := range [][]netip.Addr{{a, good}, {good, a}} {
			c, tap := tapped(t, func(http.ResponseWriter, *http.Request) {}, hosts{"lure.example": list})
			got := visitOnce(t, c, "http://lure.example/")
			if got.err != nil || tap.strays.Load() != 0 || lastHop(got.facts).Addr != good {
				t.Errorf("%v: %v, %d strays, %+v", list, got.err, tap.strays.Load(), got.facts.Hops)
			}
		}
		c, tap := tapped(t, func(http.ResponseWriter, *http.Request) {}, hosts{"lure.example": {a, a}})
		got := visitOnce(t, c, "http://lure.example/")
		if got.err == nil || got.err.Outcome != lurehound.Blocked || tap.strays.Load() != 0 {
			t.Errorf("only %s: %v, %d strays", a, got.err, tap.strays.Load())
		}
	}
}

func TestHopsSayWhereAndHow(t *testing.T) {
	c, _ := tapped(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			redirectTo("b?c=d")(w, r)
			return
		}
		w.Header().Set("Server", "nginx")
		w.Header().Set("Content-Type", "text/plain")
		fmt.Fprint(w, "hello")
	}, nil)
	got := visitOnce(t, c, "http://192.0.2.10")
	if got.err != nil {
		t.Fatal(got.err)
	}
	a := netip.MustParseAddr("192.0.2.10")
	want := lurehound.VisitFacts{
		Start: "http://192.0.2.10", URL: "http://192.0.2.10/b?c=d", Status: 200, Server: "nginx", ContentType: "text/plain", Size: 5,
		Body: lurehound.Artifact{SHA256: "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824", Size: 5},
		Hops: []lurehound.Hop{
			{URL: "http://192.0.2.10/", Addr: a, Status: 302},
			{URL: "http://192.0.2.10/b?c=d", Addr: a, Status: 200, Via: "location"},
		},
	}
	if diff := cmp.Diff(want, got.facts, cmpopts.EquateComparable(netip.Addr{})); diff != "" {
		t.Errorf("facts (-want +got):\n%s", diff)
	}
}
