package egress

import (
	"crypto/x509"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// Route is a way out to addresses learnt from outside: straight from this machine, or by a
// proxy that the user named.
type Route struct {
	Name   string
	Region string // country in which it comes out, two letters, as the user says; "" where nobody said
	Kind   RouteKind
	// Where Kind is not StraightOut: the proxy's address, or its host name and port, to which Locate gives addresses.
	Proxy netip.AddrPort
	Host  string
	Port  uint16
	// Roots are those whose certificate a Secure proxy has to have; nil: the gateway's.
	Roots *x509.CertPool

	User     string // "" where the proxy asks for none
	Password Secret
}

// RouteKind is how a route is spoken to.
type RouteKind string

// The kinds of routes.
const (
	StraightOut RouteKind = "direct"
	SOCKS5      RouteKind = "socks5"  // RFC 1928, with user and password of RFC 1929
	Connect     RouteKind = "connect" // CONNECT of HTTP, RFC 9110 section 9.3.6
	Secure      RouteKind = "https"   // the same, inside TLS to the proxy
)

// At is where the proxy is, as the user gave it; "" for the direct route.
func (r Route) At() string {
	switch {
	case r.Kind == StraightOut:
		return ""
	case r.Host != "":
		return net.JoinHostPort(r.Host, strconv.Itoa(int(r.Port)))
	}
	return r.Proxy.String()
}

// DirectName is the name of the route without a proxy, and of no other.
const DirectName = "direct"

// Direct leaves from this machine, by the guard only.
func Direct() Route { return Route{Name: DirectName, Kind: StraightOut} }

// Check says what is wrong with a route, in one line.
func (r Route) Check() error {
	switch {
	case r.Name == "":
		return fmt.Errorf("a route has no name")
	case (r.Name == DirectName) != (r.Kind == StraightOut):
		return fmt.Errorf("route %s: the name direct is for the one that leaves from here, and for no other", quote(r.Name))
	case r.Kind == StraightOut:
		if r.Proxy.IsValid() || r.Host != "" || r.User != "" || r.Password != (Secret{}) {
			return fmt.Errorf("route direct has no proxy: leave proxy, user and password out")
		}
		return nil
	case r.Kind != SOCKS5 && r.Kind != Connect && r.Kind != Secure:
		return fmt.Errorf("route %s: %s is no kind of route: socks5, connect, https and direct are", quote(r.Name), quote(string(r.Kind)))
	case r.Host != "":
		if r.Proxy.IsValid() || r.Port == 0 {
			return fmt.Errorf("route %s: its proxy is a name and a port, or an address and a port", quote(r.Name))
		}
	case !r.Proxy.IsValid() || r.Proxy.Port() == 0 || r.Proxy.Addr().IsUnspecified() || r.Proxy.Addr().IsMulticast():
		return fmt.Errorf("route %s: its proxy is an address and a port, as 198.51.100.7:1080", quote(r.Name))
	}
	return r.checkLogin()
}

// checkLogin says what is wrong with what the proxy would be told.
func (r Route) checkLogin() error {
	switch {
	case r.Roots != nil && r.Kind != Secure:
		return fmt.Errorf("route %s: only a proxy of kind https shows a certificate", quote(r.Name))
	case r.User == "" && r.Password != (Secret{}):
		return fmt.Errorf("route %s has a password and no user", quote(r.Name))
	case r.User != "" && r.Password == (Secret{}):
		return fmt.Errorf("route %s has a user and no password", quote(r.Name))
	case len(r.User) > maxSecret || len(r.Password.reveal()) > maxSecret:
		return fmt.Errorf("route %s: user and password have at most %d bytes each", quote(r.Name), maxSecret)
	case strings.ContainsFunc(r.User+r.Password.reveal(), isControl):
		return fmt.Errorf("route %s: user or password has control characters", quote(r.Name))
	case r.Kind != SOCKS5 && strings.Contains(r.User, ":"):
		return fmt.Errorf("route %s: a user of an HTTP proxy has no colon", quote(r.Name)) // RFC 7617, section 2
	}
	return nil
}

// route finds a route by its name. What is unknown, wrong, or there twice is a
// *BlockedError; nothing stands in for it.
func (g *Gateway) route(name string) (Route, error) {
	refuse := func(why string) (Route, error) {
		return Route{}, &BlockedError{Addr: "route " + quote(name), Why: why}
	}
	if name == DirectName {
		return Direct(), nil // any other of that name is refused by Check
	}
	var found []Route
	for _, r := range g.routes {
		if r.Name == name {
			found = append(found, r)
		}
	}
	switch {
	case len(found) == 0:
		return refuse("there is no such route")
	case len(found) > 1:
		return refuse("there are several of that name")
	}
	if err := found[0].Check(); err != nil {
		return refuse(err.Error())
	}
	return found[0], nil
}

// CheckRoute says whether a route can be used, without using it. A refusal is a *BlockedError.
func (g *Gateway) CheckRoute(name string) error {
	_, err := g.route(name)
	return err
}
