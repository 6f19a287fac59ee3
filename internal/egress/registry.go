package egress

import "net/netip"

// block is an address block that is not public, with what it is and who says so.
type block struct {
	prefix netip.Prefix
	name   string
	source string
}

// blocks holds the IANA IPv4 and IPv6 Special-Purpose Address Registries
// (iana.org/assignments/iana-ipv4-special-registry and -ipv6-special-registry)
// and the multicast spaces. Blocks that the registries call globally reachable
// are refused too: anycast services and AS112 sinks host no web site. Only the
// outermost block is listed where one lies in another, unless the inner one
// tells more. More specific blocks come first.
var blocks = [...]block{
	{netip.MustParsePrefix("0.0.0.0/8"), "this network", "RFC 791"},
	{netip.MustParsePrefix("10.0.0.0/8"), "private use", "RFC 1918"},
	{netip.MustParsePrefix("100.64.0.0/10"), "shared address space", "RFC 6598"},
	{netip.MustParsePrefix("127.0.0.0/8"), "loopback", "RFC 1122"},
	{netip.MustParsePrefix("169.254.0.0/16"), "link local", "RFC 3927"},
	{netip.MustParsePrefix("172.16.0.0/12"), "private use", "RFC 1918"},
	{netip.MustParsePrefix("192.0.0.0/24"), "IETF protocol assignments", "RFC 6890"},
	{netip.MustParsePrefix("192.0.2.0/24"), "documentation", "RFC 5737"},
	{netip.MustParsePrefix("192.31.196.0/24"), "AS112", "RFC 7535"},
	{netip.MustParsePrefix("192.52.193.0/24"), "AMT relays", "RFC 7450"},
	{netip.MustParsePrefix("192.88.99.0/24"), "6to4 relay anycast", "RFC 7526"},
	{netip.MustParsePrefix("192.168.0.0/16"), "private use", "RFC 1918"},
	{netip.MustParsePrefix("192.175.48.0/24"), "AS112", "RFC 7534"},
	{netip.MustParsePrefix("198.18.0.0/15"), "benchmarking", "RFC 2544"},
	{netip.MustParsePrefix("198.51.100.0/24"), "documentation", "RFC 5737"},
	{netip.MustParsePrefix("203.0.113.0/24"), "documentation", "RFC 5737"},
	{netip.MustParsePrefix("224.0.0.0/4"), "multicast", "RFC 5771"},
	{netip.MustParsePrefix("255.255.255.255/32"), "limited broadcast", "RFC 8190"},
	{netip.MustParsePrefix("240.0.0.0/4"), "reserved", "RFC 1112"},

	{netip.MustParsePrefix("::/128"), "unspecified", "RFC 4291"},
	{netip.MustParsePrefix("::1/128"), "loopback", "RFC 4291"},
	{netip.MustParsePrefix("::ffff:0:0/96"), "IPv4-mapped", "RFC 4291"},
	{netip.MustParsePrefix("::/96"), "IPv4-compatible", "RFC 4291"},
	{netip.MustParsePrefix("64:ff9b::/96"), "NAT64", "RFC 6052"},
	{netip.MustParsePrefix("64:ff9b:1::/48"), "local NAT64", "RFC 8215"},
	{netip.MustParsePrefix("100::/64"), "discard only", "RFC 6666"},
	{netip.MustParsePrefix("100:0:0:1::/64"), "dummy prefix", "RFC 9780"},
	{netip.MustParsePrefix("2001::/32"), "Teredo", "RFC 4380"},
	{netip.MustParsePrefix("2001:2::/48"), "benchmarking", "RFC 5180"},
	{netip.MustParsePrefix("2001:3::/32"), "AMT relays", "RFC 7450"},
	{netip.MustParsePrefix("2001:4:112::/48"), "AS112", "RFC 7535"},
	{netip.MustParsePrefix("2001:10::/28"), "ORCHID", "RFC 4843"},
	{netip.MustParsePrefix("2001:20::/28"), "ORCHIDv2", "RFC 7343"},
	{netip.MustParsePrefix("2001:30::/28"), "drone remote ID", "RFC 9374"},
	{netip.MustParsePrefix("2001::/23"), "IETF protocol assignments", "RFC 2928"},
	{netip.MustParsePrefix("2001:db8::/32"), "documentation", "RFC 3849"},
	{netip.MustParsePrefix("2002::/16"), "6to4", "RFC 3056"},
	{netip.MustParsePrefix("2620:4f:8000::/48"), "AS112", "RFC 7534"},
	{netip.MustParsePrefix("3fff::/20"), "documentation", "RFC 9637"},
	{netip.MustParsePrefix("5f00::/16"), "segment routing SIDs", "RFC 9602"},
	{netip.MustParsePrefix("fc00::/7"), "unique local", "RFC 4193"},
	{netip.MustParsePrefix("fe80::/10"), "link local", "RFC 4291"},
	{netip.MustParsePrefix("fec0::/10"), "site local", "RFC 3879"},
	{netip.MustParsePrefix("ff00::/8"), "multicast", "RFC 4291"},
}

func special(a netip.Addr) (block, bool) {
	for _, b := range blocks {
		if b.prefix.Contains(a) {
			return b, true
		}
	}
	return block{}, false
}

// Forms that carry an IPv4 address, and the IPv6 space that is given out.
var (
	globalUnicast = netip.MustParsePrefix("2000::/3")
	v4Compatible  = netip.MustParsePrefix("::/96")
	nat64         = netip.MustParsePrefix("64:ff9b::/96")
	nat64Local    = netip.MustParsePrefix("64:ff9b:1::/48")
	sixToFour     = netip.MustParsePrefix("2002::/16")
	teredo        = netip.MustParsePrefix("2001::/32")
)

// metadata are the services that hand out a cloud machine's credentials: the
// link-local one that all large clouds share, Amazon's over IPv6, Azure's wire
// server (which is in public space), and those of Alibaba and Oracle. No
// allowance opens them.
var metadata = [...]netip.Addr{
	netip.MustParseAddr("169.254.169.254"),
	netip.MustParseAddr("fd00:ec2::254"),
	netip.MustParseAddr("168.63.129.16"),
	netip.MustParseAddr("100.100.100.200"),
	netip.MustParseAddr("192.0.0.192"),
}

// documentation is the address space of the laboratory.
var documentation = [...]netip.Prefix{
	netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"),
	netip.MustParsePrefix("2001:db8::/32"),
}
