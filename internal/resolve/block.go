package resolve

import (
	"net/netip"
	"slices"
)

// blockList is the addresses that protective resolvers answer with instead of
// the truth.
type blockList struct{ prefixes []netip.Prefix }

// newBlockList holds the addresses that say "nowhere" and the block pages that
// the operators name in their documentation, and those added.
func newBlockList(more []netip.Prefix) blockList {
	known := []string{
		"0.0.0.0/8", "::/128", // what hosts-file blockers and most filters answer
		"146.112.61.104/29",                  // OpenDNS and Cisco Umbrella block pages (.104 to .110)
		"::ffff:146.112.61.104/125",          // the same as AAAA
		"208.91.112.55/32",                   // FortiGuard block portal
		"72.5.65.111/32",                     // sinkhole.paloaltonetworks.com
		"94.140.14.33/32", "94.140.14.35/32", // AdGuard DNS block pages
		"213.180.193.250/32", "93.158.134.250/32", // Yandex DNS, Safe and Family
	}
	b := blockList{}
	for _, s := range known {
		b.prefixes = append(b.prefixes, netip.MustParsePrefix(s))
	}
	b.prefixes = append(b.prefixes, more...)
	return b
}

// blocks reports whether an answer has nothing but block addresses, or leads
// to a sinkhole's name.
func (b blockList) blocks(addrs []netip.Addr, chain []string) bool {
	if slices.Contains(chain, "sinkhole.paloaltonetworks.com") {
		return true
	}
	if len(addrs) == 0 {
		return false
	}
	for _, a := range addrs {
		if !slices.ContainsFunc(b.prefixes, func(p netip.Prefix) bool { return p.Contains(a) }) {
			return false
		}
	}
	return true
}
