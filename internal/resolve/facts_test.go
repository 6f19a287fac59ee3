package resolve

import (
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"lurehound"
)

func TestMail(t *testing.T) {
	w := newWorld(t,
		"full.com. NS ns1.host.net.", "full.com. A 203.0.113.7", "full.com. MX 10 mx.full.com.",
		`full.com. TXT "google-site-verification=x"`, `full.com. TXT "v=spf1 mx -all"`, `_dmarc.full.com. TXT "v=DMARC1; p=reject"`,
		"null.com. NS ns1.host.net.", "null.com. MX 0 .", `null.com. TXT "V=SPF1 -all"`,
		"web.com. NS ns1.host.net.", "web.com. A 203.0.113.8",
		"held.com. NS ns1.host.net.", `held.com. TXT "v=spf10 is something else"`,
		"sub.full.com. MX 5 mx.full.com.", `_dmarc.sub.full.com. TXT "not a policy"`,
		"alias.com. NS ns1.host.net.", "alias.com. A 203.0.113.9", "_dmarc.alias.com. CNAME policy.host.net.", `policy.host.net. TXT "v=DMARC1;p=none"`, "host.net. NS ns1.host.net.",
	)
	types := []uint16{dns.TypeA, dns.TypeMX, dns.TypeTXT}
	for _, tc := range []struct {
		name  string
		types []uint16
		want  *lurehound.MailFacts
	}{
		{"full.com", types, &lurehound.MailFacts{Receives: lurehound.MailByMX, SPF: "v=spf1 mx -all", DMARC: "v=DMARC1; p=reject"}},
		{"null.com", types, &lurehound.MailFacts{Receives: lurehound.MailRefused, SPF: "V=SPF1 -all"}},
		{"web.com", types, &lurehound.MailFacts{Receives: lurehound.MailByAddress}},
		{"held.com", types, &lurehound.MailFacts{Receives: lurehound.MailNowhere}},
		{"sub.full.com", types, &lurehound.MailFacts{Receives: lurehound.MailByMX, DMARC: "v=DMARC1; p=reject"}},
		{"alias.com", types, &lurehound.MailFacts{Receives: lurehound.MailByAddress, DMARC: "v=DMARC1;p=none"}},
		{"full.com", []uint16{dns.TypeA, dns.TypeMX}, nil},
		{"full.com", []uint16{dns.TypeTXT}, nil},
		{"absent.com", types, nil},
	} {
		got := client(t, rig{s1: w.honest(t), s2: w.honest(t)}, s1, s2).Lookup(t.Context(), tc.name, tc.types...)
		if d := cmp.Diff(tc.want, got.Mail); d != "" || len(got.Missing) > 0 {
			t.Errorf("%s %v (missing %v; -want +got)\n%s", tc.name, tc.types, got.Missing, d)
		}
	}
	failing := w.but(t, "_dmarc.full.com.", denial(dns.RcodeServerFailure))
	got := client(t, rig{s1: failing}, s1).Lookup(t.Context(), "full.com", types...)
	if d := cmp.Diff([]string{"DMARC"}, got.Missing); d != "" || got.Mail == nil || got.Mail.SPF == "" {
		t.Errorf("a policy that cannot be asked for is missing, not none (-want +got)\n%s", d)
	}
}

func TestCAAAndPTR(t *testing.T) {
	w := newWorld(t,
		"evil.com. NS ns1.host.net.", "evil.com. A 203.0.113.7", "evil.com. A 203.0.113.8", "evil.com. AAAA 2001:db8::7",
		`evil.com. CAA 0 issue "ca.example"`, `evil.com. CAA 128 IODEF "mailto:a\034b@evil.com"`,
		"7.113.0.203.in-addr.arpa. PTR vps7.host.net.", "7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. PTR v6.host.net.",
	)
	got := client(t, rig{s1: w.honest(t)}, s1).Lookup(t.Context(), "evil.com", dns.TypeCAA, dns.TypePTR, dns.TypeA, dns.TypeAAAA)
	want := lurehound.DNSFacts{
		Resolution: lurehound.Exists, A: addrs("203.0.113.7", "203.0.113.8"), AAAA: addrs("2001:db8::7"),
		CAA: []string{`0 issue "ca.example"`, `128 IODEF "mailto:a\"b@evil.com"`},
		PTR: []lurehound.PTRFacts{{Addr: addrs("203.0.113.7")[0], Names: []string{"vps7.host.net"}}, {Addr: addrs("2001:db8::7")[0], Names: []string{"v6.host.net"}}},
	}
	if d := cmp.Diff(want, got, compareAddrs); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	got = client(t, rig{s1: w.honest(t)}, s1).Lookup(t.Context(), "evil.com", dns.TypePTR)
	want = lurehound.DNSFacts{Resolution: lurehound.Exists, A: want.A, PTR: want.PTR[:1]}
	if d := cmp.Diff(want, got, compareAddrs); d != "" {
		t.Errorf("PTR alone asks for addresses (-want +got)\n%s", d)
	}
	failing := w.but(t, "8.113.0.203.in-addr.arpa.", denial(dns.RcodeServerFailure))
	got = client(t, rig{s1: failing}, s1).Lookup(t.Context(), "evil.com", dns.TypeA, dns.TypePTR)
	if d := cmp.Diff([]string{"PTR"}, got.Missing); d != "" {
		t.Errorf("a name that cannot be asked for is missing (-want +got)\n%s", d)
	}
}

