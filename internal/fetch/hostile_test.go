package fetch

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"lurehound"
	pages "lurehound/internal/page"
)

func packed(t testing.TB, zeros int64) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := io.CopyN(z, zeroes{}, zeros); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

type zeroes struct{}

func (zeroes) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func reset(c net.Conn) {
	_ = c.(*net.TCPConn).SetLinger(0)
}

// page is an answer with one well-formed body.
func page(header string, body string) string {
	return "HTTP/1.1 200 OK\r\n" + header + fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body)
}

// hostileServer is one of the forty behaviours of HTTP servers, A01 to A40,
// that a visit must survive: it ends by its deadline, holds its caps, and says
// what happened. A behaviour with several forms has several rows. A05 and A39
// speak HTTP/2 and stand in h2_test.go.
type hostileServer struct {
	name      string
	talk      func(net.Conn)
	reason    string // start of the reason when there is no answer
	status    int
	truncated string
	size      int64  // -1: any
	trail     string // why the trail ends at its last hop
	hops      int    // 0: one
}

// hostileAnswers are what servers say, or fail to say, to one request.
func hostileAnswers(t testing.TB) []hostileServer {
	bomb := packed(t, 4<<20)
	chunk := "8000\r\n" + strings.Repeat("x", 0x8000) + "\r\n"
	return []hostileServer{
		{name: "A01 accepts and says nothing", talk: stall, reason: "timeout while waiting for the header"},
		{name: "A02 header drip", talk: afterRequest(then(write("HTTP/1.1 200 OK\r\nX: "), drip("a"))), reason: "timeout while waiting for the header"},
		{name: "A03 body drip", talk: afterRequest(then(write("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"), drip("a"))), status: 200, truncated: tooSlow, size: -1},
		{name: "A04 endless chunks", talk: afterRequest(then(write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), endless(chunk))), status: 200, truncated: tooLarge, size: 1 << 20},
		{name: "A06 10 GiB, then a stall", talk: afterRequest(then(write("HTTP/1.1 200 OK\r\nContent-Length: 10737418240\r\n\r\nabc"), stall)), status: 200, truncated: tooSlow, size: 3},
		{name: "A07 longer than its length", talk: once("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdef"), status: 200, size: 3},
		{name: "A08 shorter than its length", talk: once("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"), status: 200, truncated: cutOff, size: 3},
		{name: "A09 two lengths", talk: once("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"), reason: "malformed answer"},
		{name: "A10 length and chunks", talk: once("HTTP/1.1 200 OK\r\nContent-Length: 99\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"), status: 200, size: 3},
		{name: "A11 bad chunk size", talk: once("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n"), status: 200, truncated: broken},
		{name: "A11 chunk of -1", talk: once("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nabc\r\n"), status: 200, truncated: broken},
		{name: "A11 chunk larger than 64 bits", talk: once("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nabc\r\n"), status: 200, truncated: broken},
		{name: "A12 flood of chunk extensions", talk: afterRequest(then(write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), endless("1;"+strings.Repeat("e", 2000)+"\r\na\r\n"))), status: 200, truncated: broken, size: -1},
		{name: "A13 100,000 headers", talk: afterRequest(then(write("HTTP/1.1 200 OK\r\n"), endless("X: y\r\n"))), reason: "malformed answer"},
		{name: "A14 a header of 100 MiB", talk: afterRequest(then(write("HTTP/1.1 200 OK\r\nX: "), endless("x"))), reason: "malformed answer"},
		{name: "A15 flood of interim answers", talk: afterRequest(endless("HTTP/1.1 102 Processing\r\nX: " + strings.Repeat("x", 1000) + "\r\n\r\n")), reason: "malformed answer"},
		{name: "A15 slow interim answers", talk: afterRequest(drip("HTTP/1.1 102 Processing\r\n\r\n")), reason: "timeout while waiting for the header"},
		{name: "A16 early hints with huge links", talk: afterRequest(endless("HTTP/1.1 103 Early Hints\r\nLink: <" + strings.Repeat("l", 8000) + ">\r\n\r\n")), reason: "malformed answer"},
		{name: "A17 unasked upgrade", talk: afterRequest(then(write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"), endless("x"))), status: 101, truncated: upgraded},
		{name: "A18 204 with a body", talk: once("HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\nabc"), status: 204},
		{name: "A19 flood of trailers", talk: afterRequest(then(write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n"), endless("X: y\r\n"))), status: 200, truncated: broken, size: 3},
		{name: "A20 reset in mid-body", talk: afterRequest(then(write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"), func(net.Conn) { time.Sleep(50 * time.Millisecond) }, reset)), status: 200, truncated: cutOff, size: 3},
		{name: "A20 reset at once", talk: afterRequest(reset), reason: "connection reset"},
		{name: "A20 closed at once", talk: afterRequest(func(net.Conn) {}), reason: "closed without an answer"},
		{name: "A21 status 000", talk: once("HTTP/1.1 000 Nothing\r\nContent-Length: 0\r\n\r\n"), reason: "malformed answer: status 000"},
		{name: "A21 status 1000", talk: once("HTTP/1.1 1000 Much\r\nContent-Length: 0\r\n\r\n"), reason: "malformed answer"},
		{name: "A21 status 999", talk: once("HTTP/1.1 999 Denied\r\nContent-Length: 1\r\n\r\nx"), status: 999, size: 1},
		{name: "A22 HTTP/0.9", talk: once("<html>plain</html>"), reason: "malformed answer"},
		{name: "A23 character generator", talk: endless("!\"#$%&'()*+,-./0123456789:;<=>?@ABC\r\n"), reason: "malformed answer"},
		{name: "A23 SSH banner", talk: once("SSH-2.0-OpenSSH_9.6\r\n"), reason: "malformed answer"},
		{name: "A33 gzip bomb", talk: once(page("Content-Encoding: gzip\r\n", bomb)), status: 200, truncated: tooPacked, size: -1},
		{name: "A33 gzip, many small members", talk: afterRequest(then(write("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"), endless(fmt.Sprintf("%x\r\n%s\r\n", len(packed(t, 0)), packed(t, 0))))), status: 200, truncated: timedOut},
		{name: "A33 gzip, cut", talk: once(page("Content-Encoding: gzip\r\n", packed(t, 1000)[:20])), status: 200, truncated: cutOff, size: -1},
		{name: "A33 gzip, broken", talk: once(page("Content-Encoding: gzip\r\n", "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\xff\xff\xff\xff")), status: 200, truncated: broken},
		{name: "A34 called gzip, but is not", talk: once(page("Content-Encoding: gzip\r\n", "<p>plain")), status: 200, truncated: "encoding: called gzip, but is not", size: 8},
		{name: "A36 gzip in gzip", talk: once(page("Content-Encoding: gzip, gzip\r\n", "abc")), status: 200, truncated: "encoding: 2 layers", size: 3},
		{name: "A35 brotli that nobody asked for", talk: once(page("Content-Encoding: br\r\n", "abc")), status: 200, truncated: "encoding: br", size: 3},
		{name: "A35 zstd that never ends", talk: afterRequest(then(write("HTTP/1.1 200 OK\r\nContent-Encoding: zstd\r\n\r\n"), endless("x"))), status: 200, truncated: "encoding: zstd, too_large", size: 1 << 20},
		{name: "A36 50 encodings", talk: once(page(strings.Repeat("Content-Encoding: gzip\r\n", 50), "abc")), status: 200, truncated: "encoding: 50 layers", size: 3},
		{name: "A37 NTLM", talk: once("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: NTLM\r\nWWW-Authenticate: Negotiate\r\nContent-Length: 2\r\n\r\nno"), status: 401, size: 2},
		{name: "A38 5,000 cookies", talk: once("HTTP/1.1 200 OK\r\n" + manyCookies(5000) + "Content-Length: 2\r\n\r\nok"), status: 200, size: 2},
		{name: "A30 a Location of 1 MiB", talk: once("HTTP/1.1 302 Found\r\nLocation: /" + strings.Repeat("a", 1<<20) + "\r\n\r\n"), reason: "malformed answer"},
		{name: "A40 Alt-Svc to a private address", talk: answer(page("Alt-Svc: h2=\"10.0.0.1:443\"\r\n", "ok")), status: 200, size: 2},
		{name: "A14 a header with NUL and invalid UTF-8", talk: once(page("Server: a\x00b\xffc\x1b[2J\r\n", "ok")), status: 200, size: -1},
	}
}

// TestHostileServers visits each of them once.
func TestHostileServers(t *testing.T) {
	for _, c := range slices.Concat(hostileAnswers(t), hostileTrails()) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			client := local(t, Config{Refresh: pages.Refresh}, trailHosts...)
			got := visitOnce(t, client, "http://"+serve(t, c.talk)+"/")
			c.check(t, client.limits, got)
		})
	}
}

func (c hostileServer) check(t *testing.T, lim Limits, got result) {
	if most := lim.Total + time.Second; got.took > most {
		t.Errorf("took %s, the deadline is %s", got.took, most)
	}
	if c.name == "A14 a header with NUL and invalid UTF-8" && got.err != nil {
		return // refusing it is as well
	}
	if c.reason != "" {
		if got.err == nil {
			t.Fatalf("got an answer: %+v", got.facts)
		}
		if got.err.Outcome != lurehound.Unknown || !strings.HasPrefix(got.err.Reason, c.reason) {
			t.Errorf("got %v, want unknown: %s", got.err, c.reason)
		}
		if h := lastHop(got.facts); h.Reason != got.err.Reason {
			t.Errorf("the hop says %q", h.Reason)
		}
		return
	}
	if got.err != nil {
		t.Fatal(got.err)
	}
	f := got.facts
	if f.Status != c.status || f.Truncated != c.truncated || c.size >= 0 && f.Size != c.size {
		t.Errorf("got status %d, truncated %q, size %d; want %d, %q, %d", f.Status, f.Truncated, f.Size, c.status, c.truncated, c.size)
	}
	if h := lastHop(f); h.Reason != c.trail || len(f.Hops) != max(c.hops, 1) {
		t.Errorf("%d hops, the last one %+v; want %d, the reason %q", len(f.Hops), h, max(c.hops, 1), c.trail)
	}
	if int64(len(got.body)) != f.Size || f.Size > lim.Body {
		t.Errorf("%d bytes of body, size %d, limit %d", len(got.body), f.Size, lim.Body)
	}
	if strings.ContainsAny(f.Server, "\x00\x1b") || !utf8.ValidString(f.Server) {
		t.Errorf("server %q", f.Server)
	}
}

func endlessH2(t testing.TB) (url string) {
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		block := make([]byte, 64<<10)
		for {
			if _, err := w.Write(block); err != nil {
				return
			}
		}
	}))
	srv.EnableHTTP2 = true
	srv.StartTLS()
	t.Cleanup(srv.Close)
	return srv.URL
}

func TestA05EndlessH2(t *testing.T) {
	got := visitOnce(t, local(t, Config{}), endlessH2(t))
	if got.err != nil || got.facts.Truncated != tooLarge {
		t.Fatalf("%v %+v", got.err, got.facts)
	}
}

func TestNothingListens(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	got := visitOnce(t, local(t, Config{}), "http://"+address)
	if got.err == nil || got.err.Outcome != lurehound.Unknown || got.err.Reason != "connection refused" {
		t.Errorf("got %v", got.err)
	}
}

func TestNoAddress(t *testing.T) {
	got := visitOnce(t, local(t, Config{}), "http://nowhere.example/")
	if got.err == nil || got.err.Outcome != lurehound.Unknown || got.err.Reason != "no address" {
		t.Errorf("got %v", got.err)
	}
}

func TestSizeAtTheLimit(t *testing.T) {
	for _, c := range []struct {
		n         int
		truncated string
	}{{1 << 20, ""}, {1<<20 + 1, tooLarge}, {1<<20 - 1, ""}, {0, ""}, {smallBody, ""}, {smallBody + 1, ""}} {
		got := visitOnce(t, local(t, Config{}), "http://"+serve(t, answer(page("", strings.Repeat("x", c.n)))))
		if got.err != nil || got.facts.Truncated != c.truncated || got.facts.Size != min(int64(c.n), 1<<20) {
			t.Errorf("%d bytes: %v, %q, %d", c.n, got.err, got.facts.Truncated, got.facts.Size)
		}
	}
}

func TestEnvironmentProxiesAreIgnored(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:1")
	t.Setenv("ALL_PROXY", "socks5://127.0.0.1:1")
	got := visitOnce(t, local(t, Config{}, "lure.example"), "http://"+strings.Replace(serve(t, answer(page("", "ok"))), "127.0.0.1", "lure.example", 1))
	if got.err != nil || string(got.body) != "ok" {
		t.Errorf("%v %q", got.err, got.body)
	}
	if os.Getenv("HTTP_PROXY") == "" {
		t.Error("the environment was not set")
	}
}
