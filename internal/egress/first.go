package egress

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/netip"
	"time"
)

// maxAddrs is how many addresses of one host are dialled; browsers try about as many before a user gives up.
const maxAddrs = 4

// DialFirst connects by a route to the first of a host's addresses that the guard admits and that answers, each within a time, and says
// which that is. Every address is judged. The error is that of a dial where there was one, else the refusal; there has to be an address.
func (g *Gateway) DialFirst(ctx context.Context, route string, addrs []netip.Addr, port uint16, each time.Duration) (net.Conn, netip.AddrPort, error) {
	if route != DirectName {
		each *= 2 // to the proxy, and from there to the address
	}
	var blocked, failed error
	tried := 0
	for _, a := range addrs {
		ap := unmap(netip.AddrPortFrom(a, port))
		if err := g.Guard(ap); err != nil {
			blocked = cmp.Or(blocked, err)
			continue
		}
		if tried++; tried > maxAddrs {
			break
		}
		c, err := g.dialWithin(ctx, route, ap, each)
		if err == nil {
			return c, ap, nil
		}
		var b *BlockedError
		if errors.As(err, &b) {
			blocked = cmp.Or(blocked, err)
		} else {
			failed = cmp.Or(failed, err)
		}
		var p *ProxyError
		if ctx.Err() != nil || errors.As(err, &p) && !p.Destination {
			break // another address would not mend it
		}
	}
	return nil, netip.AddrPort{}, cmp.Or(failed, blocked)
}

func (g *Gateway) dialWithin(ctx context.Context, route string, ap netip.AddrPort, d time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	return g.DialVia(ctx, route, "tcp", ap)
}
