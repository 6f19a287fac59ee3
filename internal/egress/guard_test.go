package egress

import (
	"bufio"
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// specials reads the addresses of testdata/special.txt.
func specials(t testing.TB) []netip.Addr {
	f, err := os.Open("testdata/special.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []netip.Addr
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if a, ok := strings.CutPrefix(lines.Text(), "addr "); ok {
			out = append(out, netip.MustParseAddr(a))
		}
	}
	if len(out) < 64 {
		t.Fatalf("%d special addresses, 64 are the least", len(out))
	}
	return out
}

// recorder is a network that connects to nothing and counts.
type recorder struct{ dials atomic.Int64 }

func (r *recorder) dial(context.Context, string, string) (net.Conn, error) {
	r.dials.Add(1)
	c, _ := net.Pipe()
	return c, nil
}

func wantBlocked(t *testing.T, err error) *BlockedError {
	t.Helper()
	var b *BlockedError
	if !errors.As(err, &b) {
		t.Fatalf("got %v, want a BlockedError", err)
	}
	if b.Why == "" || b.Addr == "" {
		t.Fatalf("a refusal without its reason: %+v", b)
	}
	return b
}

func TestSpecialAddressesAreRefused(t *testing.T) {
	for _, a := range specials(t) {
		t.Run(a.String(), func(t *testing.T) {
			r := new(recorder)
			lab := New(Config{Lab: r.dial})
			plain := New(Config{})
			for _, port := range []uint16{80, 443} {
				ap := netip.AddrPortFrom(a, port)
				if !inAny(documentation[:], a.Unmap()) {
					_, err := lab.Dial(t.Context(), "tcp", ap)
					wantBlocked(t, err)
				}
				_, err := plain.Dial(t.Context(), "tcp", ap)
				wantBlocked(t, err)
			}
			if n := r.dials.Load(); n != 0 {
				t.Fatalf("%d dials, want none", n)
			}
		})
	}
}

func TestPublicAddressesPass(t *testing.T) {
	g := New(Config{})
	for _, s := range []string{
		"8.8.8.8:443", "1.1.1.1:80", "100.63.255.255:80", "100.128.0.0:80", "172.15.0.1:80", "172.32.0.1:80",
		"192.0.1.1:80", "198.17.255.255:80", "198.20.0.1:80", "223.255.255.255:443", "[2606:4700::1111]:443",
		"[2a00:1450::1]:80", "[2001:4860::8888]:443", "[::ffff:8.8.8.8]:80", "[2001:db7::1]:443", "9.9.9.9:43",
	} {
		if err := g.Guard(netip.MustParseAddrPort(s)); err != nil {
			t.Errorf("%s: %v", s, err)
		}
	}
}

func TestDialAdmitsWebPortsOverTCPOnly(t *testing.T) {
	r := new(recorder)
	g := New(Config{Lab: r.dial})
	for _, port := range []uint16{0, 22, 25, 53, 445, 3306, 6379, 65535} {
		_, err := g.Dial(t.Context(), "tcp", netip.AddrPortFrom(netip.MustParseAddr("8.8.8.8"), port))
		wantBlocked(t, err)
	}
	for _, network := range []string{"udp", "unix", "ip", ""} {
		_, err := g.Dial(t.Context(), network, netip.MustParseAddrPort("8.8.8.8:443"))
		wantBlocked(t, err)
	}
	_, err := g.Dial(t.Context(), "tcp", netip.AddrPort{})
	wantBlocked(t, err)
	if n := r.dials.Load(); n != 0 {
		t.Fatalf("%d dials, want none", n)
	}
}

// TestSocketIsJudged bypasses the first check, so that only the one at the
// socket stands between us and a listener.
func TestSocketIsJudged(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "[::1]:0"} {
		l, err := net.Listen("tcp", address)
		if err != nil {
			t.Logf("no listener on %s: %v", address, err)
			continue
		}
		defer l.Close()
		var accepted atomic.Int64
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				accepted.Add(1)
				c.Close()
			}
		}()
		ap := netip.MustParseAddrPort(l.Addr().String())
		for _, to := range []netip.AddrPort{ap, netip.AddrPortFrom(netip.AddrFrom16(ap.Addr().As16()), ap.Port())} {
			g := New(Config{})
			_, err = g.dial(t.Context(), "tcp", to, g.guardNetwork)
			wantBlocked(t, err)
			_, err = g.dial(t.Context(), "tcp", to, g.guardNamed)
			wantBlocked(t, err)
		}
		// The same dial succeeds when it is allowed: the refusal was the guard's.
		g := New(Config{Named: []netip.AddrPort{ap}})
		c, err := g.DialNamed(t.Context(), "tcp", ap.String())
		if err != nil {
			t.Fatal(err)
		}
		c.Close()
		for deadline := time.Now().Add(time.Second); accepted.Load() == 0 && time.Now().Before(deadline); {
			time.Sleep(time.Millisecond)
		}
		if n := accepted.Load(); n != 1 {
			t.Errorf("%s accepted %d connections, want the named one only", address, n)
		}
	}
}

