package egress

import (
	"net/netip"
	"testing"
)

// TestQuestionsByProxy: by a proxy as from here, exactly the named resolvers and port 53 of judged name servers are reached, and no datagram leaves.
func TestQuestionsByProxy(t *testing.T) {
	named := netip.MustParseAddrPort("198.51.100.53:853")
	for _, route := range []Route{{Kind: SOCKS5}, {Kind: Connect}} {
		answer := socksOK
		if route.Kind == Connect {
			answer = httpOK
		}
		ask := func() Questions {
			g, _ := by(t, route, answer)
			g.named = append(g.named, named)
			return g.Questions("us-1")
		}
		if _, err := ask().DialNamed(t.Context(), "tcp", named.String()); err != nil {
			t.Errorf("%s: %v", route.Kind, err)
		}
		if _, err := ask().DialNameServer(t.Context(), "tcp", netip.MustParseAddrPort("192.0.2.10:53")); err != nil {
			t.Errorf("%s: %v", route.Kind, err)
		}
		for _, other := range []string{"198.51.100.53:53", "198.51.100.54:853", "8.8.8.8:853", "127.0.0.1:53", "dns.example:853"} {
			_, err := ask().DialNamed(t.Context(), "tcp", other)
			wantBlocked(t, err)
		}
		for _, other := range []string{"192.0.2.10:853", "127.0.0.1:53", "10.0.0.1:53"} {
			_, err := ask().DialNameServer(t.Context(), "tcp", netip.MustParseAddrPort(other))
			wantBlocked(t, err)
		}
		_, err := ask().DialNamed(t.Context(), "udp", named.String())
		wantBlocked(t, err)
		_, err = ask().DialNameServer(t.Context(), "udp", netip.MustParseAddrPort("192.0.2.10:53"))
		wantBlocked(t, err)
	}
	r := new(recorder)
	g := New(Config{Lab: r.dial, Named: []netip.AddrPort{named}})
	for _, name := range []string{"", "us-1"} {
		_, err := g.Questions(name).DialNamed(t.Context(), "tcp", named.String())
		wantBlocked(t, err)
	}
	if _, err := g.Questions(DirectName).DialNamed(t.Context(), "udp", named.String()); err != nil || r.dials.Load() != 1 {
		t.Errorf("direct: %v, %d dials", err, r.dials.Load())
	}
}
