package resolve

import (
	"fmt"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"lurehound"
)

func address(name, ip string) dns.RR {
	return &dns.A{Hdr: dns.RR_Header{Name: name, Rrtype: dns.TypeA, Class: dns.ClassINET}, A: netip.MustParseAddr(ip).AsSlice()}
}

// hijacker is a resolver that answers an address for what does not exist,
// where the question is for one.
func (w world) hijacker(t testing.TB, ips ...string) behaviour {
	n := atomic.Int64{}
	return says(t, func(_ string, q *dns.Msg) *dns.Msg {
		m := w.answer(q)
		if m.Rcode == dns.RcodeNameError && q.Question[0].Qtype == dns.TypeA && len(m.Answer) == 0 {
			m.Rcode, m.Ns = 0, nil
			m.Answer = []dns.RR{address(q.Question[0].Name, ips[int(n.Add(1))%len(ips)])}
		}
		return m
	})
}

// registry is a resolver of a world in which everything below a suffix has an
// address: that of the registry.
func (w world) registry(t testing.TB, suffix string, ips ...string) behaviour {
	n := atomic.Int64{}
	return says(t, func(_ string, q *dns.Msg) *dns.Msg {
		m := w.answer(q)
		name := q.Question[0].Name
		if m.Rcode != dns.RcodeNameError || !dns.IsSubDomain(suffix, name) {
			return m
		}
		m.Rcode = 0
		if q.Question[0].Qtype == dns.TypeA {
			m.Ns, m.Answer = nil, []dns.RR{address(name, ips[int(n.Add(1))%len(ips)])}
		}
		return m
	})
}

func TestHijackers(t *testing.T) {
	w := fixture(t)
	bad := w.hijacker(t, "198.18.0.66")
	hijacked := lurehound.DNSFacts{Resolution: lurehound.Hijacked, Reason: "hijacked", Missing: []string{"NS", "A"}}
	absent := lurehound.DNSFacts{Resolution: lurehound.NXDomain}
	for _, tc := range []struct {
		what    string
		name    string
		servers []behaviour
		want    lurehound.DNSFacts
	}{
		{"one hijacker", "absent.com", []behaviour{bad}, hijacked},
		{"two hijackers", "absent.com", []behaviour{bad, w.hijacker(t, "198.19.0.1")}, hijacked},
		{"a hijacker with many addresses", "absent.com", []behaviour{w.hijacker(t, "198.18.0.66", "198.18.0.67", "198.18.0.68")}, hijacked},
		{"what exists is told apart", "evil.com", []behaviour{bad}, evilFacts()},
		{"an alias that exists", "www.evil.com", []behaviour{bad}, lurehound.DNSFacts{
			Resolution: lurehound.Exists, A: evilFacts().A, CNAME: []string{"evil.com"}}},
		{"a clean one decides", "absent.com", []behaviour{bad, w.honest(t)}, absent},
		{"a clean one knows", "evil.com", []behaviour{bad, w.honest(t)}, evilFacts()},
	} {
		t.Run(tc.what, func(t *testing.T) {
			r, list := rig{}, []string{s1, s2}[:len(tc.servers)]
			for i, s := range list {
				r[s] = tc.servers[i]
			}
			for range 2 {
				got := client(t, r, list...).Lookup(t.Context(), tc.name)
				got.Reason = strings.TrimSuffix(got.Reason, ",disagreement")
				if tc.want.Resolution == lurehound.NXDomain { // said by the clean one alone, or seconded
					got.Reason = strings.TrimPrefix(got.Reason, "single-resolver")
				}
				if d := cmp.Diff(tc.want, got, compareAddrs); d != "" {
					t.Errorf("asking %v (-want +got)\n%s", list, d)
				}
				list = append(list[1:], list[0])
			}
		})
	}
}