func TestZonesAreNamedAsTheReason(t *testing.T) {
	b := wantBlocked(t, New(Config{}).Guard(netip.MustParseAddrPort("[2606:4700::1%1]:443")))
	if !strings.Contains(b.Why, "zone") {
		t.Errorf("got %q", b.Why)
	}
}

func TestOwnAddressesAreRefused(t *testing.T) {
	g := New(Config{})
	g.own = func() ([]net.Addr, error) {
		_, n, _ := net.ParseCIDR("8.8.8.0/24")
		return []net.Addr{&net.IPNet{IP: net.ParseIP("8.8.8.8"), Mask: n.Mask}}, nil
	}
	wantBlocked(t, g.Guard(netip.MustParseAddrPort("8.8.8.8:80")))
	if err := g.Guard(netip.MustParseAddrPort("8.8.8.9:80")); err != nil {
		t.Error(err)
	}
	g.own = func() ([]net.Addr, error) { return nil, errors.New("no netlink") }
	wantBlocked(t, g.Guard(netip.MustParseAddrPort("8.8.8.9:80")))
}

func TestLabAdmitsDocumentationOnly(t *testing.T) {
	r := new(recorder)
	g := New(Config{Lab: r.dial})
	for _, s := range []string{"192.0.2.7:80", "198.51.100.7:443", "203.0.113.7:80", "[2001:db8::7]:443"} {
		if _, err := g.Dial(t.Context(), "tcp", netip.MustParseAddrPort(s)); err != nil {
			t.Errorf("%s: %v", s, err)
		}
	}
	_, err := g.Dial(t.Context(), "tcp", netip.MustParseAddrPort("192.0.2.7:22"))
	wantBlocked(t, err)
	_, err = g.Dial(t.Context(), "tcp", netip.MustParseAddrPort("[2002:c000:207::]:80"))
	wantBlocked(t, err)
	if n := r.dials.Load(); n != 4 {
		t.Errorf("%d dials, want 4", n)
	}
}

func TestNamedPeersExactly(t *testing.T) {
	r := new(recorder)
	g := New(Config{Lab: r.dial, Named: []netip.AddrPort{netip.MustParseAddrPort("10.0.0.53:53")}})
	for _, network := range []string{"udp", "tcp"} {
		if _, err := g.DialNamed(t.Context(), network, "10.0.0.53:53"); err != nil {
			t.Error(err)
		}
	}
	if _, err := g.DialNamed(t.Context(), "udp", "[::ffff:10.0.0.53]:53"); err != nil {
		t.Error(err)
	}
	for _, address := range []string{"10.0.0.53:54", "10.0.0.54:53", "8.8.8.8:53", "resolver.example:53", "10.0.0.53", "", "[fe80::1%1]:53"} {
		_, err := g.DialNamed(t.Context(), "udp", address)
		wantBlocked(t, err)
	}
	_, err := g.DialNamed(t.Context(), "unix", "10.0.0.53:53")
	wantBlocked(t, err)
	_, err = g.Dial(t.Context(), "tcp", netip.MustParseAddrPort("10.0.0.53:53"))
	wantBlocked(t, err)
	if n := r.dials.Load(); n != 3 {
		t.Errorf("%d dials, want 3", n)
	}
}

