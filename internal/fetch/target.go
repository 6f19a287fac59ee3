package fetch

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"lurehound"
	"lurehound/internal/egress"
)

// target is a URL that may be asked for: http or https, no user, no fragment,
// its host in the form that is looked up or dialled.
type target struct {
	url  *url.URL
	host string // A-labels, or an IP address
}

func (t target) String() string { return t.url.String() }

// maxTarget is the longest URL that is followed, in bytes (RFC 9110, section
// 4.1 asks recipients for 8000).
const maxTarget = 8000

// parseTarget reads a URL as a host or a user gives it, relative to base when
// that is not nil. The error says in a few words why it is not asked for.
func parseTarget(base *url.URL, s string) (target, error) {
	s = strings.Trim(s, " \t\r\n\f") // as browsers do (WHATWG URL, section 4.4)
	if len(s) > maxTarget {
		return target{}, fmt.Errorf("a URL of %d bytes is not followed", len(s))
	}
	for i := range len(s) {
		if s[i] < 0x20 || s[i] == 0x7f {
			return target{}, errors.New("a URL with control characters is not followed")
		}
	}
	// Browsers read a backslash as a slash in http URLs: https:\\host and
	// /\host lead to another host.
	s = strayPercents(backslashes(s))
	u, err := url.Parse(s)
	if err != nil {
		return target{}, errors.New("not a URL")
	}
	if base != nil {
		u = base.ResolveReference(u)
	}
	scheme := strings.ToLower(u.Scheme)
	switch {
	case scheme != "http" && scheme != "https":
		return target{}, fmt.Errorf("scheme %q is not visited", visible(scheme, 40))
	case u.User != nil:
		return target{}, errors.New("a URL with a user name is not followed")
	case u.Opaque != "" || u.Hostname() == "":
		return target{}, errors.New("a URL without a host is not followed")
	}
	host, err := parseHost(u.Hostname())
	if err != nil {
		return target{}, err
	}
	port, err := parsePort(u.Port())
	if err != nil {
		return target{}, err
	}
	out := *u
	out.Scheme, out.Fragment, out.RawFragment = scheme, "", ""
	out.Host = hostPort(host, port, scheme)
	out.RawQuery = escapeQuery(u.RawQuery)
	if out.Path == "" {
		out.Path = "/"
	}
	return target{url: &out, host: host}, nil
}

