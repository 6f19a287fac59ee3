package resolve

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"lurehound"
	"lurehound/internal/egress"
)

// DialNameServer makes the rig's servers reachable as those of suffixes.
func (r rig) DialNameServer(ctx context.Context, network string, server netip.AddrPort) (net.Conn, error) {
	return r.DialNamed(ctx, network, server.String())
}

// reg1 and reg2 are the servers of com.
const (
	reg1 = "203.0.113.101:53"
	reg2 = "203.0.113.102:53"
)

// withRegistry is the fixture with name servers of com.
func withRegistry(t testing.TB) world {
	w := fixture(t)
	for _, l := range []string{"com. NS a.gtld.net.", "com. NS b.gtld.net.", "a.gtld.net. A 203.0.113.101", "b.gtld.net. A 203.0.113.102",
		"entry.com. MX 10 mx1.host.net.", "bare.com. TXT x"} {
		rr, err := dns.NewRR(l)
		if err != nil {
			t.Fatal(err)
		}
		w[rr.Header().Name] = append(w[rr.Header().Name], rr)
	}
	return w
}

// authority is a name server of a zone: it delegates what has name servers,
// denies what does not exist and knows the records of what has no delegation.
func (w world) authority(t testing.TB, zone string) behaviour {
	return says(t, func(_ string, q *dns.Msg) *dns.Msg {
		m := new(dns.Msg).SetReply(q)
		m.RecursionDesired = false
		name := strings.ToLower(q.Question[0].Name)
		if q.RecursionDesired || !dns.IsSubDomain(zone, name) {
			m.Rcode = dns.RcodeRefused
			return m
		}
		for at := name; at != zone && at != "."; at = at[strings.IndexByte(at, '.')+1:] {
			for _, rr := range w[at] {
				if rr.Header().Rrtype == dns.TypeNS {
					m.Ns = append(m.Ns, rr)
				}
			}
			if len(m.Ns) > 0 {
				return m
			}
		}
		full := w.answer(q)
		m.Authoritative, m.Rcode, m.Answer = true, full.Rcode, full.Answer
		if len(m.Answer) == 0 {
			m.Ns = []dns.RR{soa(zone)}
		}
		return m
	})
}

// registryClient is a client that may ask the servers of suffixes.
func registryClient(t testing.TB, r rig, servers ...string) *Client {
	t.Helper()
	return clientWith(t, r, Config{Timeout: 100 * time.Millisecond, Learnt: r}, servers...)
}

