package resolve

import (
	"context"
	"net"
	"net/netip"
	"testing"
	"time"

	"lurehound/internal/egress"
	"lurehound/internal/testbed"
)

// atPort leads to a name server that would listen at port 53 were it not ours.
type atPort struct {
	Dialer
	server netip.AddrPort
}

func (a atPort) DialNameServer(ctx context.Context, network string, asked netip.AddrPort) (net.Conn, error) {
	if asked != netip.AddrPortFrom(a.server.Addr(), dnsPort) {
		return nil, errRefused
	}
	return a.DialNamed(ctx, network, a.server.String())
}

// TestUnboundThatHidesAndARegistry: the only resolver hides what is hunted, and
// Knot, which holds the suffix, tells what is there.
func TestUnboundThatHidesAndARegistry(t *testing.T) {
	c := testbed.Campaign{Names: 60, Share: 10} // at the rate that registries are asked, a second each
	names, existing := list(c)
	authority := knot(t, c)
	for _, how := range []string{"always_nxdomain", "always_null", "always_nodata", "always_refuse", "refuse", "redirect", "rpz nxdomain", "rpz nodata"} {
		t.Run(how, func(t *testing.T) {
			resolver := unbound(t, c, authority, hiding(t, c, how, 1))
			y := lookUp(t, over(t, Config{Timeout: 200 * time.Millisecond, Learnt: atPort{egress.New(egress.Config{Named: []netip.AddrPort{authority.Addr}}), authority.Addr}}, resolver.Addr), names, existing)
			t.Log(y)
			if y.found != c.Existing() || y.unknown+y.hidden != 0 {
				t.Errorf("%v, want the %d that are there found and all others absent", y, c.Existing())
			}
		})
	}
}
