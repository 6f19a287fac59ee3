package resolve

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"strings"
)

const (
	resolvConf = "/etc/resolv.conf" // resolv.conf(5)
	dnsPort    = 53
)

// SystemServers are the resolvers of the machine, from /etc/resolv.conf.
func SystemServers() ([]netip.AddrPort, error) {
	f, err := os.Open(resolvConf)
	if err != nil {
		return nil, fmt.Errorf("reading the machine's resolvers: %w; name one with --resolver", err)
	}
	defer f.Close()
	servers, err := nameservers(f)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", resolvConf, err)
	}
	return servers, nil
}

// nameservers reads the lines of resolv.conf; lines that name no address are
// passed over, as the C library does.
func nameservers(r io.Reader) ([]netip.AddrPort, error) {
	const most = 1 << 20 // octets; the file is a few lines
	var out []netip.AddrPort
	sc := bufio.NewScanner(io.LimitReader(r, most))
	for sc.Scan() {
		if fields := strings.Fields(sc.Text()); len(fields) > 1 && fields[0] == "nameserver" {
			if a, err := netip.ParseAddr(fields[1]); err == nil {
				out = append(out, netip.AddrPortFrom(a.Unmap(), dnsPort))
			}
		}
	}
	if err := sc.Err(); err != nil {
		return nil, err
	}
	if len(out) == 0 {
		return nil, errors.New("it names no resolver; name one with --resolver")
	}
	return out, nil
}

// ParseServer reads ADDR or ADDR:PORT; an IPv6 address with a port is in
// brackets. The port is 53 when none is given.
func ParseServer(s string) (netip.AddrPort, error) {
	if a, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(s, "["), "]")); err == nil {
		return netip.AddrPortFrom(a.Unmap(), dnsPort), nil
	}
	ap, err := netip.ParseAddrPort(s)
	if err != nil || ap.Port() == 0 {
		return netip.AddrPort{}, fmt.Errorf("%q is no resolver; write an address or address:port, for example 9.9.9.10 or [2620:fe::10]:53", s)
	}
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port()), nil
}