// backslashes turns those before the query into slashes, unless the scheme is
// one that has none.
func backslashes(s string) string {
	end := strings.IndexAny(s, "?#")
	if end < 0 {
		end = len(s)
	}
	return strings.ReplaceAll(s[:end], `\`, "/") + s[end:]
}

// strayPercents escapes the percent signs that escape nothing: browsers follow
// /100%, net/url does not.
func strayPercents(s string) string {
	var b strings.Builder
	for i := range len(s) {
		b.WriteByte(s[i])
		if s[i] == '%' && (i+2 >= len(s) || !isHex(s[i+1]) || !isHex(s[i+2])) {
			b.WriteString("25")
		}
	}
	return b.String()
}

// escapeQuery escapes what may not stand in a request line; net/url keeps a
// query as it came. The set is that of WHATWG URL, section 1.3.
func escapeQuery(q string) string {
	var b strings.Builder
	for i := range len(q) {
		if c := q[i]; c <= ' ' || c >= 0x7f || c == '"' || c == '#' || c == '<' || c == '>' {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f'
}

// parseHost maps a host as browsers do: an address in any spelling that they
// take for IPv4 becomes that address, a name becomes its A-labels.
func parseHost(h string) (string, error) {
	if strings.Contains(h, ":") {
		a, err := netip.ParseAddr(h)
		if err != nil {
			return "", errors.New("not an IPv6 address")
		}
		if a.Zone() != "" {
			return "", errors.New("an address with a zone is not visited")
		}
		return a.String(), nil
	}
	name := strings.TrimSuffix(h, ".")
	if a, err := netip.ParseAddr(name); err == nil {
		return a.String(), nil
	}
	d, err := lurehound.ParseDomain(name)
	if errors.Is(err, lurehound.ErrIsAddress) {
		return "", errors.New("an address in a form that is not visited")
	}
	if err != nil {
		return "", errors.New("not a host name")
	}
	a, numeric, err := parseIPv4(d.String())
	if err != nil {
		return "", err
	}
	if numeric {
		return a.String(), nil
	}
	return d.String(), nil
}

// parseIPv4 reads the spellings of WHATWG URL, section 3.5: one to four parts,
// each decimal, octal (0…) or hexadecimal (0x…), the last one filling the rest.
// numeric is false when the name does not end in a number, and is a name.
func parseIPv4(s string) (a netip.Addr, numeric bool, err error) {
	parts := strings.Split(s, ".")
	if !isNumber(parts[len(parts)-1]) {
		return netip.Addr{}, false, nil
	}
	bad := errors.New("a host that ends in a number but is no IPv4 address")
	if len(parts) > 4 {
		return netip.Addr{}, true, bad
	}
	var ip uint64
	for i, p := range parts {
		n, ok := parseNumber(p)
		if !ok {
			return netip.Addr{}, true, bad
		}
		if i < len(parts)-1 {
			if n > 255 {
				return netip.Addr{}, true, bad
			}
			ip = ip<<8 | n
			continue
		}
		rest := 8 * (5 - len(parts)) // bits that the last part fills
		if n >= 1<<rest {
			return netip.Addr{}, true, bad
		}
		ip = ip<<rest | n
	}
	return netip.AddrFrom4([4]byte{byte(ip >> 24), byte(ip >> 16), byte(ip >> 8), byte(ip)}), true, nil
}

func isNumber(p string) bool {
	if p != "" && strings.Trim(p, "0123456789") == "" {
		return true
	}
	_, ok := parseNumber(p)
	return ok
}

func parseNumber(p string) (uint64, bool) {
	base := 10
	switch {
	case strings.HasPrefix(p, "0x"):
		p, base = p[2:], 16
		if p == "" {
			return 0, true
		}
	case len(p) > 1 && p[0] == '0':
		p, base = p[1:], 8
	}
	n, err := strconv.ParseUint(p, base, 64)
	return n, err == nil && !strings.ContainsAny(p, "+_")
}

func parsePort(p string) (string, error) {
	if p == "" {
		return "", nil
	}
	n, err := strconv.ParseUint(p, 10, 16)
	switch {
	case err != nil || n == 0:
		return "", errors.New("not a port")
	case n == egress.WhoisPort:
		return "", errors.New("port 43 is not visited: no web server is there")
	}
	return strconv.FormatUint(n, 10), nil
}

func hostPort(host, port, scheme string) string {
	if port == "" || port == "80" && scheme == "http" || port == "443" && scheme == "https" {
		if strings.Contains(host, ":") {
			return "[" + host + "]"
		}
		return host
	}
	return net.JoinHostPort(host, port)
}

// refreshTarget reads the value of a Refresh header: "5; url=/next". It is ""
// when the page only reloads itself.
func refreshTarget(v string) string {
	v = strings.TrimLeft(v, " \t")
	rest := strings.TrimLeft(v, "0123456789.")
	if len(rest) == len(v) || rest == "" {
		return ""
	}
	t := strings.TrimLeft(rest, " \t;,")
	if len(t) == len(rest) {
		return ""
	}
	if len(t) >= 3 && strings.EqualFold(t[:3], "url") {
		if after, ok := strings.CutPrefix(strings.TrimLeft(t[3:], " \t"), "="); ok {
			t = strings.TrimLeft(after, " \t")
		}
	}
	if t != "" && (t[0] == '"' || t[0] == '\'') {
		t, _, _ = strings.Cut(t[1:], t[:1])
	}
	return strings.TrimRight(t, " \t")
}
