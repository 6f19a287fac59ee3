package resolve

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"lurehound"
)

func TestAddrs(t *testing.T) {
	w := fixture(t)
	block := w.but(t, "blocked.com.", denial(dns.RcodeNameError))
	c := client(t, rig{s1: block}, s1)
	for _, tc := range []struct {
		host string
		want []netip.Addr
		err  string
	}{
		{"evil.com", addrs("203.0.113.7", "203.0.113.9", "2001:db8::7"), ""},
		{"www.evil.com", addrs("203.0.113.7", "203.0.113.9", "2001:db8::7"), ""},
		{"six.evil.com", addrs("2001:db8::6"), ""},
		{"2001:db8::1", addrs("2001:db8::1"), ""},
		{"held.com", nil, `"held.com" has no address`},
		{"absent.com", nil, `resolving "absent.com": nxdomain (single-resolver)`},
		{"blocked.com", nil, `resolving "blocked.com": filtered (no-soa)`},
		{"not a..host", nil, `resolving "not a..host": unknown (not-a-name)`},
	} {
		got, err := c.Addrs(t.Context(), tc.host)
		if d := cmp.Diff(tc.want, got, compareAddrs); d != "" {
			t.Errorf("%s (-want +got)\n%s", tc.host, d)
		}
		var typed *Error
		if (err == nil) != (tc.err == "") || err != nil && (err.Error() != tc.err || !errors.As(err, &typed)) {
			t.Errorf("%s: error %v, want %q", tc.host, err, tc.err)
		}
	}
}

func TestAddrsOfWildcardAndHijacker(t *testing.T) {
	w := fixture(t)
	got, err := client(t, rig{s1: w.registry(t, "ws.", "198.18.7.7")}, s1).Addrs(t.Context(), "nobody.ws")
	if err != nil || !slices.Equal(got, addrs("198.18.7.7")) {
		t.Errorf("a wildcard's address can be visited: %v, %v", got, err)
	}
	got, err = client(t, rig{s1: w.hijacker(t, "198.18.0.66")}, s1).Addrs(t.Context(), "absent.com")
	var typed *Error
	if !errors.As(err, &typed) || typed.Resolution != lurehound.Hijacked || got != nil {
		t.Errorf("a hijacker's address is none: %v, %v", got, err)
	}
}

// TestCancel: a context that ends is not waited past, and decides nothing.
func TestCancel(t *testing.T) {
	c := clientWith(t, rig{}, Config{Timeout: time.Minute}, s1)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	began := time.Now()
	f := c.Lookup(ctx, "evil.com")
	if f.Resolution != lurehound.NotResolvable || f.Reason != "cancelled" || time.Since(began) > 5*time.Second {
		t.Errorf("%s (%s) after %v", f.Resolution, f.Reason, time.Since(began))
	}
	if _, err := c.Addrs(ctx, "evil.com"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Addrs: %v", err)
	}
}

func TestParseServer(t *testing.T) {
	for in, want := range map[string]string{
		"9.9.9.10": "9.9.9.10:53", "9.9.9.10:5353": "9.9.9.10:5353", "2620:fe::10": "[2620:fe::10]:53", "[2620:fe::10]": "[2620:fe::10]:53",
		"[2620:fe::10]:853": "[2620:fe::10]:853", "::ffff:9.9.9.10": "9.9.9.10:53",
		"": "", "dns.example": "", "9.9.9.10:0": "", "9.9.9.10:70000": "", "9.9.9": "", "9.9.9.10:": "",
	} {
		got, err := ParseServer(in)
		if want == "" {
			if err == nil || !strings.Contains(err.Error(), "for example") {
				t.Errorf("%q: %v, %v", in, got, err)
			}
		} else if err != nil || got.String() != want {
			t.Errorf("%q: %v, %v, want %s", in, got, err, want)
		}
	}
}

func TestNameservers(t *testing.T) {
	got, err := nameservers(strings.NewReader("# c\nsearch lan\nnameserver 192.0.2.1\nnameserver\t2001:db8::1\nnameserver nonsense\nnameserver fe80::1%eth0\n;nameserver 192.0.2.9\n"))
	want := "[192.0.2.1:53 [2001:db8::1]:53 [fe80::1%eth0]:53]"
	if s := strings.Join(strs(got), " "); err != nil || "["+s+"]" != want {
		t.Errorf("%s, %v", s, err)
	}
	if _, err := nameservers(strings.NewReader("search lan\n")); err == nil {
		t.Error("a file without resolvers is no error")
	}
}

func strs(as []netip.AddrPort) (out []string) {
	for _, a := range as {
		out = append(out, a.String())
	}
	return out
}

func TestOperators(t *testing.T) {
	same := func(a, b string) bool {
		return operator(netip.MustParseAddr(a)) == operator(netip.MustParseAddr(b))
	}
	for _, tc := range []struct {
		a, b string
		want bool
	}{
		{"1.1.1.1", "1.0.0.1", true}, {"8.8.8.8", "2001:4860:4860::8844", true}, {"9.9.9.10", "149.112.112.10", true},
		{"192.168.1.1", "127.0.0.53", true}, {"10.0.0.1", "fd00::1", true}, {"fe80::1%eth0", "192.168.1.1", true},
		{"1.1.1.1", "8.8.8.8", false}, {"192.0.2.1", "192.0.9.9", true}, {"192.0.2.1", "198.51.100.1", false}, {"2001:db8::1", "2001:db9::1", false},
	} {
		if got := same(tc.a, tc.b); got != tc.want {
			t.Errorf("%s and %s are of one operator: %v", tc.a, tc.b, got)
		}
	}
}

// TestPace: however many ask at once, the clock moves as the rate says.
func TestPace(t *testing.T) {
	w, names := half(t, 500)
	c := clientWith(t, rig{s1: w.honest(t), s2: w.honest(t)}, Config{Rate: 100}, s1, s2)
	before := c.clock.Now()
	if err := c.LookupAll(t.Context(), slices.Values(names), nil, 50, func(int, string, lurehound.DNSFacts) bool { return true }); err != nil {
		t.Fatal(err)
	}
	if err := c.pace.wait(t.Context()); err != nil { // a further question: it pays what is owed
		t.Fatal(err)
	}
	// Two questions a name, and some for the resolvers' own health.
	if took := c.clock.Now().Sub(before); took < 10*time.Second || took > 11*time.Second {
		t.Errorf("1000 questions at 100/s took %v of the clock", took)
	}
}

func TestNewNeedsItsParts(t *testing.T) {
	ok := Config{Dialer: rig{}, Clock: newJumpClock(), Servers: []netip.AddrPort{netip.MustParseAddrPort(s1)}}
	for what, change := range map[string]func(*Config){
		"dialer":  func(c *Config) { c.Dialer = nil },
		"clock":   func(c *Config) { c.Clock = nil },
		"servers": func(c *Config) { c.Servers = nil },
		"port":    func(c *Config) { c.Servers = []netip.AddrPort{netip.MustParseAddrPort("192.0.2.1:0")} },
	} {
		cfg := ok
		if change(&cfg); what != "" {
			if _, err := New(cfg); err == nil {
				t.Errorf("without %s: no error", what)
			}
		}
	}
	if _, err := New(ok); err != nil {
		t.Error(err)
	}
}
