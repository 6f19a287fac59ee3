package fetch

import (
	"fmt"
	"net"
	"strings"
	"testing"

	"lurehound/internal/egress"
	pages "lurehound/internal/page"
)

// trailHosts are the names under which the servers of these tests are found.
var trailHosts = []string{"a.example", "b.example"}

// byPath is a server that answers each request by its path. The port is its own.
func byPath(reply func(path, port, request string) string) func(net.Conn) {
	return func(c net.Conn) {
		_, port, _ := net.SplitHostPort(c.LocalAddr().String())
		for {
			request := readRequest(c)
			if request == "" {
				return
			}
			if _, err := c.Write([]byte(reply(strings.Fields(request)[1], port, request))); err != nil {
				return
			}
		}
	}
}

func moved(location string) string {
	return "HTTP/1.1 302 Found\r\nLocation: " + location + "\r\nContent-Length: 0\r\n\r\n"
}

// manyCookies is n header lines, each with a cookie of its own.
func manyCookies(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "Set-Cookie: cookie%d=%d\r\n", i, i)
	}
	return b.String()
}

// hostileTrails lead a visitor on: round in circles, without end, inward.
func hostileTrails() []hostileServer {
	const tooMany = "more than 8 redirects"
	refused := func(name, location, why string) hostileServer {
		return hostileServer{name: name, talk: answer(moved(location)), status: 302, hops: 2, trail: why}
	}
	html := func(body string) string { return page("Content-Type: text/html\r\n", body) }
	return []hostileServer{
		refused("A24 redirect to itself", "/", "redirect loop"),
		refused("A24 redirect to itself with a fragment", "/#x", "redirect loop"),
		{name: "A25 to and fro between hosts", talk: byPath(func(_, port, request string) string {
			if strings.Contains(request, "Host: a.example:") {
				return moved("http://b.example:" + port + "/")
			}
			return moved("http://a.example:" + port + "/")
		}), status: 302, hops: 4, trail: "redirect loop"},
		{name: "A26 redirects without end", talk: byPath(func(path, _, _ string) string { return moved(path + "x") }), status: 302, hops: 10, trail: tooMany},
		refused("A27 redirect to 127.0.0.1", "http://127.0.0.1/", "127.0.0.1:80 is refused: port 80 is not among those allowed for 127.0.0.1/32"),
		refused("A27 redirect to ::1", "http://[::1]/", "[::1]:80 is refused: loopback (RFC 4291)"),
		refused("A27 redirect to a decimal address", "http://2886729729/", "172.16.0.1:80 is refused: private use (RFC 1918)"),
		refused("A28 file:", "file:///etc/passwd", `scheme "file" is not visited`),
		refused("A28 gopher:", "gopher://127.0.0.1:6379/_FLUSHALL", `scheme "gopher" is not visited`),
		refused("A28 data:", "data:text/html,<p>x", `scheme "data" is not visited`),
		refused("A29 another host with credentials", "http://user:secret@b.example/", "a URL with a user name is not followed"),
		{name: "A31 bare CR in Location", talk: answer(moved("/a\rSet-Cookie: x=y")), reason: "malformed answer"},
		refused("A31 userinfo in Location", "http://a.example@b.example/", "a URL with a user name is not followed"),
		{name: "A31 CRLF in Location, escaped", talk: byPath(func(path, _, request string) string {
			if path == "/" {
				return moved("/a%0d%0aX-Injected:%201%0d%0a")
			}
			if strings.Contains(request, "\r\nX-Injected") {
				return page("", "a header was injected")
			}
			return page("", "ok")
		}), status: 200, hops: 2, size: 2},
		{name: "A32 meta, script, Refresh and Location by turns", talk: byPath(func(path, _, _ string) string {
			next := path + "x"
			switch len(path) % 4 {
			case 0:
				return html(`<meta http-equiv=refresh content="0; url=` + next + `">`)
			case 1:
				return html(`<script>location.href = "` + next + `"</script>`)
			case 2:
				return "HTTP/1.1 200 OK\r\nRefresh: 0; url=" + next + "\r\nContent-Length: 0\r\n\r\n"
			}
			return moved(next)
		}), status: 200, hops: 10, trail: tooMany, size: -1},
		{name: "A32 meta refresh to itself", talk: answer(html(`<meta http-equiv=refresh content="0; url=/">`)), status: 200, hops: 2, trail: "redirect loop", size: -1},
		{name: "A32 script to itself", talk: answer(html(`<script>location="/"</script>`)), status: 200, hops: 2, trail: "redirect loop", size: -1},
	}
}

// TestA29NothingOfOneHostGoesToAnother follows a redirect from a host that set
// cookies and asked for a login to another one.
func TestA29NothingOfOneHostGoesToAnother(t *testing.T) {
	asked := make(chan string, 1)
	address := serve(t, byPath(func(path, port, request string) string {
		if path == "/" {
			return "HTTP/1.1 302 Found\r\nLocation: http://b.example:" + port + "/b\r\nSet-Cookie: secret=1\r\nWWW-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n"
		}
		asked <- request
		return page("", "ok")
	}))
	_, port, _ := net.SplitHostPort(address)
	got := visitOnce(t, local(t, Config{}, trailHosts...), "http://a.example:"+port+"/")
	if got.err != nil {
		t.Fatal(got.err)
	}
	second := <-asked
	for _, leak := range []string{"Cookie", "Authorization", "secret", "a.example"} {
		if strings.Contains(second, leak) {
			t.Errorf("%q is in the second host's request:\n%s", leak, second)
		}
	}
}

// TestA38CookiesAreBounded sends the visitor round again: of 5,000 cookies few
// may be kept and come back.
func TestA38CookiesAreBounded(t *testing.T) {
	asked := make(chan string, 1)
	address := serve(t, byPath(func(path, _, request string) string {
		if path == "/" {
			return "HTTP/1.1 302 Found\r\nLocation: /b\r\n" + manyCookies(5000) + "Content-Length: 0\r\n\r\n"
		}
		asked <- request
		return page("", "ok")
	}))
	got := visitOnce(t, local(t, Config{}), "http://"+address+"/")
	if got.err != nil || got.facts.Size != 2 {
		t.Fatalf("%v %+v", got.err, got.facts)
	}
	_, rest, _ := strings.Cut(<-asked, "\r\nCookie: ")
	sent, _, _ := strings.Cut(rest, "\r\n")
	if n := strings.Count(sent, "="); n != 50 {
		t.Errorf("%d cookies came back, want 50", n)
	}
}

// TestA40AltSvcIsNotTaken offers another port as a better door to the same
// host; nobody may knock there.
func TestA40AltSvcIsNotTaken(t *testing.T) {
	knocked := make(chan struct{}, 1)
	other := serve(t, func(net.Conn) { knocked <- struct{}{} })
	_, port, _ := net.SplitHostPort(other)
	ca := newAuthority(t)
	url := "https://" + serve(t, overTLS(with(ca.issue(t, nil)), once(page("Connection: close\r\nAlt-Svc: h2=\"127.0.0.1:"+port+"\"; persist=1\r\n", "ok"))))
	s := local(t, Config{Refresh: pages.Refresh}).Session(egress.DefaultProfile())
	defer s.Close()
	for range 2 {
		if _, body, err := s.Visit(t.Context(), url); err != nil || string(body) != "ok" {
			t.Fatal(err, body)
		}
	}
	select {
	case <-knocked:
		t.Error("the offered door was taken")
	default:
	}
}
