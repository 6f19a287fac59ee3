package egress

import "net/netip"

// Route is a way out to addresses learnt from outside: straight from this machine, or by a
// proxy that the user named.
type Route struct {
	Name   string
	Region string // country in which it comes out, two letters, as the user says; "" where nobody said
	Kind   RouteKind
	Proxy  netip.AddrPort // where Kind is not StraightOut
}

// RouteKind is how a route is spoken to.
type RouteKind string

// The kinds of routes.
const (
	StraightOut RouteKind = "direct"
	SOCKS5      RouteKind = "socks5"  // RFC 1928, with user and password of RFC 1929
	Connect     RouteKind = "connect" // CONNECT of HTTP, RFC 9110 section 9.3.6
)

// Direct leaves from this machine, by the guard only.
func Direct() Route { return Route{Name: "direct", Kind: StraightOut} }
