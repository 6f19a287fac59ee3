package resolve

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"

	"lurehound/internal/egress"
)

// whyBlocked begins the reason of what was not asked because the route of the questions does not lead out.
const whyBlocked = "blocked: "

// routed dials by a route and notes when it is the route that fails: nobody was asked then, and nothing goes another way.
type routed struct {
	c      *Client
	dialer Dialer
	learnt Learnt
}

func (r routed) DialNamed(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := r.dialer.DialNamed(ctx, network, address)
	r.note(err)
	return conn, err
}

func (r routed) DialNameServer(ctx context.Context, network string, server netip.AddrPort) (net.Conn, error) {
	conn, err := r.learnt.DialNameServer(ctx, network, server)
	r.note(err)
	return conn, err
}

func (r routed) note(err error) {
	var failed *egress.ProxyError
	switch {
	case err == nil:
		r.c.blocked.Store(nil)
	case errors.As(err, &failed) && !failed.Destination:
		why := whyBlocked + failed.Error()
		r.c.blocked.Store(&why)
	}
}

// unasked puts the route's failure in the place of a silence that it explains.
func (c *Client) unasked(a answer) answer {
	if why := c.blocked.Load(); why != nil && gaveUp(a) && a.why != whyCancelled {
		a.why = *why
	}
	return a
}

func isBlocked(why string) bool { return strings.HasPrefix(why, whyBlocked) }
