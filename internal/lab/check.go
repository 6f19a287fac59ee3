package lab

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"lurehound/internal/lab/installer"
)

// The ranges set aside for documentation (RFC 5737, RFC 3849): the only ones
// that a laboratory may have addresses in.
func documentationPrefixes() []netip.Prefix {
	return []netip.Prefix{
		netip.MustParsePrefix("192.0.2.0/24"),
		netip.MustParsePrefix("198.51.100.0/24"),
		netip.MustParsePrefix("203.0.113.0/24"),
		netip.MustParsePrefix("2001:db8::/32"),
	}
}

// check finds what the data files contradict themselves in.
func (sc *scenario) check() error {
	wrong := func(format string, args ...any) error {
		return fmt.Errorf("%w: %s", errScenario, fmt.Sprintf(format, args...))
	}
	switch {
	case sc.Date.IsZero():
		return wrong("it has no date")
	case len(sc.Operators) == 0 || len(sc.Registry.TLD) == 0:
		return wrong("it has no name servers")
	case sc.ISC.Days < 1 || sc.ISC.OldLimit < 1 || sc.ISC.MaxCount < 1:
		return wrong("the feed has no days or answers nothing")
	}
	operators, registrars, installers := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, o := range sc.Operators {
		if len(o.Servers) == 0 {
			return wrong("operator %q has no name servers", o.Key)
		}
		operators[o.Key] = true
	}
	for _, r := range sc.Registrars {
		registrars[r.Key] = true
	}
	list, err := installer.All()
	if err != nil {
		return err
	}
	for _, f := range list {
		installers[f.Name] = true
	}
	proxies := map[string]bool{}
	for _, p := range sc.Proxies {
		if proxies[p.Name] || p.Kind != "socks5" && p.Kind != "http" {
			return wrong("proxy %q is there twice, or of no kind: %q", p.Name, p.Kind)
		}
		if p.Secure != 0 && p.Host == "" {
			return wrong("proxy %q speaks TLS and has no name for a certificate", p.Name)
		}
		proxies[p.Name] = true
	}
	seen := map[string]bool{}
	for i := range sc.names {
		n := &sc.names[i]
		switch {
		case n.Domain != strings.ToLower(n.Domain) || !strings.Contains(n.Domain, "."):
			return wrong("%q is no name in lower case with a top-level domain", n.Domain)
		case seen[n.Domain]:
			return wrong("%s is there twice", n.Domain)
		case !operators[n.Operator]:
			return wrong("%s: there is no operator %q", n.Domain, n.Operator)
		case !registrars[n.Registrar]:
			return wrong("%s: there is no registrar %q", n.Domain, n.Registrar)
		case n.Registered.IsZero() || n.Registered.After(sc.Date):
			return wrong("%s: registered %v", n.Domain, n.Registered)
		case n.Fault != "" && n.Fault != faultServFail && n.Fault != faultAbsent:
			return wrong("%s: there is no fault %q", n.Domain, n.Fault)
		case n.Loss < 0 || n.Loss >= 1:
			return wrong("%s: loss %v is not in [0,1)", n.Domain, n.Loss)
		case n.Site != nil && len(n.A)+len(n.AAAA) == 0:
			return wrong("%s has a site and no address", n.Domain)
		}
		seen[n.Domain] = true
		for _, day := range n.Feed {
			if _, err := time.Parse(time.DateOnly, day); err != nil {
				return wrong("%s: feed: %v", n.Domain, err)
			}
		}
		if n.Site != nil {
			for path, key := range n.Site.Downloads {
				if !installers[key] {
					return wrong("%s%s: there is no installer %q", n.Domain, path, key)
				}
			}
		}
	}
	for _, a := range sc.addresses() {
		if !documentation(a) {
			return wrong("%s is no address for documentation", a)
		}
	}
	return nil
}

func documentation(a netip.Addr) bool {
	for _, p := range documentationPrefixes() {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// addresses lists every address that the data files name.
func (sc *scenario) addresses() []netip.Addr {
	reg := &sc.Registry
	as := []netip.Addr{sc.Vantage, sc.ISC.Address, reg.Bootstrap.Address, reg.Bootstrap.WHOISAddress, reg.RDAP.Address}
	as = append(append(as, reg.Root...), sc.Hosting.Addresses...)
	hosts := append([]hostData(nil), reg.TLD...)
	for _, o := range sc.Operators {
		hosts = append(append(hosts, o.Servers...), o.Hosts...)
	}
	for _, h := range hosts {
		as = append(as, h.Address)
	}
	for _, w := range reg.WHOIS {
		as = append(as, w.Address)
	}
	for _, r := range sc.Resolvers {
		as = append(as, r.Address)
	}
	for _, p := range sc.Proxies {
		as = append(as, p.Address.Addr())
	}
	for _, w := range sc.Wildcards {
		as = append(as, w.A...)
	}
	for i := range sc.names {
		n := &sc.names[i]
		as = append(append(as, n.A...), n.AAAA...)
	}
	return as
}
