package resolve

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"
	"pgregory.net/rapid"

	"lurehound"
)

// conduct is one way in which a resolver treats the names of the law below.
type conduct struct {
	name   string
	do     behaviour
	honest bool // says, to who is patient, what is
	liar   bool // denies what is there, in the form that the registry would
}

// conducts is one of each kind, in a world where evil.com is registered and
// absent.com is not.
func conducts(t testing.TB, w world) []conduct {
	about := func(f func(network string, m *dns.Msg) *dns.Msg) behaviour {
		return says(t, func(network string, q *dns.Msg) *dns.Msg {
			m := w.answer(q)
			if name := strings.ToLower(q.Question[0].Name); name == "evil.com." || name == "absent.com." {
				return f(network, m)
			}
			return m
		})
	}
	denied := func(rcode int, owners ...string) func(string, *dns.Msg) *dns.Msg {
		return func(_ string, m *dns.Msg) *dns.Msg {
			m.Rcode, m.Answer, m.Ns = rcode, nil, nil
			for _, o := range owners {
				m.Ns = append(m.Ns, soa(o))
			}
			return m
		}
	}
	edns := func(code uint16) func(string, *dns.Msg) *dns.Msg {
		return func(network string, m *dns.Msg) *dns.Msg {
			m = denied(dns.RcodeNameError, "com.")(network, m)
			m.SetEdns0(1232, false)
			m.IsEdns0().Option = []dns.EDNS0{&dns.EDNS0_EDE{InfoCode: code}}
			return m
		}
	}
	page := func(ip string) func(string, *dns.Msg) *dns.Msg {
		return func(network string, m *dns.Msg) *dns.Msg {
			m = denied(dns.RcodeSuccess, m.Question[0].Name)(network, m)
			if m.Question[0].Qtype == dns.TypeA {
				m.Ns, m.Answer = nil, []dns.RR{address(m.Question[0].Name, ip)}
			}
			return m
		}
	}
	junkFirst := func(b behaviour) behaviour {
		return func(network string, query []byte, send func([]byte)) {
			send(frame(network, spoofed(t, w, query, func(p []byte) { p[0] ^= 1 })))
			send(frame(network, spoofed(t, w, query, func(p []byte) { p[7] = 9 })))
			b(network, query, send)
		}
	}
	return []conduct{
		{name: "honest", do: w.honest(t), honest: true},
		{name: "forged and malformed packets first", do: junkFirst(w.honest(t)), honest: true},
		{name: "no EDNS", honest: true, do: says(t, func(_ string, q *dns.Msg) *dns.Msg {
			if q.IsEdns0() != nil {
				return denial(dns.RcodeFormatError)("", w.answer(q))
			}
			return w.answer(q)
		})},
		{name: "truncates over UDP", honest: true, do: about(func(network string, m *dns.Msg) *dns.Msg {
			if network == "udp" {
				m.Truncated, m.Answer, m.Ns = true, nil, nil
			}
			return m
		})},
		{name: "loses every fifth packet", do: lossy(0.2, 3, w.honest(t)), honest: true},
		{name: "hijacks what does not exist", do: w.hijacker(t, "198.18.0.66"), honest: true},
		{name: "silent", do: func(string, []byte, func([]byte)) {}},
		{name: "silent about these", do: about(func(string, *dns.Msg) *dns.Msg { return nil })},
		{name: "servfail", do: about(denied(dns.RcodeServerFailure))},
		{name: "refused", do: says(t, func(_ string, q *dns.Msg) *dns.Msg { return denial(dns.RcodeRefused)("", w.answer(q)) })},
		{name: "lame", do: about(denied(dns.RcodeSuccess))},
		{name: "no SOA", do: about(denied(dns.RcodeNameError))},
		{name: "SOA of a list", do: about(denied(dns.RcodeNameError, "rpz.local."))},
		{name: "SOA of the root", do: about(denied(dns.RcodeNameError, "."))},
		{name: "SOA of the list before the parent's", do: about(denied(dns.RcodeNameError, "rpz.local.", "com."))},
		{name: "nothing, SOA of its own", do: about(func(_ string, m *dns.Msg) *dns.Msg {
			m.Rcode, m.Answer, m.Ns = 0, nil, []dns.RR{soa(m.Question[0].Name)}
			return m
		})},
		{name: "blocked", do: about(edns(dns.ExtendedErrorCodeBlocked))},
		{name: "forged by its own word", do: about(edns(dns.ExtendedErrorCodeForgedAnswer))},
		{name: "block page", do: about(page("146.112.61.106"))},
		{name: "nowhere", do: about(page("0.0.0.0"))},
		{name: "denies like the registry", do: about(denied(dns.RcodeNameError, "com.")), liar: true},
		{name: "denies every type like the registry", do: about(denied(dns.RcodeSuccess, "com.")), liar: true},
	}
}

