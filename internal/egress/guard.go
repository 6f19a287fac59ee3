package egress

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
)

// BlockedError is a refusal by the guard: the outcome is blocked, not unknown.
type BlockedError struct {
	Addr string // as it was to be dialled
	Why  string
}

func (e *BlockedError) Error() string {
	return fmt.Sprintf("egress refuses %s: %s", e.Addr, e.Why)
}

// dnsPort is where name servers learnt from outside are asked (RFC 1035, 4.2).
const dnsPort = 53

// WhoisPort is where registries that have no RDAP are asked (RFC 3912).
const WhoisPort = 43

// ports are the ports of peers learnt from outside. The web's own, and the
// alternatives that IANA registers for it (8000, 8008, 8080, 8443) or that
// panels and kits commonly use (8888).
var ports = [...]uint16{80, 443, WhoisPort, 8000, 8008, 8080, 8443, 8888}

// Guard says whether an address learnt from outside may be dialled; a refusal
// is a *BlockedError. IPv4-mapped addresses are judged as the IPv4 address.
func (g *Gateway) Guard(ap netip.AddrPort) error {
	return g.guard(ap, ports[:])
}

func (g *Gateway) guard(ap netip.AddrPort, ports []uint16) error {
	if why := g.refusal(ap.Addr(), ap.Port(), ports); why != "" {
		return &BlockedError{Addr: ap.String(), Why: why}
	}
	return nil
}

// refusal is the reason against an address, "" when there is none; ports are
// those that public addresses are dialled at, nil for a proxy that the user named, which is at the port that he
// says. The order matters: what no
// allowance may open comes first.
func (g *Gateway) refusal(a netip.Addr, port uint16, ports []uint16) string {
	if !a.IsValid() {
		return "not an address"
	}
	if a.Zone() != "" {
		return "an address with a zone is local to a link"
	}
	a = a.Unmap()
	for _, m := range metadata {
		if a == m {
			return "a cloud's metadata service"
		}
	}
	for _, inner := range embedded(a) {
		if why := g.refusal(inner, port, ports); why != "" {
			return fmt.Sprintf("carries %s: %s", inner, why)
		}
	}
	if g.lab != nil && inAny(documentation[:], a) {
		return portRefusal(port, ports)
	}
	if why, admitted := g.allowance(a, port); admitted {
		return why
	}
	if s, ok := special(a); ok {
		return s.name + " (" + s.source + ")"
	}
	if a.Is6() && !globalUnicast.Contains(a) {
		return "outside 2000::/3, the only IPv6 space that is given out (RFC 4291)"
	}
	if why := g.ownRefusal(a); why != "" {
		return why
	}
	if ports != nil && g.isProxy(a) {
		return "the address of a proxy of ours"
	}
	return portRefusal(port, ports)
}

func portRefusal(port uint16, ports []uint16) string {
	if ports == nil || slices.Contains(ports, port) {
		return ""
	}
	if len(ports) == 1 {
		return fmt.Sprintf("port %d is not port %d, of name servers", port, ports[0])
	}
	return fmt.Sprintf("port %d is not a port of web servers", port)
}

// allowance judges a by the user's own ranges; admitted is false when it is in
// none of them.
func (g *Gateway) allowance(a netip.Addr, port uint16) (why string, admitted bool) {
	for _, al := range g.allow {
		if !al.Prefix.Contains(a) {
			continue
		}
		if al.admits(port) {
			return "", true
		}
		why, admitted = fmt.Sprintf("port %d is not among those allowed for %s", port, al.Prefix), true
	}
	return why, admitted
}

// ownRefusal keeps us from our own services, which may listen on a public
// address of this machine. It asks each time, for interfaces come and go.
func (g *Gateway) ownRefusal(a netip.Addr) string {
	own, err := g.own()
	if err != nil {
		return "the addresses of this machine could not be read: " + err.Error()
	}
	for _, o := range own {
		n, ok := o.(*net.IPNet)
		if !ok {
			continue
		}
		if ip, ok := netip.AddrFromSlice(n.IP); ok && ip.Unmap() == a {
			return "an address of this machine"
		}
	}
	return ""
}

// embedded is the IPv4 addresses inside a, for the forms that make a relay or
// the kernel send the packet to one.
func embedded(a netip.Addr) []netip.Addr {
	if !a.Is6() {
		return nil
	}
	b := a.As16()
	four := func(i int) netip.Addr { return netip.AddrFrom4([4]byte(b[i : i+4])) }
	switch {
	case v4Compatible.Contains(a) && a.Compare(netip.IPv6Loopback()) > 0,
		nat64.Contains(a), nat64Local.Contains(a):
		return []netip.Addr{four(12)}
	case sixToFour.Contains(a):
		return []netip.Addr{four(2)}
	case teredo.Contains(a):
		// The client's address is stored inverted (RFC 4380, section 4).
		client := [4]byte{^b[12], ^b[13], ^b[14], ^b[15]}
		return []netip.Addr{four(4), netip.AddrFrom4(client)}
	}
	return nil
}

func inAny(ps []netip.Prefix, a netip.Addr) bool {
	return slices.ContainsFunc(ps, func(p netip.Prefix) bool { return p.Contains(a) })
}