// TestFactsCostNothingUnasked counts the questions about a name that exists.
func TestFactsCostNothingUnasked(t *testing.T) {
	w := fixture(t)
	var asked atomic.Int64
	honest := w.honest(t)
	c := client(t, rig{s1: func(network string, q []byte, send func([]byte)) { asked.Add(1); honest(network, q, send) }}, s1)
	c.Lookup(t.Context(), "evil.com")
	for _, tc := range []struct {
		types []uint16
		want  int64
	}{
		{[]uint16{dns.TypeNS, dns.TypeA, dns.TypeAAAA, dns.TypeMX}, 4},
		{[]uint16{dns.TypeNS, dns.TypeA, dns.TypeTXT}, 3},
		{[]uint16{dns.TypeMX, dns.TypeTXT}, 3},                     // and the policy
		{[]uint16{dns.TypeA, dns.TypePTR}, 3},                      // two addresses
		{[]uint16{dns.TypeNS, dns.TypeA, dns.TypeCAA}, 3},          //
		{[]uint16{dns.TypeNS, dns.TypePTR, dns.TypeMX}, 1 + 3 + 1}, // A for the addresses
	} {
		asked.Store(0)
		c.Lookup(t.Context(), "evil.com", tc.types...)
		if got := asked.Load(); got != tc.want {
			t.Errorf("types %v take %d questions, want %d", tc.types, got, tc.want)
		}
	}
}

func TestHints(t *testing.T) {
	for _, tc := range []struct {
		facts lurehound.DNSFacts
		want  []lurehound.Hint
	}{
		{lurehound.DNSFacts{NS: []string{"ns1.sedoparking.com", "ns2.sedoparking.com"}}, []lurehound.Hint{{Kind: "parking", By: "ns1.sedoparking.com"}, {Kind: "parking", By: "ns2.sedoparking.com"}}},
		{lurehound.DNSFacts{NS: []string{"ns02.cashparking.com"}}, []lurehound.Hint{{Kind: "parking", By: "ns02.cashparking.com"}}},
		{lurehound.DNSFacts{NS: []string{"ns1.microsoftinternetsafety.net"}}, []lurehound.Hint{{Kind: "sinkhole", By: "ns1.microsoftinternetsafety.net"}}},
		{lurehound.DNSFacts{CNAME: []string{"sinkhole.paloaltonetworks.com"}}, []lurehound.Hint{{Kind: "sinkhole", By: "sinkhole.paloaltonetworks.com"}}},
		{lurehound.DNSFacts{NS: []string{"ns1.my-sinkhole.example"}}, []lurehound.Hint{{Kind: "sinkhole", By: "ns1.my-sinkhole.example"}}},
		{lurehound.DNSFacts{A: addrs("199.2.137.29", "203.0.113.7")}, []lurehound.Hint{{Kind: "sinkhole", By: "199.2.137.29"}}},
		{lurehound.DNSFacts{NS: []string{"ns1.notsedoparking.com", "sedoparking.com.evil.net", "com"}}, nil},
	} {
		if d := cmp.Diff(tc.want, hints(&tc.facts)); d != "" {
			t.Errorf("%v (-want +got)\n%s", tc.facts, d)
		}
	}
	w := newWorld(t, "parked.com. NS ns1.sedoparking.com.", "parked.com. A 203.0.113.9")
	got := client(t, rig{s1: w.honest(t)}, s1).Lookup(t.Context(), "parked.com")
	if got.Resolution != lurehound.Exists || len(got.Hints) != 1 {
		t.Errorf("a hint is no verdict, and is there: %s, %v", got.Resolution, got.Hints)
	}
}

// TestKnownLists: every line of the bundled files is lower case, a host or an
// address, and under the head that names its source.
func TestKnownLists(t *testing.T) {
	for name, file := range map[string]string{"parking": parkingFile, "sinkholes": sinkholeFile} {
		if !strings.Contains(file, "# Source:") && !strings.Contains(file, "\n# Source:") {
			t.Errorf("%s names no source", name)
		}
		for line := range strings.Lines(file) {
			line = strings.TrimSuffix(line, "\n")
			if strings.HasPrefix(line, "#") {
				continue
			}
			if line != strings.ToLower(strings.TrimSpace(line)) || !strings.Contains(line, ".") {
				t.Errorf("%s: %q", name, line)
			}
		}
	}
	if n := len(parkingHosts().hosts); n < 80 {
		t.Errorf("%d parking hosts", n)
	}
	if len(sinkholes().hosts) < 5 || len(sinkholes().prefixes) < 3 {
		t.Error("few sinkholes")
	}
}
