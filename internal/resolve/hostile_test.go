package resolve

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"lurehound"
)

// spoofed is an honest answer with other addresses, as somebody on the side
// would send it.
func spoofed(t testing.TB, w world, query []byte, change func(p []byte)) []byte {
	q := new(dns.Msg)
	if err := q.Unpack(query); err != nil {
		t.Error(err)
		return nil
	}
	m := w.answer(q)
	m.Rcode, m.Ns, m.Answer = 0, nil, nil
	if q.Question[0].Qtype == dns.TypeA {
		m.Answer = []dns.RR{address(q.Question[0].Name, "198.18.0.13")}
	} else {
		m.Answer = []dns.RR{&dns.NS{Hdr: dns.RR_Header{Name: q.Question[0].Name, Rrtype: dns.TypeNS, Class: dns.ClassINET}, Ns: "spoof."}}
	}
	p := packed(t, m)
	change(p)
	return p
}

// qtypeAt is where the question's type begins in a packet of ours.
func qtypeAt(p []byte) int {
	i := headerLen
	for p[i] != 0 {
		i += int(p[i]) + 1
	}
	return i + 1
}

// TestBadPacketsAreWaitedPast: what is not the answer, to the letter, changes
// nothing when it comes first, and nothing comes of it when it comes alone.
func TestBadPacketsAreWaitedPast(t *testing.T) {
	w := fixture(t)
	for _, tc := range []struct {
		what   string
		change func(p []byte)
	}{
		{"another ID", func(p []byte) { p[1]++ }},
		{"another name", func(p []byte) { p[headerLen+1] = 'x' }},
		{"another case", func(p []byte) { p[headerLen+1] ^= 0x20 }},
		{"another type", func(p []byte) { p[qtypeAt(p)+1] = byte(dns.TypeAAAA) }},
		{"another class", func(p []byte) { p[qtypeAt(p)+3] = dns.ClassCHAOS }},
		{"a query", func(p []byte) { p[2] &^= 0x80 }},
		{"another opcode", func(p []byte) { p[2] |= dns.OpcodeUpdate << 3 }},
		{"two questions", func(p []byte) { p[5] = 2 }},
		{"more records declared than there are", func(p []byte) { p[7] = 9 }},
		{"a record longer than the packet", func(p []byte) { i := qtypeAt(p); p[i+4+(i-headerLen)+8] = 0xff }},
		{"a name that points to itself", func(p []byte) { i := qtypeAt(p) + 4; binary.BigEndian.PutUint16(p[i:], 0xc000|uint16(i)) }},
		{"a label longer than 63", func(p []byte) { p[qtypeAt(p)+4] = 0x7f }},
	} {
		t.Run(tc.what, func(t *testing.T) {
			honest := w.honest(t)
			first := func(network string, query []byte, send func([]byte)) {
				send(frame(network, spoofed(t, w, query, tc.change)))
				honest(network, query, send)
			}
			got := client(t, rig{s1: first, s2: first}, s1, s2).Lookup(t.Context(), "evil.com")
			if d := cmp.Diff(evilFacts(), got, compareAddrs); d != "" {
				t.Errorf("before the true answer (-want +got)\n%s", d)
			}
			alone := func(network string, query []byte, send func([]byte)) {
				if network == "udp" {
					send(spoofed(t, w, query, tc.change))
				}
			}
			got = clientWith(t, rig{s1: alone}, Config{Timeout: 10 * time.Millisecond}, s1).Lookup(t.Context(), "evil.com")
			if got.Resolution != lurehound.NotResolvable || got.NS != nil {
				t.Errorf("alone: %+v", got)
			}
		})
	}
}

// TestPacketsThatAreNoMessage is junk first, then the truth.
func TestPacketsThatAreNoMessage(t *testing.T) {
	w := fixture(t)
	honest := w.honest(t)
	for _, junk := range []func(q []byte) []byte{
		func([]byte) []byte { return []byte{} },
		func(q []byte) []byte { return q[:2] },
		func(q []byte) []byte { return q[:11] },
		func(q []byte) []byte {
			return append(slices.Clone(q[:2]), 0x80, 0, 0, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)
		},
		func(q []byte) []byte { return append(slices.Clone(q[:2]), make([]byte, 60000)...) },
		func([]byte) []byte { return []byte(strings.Repeat("\xc0\x0c", 3000)) },
	} {
		b := func(network string, q []byte, send func([]byte)) {
			for range 20 {
				send(frame(network, junk(q)))
			}
			honest(network, q, send)
		}
		got := client(t, rig{s1: b, s2: b}, s1, s2).Lookup(t.Context(), "evil.com")
		if d := cmp.Diff(evilFacts(), got, compareAddrs); d != "" {
			t.Errorf("after %.20q (-want +got)\n%s", junk(make([]byte, 12)), d)
		}
	}
}