func TestWildcards(t *testing.T) {
	w := newWorld(t,
		"real.ws. NS ns1.host.net.", "real.ws. A 203.0.113.7",
		"same.ws. NS ns1.host.net.", "same.ws. A 198.18.7.7", // delegated, to the very address of the wildcard
		"own.duckdns.org. A 203.0.113.8", "duckdns.org. NS ns1.duckdns.org.",
		"evil.com. NS ns1.host.net.", "evil.com. A 203.0.113.7", "*.evil.com. A 203.0.113.7",
	)
	steady := []string{"198.18.7.7"}
	many := []string{"198.18.7.1", "198.18.7.2", "198.18.7.3"}
	exists := func(ns []string, wild bool, a ...string) lurehound.DNSFacts {
		return lurehound.DNSFacts{Resolution: lurehound.Exists, NS: ns, A: addrs(a...), Wildcard: wild}
	}
	unknown := func(a ...string) lurehound.DNSFacts {
		return lurehound.DNSFacts{Resolution: lurehound.NotResolvable, Reason: "wildcard", Wildcard: true, A: addrs(a...)}
	}
	host := []string{"ns1.host.net"}
	for _, tc := range []struct {
		name, suffix string
		ips          []string
		want         lurehound.DNSFacts
	}{
		{"nobody.ws", "ws.", steady, unknown("198.18.7.7")},
		{"real.ws", "ws.", steady, exists(host, true, "203.0.113.7")},
		{"same.ws", "ws.", steady, exists(host, true, "198.18.7.7")},
		{"deep.nobody.ws", "ws.", steady, unknown("198.18.7.7")},
		{"www.login.nobody.ws", "ws.", steady, unknown("198.18.7.7")},
		{"real.ws", "ws.", many, exists(host, true, "203.0.113.7")},
		{"nobody.duckdns.org", "duckdns.org.", steady, unknown("198.18.7.7")},
		{"own.duckdns.org", "duckdns.org.", steady, exists(nil, true, "203.0.113.8")},
		{"own.duckdns.org", "duckdns.org.", many, unknown("203.0.113.8")}, // a name of its own cannot be told from one more of many
		{"anything.evil.com", "evil.com.", []string{"203.0.113.7"}, exists(nil, true, "203.0.113.7")},
		{"evil.com", "evil.com.", []string{"203.0.113.7"}, exists(host, false, "203.0.113.7")},
	} {
		t.Run(fmt.Sprint(tc.name, len(tc.ips)), func(t *testing.T) {
			for _, types := range [][]uint16{nil, {dns.TypeA}} {
				r := rig{s1: w.registry(t, tc.suffix, tc.ips...), s2: w.registry(t, tc.suffix, tc.ips...)}
				got := client(t, r, s1, s2).Lookup(t.Context(), tc.name, types...)
				want := tc.want
				if types != nil && !(want.Wildcard && want.NS != nil) {
					want.NS = nil
				}
				if len(tc.ips) > 1 && strings.HasPrefix(tc.name, "nobody") {
					got.A, want.A = nil, nil
				}
				if d := cmp.Diff(want, got, compareAddrs); d != "" {
					t.Errorf("types %v (-want +got)\n%s", types, d)
				}
			}
		})
	}
}

// TestWildcardIsAskedOnce counts what a parent costs.
func TestWildcardIsAskedOnce(t *testing.T) {
	w := fixture(t)
	var asked atomic.Int64
	r := rig{}
	honest := w.honest(t)
	for _, s := range []string{s1, s2} {
		r[s] = func(network string, q []byte, send func([]byte)) { asked.Add(1); honest(network, q, send) }
	}
	c := client(t, r, s1, s2)
	c.Lookup(t.Context(), "evil.com")
	before := asked.Load()
	c.Lookup(t.Context(), "evil.com")
	if got := asked.Load() - before; got != 2 {
		t.Errorf("the second look-up under a known parent takes %d questions, want 2", got)
	}
}