func TestAllowancesOpenWhatTheySay(t *testing.T) {
	allow := func(s ...string) *Gateway {
		var cfg Config
		for _, a := range s {
			al, err := ParseAllowance(a)
			if err != nil {
				t.Fatal(err)
			}
			cfg.Allow = append(cfg.Allow, al)
		}
		return New(cfg)
	}
	cases := []struct {
		allow []string
		addr  string
		want  bool
	}{
		{[]string{"10.0.0.0/8"}, "10.1.2.3:80", true},
		{[]string{"10.0.0.0/8"}, "10.1.2.3:22", false},
		{[]string{"10.0.0.0/8:22"}, "10.1.2.3:22", true},
		{[]string{"10.0.0.0/8:22"}, "10.1.2.3:80", false},
		{[]string{"10.0.0.0/8:22", "10.1.0.0/16"}, "10.1.2.3:80", true},
		{[]string{"10.0.0.0/8"}, "11.0.0.1:22", false},
		{[]string{"10.0.0.0/8"}, "[::ffff:10.0.0.1]:80", true},
		{[]string{"127.0.0.0/8:1-65535"}, "127.0.0.1:40000", true},
		{[]string{"fd00::/8"}, "[fd12::1]:443", true},
		{[]string{"0.0.0.0/0:1-65535", "::/0:1-65535"}, "169.254.169.254:80", false},
		{[]string{"0.0.0.0/0:1-65535", "::/0:1-65535"}, "[fd00:ec2::254]:80", false},
		{[]string{"0.0.0.0/0:1-65535", "::/0:1-65535"}, "[::ffff:169.254.169.254]:80", false},
		{[]string{"64:ff9b::/96"}, "[64:ff9b::8.8.8.8]:443", true},
		{[]string{"64:ff9b::/96"}, "[64:ff9b::10.0.0.1]:443", false},
		{[]string{"64:ff9b::/96"}, "[64:ff9b::169.254.169.254]:80", false},
		{[]string{"2002::/16"}, "[2002:a00:1::1]:80", false},
		{[]string{"8.8.8.8:25"}, "8.8.8.8:25", true},
		{[]string{"8.8.8.8:25"}, "8.8.8.8:443", false},
	}
	for _, c := range cases {
		err := allow(c.allow...).Guard(netip.MustParseAddrPort(c.addr))
		if (err == nil) != c.want {
			t.Errorf("%v on %s: %v, want admitted %v", c.allow, c.addr, err, c.want)
		}
	}
}

func TestUnmappingNeverOpens(t *testing.T) {
	g := New(Config{})
	g.own = func() ([]net.Addr, error) { return nil, nil }
	rapid.Check(t, func(t *rapid.T) {
		var b [4]byte
		copy(b[:], rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "address"))
		a := netip.AddrFrom4(b)
		plain := g.refusal(a, 80, ports[:])
		if mapped := g.refusal(netip.AddrFrom16(a.As16()), 80, ports[:]); mapped != plain {
			t.Fatalf("%s: %q, mapped: %q", a, plain, mapped)
		}
		std := a.IsPrivate() || a.IsLoopback() || a.IsMulticast() || a.IsLinkLocalUnicast() || a.IsUnspecified()
		if std && plain == "" {
			t.Fatalf("%s passes, and net/netip knows better", a)
		}
		for _, form := range []netip.Addr{
			netip.AddrFrom16([16]byte{12: b[0], 13: b[1], 14: b[2], 15: b[3]}),
			netip.AddrFrom16([16]byte{1: 0x64, 2: 0xff, 3: 0x9b, 12: b[0], 13: b[1], 14: b[2], 15: b[3]}),
			netip.AddrFrom16([16]byte{0x20, 2, b[0], b[1], b[2], b[3]}),
		} {
			if g.refusal(form, 80, ports[:]) == "" {
				t.Fatalf("%s passes", form)
			}
		}
	})
}

func TestDialEndsWithItsContext(t *testing.T) {
	g := New(Config{Lab: func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := g.Dial(ctx, "tcp", netip.MustParseAddrPort("192.0.2.1:80")); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func BenchmarkGuard(b *testing.B) {
	g := New(Config{})
	ap := netip.MustParseAddrPort("8.8.8.8:443")
	b.ReportAllocs()
	for b.Loop() {
		if err := g.Guard(ap); err != nil {
			b.Fatal(err)
		}
	}
}
