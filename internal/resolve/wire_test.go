package resolve

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"
	"golang.org/x/net/dns/dnsmessage"
)

// deniedBy is an authoritative denial, changed.
func deniedBy(t testing.TB, name, zone string, change func(m *dns.Msg)) []byte {
	m := new(dns.Msg).SetQuestion(name, dns.TypeNS)
	m.Response, m.Authoritative, m.Rcode, m.RecursionDesired = true, true, dns.RcodeNameError, true
	m.Ns = []dns.RR{soa(zone)}
	m.SetEdns0(udpSize, false)
	m.Compress = true
	if change != nil {
		change(m)
	}
	return packed(t, m)
}

func qendOf(p []byte) int { return qtypeAt(p) + 4 }

func TestDenies(t *testing.T) {
	for _, tc := range []struct {
		what       string
		name, zone string
		change     func(m *dns.Msg)
		want       denier
	}{
		{"plain", "absent.com.", "com.", nil, byParent},
		{"two labels above", "absent.co.uk.", "uk.", nil, byParent},
		{"uncompressed", "absent.com.", "com.", func(m *dns.Msg) { m.Compress = false }, byParent},
		{"other case", "absent.com.", "COM.", func(m *dns.Msg) { m.Compress = false }, byParent},
		{"no OPT", "absent.com.", "com.", func(m *dns.Msg) { m.Extra = nil }, byParent},
		{"not authoritative", "absent.com.", "com.", func(m *dns.Msg) { m.Authoritative = false }, noDenial},
		{"recursive", "absent.com.", "com.", func(m *dns.Msg) { m.RecursionAvailable = true }, byResolver},
		{"recursive, without authority", "absent.com.", "com.", func(m *dns.Msg) { m.RecursionAvailable, m.Authoritative = true, false }, byResolver},
		{"recursive, the SOA of a list", "absent.com.", "rpz.local.", func(m *dns.Msg) { m.RecursionAvailable = true }, noDenial},
		{"truncated", "absent.com.", "com.", func(m *dns.Msg) { m.Truncated = true }, noDenial},
		{"NOERROR", "absent.com.", "com.", func(m *dns.Msg) { m.Rcode = 0 }, noDenial},
		{"extended rcode", "absent.com.", "com.", func(m *dns.Msg) { m.Rcode = 16 + dns.RcodeNameError }, noDenial},
		{"its own SOA", "absent.com.", "absent.com.", nil, noDenial},
		{"a zone below", "absent.com.", "x.absent.com.", nil, noDenial},
		{"another zone", "absent.com.", "org.", nil, noDenial},
		{"the end of a label", "absent.com.", "sent.com.", nil, noDenial},
		{"the root", "absent.com.", ".", nil, noDenial},
		{"no SOA", "absent.com.", "com.", func(m *dns.Msg) { m.Ns = nil }, noDenial},
		{"two SOAs", "absent.com.", "com.", func(m *dns.Msg) { m.Ns = append(m.Ns, soa("com.")) }, noDenial},
		{"an answer", "absent.com.", "com.", func(m *dns.Msg) { m.Answer = []dns.RR{address("absent.com.", "192.0.2.1")} }, noDenial},
		{"blocked by its own word", "absent.com.", "com.", func(m *dns.Msg) {
			m.IsEdns0().Option = []dns.EDNS0{&dns.EDNS0_EDE{InfoCode: dns.ExtendedErrorCodeBlocked}}
		}, noDenial},
		{"an address beside it", "absent.com.", "com.", func(m *dns.Msg) { m.Extra = append(m.Extra, address("a.com.", "192.0.2.1")) }, noDenial},
	} {
		p := deniedBy(t, tc.name, tc.zone, tc.change)
		if got := denies(p, qendOf(p)); got != tc.want {
			t.Errorf("%s: %v, want %v", tc.what, got, tc.want)
		}
	}
}

