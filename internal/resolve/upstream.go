package resolve

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"
)

// The ports of resolvers behind TLS (RFC 7858) and HTTPS (RFC 8484).
const (
	tlsPort   = 853
	httpsPort = 443
)

// Transport is how a resolver is reached.
type Transport string

// The transports.
const (
	Plain    Transport = ""      // UDP, and TCP where that does not do
	OverTLS  Transport = "tls"   // RFC 7858
	OverHTTP Transport = "https" // RFC 8484
)

// Upstream is a resolver as the user names it.
type Upstream struct {
	Transport Transport
	Addr      netip.AddrPort // what is dialled
	Name      string         // what the certificate has to be for; not of Plain
	Path      string         // of OverHTTP: "/dns-query"
}

// ParseUpstream reads ADDR[:PORT], tls://ADDR[:PORT][#NAME] or
// https://HOST[:PORT]/PATH[#ADDR]. The address of an HTTPS host is given in
// words, since no resolver is known yet that could be asked for it; a host that
// is an address needs none. Without a name a certificate has to be for the address.
func ParseUpstream(s string) (Upstream, error) {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok {
		a, err := ParseServer(s)
		return Upstream{Addr: a}, err
	}
	switch Transport(strings.ToLower(scheme)) {
	case OverTLS:
		return parseTLS(s, rest)
	case OverHTTP:
		return parseHTTPS(s)
	}
	return Upstream{}, fmt.Errorf("%q is no resolver: write ADDR[:PORT], tls://ADDR[:PORT]#NAME or https://HOST/PATH#ADDR", s)
}

func parseTLS(s, rest string) (Upstream, error) {
	wrong := fmt.Errorf("%q is no resolver behind TLS; write tls://ADDR[:PORT]#NAME, for example tls://9.9.9.10#dns10.quad9.net", s)
	host, name, named := strings.Cut(rest, "#")
	addr, err := withPort(host, tlsPort)
	if err != nil {
		return Upstream{}, wrong
	}
	if !named {
		name = addr.Addr().String()
	}
	if name == "" || strings.ContainsAny(name, "/ #:@") && addr.Addr().String() != name {
		return Upstream{}, wrong
	}
	return Upstream{Transport: OverTLS, Addr: addr, Name: name}, nil
}

func parseHTTPS(s string) (Upstream, error) {
	wrong := fmt.Errorf("%q is no resolver behind HTTPS; write https://HOST/PATH#ADDR, for example https://dns10.quad9.net/dns-query#9.9.9.10", s)
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" || u.User != nil || u.RawQuery != "" {
		return Upstream{}, wrong
	}
	boot := u.Fragment
	if boot == "" {
		boot = u.Hostname()
		if _, err := netip.ParseAddr(boot); err != nil {
			return Upstream{}, fmt.Errorf("%q: the address of %s is wanted, since no resolver is known yet: write https://HOST/PATH#ADDR", s, u.Hostname())
		}
	}
	port := uint16(httpsPort)
	if p := u.Port(); p != "" {
		given, err := netip.ParseAddrPort("127.0.0.1:" + p) // only for the number
		if err != nil || given.Port() == 0 {
			return Upstream{}, wrong
		}
		port = given.Port()
	}
	addr, err := withPort(boot, port)
	if err != nil {
		return Upstream{}, wrong
	}
	path := u.EscapedPath()
	if path == "" {
		path = "/dns-query" // what all operators chose
	}
	return Upstream{Transport: OverHTTP, Addr: addr, Name: u.Hostname(), Path: path}, nil
}

// withPort reads an address with a port or without.
func withPort(s string, port uint16) (netip.AddrPort, error) {
	if a, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(s, "["), "]")); err == nil {
		return netip.AddrPortFrom(a.Unmap(), port), nil
	}
	ap, err := netip.ParseAddrPort(s)
	if err != nil || ap.Port() == 0 {
		return netip.AddrPort{}, fmt.Errorf("%q is no address", s)
	}
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port()), nil
}

// String is the form that people know the resolver by.
func (u Upstream) String() string {
	switch u.Transport {
	case OverTLS:
		return "tls://" + u.Addr.String() + "#" + u.Name
	case OverHTTP:
		host := u.Name
		if strings.Contains(host, ":") {
			host = "[" + host + "]"
		}
		if u.Addr.Port() != httpsPort {
			host = fmt.Sprintf("%s:%d", host, u.Addr.Port())
		}
		return "https://" + host + u.Path + "#" + u.Addr.Addr().String()
	}
	return u.Addr.String()
}

// way is how the resolver is asked, nil for a plain one.
func (u Upstream) way(c *Client) way {
	switch u.Transport {
	case OverTLS:
		return newTLSWay(c, u)
	case OverHTTP:
		return newHTTPSWay(c, u)
	}
	return nil
}