func TestCheck(t *testing.T) {
	w := fixture(t)
	filter := says(t, func(_ string, q *dns.Msg) *dns.Msg {
		m := w.answer(q)
		if strings.EqualFold(q.Question[0].Name, "malware.testcategory.com.") {
			return denial(dns.RcodeNameError)("", m)
		}
		return m
	})
	r := rig{
		s1:                w.honest(t),
		"192.0.3.1:53":    w.hijacker(t, "198.18.0.66"),
		"198.51.100.7:53": filter,
		"203.0.113.1:53":  says(t, func(_ string, q *dns.Msg) *dns.Msg { return denial(dns.RcodeRefused)("", w.answer(q)) }),
	}
	h := client(t, r, s1, "192.0.3.1:53", "198.51.100.7:53", "203.0.113.1:53", "203.0.113.99:53").Check(t.Context())
	want := Health{
		Servers: []ServerHealth{
			{Server: netip.MustParseAddrPort(s1), Answers: true, Clean: true, Operator: "192.0.0.0/16"},
			{Server: netip.MustParseAddrPort("192.0.3.1:53"), Answers: true, Hijacks: true, Invents: addrs("198.18.0.66"), Operator: "192.0.0.0/16",
				Problem: "gives names that do not exist the address 198.18.0.66"},
			{Server: netip.MustParseAddrPort("198.51.100.7:53"), Answers: true, Clean: true, Filters: true, Operator: "198.51.0.0/16",
				Problem: "filters: it hides names that it holds to be dangerous, so look-alikes too"},
			{Server: netip.MustParseAddrPort("203.0.113.1:53"), Answers: true, Operator: "203.0.0.0/16",
				Problem: "does not say that random names do not exist (refused)"},
			{Server: netip.MustParseAddrPort("203.0.113.99:53"), Operator: "203.0.0.0/16", Problem: "does not answer (unreachable)"},
		},
		Usable: 2,
		Problems: []string{
			"resolver 192.0.3.1:53 gives names that do not exist the address 198.18.0.66",
			"resolver 198.51.100.7:53 filters: it hides names that it holds to be dangerous, so look-alikes too",
			"resolver 203.0.113.1:53 does not say that random names do not exist (refused)",
			"resolver 203.0.113.99:53 does not answer (unreachable)",
		},
	}
	if d := cmp.Diff(want, h, compareAddrs, cmp.Comparer(func(a, b netip.AddrPort) bool { return a == b })); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

// TestDenialOfAHijackerAlone: who invents names is not believed alone, not even
// when it says that there is none.
func TestDenialOfAHijackerAlone(t *testing.T) {
	w := fixture(t)
	honest, bad := w.honest(t), w.hijacker(t, "198.18.0.66")
	r := rig{s1: func(network string, query []byte, send func([]byte)) {
		if q := new(dns.Msg); q.Unpack(query) == nil && strings.EqualFold(q.Question[0].Name, "absent.com.") {
			honest(network, query, send)
			return
		}
		bad(network, query, send)
	}}
	got := client(t, r, s1).Lookup(t.Context(), "absent.com")
	want := lurehound.DNSFacts{Resolution: lurehound.NotResolvable, Reason: "unconfirmed", Missing: []string{"NS", "A"}}
	if d := cmp.Diff(want, got, compareAddrs); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

// TestMailWildcards: everything below the suffix has mail servers, and nothing
// else.
func TestMailWildcards(t *testing.T) {
	w := newWorld(t, "real.ws. NS ns1.host.net.", "real.ws. MX 10 mail.ws.", "own.ws. MX 10 mx.own.ws.")
	registry := says(t, func(_ string, q *dns.Msg) *dns.Msg {
		m := w.answer(q)
		if name := q.Question[0].Name; m.Rcode == dns.RcodeNameError && dns.IsSubDomain("ws.", name) {
			m.Rcode = 0
			if q.Question[0].Qtype == dns.TypeMX {
				m.Ns, m.Answer = nil, []dns.RR{&dns.MX{Hdr: dns.RR_Header{Name: name, Rrtype: dns.TypeMX, Class: dns.ClassINET}, Preference: 10, Mx: "mail.ws."}}
			}
		}
		return m
	})
	for name, want := range map[string]lurehound.DNSFacts{
		"nobody.ws": {Resolution: lurehound.NotResolvable, Reason: "wildcard", Wildcard: true, MX: []string{"mail.ws"}},
		"real.ws":   {Resolution: lurehound.Exists, Wildcard: true, MX: []string{"mail.ws"}, NS: []string{"ns1.host.net"}},
		"own.ws":    {Resolution: lurehound.Exists, Wildcard: true, MX: []string{"mx.own.ws"}},
	} {
		got := client(t, rig{s1: registry, s2: registry}, s1, s2).Lookup(t.Context(), name, dns.TypeMX)
		if d := cmp.Diff(want, got, compareAddrs); d != "" {
			t.Errorf("%s (-want +got)\n%s", name, d)
		}
	}
}

// TestHijackIsLookedForHourly: a resolver that begins to hijack is found out by
// the next hour; until a new look succeeds the old one counts.
func TestHijackIsLookedForHourly(t *testing.T) {
	w := fixture(t)
	honest, bad := w.honest(t), w.hijacker(t, "198.18.0.66")
	var conduct atomic.Int64
	r := rig{s1: func(network string, q []byte, send func([]byte)) {
		switch conduct.Load() {
		case 0:
			honest(network, q, send)
		case 1:
			bad(network, q, send)
		}
	}}
	c := clientWith(t, r, Config{Timeout: 20 * time.Millisecond}, s1)
	clock := c.clock.(*jumpClock)
	look := func(what string, want lurehound.Resolution) {
		t.Helper()
		if f := c.Lookup(t.Context(), "absent.com", dns.TypeA); f.Resolution != want {
			t.Errorf("%s: %s (%s), want %s", what, f.Resolution, f.Reason, want)
		}
	}
	look("honest", lurehound.NXDomain)
	conduct.Store(1)
	_ = clock.Sleep(t.Context(), 61*time.Minute)
	look("an hour later", lurehound.Hijacked)
	conduct.Store(2)
	_ = clock.Sleep(t.Context(), 61*time.Minute)
	if v := c.vetted(t.Context(), c.servers[0]); !v.hijacks() {
		t.Error("a server that is silent is taken for honest")
	}
	conduct.Store(0)
	c.servers[0].aside.Store(false)
	_ = clock.Sleep(t.Context(), time.Minute)
	look("honest again", lurehound.NXDomain)
}