func TestRegistryDecides(t *testing.T) {
	w := withRegistry(t)
	honest, com := w.honest(t), w.authority(t, "com.")
	lie := func(_ string, m *dns.Msg) *dns.Msg {
		m.Rcode, m.Answer, m.Ns = dns.RcodeNameError, nil, []dns.RR{soa("com.")}
		return m
	}
	ede15 := func(_ string, m *dns.Msg) *dns.Msg {
		m = lie("", m)
		m.SetEdns0(1232, false)
		m.IsEdns0().Option = []dns.EDNS0{&dns.EDNS0_EDE{InfoCode: dns.ExtendedErrorCodeBlocked}}
		return m
	}
	invents := func(_ string, m *dns.Msg) *dns.Msg {
		if m.Question[0].Qtype != dns.TypeA {
			return denial(dns.RcodeServerFailure)("", m)
		}
		m.Rcode, m.Ns, m.Answer = 0, nil, []dns.RR{address(m.Question[0].Name, "198.18.4.4")}
		return m
	}
	changed := func(f func(*dns.Msg) *dns.Msg) behaviour { // a server of com that answers otherwise
		return says(t, func(network string, q *dns.Msg) *dns.Msg {
			var m *dns.Msg
			com(network, packed(t, q), func(p []byte) {
				m = new(dns.Msg)
				if network == "tcp" {
					p = p[2:]
				}
				if err := m.Unpack(p); err != nil {
					t.Error(err)
				}
			})
			return f(m)
		})
	}
	noAuthority := changed(func(m *dns.Msg) *dns.Msg { m.Authoritative = false; return m })
	otherZone := changed(func(m *dns.Msg) *dns.Msg {
		if len(m.Ns) == 1 && m.Rcode != 0 {
			m.Ns[0].Header().Name = "."
		}
		return m
	})
	recursing := changed(func(m *dns.Msg) *dns.Msg {
		m.Authoritative, m.RecursionAvailable = false, true
		m.Answer, m.Ns = m.Ns, nil
		return m
	})
	refusing := changed(func(m *dns.Msg) *dns.Msg { return denial(dns.RcodeRefused)("", m) })
	limited := says(t, func(network string, q *dns.Msg) *dns.Msg { // rate limiting: the answer only over TCP
		var m *dns.Msg
		com("udp", packed(t, q), func(p []byte) {
			m = new(dns.Msg)
			if err := m.Unpack(p); err != nil {
				t.Error(err)
			}
		})
		if network == "udp" {
			m.Truncated, m.Ns, m.Answer, m.Rcode, m.Authoritative = true, nil, nil, 0, false
		}
		return m
	})
	is := func(r lurehound.Resolution, why string) lurehound.DNSFacts {
		f := lurehound.DNSFacts{Resolution: r, Reason: why}
		if r != lurehound.NXDomain && r != lurehound.NoData {
			f.Missing = []string{"NS", "A"}
		}
		return f
	}
	registered := func(why string) lurehound.DNSFacts {
		return lurehound.DNSFacts{Resolution: lurehound.Exists, Reason: why, NS: evilFacts().NS, Missing: []string{"A"}}
	}
	disputed := evilFacts()
	disputed.Reason = "*"
	type do = func(string, *dns.Msg) *dns.Msg
	type servers = map[string]behaviour
	both := func(b behaviour) servers { return servers{reg1: b, reg2: b} }
	for _, tc := range []struct {
		what string
		name string
		by   []do // the resolvers, in order; nil is honest
		reg  servers
		want lurehound.DNSFacts // Reason "*": it depends on which resolver is heard first
	}{
		{"one resolver, seconded", "absent.com", []do{nil}, both(com), is(lurehound.NXDomain, "")},
		{"one resolver, a registered name", "evil.com", []do{nil}, both(com), evilFacts()},
		{"below an absent name", "www.absent.com", []do{nil}, both(com), is(lurehound.NXDomain, "")},
		{"below a registered name", "absent.evil.com", []do{nil}, both(com), is(lurehound.NXDomain, "single-resolver")},
		{"the only resolver lies", "evil.com", []do{lie}, both(com), registered("disagreement")},
		{"the only resolver hides", "evil.com", []do{ede15}, both(com), registered("ede-15")},
		{"all resolvers refuse", "evil.com", []do{denial(dns.RcodeRefused), denial(dns.RcodeRefused)}, both(com), registered("refused")},
		{"all resolvers refuse, it is not there", "absent.com", []do{denial(dns.RcodeRefused), denial(dns.RcodeRefused)}, both(com), is(lurehound.NXDomain, "")},
		{"in the registry's zone itself", "entry.com", []do{ede15}, both(com), lurehound.DNSFacts{Resolution: lurehound.Exists, Reason: "ede-15", MX: []string{"mx1.host.net"}, Missing: []string{"NS", "A"}}},
		{"in the registry's zone, with nothing", "bare.com", []do{ede15}, both(com), is(lurehound.NoData, "")},
		{"all resolvers hide", "evil.com", []do{ede15, denial(dns.RcodeNameError)}, both(com), registered("*")},
		{"they hide what is not there", "absent.com", []do{ede15, ede15}, both(com), is(lurehound.NXDomain, "")},
		{"one hides, one denies", "absent.com", []do{ede15, nil}, both(com), is(lurehound.NXDomain, "*")},
		{"one fails, one denies", "absent.com", []do{denial(dns.RcodeServerFailure), nil}, both(com), is(lurehound.NXDomain, "")},
		{"one fails, one lies", "evil.com", []do{denial(dns.RcodeServerFailure), lie}, both(com), registered("disagreement")},
		{"they disagree, it is registered", "evil.com", []do{lie, nil}, both(com), disputed},
		{"they disagree, it is not registered", "absent.com", []do{nil, invents}, both(com), is(lurehound.Hijacked, "*")},
		{"a server without authority", "absent.com", []do{nil}, both(noAuthority), is(lurehound.NXDomain, "single-resolver")},
		{"a server of another zone", "absent.com", []do{nil}, both(otherZone), is(lurehound.NXDomain, "single-resolver")},
		{"a stranger who recurses", "evil.com", []do{ede15}, both(recursing), is(lurehound.Filtered, "ede-15")},
		{"servers that refuse", "absent.com", []do{nil}, both(refusing), is(lurehound.NXDomain, "single-resolver")},
		{"the first refuses, the second knows", "absent.com", []do{nil}, servers{reg1: refusing, reg2: com}, is(lurehound.NXDomain, "")},
		{"the first is silent, the second knows", "absent.com", []do{nil}, servers{reg2: com}, is(lurehound.NXDomain, "")},
		{"nobody answers", "absent.com", []do{nil}, nil, is(lurehound.NXDomain, "single-resolver")},
		{"nobody answers, and it is hidden", "evil.com", []do{ede15}, nil, is(lurehound.Filtered, "ede-15")},
		{"rate limits", "absent.com", []do{nil}, both(limited), is(lurehound.NXDomain, "")},
		{"a suffix without servers", "absent.org", []do{nil}, both(com), is(lurehound.NXDomain, "single-resolver")},
	} {
		t.Run(tc.what, func(t *testing.T) {
			t.Parallel()
			r := rig{}
			for a, b := range tc.reg {
				r[a] = b
			}
			list := []string{s1, s2}[:len(tc.by)]
			for i, f := range tc.by {
				r[list[i]] = honest
				if f != nil {
					r[list[i]] = w.but(t, tc.name+".", f)
				}
			}
			for range 2 {
				got := registryClient(t, r, list...).Lookup(t.Context(), tc.name)
				if tc.want.Reason == "*" {
					got.Reason = "*"
				}
				if d := cmp.Diff(tc.want, got, compareAddrs); d != "" {
					t.Errorf("asking %v (-want +got)\n%s", list, d)
				}
				list = append(list[1:], list[0])
			}
		})
	}
}

