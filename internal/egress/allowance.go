package egress

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// Allowance is a range that the user opens: `--allow-net CIDR[:PORTS]`.
type Allowance struct {
	Prefix netip.Prefix
	Ports  []PortRange // none: the web's usual ports
}

// PortRange is the ports from First to Last, both included.
type PortRange struct{ First, Last uint16 }

// ParseAllowance reads CIDR[:PORTS]: "10.1.0.0/16", "10.1.2.3:8080",
// "fd00:1::/64:80,443", "[fd00::1]:8000-8100". An address alone is a range of
// one; ports are numbers and ranges with commas between.
func ParseAllowance(s string) (Allowance, error) {
	prefix, ports, err := splitAllowance(s)
	if err != nil {
		return Allowance{}, fmt.Errorf("reading %s: %w; write CIDR[:PORTS], such as 10.1.0.0/16:80,443", quote(s), err)
	}
	if strings.Contains(s, "%") || prefix.Addr().Is4In6() {
		return Allowance{}, fmt.Errorf("reading %s: write the plain address, without a zone and not IPv4-mapped", quote(s))
	}
	if m := prefix.Masked(); m != prefix {
		return Allowance{}, fmt.Errorf("reading %s: the address has bits beyond the prefix; write %s", quote(s), m)
	}
	ranges, err := parsePorts(ports)
	if err != nil {
		return Allowance{}, fmt.Errorf("reading %s: %w", quote(s), err)
	}
	return Allowance{Prefix: prefix, Ports: ranges}, nil
}

func splitAllowance(s string) (prefix netip.Prefix, ports string, err error) {
	host, rest, slash := strings.Cut(s, "/")
	if slash {
		bits, ports, colon := strings.Cut(rest, ":")
		if colon && ports == "" {
			return prefix, "", fmt.Errorf("no ports after the colon")
		}
		host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
		prefix, err = netip.ParsePrefix(host + "/" + bits)
		if err != nil {
			return prefix, "", fmt.Errorf("no range of addresses")
		}
		return prefix, ports, nil
	}
	if a, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(s, "["), "]")); err == nil {
		return netip.PrefixFrom(a, a.BitLen()), "", nil
	}
	colon := strings.LastIndexByte(s, ':')
	if colon < 0 || colon == len(s)-1 {
		return prefix, "", fmt.Errorf("no range of addresses")
	}
	a, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(s[:colon], "["), "]"))
	if err != nil {
		return prefix, "", fmt.Errorf("no range of addresses")
	}
	return netip.PrefixFrom(a, a.BitLen()), s[colon+1:], nil
}

func parsePorts(s string) ([]PortRange, error) {
	if s == "" {
		return nil, nil
	}
	var out []PortRange
	for part := range strings.SplitSeq(s, ",") {
		first, last, isRange := strings.Cut(part, "-")
		if !isRange {
			last = first
		}
		lo, err1 := strconv.ParseUint(first, 10, 16)
		hi, err2 := strconv.ParseUint(last, 10, 16)
		if err1 != nil || err2 != nil || lo == 0 || hi < lo {
			return nil, fmt.Errorf("%s is no port or range of ports", quote(part))
		}
		out = append(out, PortRange{uint16(lo), uint16(hi)})
	}
	return out, nil
}

func (a Allowance) admits(port uint16) bool {
	if len(a.Ports) == 0 {
		return slices.Contains(ports[:], port)
	}
	return slices.ContainsFunc(a.Ports, func(r PortRange) bool { return r.First <= port && port <= r.Last })
}

// String is the form that ParseAllowance reads.
func (a Allowance) String() string {
	var b strings.Builder
	b.WriteString(a.Prefix.String())
	for i, r := range a.Ports {
		b.WriteByte(":,"[min(i, 1)])
		b.WriteString(strconv.Itoa(int(r.First)))
		if r.Last != r.First {
			b.WriteString("-" + strconv.Itoa(int(r.Last)))
		}
	}
	return b.String()
}

func quote(s string) string {
	const most = 80 // bytes of an argument worth repeating
	if len(s) > most {
		s = s[:most]
	}
	return strconv.Quote(s)
}