// TestDeniesWantsEveryOctet: no cut and no addition is taken.
func TestDeniesWantsEveryOctet(t *testing.T) {
	p := deniedBy(t, "absent.com.", "com.", nil)
	for n := range p {
		if n >= qendOf(p) && denies(p[:n], qendOf(p)) != noDenial {
			t.Errorf("cut after %d of %d octets it still denies", n, len(p))
		}
	}
	if denies(append(slices.Clone(p), 0), qendOf(p)) != noDenial {
		t.Error("with an octet more it still denies")
	}
}

// FuzzDenies holds the narrow reader against two others: what it takes for a
// denial must be one for both.
func FuzzDenies(f *testing.F) {
	for _, zone := range []string{"com.", "absent.com.", ".", "org."} {
		f.Add(deniedBy(f, "absent.com.", zone, nil))
		f.Add(deniedBy(f, "absent.com.", zone, func(m *dns.Msg) { m.RecursionAvailable, m.Authoritative = true, false }))
		f.Add(deniedBy(f, "a.b.absent.com.", zone, func(m *dns.Msg) { m.Compress, m.Extra = false, nil }))
	}
	blocks := newBlockList(nil)
	f.Fuzz(func(t *testing.T, p []byte) {
		var name [maxName]byte
		if len(p) < headerLen {
			return
		}
		n, next, ok := readName(p, headerLen, &name)
		if !ok || next-headerLen != n || next+4 > len(p) {
			return
		}
		who := denies(p, next+4)
		if who == noDenial {
			return
		}
		p[2] |= 0x80 // as match has made sure
		m, ok := unpack(p)
		if !ok {
			t.Fatal("the full reader does not read it")
		}
		if a := blocks.read(m); a.kind != kindNX || a.aa != (who == byParent) {
			t.Fatalf("the full reader takes it for %+v", a)
		}
		var parser dnsmessage.Parser
		h, err := parser.Start(p)
		if err != nil || h.RCode != dnsmessage.RCodeNameError || who == byParent && !h.Authoritative || h.RecursionAvailable != (who == byResolver) || h.Truncated {
			t.Fatalf("header %+v, %v", h, err)
		}
		if _, err := parser.AllQuestions(); err != nil {
			if strings.Contains(err.Error(), "invalid dns name") {
				return // the oracle takes no label with a dot inside
			}
			t.Fatal(err)
		}
		if rrs, err := parser.AllAnswers(); err != nil || len(rrs) != 0 {
			t.Fatalf("answers %v, %v", rrs, err)
		}
		rrs, err := parser.AllAuthorities()
		if err != nil && strings.Contains(err.Error(), "invalid dns name") {
			return
		}
		if err != nil || len(rrs) != 1 || rrs[0].Header.Type != dnsmessage.TypeSOA {
			t.Fatalf("authority %v, %v", rrs, err)
		}
		if _, err := parser.AllAdditionals(); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzAppendName holds the writer against miekg/dns.
func FuzzAppendName(f *testing.F) {
	for _, s := range []string{"", ".", "a", "a.", "a.b", "a..b", ".a", "a.b..", strings.Repeat("a", 63) + ".com", strings.Repeat("a", 64) + ".com",
		strings.Repeat("a.", 126) + "a", strings.Repeat("a.", 127) + "a", `a\.b`, "\x00.\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := appendName([]byte{1, 2}, s)
		if !ok {
			if len(got) != 2 {
				t.Fatalf("%q is refused, and left %v", s, got)
			}
			return
		}
		want := make([]byte, 2+maxName+1)
		end, err := dns.PackDomainName(dns.Fqdn(s), want, 2, nil, false)
		if err != nil {
			t.Fatalf("%q: %v, and we pack it as %v", s, err, got)
		}
		if !bytes.Equal(got[2:], want[2:end]) {
			t.Fatalf("%q: %v, want %v", s, got[2:], want[2:end])
		}
	})
}

// TestAppendNameTakesPlainNames keeps the writer from refusing what it is for.
func TestAppendNameTakesPlainNames(t *testing.T) {
	for _, s := range []string{".", "com", "evil.com.", "xn--mgb.co.uk", strings.Repeat("a", 63) + ".com", strings.Repeat("a.", 126) + "a", "under_score.com"} {
		if _, ok := appendName(nil, s); !ok {
			t.Errorf("%q is refused", s)
		}
	}
}
