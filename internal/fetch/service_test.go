package fetch

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"lurehound/internal/egress"
)

func get(t *testing.T, c *Client, url string) (string, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.Service().Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return string(b), err
}

func TestServiceVerifiesTLS(t *testing.T) {
	ca := newAuthority(t)
	good := serve(t, overTLS(with(ca.issue(t, nil)), answer(page("", "ok"))))
	bad := serve(t, overTLS(with(selfSigned(t, nil)), answer(page("", "ok"))))
	c := local(t, Config{Roots: ca.pool, Clock: day{today}})
	if body, err := get(t, c, "https://"+good); err != nil || body != "ok" {
		t.Errorf("%q, %v", body, err)
	}
	if _, err := get(t, c, "https://"+bad); err == nil {
		t.Error("a self-signed certificate is trusted")
	}
	later := local(t, Config{Roots: ca.pool, Clock: day{today.AddDate(1, 0, 0)}})
	if _, err := get(t, later, "https://"+good); err == nil {
		t.Error("an expired certificate is trusted")
	}
}

func TestServiceCaps(t *testing.T) {
	c := local(t, Config{})
	limit := int(c.limits.ServiceBody)
	for _, n := range []int{0, limit - 1, limit} {
		if body, err := get(t, c, "http://"+serve(t, once(page("", strings.Repeat("x", n))))); err != nil || len(body) != n {
			t.Errorf("%d bytes: %d, %v", n, len(body), err)
		}
	}
	for name, talk := range map[string]func(net.Conn){
		"one byte more": once(page("", strings.Repeat("x", limit+1))),
		"endless":       afterRequest(then(write("HTTP/1.1 200 OK\r\n\r\n"), endless("x"))),
		"bomb":          once(page("Content-Encoding: gzip\r\n", packed(t, 4<<20))),
	} {
		if body, err := get(t, c, "http://"+serve(t, talk)); !errors.Is(err, ErrTooLarge) || len(body) != limit {
			t.Errorf("%s: %d bytes, %v", name, len(body), err)
		}
	}
	for name, talk := range map[string]func(net.Conn){
		"header flood": afterRequest(then(write("HTTP/1.1 200 OK\r\n"), endless("X: y\r\n"))),
		"silent":       stall,
		"stall":        afterRequest(then(write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"), stall)),
		"cut":          once("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"),
	} {
		began := time.Now()
		if _, err := get(t, c, "http://"+serve(t, talk)); err == nil {
			t.Errorf("%s: %v after %s", name, err, time.Since(began))
		}
	}
}

func TestServiceMayBeReadSlowly(t *testing.T) {
	c := local(t, Config{})
	resp, err := c.Service().Get("http://" + serve(t, once(page("", strings.Repeat("x", 100_000)))))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	n := 0
	for range 4 {
		time.Sleep(c.limits.ServiceGrace / 2) // a consumer's own pace is no stall
		k, err := io.ReadFull(resp.Body, make([]byte, 25_000))
		if err != nil {
			t.Fatal(err)
		}
		n += k
	}
	if n != 100_000 {
		t.Errorf("%d bytes", n)
	}
}

func TestServiceSendsGetAndHeadOnly(t *testing.T) {
	var asked atomic.Int64
	url := web(t, func(_ http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if r.UserAgent() != "lurehound" {
			t.Errorf("user agent %q", r.UserAgent())
		}
	})
	c := local(t, Config{}).Service()
	for _, m := range []string{"POST", "PUT", "DELETE", "CONNECT", "OPTIONS"} {
		req, _ := http.NewRequest(m, url, nil)
		if resp, err := c.Do(req); err == nil {
			resp.Body.Close()
			t.Errorf("%s is sent", m)
		}
	}
	if asked.Load() != 0 {
		t.Error("a request left")
	}
	resp, err := c.Head(url)
	if err != nil || asked.Load() != 1 {
		t.Fatal(err, asked.Load())
	}
	resp.Body.Close()
}

func TestServiceRedirects(t *testing.T) {
	var asked atomic.Int64
	url := web(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		switch {
		case r.URL.Path == "/inward":
			redirectTo("http://10.0.0.1/")(w, r)
		case r.URL.Path == "/once":
			redirectTo("/end")(w, r)
		case r.URL.Path != "/end":
			redirectTo(r.URL.Path+"a")(w, r)
		}
	})
	c := local(t, Config{})
	var blocked *egress.BlockedError
	if _, err := get(t, c, url+"/inward"); !errors.As(err, &blocked) {
		t.Errorf("inward: %v", err)
	}
	if _, err := get(t, c, url+"/once"); err != nil {
		t.Error(err)
	}
	asked.Store(0)
	if _, err := get(t, c, url+"/"); err == nil || asked.Load() != 9 {
		t.Errorf("%v after %d requests", err, asked.Load())
	}
	ca := newAuthority(t)
	down := serve(t, overTLS(with(ca.issue(t, nil)), answer("HTTP/1.1 302 Found\r\nLocation: "+url+"/end\r\nContent-Length: 0\r\n\r\n")))
	if _, err := get(t, local(t, Config{Roots: ca.pool, Clock: day{today}}), "https://"+down); err == nil {
		t.Error("https leads to http")
	}
}

func TestDialService(t *testing.T) {
	registry := serve(t, func(c net.Conn) {
		buf := make([]byte, 64)
		n, _ := c.Read(buf)
		_, _ = c.Write(append([]byte("% "), buf[:n]...))
	})
	_, p, _ := net.SplitHostPort(registry)
	port, _ := strconv.ParseUint(p, 10, 16)
	c := local(t, Config{Resolver: hosts{"whois.example": {loopback}, "inner.example": {netip.MustParseAddr("10.0.0.1")}}})
	conn, err := c.DialService(t.Context(), "whois.example", uint16(port))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, _ = io.WriteString(conn, "lure.example\r\n")
	if b, err := io.ReadAll(conn); err != nil || string(b) != "% lure.example\r\n" {
		t.Errorf("%q, %v", b, err)
	}
	var blocked *egress.BlockedError
	if _, err := c.DialService(t.Context(), "inner.example", egress.WhoisPort); !errors.As(err, &blocked) {
		t.Errorf("inner: %v", err)
	}
	if _, err := c.DialService(t.Context(), "absent.example", egress.WhoisPort); !errors.Is(err, errNoAddress) {
		t.Errorf("absent: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.DialService(ctx, "whois.example", uint16(port)); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