// TestTransports is what can go wrong on the way to a true answer.
func TestTransports(t *testing.T) {
	w := fixture(t)
	honest := w.honest(t)
	truncated := func(keep int) behaviour { // over UDP; the truth over TCP
		return says(t, func(network string, q *dns.Msg) *dns.Msg {
			m := w.answer(q)
			if network == "udp" && strings.EqualFold(q.Question[0].Name, "evil.com.") {
				m.Truncated = true
				m.Answer = m.Answer[:min(keep, len(m.Answer))]
			}
			return m
		})
	}
	udpOnly := func(b behaviour) behaviour {
		return func(network string, q []byte, send func([]byte)) {
			if network == "udp" {
				b(network, q, send)
				return
			}
			send(nil)
		}
	}
	partly := lurehound.DNSFacts{Resolution: lurehound.Exists, Reason: "truncated", NS: []string{"ns2.host.net"}, A: addrs("203.0.113.9"), Missing: []string{"NS", "A"}}
	plain := says(t, func(_ string, q *dns.Msg) *dns.Msg {
		if q.IsEdns0() != nil {
			return denial(dns.RcodeFormatError)("", w.answer(q))
		}
		return w.answer(q)
	})
	for _, tc := range []struct {
		what string
		do   behaviour
		want lurehound.DNSFacts
	}{
		{"truncated", truncated(0), evilFacts()},
		{"truncated, with a part", truncated(1), evilFacts()},
		{"truncated, no TCP", udpOnly(truncated(0)), lurehound.DNSFacts{Resolution: lurehound.NotResolvable, Reason: "truncated", Missing: []string{"NS", "A"}}},
		{"truncated with a part, no TCP", udpOnly(truncated(1)), partly},
		{"FORMERR to EDNS", plain, evilFacts()},
		{"FORMERR to EDNS, header only", func(network string, q []byte, send func([]byte)) {
			if binary.BigEndian.Uint16(q[10:]) > 0 {
				send(frame(network, []byte{q[0], q[1], 0x80, dns.RcodeFormatError, 0, 0, 0, 0, 0, 0, 0, 0}))
				return
			}
			honest(network, q, send)
		}, evilFacts()},
		{"REFUSED, header only", func(network string, q []byte, send func([]byte)) {
			send(frame(network, []byte{q[0], q[1], 0x80, dns.RcodeRefused, 0, 0, 0, 0, 0, 0, 0, 0}))
		}, lurehound.DNSFacts{Resolution: lurehound.NotResolvable, Reason: "refused", Missing: []string{"NS", "A"}}},
		{"NOTIMP", says(t, func(_ string, q *dns.Msg) *dns.Msg { return denial(dns.RcodeNotImplemented)("", w.answer(q)) }),
			lurehound.DNSFacts{Resolution: lurehound.NotResolvable, Reason: "notimp", Missing: []string{"NS", "A"}}},
		{"letters always small", func(network string, q []byte, send func([]byte)) {
			honest(network, q, func(p []byte) {
				from := headerLen
				if network == "tcp" {
					from += 2
				}
				for i := from; p[i] != 0; i++ {
					if 'A' <= p[i] && p[i] <= 'Z' {
						p[i] |= 0x20
					}
				}
				send(p)
			})
		}, evilFacts()},
		{"UDP goes nowhere", func(network string, q []byte, send func([]byte)) {
			if network == "tcp" {
				honest(network, q, send)
			}
		}, evilFacts()},
		{"late over UDP, dripping over TCP", func(network string, q []byte, send func([]byte)) {
			if network == "udp" {
				time.AfterFunc(30*time.Millisecond, func() { honest(network, q, send) })
				return
			}
			honest(network, q, func(p []byte) {
				for i := range p {
					send(p[i : i+1])
				}
			})
		}, evilFacts()},
		{"TCP length too long", func(network string, q []byte, send func([]byte)) {
			if network == "tcp" {
				honest(network, q, func(p []byte) { p[0] = 0xff; send(p) })
			}
		}, lurehound.DNSFacts{Resolution: lurehound.NotResolvable, Reason: "timeout", Missing: []string{"NS", "A"}}},
		{"TCP ends in the middle", func(network string, q []byte, send func([]byte)) {
			if network == "tcp" {
				honest(network, q, func(p []byte) { send(p[:20]); send(nil) })
			}
		}, lurehound.DNSFacts{Resolution: lurehound.NotResolvable, Reason: "timeout", Missing: []string{"NS", "A"}}},
		{"a stranger's message first over TCP", func(network string, q []byte, send func([]byte)) {
			if network == "tcp" {
				send(frame(network, spoofed(t, w, q, func(p []byte) { p[0]++ })))
				honest(network, q, send)
			}
		}, evilFacts()},
	} {
		t.Run(tc.what, func(t *testing.T) {
			c := clientWith(t, rig{s1: tc.do}, Config{Timeout: 50 * time.Millisecond}, s1)
			got := c.Lookup(t.Context(), "evil.com")
			got.Reason = strings.Replace(got.Reason, "truncated,wildcard-unchecked", "truncated", 1)
			if d := cmp.Diff(tc.want, got, compareAddrs); d != "" {
				t.Errorf("(-want +got)\n%s", d)
			}
		})
	}
}

