package resolve

import (
	"errors"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"

	"lurehound"
	"lurehound/internal/egress"
	"lurehound/internal/testbed"
)

// TestQuestionsLeaveByARealProxy: over TLS and HTTPS through a SOCKS daemon the answers are there; when it has died the
// resolver hears nothing more, by no other way, and every name is unknown for that reason.
func TestQuestionsLeaveByARealProxy(t *testing.T) {
	proxy, err := testbed.Microsocks(t.Context(), "", "")
	if errors.Is(err, exec.ErrNotFound) && os.Getenv("CI_REQUIRE") == "" {
		t.Skip("microsocks is not installed")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer proxy.Stop()
	w := fixture(t)
	var asked atomic.Int64
	honest := w.honest(t)
	h := newHidden(t, func(network string, q []byte, send func([]byte)) { asked.Add(1); honest(network, q, send) }, nil)
	ups := h.upstreams(t)
	var named []netip.AddrPort
	for _, u := range ups {
		named = append(named, u.Addr)
	}
	clock := newJumpClock()
	gateway := egress.New(egress.Config{Clock: clock, Named: named, Routes: []egress.Route{{Name: "far", Kind: egress.SOCKS5, Proxy: proxy.Addr}}})
	var clients []*Client
	for _, u := range ups {
		c, err := New(Config{Dialer: gateway.Questions("far"), Clock: clock, Upstreams: []Upstream{u}, Roots: h.roots, Timeout: time.Second, Rate: 1e6, Tries: 2, Streams: true})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		clients = append(clients, c)
		if f := c.Lookup(t.Context(), "evil.com", dns.TypeA); f.Resolution != lurehound.Exists {
			t.Errorf("%s by the proxy: %s (%s)", u, f.Resolution, f.Reason)
		}
		if f := c.Lookup(t.Context(), "absent.com", dns.TypeA); f.Resolution != lurehound.NXDomain {
			t.Errorf("%s by the proxy, an absent name: %s (%s)", u, f.Resolution, f.Reason)
		}
	}
	proxy.Stop()
	heard := asked.Load()
	for i, c := range clients {
		f := c.Lookup(t.Context(), "other.com", dns.TypeA)
		if f.Resolution.Outcome() != lurehound.Unknown || !strings.HasPrefix(f.Reason, whyBlocked+"route far") {
			t.Errorf("%s by a dead proxy: %s (%s)", ups[i], f.Resolution, f.Reason)
		}
	}
	if n := asked.Load(); n != heard {
		t.Errorf("the resolvers were asked %d times past the dead proxy", n-heard)
	}
}
