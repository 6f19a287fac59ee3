package egress

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"sync"
)

// LookUp finds the addresses of a host. None and no error means that it has none.
type LookUp func(ctx context.Context, host string) ([]netip.Addr, error)

// location is where a proxy that was given by name is.
type location struct {
	addrs   []netip.Addr
	problem error // a ProxyError's reason, where there is no address
}

// maxProxyAddrs is how many addresses of one proxy are tried; an attempt has to get a fair share of the time.
const maxProxyAddrs = 8

// Locate looks up the proxies that are given by host name, all at once, and keeps their addresses until it is called again. The
// guard judges each: a name must not lead inside, unless the user opens the range with the proxy's port. What is wrong with a name is
// said when its route is used. Proxies given by address need none of this.
func (g *Gateway) Locate(ctx context.Context, look LookUp) {
	found := map[string]location{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for _, r := range g.routes {
		if r.Kind == StraightOut || r.Host == "" {
			continue
		}
		wg.Go(func() {
			at := g.locate(ctx, look, r)
			mu.Lock()
			defer mu.Unlock()
			found[r.At()] = at
		})
	}
	wg.Wait()
	g.locating.Lock()
	defer g.locating.Unlock()
	g.located = found
}

func (g *Gateway) locate(ctx context.Context, look LookUp, r Route) location {
	addrs, err := look(ctx, r.Host)
	if err != nil {
		return location{problem: fmt.Errorf("has a name that could not be resolved: %w", err)}
	}
	if len(addrs) == 0 {
		return location{problem: fmt.Errorf("has a name that has no address")}
	}
	var at location
	for _, a := range addrs {
		a = a.Unmap()
		switch why := g.refusal(a, r.Port, nil); {
		case why != "" && at.problem == nil:
			at.problem = fmt.Errorf("has a name that leads to %s: %s (where that is your own, --allow-net opens it)", a, why)
		case why == "" && len(at.addrs) < maxProxyAddrs && !slices.Contains(at.addrs, a):
			at.addrs = append(at.addrs, a)
		}
	}
	// Most machines have IPv4; where IPv6 is there as well it is the second choice, for what leads nowhere costs time.
	slices.SortStableFunc(at.addrs, func(a, b netip.Addr) int { return a.BitLen() - b.BitLen() })
	return at
}

// proxyAddrs are the addresses at which a route's proxy is dialled; the error is a ProxyError's reason.
func (g *Gateway) proxyAddrs(r Route) ([]netip.AddrPort, error) {
	switch {
	case r.Kind == StraightOut:
		return nil, nil
	case r.Host == "":
		return []netip.AddrPort{unmap(r.Proxy)}, nil
	}
	g.locating.RLock()
	at, known := g.located[r.At()]
	g.locating.RUnlock()
	if !known {
		return nil, fmt.Errorf("has a name that nobody has looked up")
	}
	if len(at.addrs) == 0 {
		return nil, at.problem
	}
	var out []netip.AddrPort
	for _, a := range at.addrs {
		out = append(out, netip.AddrPortFrom(a, r.Port))
	}
	return out, nil
}

// ProxyAddrs are the addresses at which a route's proxy is dialled, in that order; none where its name led to none, and for the direct route.
func (g *Gateway) ProxyAddrs(route string) []netip.AddrPort {
	r, err := g.route(route)
	if err != nil {
		return nil
	}
	addrs, _ := g.proxyAddrs(r)
	return addrs
}
