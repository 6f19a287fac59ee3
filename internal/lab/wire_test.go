package lab

import (
	"fmt"
	"strings"
	"testing"

	"github.com/miekg/dns"
	"pgregory.net/rapid"
)

// The case of every letter of a question comes back, and owners that point
// into the question read as it does.
func TestCaseIsEchoed(t *testing.T) {
	l := openLab(t)
	world := newDNSWorld(l.scenario)
	names := []string{"mlcrodicom.info", "www.microdico.com", "nobody-has-this.com", "a.b.c.microdicom.net", "deep.in.ws", "x.co.uk"}
	rapid.Check(t, func(t *rapid.T) {
		name := []byte(rapid.SampledFrom(names).Draw(t, "name"))
		for i := range name {
			if name[i] >= 'a' && rapid.Bool().Draw(t, "upper") {
				name[i] &^= 0x20
			}
		}
		asked := string(name) + "."
		m := new(dns.Msg)
		m.SetQuestion(asked, rapid.SampledFrom([]uint16{dns.TypeA, dns.TypeNS, dns.TypeTXT, dns.TypeSOA}).Draw(t, "type"))
		b, err := m.Pack()
		if err != nil {
			t.Fatal(err)
		}
		q, err := parseQuery(b)
		if err != nil {
			t.Fatal(err)
		}
		answer := world.recursive(q)
		r := new(dns.Msg)
		if err := r.Unpack(answer.pack(q, 0)); err != nil {
			t.Fatal(err)
		}
		if r.Question[0].Name != asked {
			t.Errorf("asked %s, echoed %s", asked, r.Question[0].Name)
		}
		for _, rr := range append(r.Answer, r.Ns...) {
			owner := rr.Header().Name
			if !strings.HasSuffix(asked, owner) && !strings.EqualFold(owner, "microdico.com.") {
				t.Errorf("asked %s, owner %s", asked, owner)
			}
		}
	})
}

func TestParseQueryRefuses(t *testing.T) {
	good := func() []byte {
		m := new(dns.Msg)
		m.SetQuestion("microdicom.com.", dns.TypeA)
		b, err := m.Pack()
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	change := func(f func(b []byte) []byte) []byte { return f(good()) }
	long := func(last string) []byte { // 125 labels of one octet and a last one
		name := []byte(strings.Repeat("\x01a", 125) + string(rune(len(last))) + last + "\x00")
		return append(append(good()[:12], name...), 0, 1, 0, 1)
	}
	for _, tt := range []struct {
		name string
		in   []byte
		want error
	}{
		{"good", good(), nil},
		{"short", good()[:11], errNotQuery},
		{"an answer", change(func(b []byte) []byte { b[2] |= 0x80; return b }), errNotQuery},
		{"no question", change(func(b []byte) []byte { b[5] = 0; return b }), errMalformed},
		{"two questions", change(func(b []byte) []byte { b[5] = 2; return b }), errMalformed},
		{"cut in the name", good()[:20], errMalformed},
		{"cut in the type", change(func(b []byte) []byte { return b[:len(b)-3] }), errMalformed},
		{"255 octets of name", long("aaa"), nil},
		{"256 octets of name", long("aaaa"), errMalformed},
		{"pointer", change(func(b []byte) []byte { b[12] = 0xc0; return b }), errMalformed},
		{"additional missing", change(func(b []byte) []byte { b[11] = 1; return b }), errMalformed},
	} {
		if _, err := parseQuery(tt.in); err != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
}

func TestOddQueries(t *testing.T) {
	l := openLab(t)
	server := l.Resolvers()[0].String()
	exchange := func(change func(m *dns.Msg)) *dns.Msg {
		conn := &dns.Conn{Conn: dialLab(t, l, "udp", server)}
		defer conn.Close()
		m := new(dns.Msg)
		m.SetQuestion("microdicom.com.", dns.TypeA)
		change(m)
		if err := conn.WriteMsg(m); err != nil {
			t.Fatal(err)
		}
		r, err := conn.ReadMsg()
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if r := exchange(func(m *dns.Msg) { m.Question[0].Qclass = dns.ClassCHAOS }); r.Rcode != dns.RcodeRefused {
		t.Errorf("class CHAOS: %v", r)
	}
	if r := exchange(func(m *dns.Msg) { m.Opcode = dns.OpcodeUpdate }); r.Rcode != dns.RcodeNotImplemented {
		t.Errorf("update: %v", r)
	}
	if r := exchange(func(m *dns.Msg) { m.Question = nil }); r.Rcode != dns.RcodeFormatError {
		t.Errorf("no question: %v", r)
	}
	if r := exchange(func(m *dns.Msg) { m.Question[0].Qtype = dns.TypeCAA }); r.Rcode != 0 || len(r.Answer) != 0 || len(r.Ns) != 1 {
		t.Errorf("CAA: %v", r)
	}
}

// FuzzQuery: no packet ends the laboratory, and every answer is one that a
// real client can read.
func FuzzQuery(f *testing.F) {
	for _, name := range []string{".", "microdicom.com.", "x.ws.", "www.mlcrodicom.info.", strings.Repeat("a.", 126) + "com."} {
		m := new(dns.Msg)
		m.SetQuestion(name, dns.TypeA)
		m.SetEdns0(4096, true)
		if b, err := m.Pack(); err == nil {
			f.Add(b)
		}
	}
	f.Add([]byte{})
	f.Add([]byte("\x00\x01\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00" + strings.Repeat("\x01a", 125) + "\x04aaaa\x00\x00\x01\x00\x01"))
	l, err := Open("microdicom")
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = l.Close() }) // never fails
	world := newDNSWorld(l.scenario)
	roles := []role{{kind: recursiveServer}, {kind: rootServer}, {kind: tldServer}, {operatorServer, "quiet"}}
	f.Fuzz(func(t *testing.T, packet []byte) {
		for _, as := range roles {
			s := &nameserver{lab: l, world: world, role: as}
			q, err := parseQuery(packet)
			if err == errNotQuery {
				return
			}
			answer := s.reply(q, err)
			for _, limit := range []int{q.size, 0} {
				b := answer.pack(q, limit)
				if limit > 0 && len(b) > limit {
					t.Errorf("%d octets, the client takes %d", len(b), limit)
				}
				r := new(dns.Msg)
				if err := r.Unpack(b); err != nil {
					t.Errorf("%x is answered by %x: %v", packet, b, err)
				}
			}
		}
	})
}

// BenchmarkQueries asks over a socket of the lab, as a hunt does: existing and
// absent names in turn.
func BenchmarkQueries(b *testing.B) {
	l, err := Open("microdicom")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	c, err := l.Dial(b.Context(), "udp", l.Resolvers()[0].String())
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	var packets [][]byte
	for i := range 512 {
		name := fmt.Sprintf("microdicom%d.com.", i)
		if i%8 == 0 {
			name = "mlcrodicom.info."
		}
		m := new(dns.Msg)
		m.SetQuestion(name, dns.TypeA)
		m.SetEdns0(1232, false)
		p, err := m.Pack()
		if err != nil {
			b.Fatal(err)
		}
		packets = append(packets, p)
	}
	var buf [1500]byte
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := c.Write(packets[i%len(packets)]); err != nil {
			b.Fatal(err)
		}
		if _, err := c.Read(buf[:]); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "queries/s")
}