func TestAliases(t *testing.T) {
	w := newWorld(t, "evil.com. NS ns1.host.net.", "evil.com. A 203.0.113.7",
		"self.evil.com. CNAME self.evil.com.",
		"a.evil.com. CNAME b.evil.com.", "b.evil.com. CNAME a.evil.com.",
		"one.evil.com. CNAME two.other.org.", "two.other.org. CNAME three.other.org.", "three.other.org. A 203.0.113.3", "other.org. NS ns1.host.net.")
	for i := range 100 {
		rr, err := dns.NewRR(fmt.Sprintf("c%d.evil.com. CNAME c%d.evil.com.", i, i+1))
		if err != nil {
			t.Fatal(err)
		}
		w[rr.Header().Name] = []dns.RR{rr}
	}
	// A server that gives one link at a time, as an authoritative one may.
	stepwise := says(t, func(_ string, q *dns.Msg) *dns.Msg {
		m := w.answer(q)
		if len(m.Answer) > 0 && m.Answer[0].Header().Rrtype == dns.TypeCNAME {
			m.Answer, m.Ns, m.Rcode = m.Answer[:1], nil, 0
		}
		return m
	})
	var eight []string
	for i := range maxLinks {
		eight = append(eight, fmt.Sprintf("c%d.evil.com", i+1))
	}
	for _, tc := range []struct {
		name string
		want lurehound.DNSFacts
	}{
		{"self.evil.com", lurehound.DNSFacts{Reason: "cname-loop", CNAME: []string{"self.evil.com"}}},
		{"a.evil.com", lurehound.DNSFacts{Reason: "cname-loop", CNAME: []string{"b.evil.com", "a.evil.com"}}},
		{"c0.evil.com", lurehound.DNSFacts{Reason: "capped", CNAME: eight}},
		{"one.evil.com", lurehound.DNSFacts{CNAME: []string{"two.other.org", "three.other.org"}, A: addrs("203.0.113.3")}},
	} {
		tc.want.Resolution = lurehound.Exists
		for what, b := range map[string]behaviour{"at once": w.honest(t), "stepwise": stepwise} {
			got := client(t, rig{s1: b, s2: b}, s1, s2).Lookup(t.Context(), tc.name, dns.TypeA)
			// Of a loop it is enough to have seen that it is one.
			if strings.HasPrefix(got.Reason, "cname-loop") && len(got.CNAME) > 0 {
				got.CNAME = tc.want.CNAME
			}
			if d := cmp.Diff(tc.want, got, compareAddrs); d != "" {
				t.Errorf("%s, %s (-want +got)\n%s", tc.name, what, d)
			}
		}
	}
}

func TestCapsAndStrangers(t *testing.T) {
	w := fixture(t)
	many := func(_ string, m *dns.Msg) *dns.Msg {
		name := m.Question[0].Name
		switch m.Question[0].Qtype {
		case dns.TypeA:
			m.Answer = nil
			for i := range 4000 {
				m.Answer = append(m.Answer, address(name, netip.AddrFrom4([4]byte{203, 0, byte(i >> 8), byte(i)}).String()))
			}
		case dns.TypeTXT:
			m.Answer = nil
			for range 60 {
				txt := &dns.TXT{Hdr: dns.RR_Header{Name: name, Rrtype: dns.TypeTXT, Class: dns.ClassINET}}
				for range 4 {
					txt.Txt = append(txt.Txt, strings.Repeat("\\007", 255))
				}
				m.Answer = append(m.Answer, txt)
			}
		case dns.TypeNS: // a stranger's records beside our own
			m.Answer = append(m.Answer, &dns.NS{Hdr: dns.RR_Header{Name: "bank.com.", Rrtype: dns.TypeNS, Class: dns.ClassINET}, Ns: "poison.net."})
			m.Extra = append(m.Extra, address("ns1.host.net.", "198.18.0.13"))
			m.Ns = append(m.Ns, &dns.NS{Hdr: dns.RR_Header{Name: "com.", Rrtype: dns.TypeNS, Class: dns.ClassINET}, Ns: "poison.net."})
		}
		return m
	}
	big := func(network string, query []byte, send func([]byte)) {
		w.but(t, "evil.com.", func(n string, m *dns.Msg) *dns.Msg {
			if m = many(n, m); n == "udp" && m.Len() > 1232 {
				m.Truncated, m.Answer = true, nil
			}
			return m
		})(network, query, send)
	}
	got := client(t, rig{s1: big}, s1).Lookup(t.Context(), "evil.com", dns.TypeNS, dns.TypeA, dns.TypeTXT)
	text := 0
	for _, s := range got.TXT {
		text += len(s)
	}
	if got.Resolution != lurehound.Exists || got.Reason != "capped" || len(got.A) != maxRecords || text == 0 || text > maxText {
		t.Errorf("%s (%s): %d addresses, %d octets of text", got.Resolution, got.Reason, len(got.A), text)
	}
	if d := cmp.Diff(evilFacts().NS, got.NS); d != "" {
		t.Errorf("strangers' records (-want +got)\n%s", d)
	}
}

