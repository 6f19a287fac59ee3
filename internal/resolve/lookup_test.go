package resolve

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"lurehound"
)

func addrs(ss ...string) []netip.Addr {
	var out []netip.Addr
	for _, s := range ss {
		out = append(out, netip.MustParseAddr(s))
	}
	return out
}

var compareAddrs = cmp.Comparer(func(a, b netip.Addr) bool { return a == b })

func fixture(t testing.TB) world {
	return newWorld(t,
		"evil.com. NS ns2.host.net.", "evil.com. NS NS1.host.net.", "evil.com. A 203.0.113.9", "evil.com. A 203.0.113.7",
		"evil.com. AAAA 2001:db8::7", "evil.com. MX 20 mx2.host.net.", "evil.com. MX 10 mx1.host.net.", `evil.com. TXT "v=spf1" " -all"`,
		"held.com. NS ns1.host.net.", // delegated, no address
		"www.evil.com. CNAME evil.com.",
		"gone.evil.com. CNAME target.nowhere.org.",
		"mail.evil.com. MX 10 mx1.host.net.",
		"six.evil.com. AAAA 2001:db8::6",
		`empty.evil.com. TXT "x"`,
	)
}

// evilFacts is what an honest resolver says of evil.com.
func evilFacts() lurehound.DNSFacts {
	return lurehound.DNSFacts{
		Resolution: lurehound.Exists,
		NS:         []string{"ns1.host.net", "ns2.host.net"},
		A:          addrs("203.0.113.7", "203.0.113.9"),
	}
}

func TestLookupOfHonestResolvers(t *testing.T) {
	w := fixture(t)
	r := rig{s1: w.honest(t), s2: w.honest(t), s3: w.honest(t)}
	all := []uint16{dns.TypeA, dns.TypeAAAA, dns.TypeNS, dns.TypeMX, dns.TypeTXT}
	full := evilFacts()
	full.AAAA, full.MX, full.TXT = addrs("2001:db8::7"), []string{"mx1.host.net", "mx2.host.net"}, []string{"v=spf1 -all"}
	full.Mail = &lurehound.MailFacts{Receives: lurehound.MailByMX, SPF: "v=spf1 -all"}
	for _, tc := range []struct {
		name    string
		types   []uint16
		servers []string
		want    lurehound.DNSFacts
	}{
		{"evil.com", nil, []string{s1, s2}, evilFacts()},
		{"EVIL[.]com.", nil, []string{s1}, evilFacts()},
		{"evil.com", all, []string{s1, s2}, full},
		{"held.com", nil, []string{s1, s2}, lurehound.DNSFacts{Resolution: lurehound.Exists, NS: []string{"ns1.host.net"}}},
		{"held.com", []uint16{dns.TypeA}, []string{s1, s2}, lurehound.DNSFacts{Resolution: lurehound.Exists, NS: []string{"ns1.host.net"}}},
		{"held.com", []uint16{dns.TypeMX}, []string{s1}, lurehound.DNSFacts{Resolution: lurehound.Exists, NS: []string{"ns1.host.net"}}},
		{"absent.com", nil, []string{s1, s2}, lurehound.DNSFacts{Resolution: lurehound.NXDomain}},
		{"absent.com", []uint16{dns.TypeMX}, []string{s1, s2}, lurehound.DNSFacts{Resolution: lurehound.NXDomain}},
		{"absent.com", nil, []string{s1}, lurehound.DNSFacts{Resolution: lurehound.NXDomain, Reason: "single-resolver"}},
		{"absent.com", nil, []string{s1, s3}, lurehound.DNSFacts{Resolution: lurehound.NXDomain, Reason: "single-resolver"}},
		{"absent.evil.com", nil, []string{s1, s2}, lurehound.DNSFacts{Resolution: lurehound.NXDomain}},
		{"empty.evil.com", nil, []string{s1, s2}, lurehound.DNSFacts{Resolution: lurehound.NoData}},
		{"empty.evil.com", nil, []string{s1}, lurehound.DNSFacts{Resolution: lurehound.NoData, Reason: "single-resolver"}},
		{"empty.evil.com", []uint16{dns.TypeTXT}, []string{s1}, lurehound.DNSFacts{Resolution: lurehound.Exists, TXT: []string{"x"}}},
		{"mail.evil.com", nil, []string{s1, s2}, lurehound.DNSFacts{Resolution: lurehound.Exists, MX: []string{"mx1.host.net"}}},
		{"six.evil.com", nil, []string{s1, s2}, lurehound.DNSFacts{Resolution: lurehound.Exists, AAAA: addrs("2001:db8::6")}},
		{"www.evil.com", []uint16{dns.TypeA}, []string{s1, s2}, lurehound.DNSFacts{
			Resolution: lurehound.Exists, A: addrs("203.0.113.7", "203.0.113.9"), CNAME: []string{"evil.com"}}},
		{"gone.evil.com", nil, []string{s1, s2}, lurehound.DNSFacts{
			Resolution: lurehound.Exists, Reason: "dangling-cname", CNAME: []string{"target.nowhere.org"}}},
		{"absent.nosuchtld", nil, []string{s1, s2}, lurehound.DNSFacts{Resolution: lurehound.NXDomain}},
		{"bad..name", nil, []string{s1, s2}, lurehound.DNSFacts{Resolution: lurehound.NotResolvable, Reason: "not-a-name"}},
		{"192.0.2.1", nil, []string{s1, s2}, lurehound.DNSFacts{Resolution: lurehound.NotResolvable, Reason: "not-a-name"}},
	} {
		t.Run(tc.name+" "+strings.Join(tc.servers, " "), func(t *testing.T) {
			got := client(t, r, tc.servers...).Lookup(t.Context(), tc.name, tc.types...)
			if d := cmp.Diff(tc.want, got, compareAddrs); d != "" {
				t.Errorf("(-want +got)\n%s", d)
			}
		})
	}
}

