package browser

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"lurehound/internal/egress"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// web is a laboratory in which every name ending in .example is one server, over http and https.
type web struct {
	gateway     *egress.Gateway
	mu          sync.Mutex
	requests    []*http.Request
	connections int
}

var (
	outside = netip.MustParseAddr("192.0.2.10")
	inside  = netip.MustParseAddr("127.0.0.1")
)

// newWeb serves; certified are the hosts that want a client's certificate.
func newWeb(t testing.TB, serve http.HandlerFunc, certified ...string) *web {
	t.Helper()
	w := &web{}
	handler := http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		w.requests = append(w.requests, r)
		w.mu.Unlock()
		serve(rw, r)
	})
	plain := httptest.NewServer(handler)
	t.Cleanup(plain.Close)
	secure := httptest.NewUnstartedServer(handler)
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.TLS = &tls.Config{GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		if !slices.Contains(certified, hello.ServerName) {
			return nil, nil
		}
		own := secure.TLS.Clone()
		own.ClientAuth, own.GetConfigForClient = tls.RequireAnyClientCert, nil
		return own, nil
	}}
	secure.StartTLS()
	t.Cleanup(secure.Close)
	w.gateway = egress.New(egress.Config{Lab: func(ctx context.Context, network, address string) (net.Conn, error) {
		w.mu.Lock()
		w.connections++
		w.mu.Unlock()
		to, ok := map[string]net.Addr{outside.String() + ":80": plain.Listener.Addr(), outside.String() + ":443": secure.Listener.Addr()}[address]
		if !ok {
			return nil, errors.New("nothing is there")
		}
		return (&net.Dialer{}).DialContext(ctx, network, to.String())
	}})
	return w
}

func (w *web) asked() []*http.Request {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]*http.Request(nil), w.requests...)
}

// lookUp finds names of the web outside, all that begin with "in." inside.
func lookUp(_ context.Context, host string) ([]netip.Addr, error) {
	switch {
	case strings.HasPrefix(host, "in."):
		return []netip.Addr{inside}, nil
	case strings.HasSuffix(host, ".example"):
		return []netip.Addr{outside}, nil
	}
	return nil, errors.New("no such name")
}

// open gives a browser that looks into this web.
func (w *web) open(t testing.TB, limits Limits) *Chromium {
	t.Helper()
	return openChromium(t, Config{Gateway: w.gateway, LookUp: lookUp, Limits: limits})
}

func openChromium(t testing.TB, cfg Config) *Chromium {
	t.Helper()
	if testing.Short() {
		t.Skip("a browser takes long to start")
	}
	c, err := Open(cfg)
	if errors.Is(err, ErrNoBrowser) && os.Getenv("CI_REQUIRE") == "" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}
