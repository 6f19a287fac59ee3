// Package egress is the one way out of the process. Two kinds of peer exist:
// those that the user named (resolvers, proxies), which are dialled exactly as
// named, and those learnt from outside (DNS answers, redirects), whose address
// the guard judges at the moment it is dialled. Nothing else leaves, no
// environment variable opens another way, and what cannot be judged is refused.
package egress

import (
	"context"
	"crypto/x509"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"syscall"
	"time"

	"lurehound"
)

// Network dials for a laboratory instead of the machine.
type Network func(ctx context.Context, network, address string) (net.Conn, error)

// Config says what may be dialled besides public addresses.
type Config struct {
	Allow []Allowance      // ranges of the user's own
	Named []netip.AddrPort // peers named by the user: exactly these, tcp and udp
	// Routes are the ways out besides the direct one. One that is wrong, or whose name is there twice, is refused when it is used.
	Routes []Route
	Clock  lurehound.Clock // for the dates of proxies' certificates; nil: the system's
	Roots  *x509.CertPool  // for proxies' certificates; nil: the system's

	// Lab, when set, takes every dial: nothing leaves the process. The guard
	// works as ever, but admits the documentation prefixes.
	Lab Network
}

// Gateway dials. It is safe for concurrent use.
type Gateway struct {
	allow  []Allowance
	named  []netip.AddrPort
	routes []Route
	clock  lurehound.Clock
	roots  *x509.CertPool
	lab    Network

	locating sync.RWMutex
	located  map[string]location // by the host names of proxies

	own func() ([]net.Addr, error) // addresses of this machine
}

// New returns the gateway for cfg.
func New(cfg Config) *Gateway {
	named := make([]netip.AddrPort, len(cfg.Named))
	for i, ap := range cfg.Named {
		named[i] = unmap(ap)
	}
	if cfg.Clock == nil {
		cfg.Clock = SystemClock{}
	}
	return &Gateway{
		allow:  slices.Clone(cfg.Allow),
		named:  named,
		routes: slices.Clone(cfg.Routes),
		clock:  cfg.Clock,
		roots:  cfg.Roots,
		lab:    cfg.Lab,
		own:    net.InterfaceAddrs,
	}
}

// connectTimeout ends a dial whose caller set no earlier deadline. Linux sends
// its fourth SYN after 7 seconds; what has not answered by 10 is not there for us.
const connectTimeout = 10 * time.Second

// Dial connects to an address that was learnt from outside. The network is
// "tcp", "tcp4" or "tcp6". A refusal by the guard is a *BlockedError.
func (g *Gateway) Dial(ctx context.Context, network string, ap netip.AddrPort) (net.Conn, error) {
	if err := g.guardNetwork(network, ap); err != nil {
		return nil, err
	}
	return g.dial(ctx, network, unmap(ap), g.guardNetwork)
}

func (g *Gateway) guardNetwork(network string, ap netip.AddrPort) error {
	switch network {
	case "tcp", "tcp4", "tcp6":
		return g.Guard(ap)
	}
	return &BlockedError{Addr: ap.String(), Why: fmt.Sprintf("%q is not dialled to addresses learnt from outside, only tcp is", network)}
}

// DialNameServer connects to a name server whose address was learnt from
// outside, as those of a top-level domain are: udp or tcp, port 53 only, and an
// address that the guard admits. A refusal is a *BlockedError.
func (g *Gateway) DialNameServer(ctx context.Context, network string, ap netip.AddrPort) (net.Conn, error) {
	if err := g.guardNameServer(network, ap); err != nil {
		return nil, err
	}
	return g.dial(ctx, network, unmap(ap), g.guardNameServer)
}

func (g *Gateway) guardNameServer(network string, ap netip.AddrPort) error {
	switch network {
	case "tcp", "tcp4", "tcp6", "udp", "udp4", "udp6":
		return g.guard(ap, []uint16{dnsPort})
	}
	return &BlockedError{Addr: ap.String(), Why: fmt.Sprintf("network %q is not used", network)}
}

// DialNamed connects to a peer that the user named, by tcp or udp. The address
// is an IP address and a port; anything that was not named is a *BlockedError.
// On Linux a UDP socket also has ReadBatch and WriteBatch, for many packets at once.
func (g *Gateway) DialNamed(ctx context.Context, network, address string) (net.Conn, error) {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return nil, &BlockedError{Addr: quote(address), Why: "not an IP address and port"}
	}
	if err := g.guardNamed(network, ap); err != nil {
		return nil, err
	}
	return g.dial(ctx, network, unmap(ap), g.guardNamed)
}

func (g *Gateway) guardNamed(network string, ap netip.AddrPort) error {
	switch network {
	case "tcp", "tcp4", "tcp6", "udp", "udp4", "udp6":
	default:
		return &BlockedError{Addr: ap.String(), Why: fmt.Sprintf("network %q is not used", network)}
	}
	if !slices.Contains(g.named, unmap(ap)) {
		return &BlockedError{Addr: ap.String(), Why: "not a peer that was named"}
	}
	return nil
}

// dial judges the address a second time where the socket is about to connect,
// so that nothing between here and there can change it.
func (g *Gateway) dial(ctx context.Context, network string, ap netip.AddrPort, guard func(string, netip.AddrPort) error) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	if g.lab != nil {
		return g.lab(ctx, network, ap.String())
	}
	d := net.Dialer{
		ControlContext: func(_ context.Context, network, address string, _ syscall.RawConn) error {
			real, err := netip.ParseAddrPort(address)
			if err != nil {
				return &BlockedError{Addr: quote(address), Why: "not an IP address and port"}
			}
			return guard(network, real)
		},
	}
	c, err := d.DialContext(ctx, network, ap.String())
	if err != nil {
		return nil, err
	}
	return batched(c), nil
}

// unmap makes IPv4-mapped IPv6 the IPv4 address that the kernel would dial.
func unmap(ap netip.AddrPort) netip.AddrPort {
	if ap.Addr().Zone() != "" {
		return ap
	}
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}
