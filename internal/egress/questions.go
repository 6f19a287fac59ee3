package egress

import (
	"context"
	"net"
	"net/netip"
)

// Questions dials resolvers and name servers by a route, as the Gateway does from this machine: the same peers are admitted, and no
// others. Proxies carry no datagrams, so only tcp gets there. Errors are those of DialVia.
type Questions struct {
	gateway *Gateway
	route   string
}

// Questions is the way of DNS questions by a route.
func (g *Gateway) Questions(route string) Questions { return Questions{g, route} }

// DialNamed connects to a resolver that the user named; anything else is a *BlockedError.
func (q Questions) DialNamed(ctx context.Context, network, address string) (net.Conn, error) {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return nil, &BlockedError{Addr: quote(address), Why: "not an IP address and port"}
	}
	if err := q.gateway.guardNamed(network, ap); err != nil {
		return nil, err
	}
	return q.dial(ctx, network, ap, q.gateway.guardNamed)
}

// DialNameServer connects to a name server that was learnt from outside, which the guard judges.
func (q Questions) DialNameServer(ctx context.Context, network string, ap netip.AddrPort) (net.Conn, error) {
	if err := q.gateway.guardNameServer(network, ap); err != nil {
		return nil, err
	}
	return q.dial(ctx, network, ap, q.gateway.guardNameServer)
}

func (q Questions) dial(ctx context.Context, network string, ap netip.AddrPort, guard func(string, netip.AddrPort) error) (net.Conn, error) {
	r, err := q.gateway.route(q.route)
	switch {
	case err != nil:
		return nil, err
	case r.Kind == StraightOut:
		return q.gateway.dial(ctx, network, unmap(ap), guard)
	case network != "tcp" && network != "tcp4" && network != "tcp6":
		return nil, &BlockedError{Addr: ap.String(), Why: "a proxy carries no " + network}
	}
	return q.gateway.tunnel(ctx, r, ap)
}
