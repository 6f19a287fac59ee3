package resolve

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"

	"lurehound"
	"lurehound/internal/egress"
	"lurehound/internal/testbed"
)

// installed skips the test where a server is not installed, and fails it where
// one has to be.
func installed(t testing.TB, err error) {
	t.Helper()
	if errors.Is(err, exec.ErrNotFound) && os.Getenv("CI_REQUIRE") != "1" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// campaign is the names of the tests with real servers: enough to tell 0.9999
// from less only when LUREHOUND_DNS_NAMES says so (100000 takes minutes).
func campaign(t testing.TB) testbed.Campaign {
	c := testbed.Campaign{Names: 5000, Share: 20}
	if testing.Short() || raceEnabled {
		c.Names = 600
	}
	if s := os.Getenv("LUREHOUND_DNS_NAMES"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			t.Fatalf("LUREHOUND_DNS_NAMES=%s is no number of names", s)
		}
		c.Names = n
	}
	return c
}

func knot(t testing.TB, c testbed.Campaign) *testbed.Server {
	t.Helper()
	s, err := testbed.Knot(t.Context(), t.TempDir(), c.Zones())
	installed(t, err)
	t.Cleanup(s.Stop)
	return s
}

func unbound(t testing.TB, c testbed.Campaign, authority *testbed.Server, more string) *testbed.Server {
	t.Helper()
	s, err := testbed.Unbound(t.Context(), t.TempDir(), authority.Addr, c.Zones(), more)
	installed(t, err)
	t.Cleanup(s.Stop)
	return s
}

func relay(t testing.TB, server netip.AddrPort, n testbed.Network) netip.AddrPort {
	t.Helper()
	r, err := testbed.NewRelay(server, n)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		r.Close()
		queries, answers := r.Lost()
		all, back := r.Passed()
		t.Logf("relay: lost %d of %d queries and %d of %d answers", queries, queries+all, answers, answers+back)
	})
	return r.Addr
}

// tally is what was said of a campaign, against what is.
type tally struct {
	lines   int
	found   int
	denied  int
	unknown int
	hidden  int // filtered or hijacked
	wrong   []string
	why     map[string]int
	asked   []string // again, as they are unknown
}

func (y tally) String() string {
	return fmt.Sprintf("%d lines: %d found, %d denied, %d hidden, %d unknown %v", y.lines, y.found, y.denied, y.hidden, y.unknown, y.why)
}

// lookUp asks for the names and counts; existing says which of them are there.
func lookUp(t *testing.T, c *Client, names []string, existing map[string]bool) tally {
	t.Helper()
	y := tally{why: map[string]int{}}
	err := c.LookupAll(t.Context(), slices.Values(names), []uint16{dns.TypeA}, 0, func(i int, name string, f lurehound.DNSFacts) bool {
		if i != y.lines || name != names[i] {
			t.Errorf("line %d is %q with number %d, want %q", y.lines, name, i, names[y.lines])
		}
		y.lines++
		switch there := existing[name]; {
		case f.Resolution == lurehound.Exists && there && len(f.A) == 1:
			y.found++
		case f.Resolution == lurehound.NXDomain && !there:
			y.denied++
		case f.Resolution == lurehound.NotResolvable:
			y.unknown++
			y.why[f.Reason]++
			y.asked = append(y.asked, name)
		case f.Resolution == lurehound.Filtered, f.Resolution == lurehound.Hijacked:
			y.hidden++
			y.why[f.Reason]++
		default:
			y.wrong = append(y.wrong, fmt.Sprintf("%s (exists: %v) is called %s (%s) with %v", name, there, f.Resolution, f.Reason, f.A))
		}
		return true
	})
	if err != nil || y.lines != len(names) {
		t.Errorf("%d lines out of %d names, %v", y.lines, len(names), err)
	}
	if len(y.wrong) > 0 {
		t.Errorf("%d wrong:\n%s", len(y.wrong), strings.Join(y.wrong[:min(5, len(y.wrong))], "\n"))
	}
	return y
}

func list(c testbed.Campaign) (names []string, existing map[string]bool) {
	existing = map[string]bool{}
	for i := range c.Names {
		names = append(names, c.Name(i))
		existing[c.Name(i)] = c.Exists(i)
	}
	return names, existing
}