// TestWhatResolversDo is one misbehaviour of resolvers a row: what each of them
// does with one name, and what may be said of it.
func TestWhatResolversDo(t *testing.T) {
	t.Parallel()
	w := fixture(t)
	absentSOA := func(m *dns.Msg, owner string) *dns.Msg {
		m.Rcode, m.Answer, m.Ns = dns.RcodeNameError, nil, []dns.RR{soa(owner)}
		return m
	}
	lie := func(_ string, m *dns.Msg) *dns.Msg { return absentSOA(m, "com.") }
	ede := func(code uint16, rcode int, keepSOA bool) func(string, *dns.Msg) *dns.Msg {
		return func(_ string, m *dns.Msg) *dns.Msg {
			m.Rcode, m.Answer, m.Ns = rcode, nil, nil
			if keepSOA {
				m.Ns = []dns.RR{soa("com.")}
			}
			m.SetEdns0(1232, false)
			m.IsEdns0().Option = []dns.EDNS0{&dns.EDNS0_EDE{InfoCode: code}}
			return m
		}
	}
	page := func(ip string) func(string, *dns.Msg) *dns.Msg {
		return func(_ string, m *dns.Msg) *dns.Msg {
			if m.Question[0].Qtype != dns.TypeA {
				m.Answer, m.Rcode, m.Ns = nil, 0, []dns.RR{soa(m.Question[0].Name)}
				return m
			}
			m.Rcode, m.Ns = 0, nil
			m.Answer = []dns.RR{&dns.A{Hdr: dns.RR_Header{Name: m.Question[0].Name, Rrtype: dns.TypeA, Class: dns.ClassINET}, A: netip.MustParseAddr(ip).AsSlice()}}
			return m
		}
	}
	silence := func(string, *dns.Msg) *dns.Msg { return nil }
	only := func(qtype uint16, f func(string, *dns.Msg) *dns.Msg) func(string, *dns.Msg) *dns.Msg {
		return func(network string, m *dns.Msg) *dns.Msg {
			if m.Question[0].Qtype == qtype {
				return f(network, m)
			}
			return m
		}
	}
	authoritative := func(_ string, m *dns.Msg) *dns.Msg {
		m.Authoritative, m.RecursionAvailable = true, false
		return absentSOA(m, "com.")
	}
	unknown := func(why string, missing ...string) lurehound.DNSFacts {
		if missing == nil {
			missing = []string{"NS", "A"}
		}
		return lurehound.DNSFacts{Resolution: lurehound.NotResolvable, Reason: why, Missing: missing}
	}
	is := func(r lurehound.Resolution, why string) lurehound.DNSFacts {
		f := lurehound.DNSFacts{Resolution: r, Reason: why}
		if r == lurehound.Filtered || r == lurehound.Hijacked {
			f.Missing = []string{"NS", "A"}
		}
		return f
	}
	disputed := evilFacts()
	disputed.Reason = "disagreement"
	withheld := lurehound.DNSFacts{Resolution: lurehound.Filtered, Reason: "block-address", NS: evilFacts().NS, Missing: []string{"A"}}
	type servers = map[string]func(string, *dns.Msg) *dns.Msg
	for _, tc := range []struct {
		what string
		name string
		do   servers
		want lurehound.DNSFacts
	}{
		{"both say SERVFAIL", "evil.com", servers{s1: denial(dns.RcodeServerFailure), s2: denial(dns.RcodeServerFailure)}, unknown("servfail")},
		{"both refuse", "evil.com", servers{s1: denial(dns.RcodeRefused), s2: denial(dns.RcodeRefused)}, unknown("refused")},
		{"one fails, one knows", "evil.com", servers{s1: denial(dns.RcodeServerFailure), s2: nil}, evilFacts()},
		{"one refuses, one knows", "evil.com", servers{s1: nil, s2: denial(dns.RcodeRefused)}, evilFacts()},
		{"one fails, one denies", "absent.com", servers{s1: denial(dns.RcodeServerFailure), s2: nil}, is(lurehound.NXDomain, "single-resolver")},
		{"both silent", "evil.com", servers{s1: silence, s2: silence}, unknown("timeout")},
		{"one silent, one denies", "absent.com", servers{s1: silence, s2: nil}, is(lurehound.NXDomain, "single-resolver")},
		{"SERVFAIL of an absent name", "absent.com", servers{s1: denial(dns.RcodeServerFailure)}, unknown("servfail")},
		{"an authoritative denial", "absent.com", servers{s1: authoritative}, is(lurehound.NXDomain, "")},
		{"a denial that claims authority, by one who recurses", "absent.com", servers{s1: func(n string, m *dns.Msg) *dns.Msg {
			m = authoritative(n, m)
			m.RecursionAvailable = true
			return m
		}}, is(lurehound.NXDomain, "single-resolver")},
		{"an authoritative denial against a resolver that knows", "evil.com", servers{s1: authoritative, s2: nil}, disputed},
		{"s1 lies, s2 knows", "evil.com", servers{s1: lie, s2: nil}, disputed},
		{"s2 lies, s1 knows", "evil.com", servers{s1: nil, s2: lie}, disputed},
		{"denial without SOA", "evil.com", servers{s1: denial(dns.RcodeNameError)}, is(lurehound.Filtered, "no-soa")},
		{"denial with an SOA of its own", "evil.com", servers{s1: func(_ string, m *dns.Msg) *dns.Msg { return absentSOA(m, "evil.com.") }}, is(lurehound.Filtered, "foreign-soa")},
		{"denial with another zone's SOA", "evil.com", servers{s1: func(_ string, m *dns.Msg) *dns.Msg { return absentSOA(m, "rpz.local.") }}, is(lurehound.Filtered, "foreign-soa")},
		{"denial by an inner root", "evil.com", servers{s1: func(_ string, m *dns.Msg) *dns.Msg { return absentSOA(m, ".") }}, is(lurehound.Filtered, "foreign-soa")},
		{"denial without SOA, the other knows", "evil.com", servers{s1: denial(dns.RcodeNameError), s2: nil}, disputed},
		{"EDE 15", "evil.com", servers{s1: ede(15, dns.RcodeNameError, true)}, is(lurehound.Filtered, "ede-15")},
		{"EDE 4", "evil.com", servers{s1: ede(4, dns.RcodeSuccess, false)}, is(lurehound.Filtered, "ede-4")},
		{"EDE 16", "evil.com", servers{s1: ede(16, dns.RcodeRefused, false)}, is(lurehound.Filtered, "ede-16")},
		{"EDE 17", "evil.com", servers{s1: ede(17, dns.RcodeServerFailure, false)}, is(lurehound.Filtered, "ede-17")},
		{"EDE 18", "evil.com", servers{s1: ede(18, dns.RcodeNameError, true)}, is(lurehound.Filtered, "ede-18")},
		{"EDE 22 is no block", "absent.com", servers{s1: ede(22, dns.RcodeNameError, true)}, is(lurehound.NXDomain, "single-resolver")},
		{"EDE 15 against an honest denial", "absent.com", servers{s1: ede(15, dns.RcodeNameError, true), s2: nil}, is(lurehound.NXDomain, "single-resolver,disagreement")},
		{"0.0.0.0", "evil.com", servers{s1: page("0.0.0.0")}, is(lurehound.Filtered, "block-address")},
		{"a block page", "evil.com", servers{s1: page("146.112.61.106")}, is(lurehound.Filtered, "block-address")},
		{"a block page against the address", "evil.com", servers{s1: page("146.112.61.106"), s2: nil}, disputed},
		{"0.0.0.0 for the address only", "evil.com", servers{s1: only(dns.TypeA, page("0.0.0.0"))}, withheld},
		{"nothing at all, lame", "evil.com", servers{s1: denial(dns.RcodeSuccess)}, unknown("lame")},
		{"nothing at all, the other knows", "evil.com", servers{s1: denial(dns.RcodeSuccess), s2: nil}, evilFacts()},
		{"NOERROR with another zone's SOA", "evil.com", servers{s1: func(_ string, m *dns.Msg) *dns.Msg {
			m.Rcode, m.Answer, m.Ns = 0, nil, []dns.RR{soa("rpz.local.")}
			return m
		}}, is(lurehound.Filtered, "foreign-soa")},
		{"a zone without name servers", "evil.com", servers{s1: func(_ string, m *dns.Msg) *dns.Msg {
			m.Rcode, m.Answer, m.Ns = 0, nil, []dns.RR{soa("evil.com.")}
			return m
		}}, unknown("lame", "NS")},
		{"NS questions fail", "evil.com", servers{s1: only(dns.TypeNS, denial(dns.RcodeServerFailure))},
			lurehound.DNSFacts{Resolution: lurehound.Exists, A: evilFacts().A, Missing: []string{"NS"}}},
		{"address questions fail", "evil.com", servers{s1: only(dns.TypeA, denial(dns.RcodeServerFailure))},
			lurehound.DNSFacts{Resolution: lurehound.Exists, NS: evilFacts().NS, Missing: []string{"A"}}},
		{"NS questions are denied", "evil.com", servers{s1: only(dns.TypeNS, lie), s2: only(dns.TypeNS, lie)},
			lurehound.DNSFacts{Resolution: lurehound.Exists, Reason: "disagreement", A: evilFacts().A, Missing: []string{"NS"}}},
		{"a referral by the parent's server", "evil.com", servers{s1: func(_ string, m *dns.Msg) *dns.Msg {
			m.RecursionAvailable, m.Answer = false, nil
			m.Ns = []dns.RR{recased(w["evil.com."][0], "evil.com."), recased(w["evil.com."][1], "evil.com.")}
			return m
		}}, lurehound.DNSFacts{Resolution: lurehound.Exists, NS: evilFacts().NS, Missing: []string{"A"}}},
		{"a resolver's answer that looks like a referral", "evil.com", servers{s1: func(_ string, m *dns.Msg) *dns.Msg {
			m.Answer, m.Ns = nil, []dns.RR{recased(w["evil.com."][0], "evil.com.")}
			return m
		}}, unknown("lame")},
		{"NS questions fail and the name is absent", "absent.com", servers{s1: only(dns.TypeNS, denial(dns.RcodeServerFailure))}, unknown("servfail")},
		{"NS questions fail everywhere, two deny the address", "absent.com", servers{s1: only(dns.TypeNS, denial(dns.RcodeServerFailure)), s2: only(dns.TypeNS, denial(dns.RcodeServerFailure))}, is(lurehound.NXDomain, "")},
		{"an upward referral", "evil.com", servers{s1: func(_ string, m *dns.Msg) *dns.Msg {
			m.RecursionAvailable, m.Answer = false, nil
			m.Ns = []dns.RR{recased(w["evil.com."][0], ".")}
			return m
		}}, unknown("lame")},
	} {
		t.Run(tc.what, func(t *testing.T) {
			r, list := rig{}, []string{}
			for _, s := range []string{s1, s2} {
				f, ok := tc.do[s]
				if !ok {
					continue
				}
				list = append(list, s)
				r[s] = w.honest(t)
				if f != nil {
					r[s] = w.but(t, tc.name+".", f)
				}
			}
			// Whichever server is asked first, the same is said; a disagreement
			// only by the order in which it shows.
			said := false
			for range 2 {
				got := client(t, r, list...).Lookup(t.Context(), tc.name)
				if tc.want.Reason == "disagreement" {
					said = said || got.Reason == "disagreement"
					if got.Reason == "" {
						got.Reason = "disagreement"
					}
				}
				if d := cmp.Diff(tc.want, got, compareAddrs); d != "" {
					t.Errorf("asking %v (-want +got)\n%s", list, d)
				}
				list = append(list[1:], list[0])
			}
			if tc.want.Reason == "disagreement" && !said {
				t.Error("no order of the servers shows the disagreement")
			}
		})
	}
}