// TestRegistryIsLearntOnce counts what a suffix costs, and that a closed port is
// not knocked at for every name.
func TestRegistryIsLearntOnce(t *testing.T) {
	w := withRegistry(t)
	var resolver, registry atomic.Int64
	count := func(n *atomic.Int64, b behaviour) behaviour {
		return func(network string, q []byte, send func([]byte)) { n.Add(1); b(network, q, send) }
	}
	r := rig{s1: count(&resolver, w.honest(t)), reg1: count(&registry, w.authority(t, "com.")), reg2: count(&registry, w.authority(t, "com."))}
	c := registryClient(t, r, s1)
	c.Lookup(t.Context(), "absent.com")
	resolver.Store(0)
	registry.Store(0)
	for _, name := range []string{"absent1.com", "absent2.com", "absent3.com"} {
		if f := c.Lookup(t.Context(), name); f.Resolution != lurehound.NXDomain || f.Reason != "" {
			t.Errorf("%s: %s (%s)", name, f.Resolution, f.Reason)
		}
	}
	if resolver.Load() != 3 || registry.Load() != 3 {
		t.Errorf("three names of a known suffix take %d questions to the resolver and %d to the registry, want 3 and 3", resolver.Load(), registry.Load())
	}

	closed := rig{s1: w.honest(t), reg1: count(&registry, func(string, []byte, func([]byte)) {})}
	c = registryClient(t, closed, s1)
	c.Lookup(t.Context(), "absent1.com")
	c.Lookup(t.Context(), "absent2.com")
	registry.Store(0)
	for _, name := range []string{"absent3.com", "absent4.com"} {
		if f := c.Lookup(t.Context(), name); f.Resolution != lurehound.NXDomain || f.Reason != "single-resolver" {
			t.Errorf("%s: %s (%s)", name, f.Resolution, f.Reason)
		}
	}
	if n := registry.Load(); n != 0 {
		t.Errorf("a silent registry is asked %d times more", n)
	}
}

// TestSuffixInsideAZone: a public suffix that is no zone of its own is asked of
// the zone that it lies in.
func TestSuffixInsideAZone(t *testing.T) {
	w := newWorld(t, "co.uk. NS a.nic.uk.", "nic.uk. NS a.nic.uk.", "a.nic.uk. A 203.0.113.102", // its server answers for uk
		"jp. NS a.dns.jp.", "a.dns.jp. A 203.0.113.101", "kawasaki.jp. TXT x", "dns.jp. NS a.dns.jp.",
		"ac.jp. TXT x", "evil.ac.jp. NS ns1.host.net.")
	r := rig{s1: w.honest(t), reg1: w.authority(t, "jp."), reg2: says(t, func(_ string, q *dns.Msg) *dns.Msg {
		m := new(dns.Msg).SetReply(q)
		m.Authoritative, m.Rcode, m.Ns = true, dns.RcodeNameError, []dns.RR{soa("uk.")}
		return m
	})}
	for name, want := range map[string]lurehound.DNSFacts{
		"absent.ac.jp": {Resolution: lurehound.NXDomain},
		"absent.co.uk": {Resolution: lurehound.NXDomain, Reason: "single-resolver"},
		"evil.ac.jp":   {Resolution: lurehound.Exists, NS: []string{"ns1.host.net"}},
	} {
		got := registryClient(t, r, s1).Lookup(t.Context(), name)
		if d := cmp.Diff(want, got, compareAddrs); d != "" {
			t.Errorf("%s (-want +got)\n%s", name, d)
		}
	}
}

// TestNobodyWaitsForAClosedRegistry: where the servers of a suffix cannot be reached, the names that
// were in line for them go on at once, and not 50 a second.
func TestNobodyWaitsForAClosedRegistry(t *testing.T) {
	w := withRegistry(t)
	c := registryClient(t, rig{s1: w.honest(t)}, s1) // nobody behind reg1 and reg2
	c.Lookup(t.Context(), "absent.com")              // learns their addresses
	naps := &countedClock{Clock: egress.SystemClock{}}
	c.clock = naps
	c.registries = registries{}
	r := c.registry(t.Context(), "com")
	if r == nil {
		t.Fatal("the registry is not known")
	}
	var wg sync.WaitGroup
	for i := range registryFirst {
		wg.Go(func() { r.ask(t.Context(), c, fmt.Sprintf("absent%d.com.", i), dns.TypeNS) })
	}
	wg.Wait()
	if n := naps.slept.Load(); n > registryFirst/4 {
		t.Errorf("%d names wait %d times for servers that nobody reaches", registryFirst, n)
	}
	if c.registry(t.Context(), "com") != nil {
		t.Error("a registry that cannot be reached is asked on")
	}
}

// countedClock counts who sleeps to the end.
type countedClock struct {
	lurehound.Clock
	slept atomic.Int64
}

func (c *countedClock) Sleep(ctx context.Context, d time.Duration) error {
	err := c.Clock.Sleep(ctx, d)
	if err == nil {
		c.slept.Add(1)
	}
	return err
}