// TestHostileLabels: whatever octets a label has, what comes out is printable
// and keeps its labels apart.
func TestHostileLabels(t *testing.T) {
	w := newWorld(t, `evil.com. NS <script>alert\(1\)</script>.host.net.`, `evil.com. NS esc\027[31m.host.net.`, `evil.com. NS nul\000byte.host.net.`,
		`evil.com. NS dot\.inside.host.net.`, `evil.com. NS =cmd|'\032/C\032calc'!A0.host.net.`, `evil.com. MX 5 \255\254.host.net.`, `evil.com. TXT "\027]0;owned\007" "=HYPERLINK"`)
	got := client(t, rig{s1: w.honest(t)}, s1).Lookup(t.Context(), "evil.com", dns.TypeNS, dns.TypeMX, dns.TypeTXT)
	want := lurehound.DNSFacts{
		Resolution: lurehound.Exists, Mail: &lurehound.MailFacts{Receives: lurehound.MailByMX},
		NS: []string{`<script>alert\(1\)</script>.host.net`, `=cmd|\'\032/c\032calc\'!a0.host.net`, `dot\.inside.host.net`,
			`esc\027[31m.host.net`, `nul\000byte.host.net`},
		MX:  []string{`\255\254.host.net`},
		TXT: []string{`\027]0;owned\007=HYPERLINK`},
	}
	if d := cmp.Diff(want, got, compareAddrs); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

// TestHostileQuestions are names that no registry accepts and that feeds bring.
func TestHostileQuestions(t *testing.T) {
	c := client(t, rig{s1: fixture(t).honest(t)}, s1)
	for _, name := range []string{`back\slash.com`, "(paren).com", "\"quote\".com", "semi;colon.com", "nul\x00.com",
		"ünïcode.com", "under_score.com", "\xff\xfe.com", "=cmd.com", "*.com", "-.com", "xn--zzzzz.com", strings.Repeat("a", 63) + ".com"} {
		if got := c.Lookup(t.Context(), name); got.Resolution != lurehound.NXDomain {
			t.Errorf("%q: %s (%s)", name, got.Resolution, got.Reason)
		}
	}
}

func FuzzResponse(f *testing.F) {
	w := fixture(f)
	blocks := newBlockList(nil)
	c := client(f, rig{}, s1)
	for _, t := range []uint16{dns.TypeA, dns.TypeNS, dns.TypeMX, dns.TypeTXT, dns.TypeAAAA} {
		for _, name := range []string{"evil.com.", "www.evil.com.", "absent.com."} {
			query, qend, err := c.query(name, t, true, false)
			if err != nil {
				f.Fatal(err)
			}
			q := new(dns.Msg)
			if err := q.Unpack(query); err != nil {
				f.Fatal(err)
			}
			m := w.answer(q)
			m.SetEdns0(1232, false)
			f.Add(packed(f, m), query[:qend], false)
		}
	}
	f.Fuzz(func(t *testing.T, packet, query []byte, tcp bool) {
		if len(query) < headerLen+5 || match(packet, query, len(query), tcp) != fitAnswer {
			return
		}
		m, ok := unpack(packet)
		if !ok {
			return
		}
		a := blocks.read(m)
		if len(a.addrs)+len(a.names)+len(a.texts) > maxRecords || len(a.chain) > maxLinks {
			t.Errorf("over the caps: %+v", a)
		}
		if a.kind == kindPositive && len(a.addrs)+len(a.names)+len(a.texts)+len(a.chain) == 0 && !a.open {
			t.Errorf("positive without anything: %+v", a)
		}
		if (a.kind == kindNX || a.kind == kindNoData) && soaOwner(m.Ns) == "" {
			t.Errorf("absent without SOA: %+v", a)
		}
		for _, s := range slices.Concat(a.names, a.texts, a.chain) {
			for i := range len(s) {
				if s[i] < ' ' || s[i] > '~' {
					t.Errorf("%q is not escaped", s)
				}
			}
		}
	})
}
