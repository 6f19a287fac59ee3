package resolve

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/miekg/dns"

	"lurehound"
)

// Error is why a host has no address to connect to.
type Error struct {
	Host       string
	Resolution lurehound.Resolution // Exists for a name without any address
	Reason     string
}

func (e *Error) Error() string {
	switch {
	case e.Resolution == lurehound.Exists:
		return fmt.Sprintf("%q has no address", e.Host)
	case e.Reason == "":
		return fmt.Sprintf("resolving %q: %s", e.Host, e.Resolution)
	}
	return fmt.Sprintf("resolving %q: %s (%s)", e.Host, e.Resolution, e.Reason)
}

// Addrs returns the addresses of a host, IPv4 first; an address given as host
// is returned as it is. The error is an *Error or ctx's. The addresses are what
// the name's owner wants them to be: whoever dials them has to check them.
func (c *Client) Addrs(ctx context.Context, host string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a}, nil
	}
	f := c.Lookup(ctx, host, dns.TypeA, dns.TypeAAAA)
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("resolving %q: %w", host, err)
	}
	switch addrs := f.Addrs(); {
	case f.Resolution == lurehound.Filtered, f.Resolution == lurehound.Hijacked:
	case len(addrs) > 0: // a wildcard's address can be visited like any other
		return addrs, nil
	}
	return nil, &Error{Host: host, Resolution: f.Resolution, Reason: f.Reason}
}