// TestLawOfMixtures: whatever company resolvers are in, a name that an honest
// one knows is never called absent, and a name that is nowhere is never said to
// exist. Two that lie in the registry's very words would be believed: one may.
func TestLawOfMixtures(t *testing.T) {
	w := fixture(t)
	all := conducts(t, w)
	var servers []*socketServer
	for _, c := range all {
		servers = append(servers, listen(t, c.do, true))
	}
	seen := map[lurehound.Resolution]int{}
	rapid.Check(t, func(rt *rapid.T) {
		var some []*socketServer
		var names []string
		honest, liars := false, 0
		for range rapid.IntRange(1, 4).Draw(rt, "resolvers") {
			i := rapid.IntRange(0, len(all)-1).Draw(rt, "conduct")
			if slices.Contains(some, servers[i]) || all[i].liar && liars > 0 {
				continue
			}
			if all[i].liar {
				liars++
			}
			honest = honest || all[i].honest
			some, names = append(some, servers[i]), append(names, all[i].name)
		}
		c := operators(t, Config{Timeout: 40 * time.Millisecond, Tries: 9}, some...)
		for i, s := range c.servers {
			s.operator = fmt.Sprint("operator ", rapid.IntRange(0, i).Draw(rt, "operator"))
		}
		types := rapid.SampledFrom([][]uint16{nil, {dns.TypeA}, {dns.TypeMX, dns.TypeA}, {dns.TypeA, dns.TypeAAAA, dns.TypeNS, dns.TypeMX}}).Draw(rt, "types")
		there := c.Lookup(t.Context(), "evil.com", types...)
		if honest && there.Resolution.Outcome() == lurehound.Absent {
			rt.Errorf("%v: a name that is there is called %s (%s)", names, there.Resolution, there.Reason)
		}
		gone := c.Lookup(t.Context(), "absent.com", types...)
		if gone.Resolution == lurehound.Exists {
			rt.Errorf("%v: a name that is nowhere exists: %+v", names, gone)
		}
		seen[there.Resolution]++
		seen[gone.Resolution]++
	})
	t.Log(seen)
	for _, r := range []lurehound.Resolution{lurehound.Exists, lurehound.NXDomain, lurehound.NotResolvable, lurehound.Filtered} {
		if seen[r] == 0 && !testing.Short() { // which tries a few mixtures only
			t.Errorf("no mixture led to %s: the law was not tried", r)
		}
	}
}

// TestLossLeavesNotTheLastWord: one resolver denies in the registry's words, and
// packets to the other one, which knows better, are lost.
func TestLossLeavesNotTheLastWord(t *testing.T) {
	w := fixture(t)
	lie := w.but(t, "evil.com.", func(_ string, m *dns.Msg) *dns.Msg {
		m.Rcode, m.Answer, m.Ns = dns.RcodeNameError, nil, []dns.RR{soa("com.")}
		return m
	})
	for lost := range int64(5) {
		for _, order := range [][]int{{0, 1}, {1, 0}} {
			var left atomic.Int64
			left.Store(lost)
			honest := w.honest(t)
			two := []*socketServer{listen(t, lie, true), listen(t, func(network string, query []byte, send func([]byte)) {
				if about(query) && left.Add(-1) >= 0 {
					return
				}
				honest(network, query, send)
			}, true)}
			got := operators(t, Config{Timeout: 100 * time.Millisecond}, two[order[0]], two[order[1]]).Lookup(t.Context(), "evil.com")
			if got.Resolution != lurehound.Exists {
				t.Errorf("%d packets lost, asking %v: %s (%s)", lost, order, got.Resolution, got.Reason)
			}
		}
	}
}
