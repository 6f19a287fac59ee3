package resolve

import (
	_ "embed"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"lurehound"
)

//go:embed data/parking.txt
var parkingFile string

//go:embed data/sinkholes.txt
var sinkholeFile string

// known is a list of hosts and addresses that are known for something.
type known struct {
	hosts    map[string]bool // a host, or a domain whose hosts all count
	prefixes []netip.Prefix
}

var parkingHosts = sync.OnceValue(func() known { return readKnown(parkingFile) })
var sinkholes = sync.OnceValue(func() known { return readKnown(sinkholeFile) })

// readKnown reads one of the bundled files; a line that is neither an address
// nor a prefix is a host.
func readKnown(file string) known {
	k := known{hosts: map[string]bool{}}
	for line := range strings.Lines(file) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if p, err := netip.ParsePrefix(line); err == nil {
			k.prefixes = append(k.prefixes, p)
		} else if a, err := netip.ParseAddr(line); err == nil {
			k.prefixes = append(k.prefixes, netip.PrefixFrom(a, a.BitLen()))
		} else {
			k.hosts[line] = true
		}
	}
	return k
}

// has reports whether the host, or a domain that it lies in, is listed.
func (k known) has(host string) bool {
	for {
		if k.hosts[host] {
			return true
		}
		_, rest, ok := strings.Cut(host, ".")
		if !ok {
			return false
		}
		host = rest
	}
}

// hints says what the name servers, aliases and addresses are known for.
func hints(f *lurehound.DNSFacts) []lurehound.Hint {
	var out []lurehound.Hint
	for _, host := range slices.Concat(f.NS, f.CNAME) {
		switch {
		case strings.Contains(host, "sinkhole"), sinkholes().has(host):
			out = append(out, lurehound.Hint{Kind: "sinkhole", By: host})
		case parkingHosts().has(host):
			out = append(out, lurehound.Hint{Kind: "parking", By: host})
		}
	}
	for _, addrs := range [][]netip.Addr{f.A, f.AAAA} {
		for _, a := range addrs {
			if slices.ContainsFunc(sinkholes().prefixes, func(p netip.Prefix) bool { return p.Contains(a) }) {
				out = append(out, lurehound.Hint{Kind: "sinkhole", By: a.String()})
			}
		}
	}
	return out
}