// over is a client over real sockets, as fast as it can.
func over(t testing.TB, cfg Config, servers ...netip.AddrPort) *Client {
	t.Helper()
	cfg.Dialer, cfg.Clock, cfg.Servers = egress.New(egress.Config{Named: servers}), egress.SystemClock{}, servers
	if cfg.Rate == 0 {
		cfg.Rate = 1e6
	}
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestRealServers: names of which few exist, asked of servers that others
// wrote, through a relay that loses packets both ways. Every line comes out,
// none that exists is called absent, and what stays unknown is found when it is
// asked for again.
func TestRealServers(t *testing.T) {
	c := campaign(t)
	names, existing := list(c)
	authority := knot(t, c)
	nsd, err := testbed.NSD(t.Context(), t.TempDir(), c.Zones())
	installed(t, err)
	t.Cleanup(nsd.Stop)
	resolver := unbound(t, c, authority, "")
	cases := []struct {
		what    string
		servers []*testbed.Server
		net     testbed.Network
	}{
		{"knot", []*testbed.Server{authority}, testbed.Network{}},
		{"knot", []*testbed.Server{authority}, testbed.BothWays(0.05, time.Millisecond)},
		{"knot", []*testbed.Server{authority}, testbed.BothWays(0.10, 0)},
		{"knot", []*testbed.Server{authority}, testbed.BothWays(0.20, 0)},
		{"knot, no TCP", []*testbed.Server{authority}, testbed.Network{Queries: 0.20, Answers: 0.20, NoTCP: true}},
		{"nsd", []*testbed.Server{nsd}, testbed.BothWays(0.10, 0)},
		{"unbound", []*testbed.Server{resolver}, testbed.Network{}},
		{"unbound", []*testbed.Server{resolver}, testbed.BothWays(0.05, 0)},
		{"unbound", []*testbed.Server{resolver}, testbed.BothWays(0.10, time.Millisecond)},
		{"unbound", []*testbed.Server{resolver}, testbed.BothWays(0.20, 0)},
		{"unbound and knot", []*testbed.Server{resolver, authority}, testbed.BothWays(0.20, 0)},
	}
	// At the same time: most of it is waiting.
	tallies := make([]tally, len(cases))
	var wg sync.WaitGroup
	for i, tc := range cases {
		var doors []netip.AddrPort
		for j, s := range tc.servers {
			tc.net.Seed = uint64(1 + 2*j)
			doors = append(doors, relay(t, s.Addr, tc.net))
		}
		client := over(t, Config{Timeout: time.Second}, doors...)
		wg.Go(func() {
			y := lookUp(t, client, names, existing)
			t.Log(i, y)
			if left := y.asked; len(left) > 0 {
				again := lookUp(t, client, left, existing)
				t.Log(i, "again:", again)
				y.found, y.denied, y.unknown = y.found+again.found, y.denied+again.denied, again.unknown
			}
			tallies[i] = y
		})
	}
	wg.Wait()
	for i, tc := range cases {
		y := tallies[i]
		if float64(y.found) < 0.9999*float64(c.Existing()) || float64(y.denied) < 0.9999*float64(c.Names-c.Existing()) {
			t.Errorf("%s, %+v: %d of %d found, %d of %d denied", tc.what, tc.net, y.found, c.Existing(), y.denied, c.Names-c.Existing())
		}
	}
}

// TestNoServer: where nobody answers, nothing is known.
func TestNoServer(t *testing.T) {
	names, existing := list(campaign(t))
	deaf, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer deaf.Close()
	closed, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	for what, addr := range map[string]net.Addr{"nobody listens": closed.LocalAddr(), "nobody answers": deaf.LocalAddr()} {
		t.Run(what, func(t *testing.T) {
			y := lookUp(t, over(t, Config{Timeout: 50 * time.Millisecond}, netip.MustParseAddrPort(addr.String())), names, existing)
			if y.unknown != len(names) {
				t.Errorf("%v, want all unknown", y)
			}
		})
	}
}

// TestUnboundThatHides: a protective resolver has just the names that we hunt
// on its list. In whatever way it hides them, none is called absent; another
// resolver that knows them is believed.
func TestUnboundThatHides(t *testing.T) {
	c := campaign(t)
	names, existing := list(c)
	authority := knot(t, c)
	for _, how := range []string{"always_nxdomain", "always_null", "always_nodata", "always_refuse", "always_deny", "static", "refuse", "redirect", "rpz nxdomain", "rpz nodata", "rpz drop"} {
		t.Run(how, func(t *testing.T) {
			// Of a resolver that is silent about them every name costs its whole time.
			some := 1
			if how == "always_deny" || how == "rpz drop" {
				some = 10
			}
			resolver := unbound(t, c, authority, hiding(t, c, how, some))
			var hunted []string
			for i, name := range names {
				if !existing[name] && i%10 == 0 || c.Exists(i) && (i/c.Share)%some == 0 {
					hunted = append(hunted, name)
				}
			}
			there := 0
			for _, name := range hunted {
				if existing[name] {
					there++
				}
			}
			cfg := Config{Timeout: 100 * time.Millisecond}
			y := lookUp(t, over(t, cfg, resolver.Addr), hunted, existing)
			t.Log(y)
			if y.found != 0 || y.hidden+y.unknown != there {
				t.Errorf("alone: %v, want the %d that it hides hidden or unknown", y, there)
			}
			y = lookUp(t, over(t, cfg, resolver.Addr, authority.Addr), hunted, existing)
			if y.found != there {
				t.Errorf("beside one that knows: %v, want %d found", y, there)
			}
		})
	}
}

// hiding is the configuration that hides every some-th name that exists.
func hiding(t *testing.T, c testbed.Campaign, how string, some int) string {
	var b, zone strings.Builder
	policy, rpz := strings.CutPrefix(how, "rpz ")
	target := map[string]string{"nxdomain": ".", "nodata": "*.", "drop": "rpz-drop."}[policy]
	b.WriteString("server:\n")
	zone.WriteString("$ORIGIN rpz.test.\n@ 60 SOA ns.rpz.test. h.rpz.test. 1 60 60 60 60\n@ 60 NS ns.rpz.test.\n")
	for i := range c.Names {
		if !c.Exists(i) || (i/c.Share)%some != 0 {
			continue
		}
		fmt.Fprintf(&zone, "%s 60 CNAME %s\n", c.Name(i), target)
		if !rpz {
			fmt.Fprintf(&b, "  local-zone: \"%s.\" %s\n", c.Name(i), how)
		}
		if how == "redirect" {
			fmt.Fprintf(&b, "  local-data: \"%s. A 0.0.0.0\"\n", c.Name(i))
		}
	}
	if !rpz {
		return b.String()
	}
	path := t.TempDir() + "/rpz.zone"
	if err := os.WriteFile(path, []byte(zone.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("server:\n  module-config: \"respip iterator\"\nrpz:\n  name: \"rpz.test\"\n  zonefile: \"%s\"\n", path)
}
