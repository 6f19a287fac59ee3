package fetch

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lurehound"
	"lurehound/internal/egress"
	"lurehound/internal/testbed"
)

// installed skips the test where a program is not installed, and fails it where one has to be.
func installed(t testing.TB, s *testbed.Server, err error) *testbed.Server {
	t.Helper()
	if errors.Is(err, exec.ErrNotFound) && os.Getenv("CI_REQUIRE") != "1" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}

// TestProxiesThatOthersWrote visits nginx by microsocks and by Squid: with the right password, the wrong one, none, and when the
// proxy is gone.
func TestProxiesThatOthersWrote(t *testing.T) {
	const secret = "canary-pw"
	ca := newAuthority(t)
	cert, key := pemOf(t, ca.issue(t, nil))
	dirs := map[string]string{"http": t.TempDir(), "https": t.TempDir()}
	start := func(scheme, cert, key string) *testbed.Server {
		s, err := testbed.Nginx(t.Context(), dirs[scheme], "<title>lure over "+scheme+"</title>", cert, key)
		return installed(t, s, err)
	}
	sites := map[string]*testbed.Server{"http": start("http", "", ""), "https": start("https", cert, key)}
	// requests is what the sites were asked, a line each.
	requests := func() (lines []string) {
		for scheme, dir := range dirs {
			b, err := os.ReadFile(filepath.Join(dir, "access.log"))
			if err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(string(b)) {
				lines = append(lines, scheme+" "+strings.TrimSpace(line))
			}
		}
		return lines
	}
	// settled waits until the sites have written down what they were asked, which they do after they have answered.
	settled := func(want int) (n int) {
		for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(5 * time.Millisecond) {
			if n = len(requests()); n >= want || time.Now().After(deadline) {
				return n
			}
		}
	}
	asked := 0
	al, err := egress.ParseAllowance("127.0.0.1:1024-65535")
	if err != nil {
		t.Fatal(err)
	}
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := closed.Addr().String() // nobody listens there
	closed.Close()

	for _, c := range []struct {
		name  string
		kind  egress.RouteKind
		start func(ctx context.Context, user, password string) (*testbed.Server, error)
	}{
		{"microsocks", egress.SOCKS5, testbed.Microsocks},
		{"squid", egress.Connect, testbed.Squid},
		{"squid inside TLS", egress.Secure, func(ctx context.Context, user, password string) (*testbed.Server, error) {
			return testbed.SecureSquid(ctx, user, password, cert, key)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := c.start(t.Context(), "hunter", secret)
			locked := installed(t, s, err)
			s, err = c.start(t.Context(), "", "")
			open := installed(t, s, err)
			route := func(name string, at netip.AddrPort, user, password string) egress.Route {
				return egress.Route{Name: name, Kind: c.kind, Proxy: at, User: user, Password: egress.NewSecret(password)}
			}
			client := New(Config{Resolver: hosts{"lure.example": {loopback}}, Clock: day{today}, Roots: ca.pool, Gateway: egress.New(egress.Config{
				Clock: day{today}, Roots: ca.pool,
				Allow: []egress.Allowance{al},
				Routes: []egress.Route{route("right", locked.Addr, "hunter", secret), route("wrong", locked.Addr, "hunter", "canary-other"),
					route("none", locked.Addr, "", ""), route("open", open.Addr, "", ""), route("needless", open.Addr, "hunter", secret)},
			})})
			defer client.Close()
			for _, name := range []string{"right", "open", "needless"} {
				for scheme, site := range sites {
					asked++
					url := scheme + "://lure.example:" + strings.Split(site.Addr.String(), ":")[1] + "/x"
					got := visitBy(t, client, name, url)
					if got.err != nil || string(got.body) != "<title>lure over "+scheme+"</title>" || lastHop(got.facts).Addr != loopback || !strings.HasPrefix(got.facts.Server, "nginx") {
						t.Errorf("%s by %s: %v, %q, %+v", url, name, got.err, got.body, got.facts)
					}
					if scheme == "https" && (got.facts.Certificate == nil || !got.facts.Certificate.Trusted) {
						t.Errorf("%s by %s: %+v", url, name, got.facts.Certificate)
					}
					if n := settled(asked); n != asked {
						t.Errorf("%s by %s: %d requests, want %d", url, name, n, asked)
					}
				}
			}
			for _, bad := range []struct {
				route, reason string
				outcome       lurehound.Outcome
				url           string
			}{
				{"wrong", "route wrong: its proxy wants other credentials", lurehound.Blocked, "http://" + sites["http"].Addr.String() + "/"},
				{"none", "route none: its proxy wants credentials, and the route has none: give it user and password", lurehound.Blocked, "http://" + sites["http"].Addr.String() + "/"},
				{"right", "connection refused", lurehound.Unknown, "http://" + nobody + "/"},
				{"open", "connection refused", lurehound.Unknown, "http://" + nobody + "/"},
			} {
				got := visitBy(t, client, bad.route, bad.url)
				if got.err == nil || got.err.Outcome != bad.outcome || got.err.Reason != bad.reason || strings.Contains(got.err.Error(), "canary") {
					t.Errorf("%s: %v, want %s: %s", bad.route, got.err, bad.outcome, bad.reason)
				}
			}
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			if err := client.gateway.Greet(ctx, "right"); err != nil {
				t.Errorf("greeting: %v", err)
			}
			if err := client.gateway.Greet(ctx, "wrong"); (err != nil) != (c.kind == egress.SOCKS5) {
				t.Errorf("greeting with the wrong password: %v", err)
			}
			locked.Stop()
			got := visitBy(t, client, "right", "http://"+sites["http"].Addr.String()+"/")
			if got.err == nil || got.err.Outcome != lurehound.Blocked || got.err.Reason != "route right: its proxy refuses the connection" {
				t.Errorf("the proxy is gone: %v", got.err)
			}
			if after := requests(); len(after) != asked {
				t.Errorf("the sites were asked %d times, want %d: %q", len(after), asked, after)
			}
		})
	}
}

func pemOf(t testing.TB, c tls.Certificate) (certificate, key string) {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(c.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	var chain []byte
	for _, b := range c.Certificate {
		chain = append(chain, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: b})...)
	}
	return string(chain), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}
