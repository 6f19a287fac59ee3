package resolve

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
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

// hostile is one behaviour of name servers: what they do, and what may be said
// of a name then.
type hostile struct {
	n       int
	what    string
	do      []behaviour // one for each resolver, of different operators
	noTCP   bool
	name    string   // evil.com when empty
	types   []uint16 // NS and A when empty
	want    lurehound.DNSFacts
	inspect func(t *testing.T, got lurehound.DNSFacts) // in place of want
}

// TestListB is the 35 behaviours of hostile name servers, each behind real
// sockets, with what has to come out to the letter.
func TestListB(t *testing.T) {
	rows := slices.Concat(silences(t), forgeries(t), streams(t), cuts(t), chains(t), contents(t), lies(t))
	for i := range 35 {
		if !slices.ContainsFunc(rows, func(h hostile) bool { return h.n == i+1 }) {
			t.Errorf("behaviour %d has no row", i+1)
		}
	}
	// All at once: most of the time is spent waiting for what never comes.
	ways := []string{"alone", "in bulk"} // over sockets of its own, over shared ones
	got := make([][2]lurehound.DNSFacts, len(rows))
	var wg sync.WaitGroup
	for i := range rows {
		h := &rows[i]
		if h.name == "" {
			h.name = "evil.com"
		}
		for way := range ways {
			var servers []*socketServer
			for _, b := range h.do {
				servers = append(servers, listen(t, b, !h.noTCP))
			}
			c := operators(t, Config{}, servers...)
			wg.Go(func() {
				if way == 0 {
					got[i][way] = c.Lookup(t.Context(), h.name, h.types...)
					return
				}
				err := c.LookupAll(t.Context(), slices.Values([]string{h.name}), h.types, 0, func(_ int, _ string, f lurehound.DNSFacts) bool {
					got[i][way] = f
					return true
				})
				if err != nil {
					t.Errorf("%s: %v", h.what, err)
				}
			})
		}
	}
	wg.Wait()
	for i, h := range rows {
		for way, what := range ways {
			t.Run(fmt.Sprintf("%02d %s, %s", h.n, h.what, what), func(t *testing.T) {
				if h.inspect != nil {
					h.inspect(t, got[i][way])
				} else if d := cmp.Diff(h.want, got[i][way], compareAddrs); d != "" {
					t.Errorf("(-want +got)\n%s", d)
				}
			})
		}
	}
	t.Run("01 loss", lossOverSockets)
	t.Run("02 black hole, every name", blackHole)
	t.Run("10 spoof first, from another port", spoofFromElsewhere)
	t.Run("27 TTL-0 rebind, dialled", rebinding)
}

// undecided is the facts of a name that nothing was found out about.
func undecided(why string) lurehound.DNSFacts {
	return lurehound.DNSFacts{Resolution: lurehound.NotResolvable, Reason: why, Missing: []string{"NS", "A"}}
}

func veiled(why string) lurehound.DNSFacts {
	return lurehound.DNSFacts{Resolution: lurehound.Filtered, Reason: why, Missing: []string{"NS", "A"}}
}

// about is whether a query is about evil.com itself.
func about(query []byte) bool {
	q := new(dns.Msg)
	return q.Unpack(query) == nil && strings.EqualFold(q.Question[0].Name, "evil.com.")
}

// first does something before the honest answer; instead in place of it. Both
// leave other names than evil.com alone.
func first(w world, t testing.TB, do func(network string, query []byte, send func([]byte))) behaviour {
	honest := w.honest(t)
	return func(network string, query []byte, send func([]byte)) {
		if about(query) {
			do(network, query, send)
		}
		honest(network, query, send)
	}
}

func instead(w world, t testing.TB, do behaviour) behaviour {
	honest := w.honest(t)
	return func(network string, query []byte, send func([]byte)) {
		if about(query) {
			do(network, query, send)
			return
		}
		honest(network, query, send)
	}
}

func silences(t *testing.T) []hostile {
	w := fixture(t)
	hole := instead(w, t, func(string, []byte, func([]byte)) {})
	rcode := func(rcode int) behaviour { return w.but(t, "evil.com.", denial(rcode)) }
	formerr := says(t, func(_ string, q *dns.Msg) *dns.Msg {
		if q.IsEdns0() != nil {
			return denial(dns.RcodeFormatError)("", w.answer(q))
		}
		return w.answer(q)
	})
	return []hostile{
		{n: 1, what: "every second packet is lost", do: []behaviour{lossy(0.5, 5, w.honest(t))}, want: evilFacts()},
		{n: 2, what: "black hole", do: []behaviour{hole}, want: undecided("timeout")},
		{n: 2, what: "black hole beside a resolver that knows", do: []behaviour{hole, w.honest(t)}, want: evilFacts()},
		{n: 3, what: "SERVFAIL", do: []behaviour{rcode(dns.RcodeServerFailure)}, want: undecided("servfail")},
		{n: 3, what: "SERVFAIL of two", do: []behaviour{rcode(dns.RcodeServerFailure), rcode(dns.RcodeServerFailure)}, want: undecided("servfail")},
		{n: 4, what: "REFUSED", do: []behaviour{rcode(dns.RcodeRefused)}, want: undecided("refused")},
		{n: 4, what: "REFUSED beside a resolver that knows", do: []behaviour{rcode(dns.RcodeRefused), w.honest(t)}, want: evilFacts()},
		{n: 5, what: "FORMERR on EDNS", do: []behaviour{formerr}, want: evilFacts()},
	}
}

// forgeries are packets that are not the answer, alone and before the answer.
func forgeries(t *testing.T) []hostile {
	w := fixture(t)
	var rows []hostile
	for _, f := range []struct {
		n      int
		what   string
		why    string // of a name of which only such packets come
		change func(p []byte)
	}{
		{6, "wrong ID", "timeout", func(p []byte) { p[0] ^= 0x55 }},
		{7, "wrong name", "timeout", func(p []byte) { p[headerLen+1] = 'x' }},
		{8, "wrong type", "timeout", func(p []byte) { p[qtypeAt(p)+1] = byte(dns.TypeAAAA) }},
		{8, "wrong class", "timeout", func(p []byte) { p[qtypeAt(p)+3] = dns.ClassCHAOS }},
		{9, "wrong case", "timeout", func(p []byte) {
			for i := range 4 { // every letter of evil
				p[headerLen+1+i] ^= 0x20
			}
		}},
		{11, "malformed", "malformed", func(p []byte) { p[7] = 9 }},
	} {
		wrong := func(query []byte) []byte { return spoofed(t, w, query, f.change) }
		rows = append(rows,
			hostile{n: f.n, what: f.what + ", only", noTCP: true, inspect: unheard(f.why), do: []behaviour{instead(w, t, func(_ string, query []byte, send func([]byte)) {
				send(wrong(query))
			})}},
			hostile{n: f.n, what: f.what + ", first", noTCP: true, want: evilFacts(), do: []behaviour{first(w, t, func(_ string, query []byte, send func([]byte)) {
				send(wrong(query))
			})}})
	}
	flood := first(w, t, func(network string, query []byte, send func([]byte)) {
		for i := range 200 {
			send(frame(network, spoofed(t, w, query, func(p []byte) { binary.BigEndian.PutUint16(p, binary.BigEndian.Uint16(query)+1+uint16(i)) })))
		}
	})
	junk := first(w, t, func(network string, query []byte, send func([]byte)) {
		for n := range 12 { // shorter than a header
			send(frame(network, slices.Clone(query[:n])))
		}
		send(frame(network, append(slices.Clone(query[:2]), []byte(strings.Repeat("\xff", 400))...)))
	})
	small := func(network string, query []byte, send func([]byte)) {
		p := w.changed(t, query, func(p []byte) []byte { return p })
		for i := headerLen; p[i] != 0; i++ {
			if 'A' <= p[i] && p[i] <= 'Z' {
				p[i] |= 0x20
			}
		}
		send(frame(network, p))
	}
	return append(rows,
		hostile{n: 9, what: "letters made small by the resolver, over UDP and TCP", do: []behaviour{small}, want: evilFacts()},
		hostile{n: 10, what: "200 guesses of the ID first", do: []behaviour{flood}, want: evilFacts()},
		hostile{n: 11, what: "packets that are no message first", do: []behaviour{junk}, want: evilFacts()})
}

// unheard is that nothing is known, as nothing came that is an answer. After
// one in another case TCP is tried at once, and says that nobody is there.
func unheard(why string) func(*testing.T, lurehound.DNSFacts) {
	return func(t *testing.T, got lurehound.DNSFacts) {
		if got.Reason == "unreachable" && why == "timeout" {
			got.Reason = why
		}
		if d := cmp.Diff(undecided(why), got, compareAddrs); d != "" {
			t.Errorf("(-want +got)\n%s", d)
		}
	}
}

func streams(t *testing.T) []hostile {
	w := fixture(t)
	honest := w.honest(t)
	late := func(which string, d time.Duration) behaviour {
		return instead(w, t, func(network string, query []byte, send func([]byte)) {
			if network == which {
				time.AfterFunc(d, func() { honest(network, query, send) })
			}
		})
	}
	tcpOnly := func(b behaviour) behaviour {
		return instead(w, t, func(network string, query []byte, send func([]byte)) {
			if network == "tcp" {
				b(network, query, send)
			}
		})
	}
	drip := func(pause time.Duration) behaviour {
		return tcpOnly(func(network string, query []byte, send func([]byte)) {
			honest(network, query, func(p []byte) {
				for i := range p {
					send(p[i : i+1])
					time.Sleep(pause)
				}
			})
		})
	}
	declared := func(change func(n uint16) uint16) behaviour {
		return tcpOnly(func(network string, query []byte, send func([]byte)) {
			honest(network, query, func(p []byte) {
				binary.BigEndian.PutUint16(p, change(binary.BigEndian.Uint16(p)))
				send(p)
			})
		})
	}
	truncated := func(keep int, network string, q []byte, send func([]byte)) {
		w.but(t, "evil.com.", func(network string, m *dns.Msg) *dns.Msg {
			if network == "udp" {
				m.Truncated, m.Answer = true, m.Answer[:min(keep, len(m.Answer))]
			}
			return m
		})(network, q, send)
	}
	tc := func(keep int) behaviour {
		return func(network string, q []byte, send func([]byte)) { truncated(keep, network, q, send) }
	}
	return []hostile{
		{n: 12, what: "late UDP, after the first wait", noTCP: true, do: []behaviour{late("udp", 150*time.Millisecond)}, want: evilFacts()},
		{n: 12, what: "UDP later than any wait", noTCP: true, do: []behaviour{late("udp", 20*time.Second)}, want: undecided("timeout")},
		{n: 13, what: "late TCP", do: []behaviour{late("tcp", 100*time.Millisecond)}, want: evilFacts()},
		{n: 14, what: "TC, TCP refused", noTCP: true, do: []behaviour{tc(0)}, want: undecided("truncated")},
		{n: 14, what: "TC, TCP answers", do: []behaviour{tc(0)}, want: evilFacts()},
		{n: 15, what: "TC, partial, TCP refused", noTCP: true, do: []behaviour{tc(1)}, inspect: partial},
		{n: 15, what: "TC, partial, TCP answers", do: []behaviour{tc(1)}, want: evilFacts()},
		{n: 16, what: "TCP drip that ends in time", do: []behaviour{drip(500 * time.Microsecond)}, want: evilFacts()},
		{n: 16, what: "TCP drip that does not", do: []behaviour{drip(100 * time.Millisecond)}, want: undecided("timeout")},
		{n: 17, what: "length lie, too long", do: []behaviour{declared(func(n uint16) uint16 { return n + 7 })}, want: undecided("timeout")},
		{n: 17, what: "length lie, too short", do: []behaviour{declared(func(n uint16) uint16 { return n - 7 })}, want: undecided("malformed")},
		{n: 17, what: "length lie, nothing", do: []behaviour{declared(func(uint16) uint16 { return 0 })}, want: undecided("timeout")},
	}
}

// partial is what a truncated answer showed, where the rest cannot be had.
func partial(t *testing.T, got lurehound.DNSFacts) {
	want := lurehound.DNSFacts{Resolution: lurehound.Exists, NS: []string{"ns2.host.net"}, A: addrs("203.0.113.9"), Missing: []string{"NS", "A"}}
	if !strings.HasPrefix(got.Reason, "truncated") {
		t.Errorf("the reason is %q", got.Reason)
	}
	got.Reason = ""
	if d := cmp.Diff(want, got, compareAddrs); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

// cuts are messages whose names cannot be read.
func cuts(t *testing.T) []hostile {
	w := fixture(t)
	// owner puts other octets where the answer's owner name is, which is a pointer.
	owner := func(name ...byte) behaviour {
		return instead(w, t, func(network string, query []byte, send func([]byte)) {
			send(frame(network, w.changed(t, query, func(p []byte) []byte {
				end := qtypeAt(p) + 4
				return slices.Concat(p[:end], name, p[end+2:])
			})))
		})
	}
	end := byte(headerLen + len("\x04evil\x03com\x00") + 4)
	var hops []byte // each pointer leads to the one before, the first to the question
	for i := range 300 {
		to := uint16(headerLen)
		if i > 0 {
			to = uint16(end) + 1 + 2*uint16(i-1)
		}
		hops = binary.BigEndian.AppendUint16(hops, 0xc000|to)
	}
	long := []byte(strings.Repeat("\x3f"+strings.Repeat("a", 63), 5) + "\x00")
	return []hostile{
		{n: 18, what: "compression loop", do: []behaviour{owner(0xc0, end)}, want: undecided("malformed")},
		{n: 18, what: "compression loop of two", do: []behaviour{owner(1, 'a', 0xc0, end+4, 0xc0, end)}, want: undecided("malformed")},
		{n: 19, what: "pointer chain of 300", do: []behaviour{chained(w, t, hops)}, want: undecided("malformed")},
		{n: 19, what: "pointer beyond the message", do: []behaviour{owner(0xff, 0xff)}, want: undecided("malformed")},
		{n: 20, what: "oversize label", do: []behaviour{owner(0x7f)}, want: undecided("malformed")},
		{n: 20, what: "oversize name", do: []behaviour{owner(long...)}, want: undecided("malformed")},
	}
}

// chained answers with a record whose data is pointers, one leading to the
// next, and another whose owner is the last of them.
func chained(w world, t testing.TB, hops []byte) behaviour {
	return instead(w, t, func(network string, query []byte, send func([]byte)) {
		send(frame(network, w.changed(t, query, func(p []byte) []byte {
			end := qtypeAt(p) + 4
			p = slices.Clone(p[:end])
			p[2], p[3] = 0x81, 0x80
			binary.BigEndian.PutUint16(p[6:], 2)
			binary.BigEndian.PutUint16(p[8:], 0)
			binary.BigEndian.PutUint16(p[10:], 0)
			p = append(p, 0) // the root has a record of a private type, whose data is the chain
			p = append(p, 0xff, 0x01, 0, 1, 0, 0, 0, 60)
			p = binary.BigEndian.AppendUint16(p, uint16(len(hops)))
			at := len(p)
			for i := 0; i < len(hops); i += 2 { // move the chain to where it is
				to := uint16(0xc000 | headerLen)
				if i > 0 {
					to = 0xc000 | uint16(at+i-2)
				}
				p = binary.BigEndian.AppendUint16(p, to)
			}
			p = binary.BigEndian.AppendUint16(p, 0xc000|uint16(len(p)-2))
			return append(p, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 198, 18, 0, 13)
		})))
	})
}

func chains(t *testing.T) []hostile {
	w := newWorld(t, "evil.com. NS ns1.host.net.", "evil.com. A 203.0.113.7", "self.evil.com. CNAME self.evil.com.",
		"a.evil.com. CNAME b.evil.com.", "b.evil.com. CNAME a.evil.com.")
	for i := range 100 {
		name := fmt.Sprintf("c%d.evil.com.", i)
		w[name] = newWorld(t, fmt.Sprintf("%s CNAME c%d.evil.com.", name, i+1))[name]
	}
	var eight []string
	for i := range maxLinks {
		eight = append(eight, fmt.Sprintf("c%d.evil.com", i+1))
	}
	// One link at a time, as an authoritative server may answer.
	stepwise := says(t, func(_ string, q *dns.Msg) *dns.Msg {
		m := w.answer(q)
		if len(m.Answer) > 0 && m.Answer[0].Header().Rrtype == dns.TypeCNAME {
			m.Answer, m.Ns, m.Rcode = m.Answer[:1], nil, 0
		}
		return m
	})
	loop := func(t *testing.T, got lurehound.DNSFacts) {
		if got.Resolution != lurehound.Exists || got.Reason != "cname-loop" || len(got.A) > 0 || len(got.CNAME) == 0 || len(got.CNAME) > 2 {
			t.Errorf("%+v", got)
		}
	}
	cut := lurehound.DNSFacts{Resolution: lurehound.Exists, Reason: "capped", CNAME: eight}
	a := []uint16{dns.TypeA}
	return []hostile{
		{n: 21, what: "CNAME to itself", name: "self.evil.com", types: a, do: []behaviour{w.honest(t)}, inspect: loop},
		{n: 21, what: "CNAME to itself, a link at a time", name: "self.evil.com", types: a, do: []behaviour{stepwise}, inspect: loop},
		{n: 22, what: "CNAME of A to B to A", name: "a.evil.com", types: a, do: []behaviour{w.honest(t)}, inspect: loop},
		{n: 22, what: "CNAME of A to B to A, a link at a time", name: "a.evil.com", types: a, do: []behaviour{stepwise}, inspect: loop},
		{n: 23, what: "chain of 100", name: "c0.evil.com", types: a, do: []behaviour{w.honest(t)}, want: cut},
		{n: 23, what: "chain of 100, a link at a time", name: "c0.evil.com", types: a, do: []behaviour{stepwise}, want: cut},
	}
}

func contents(t *testing.T) []hostile {
	w := fixture(t)
	big := func(fill func(name string, m *dns.Msg)) behaviour { // over UDP it says that it is
		return w.but(t, "evil.com.", func(network string, m *dns.Msg) *dns.Msg {
			m.Answer, m.Ns = nil, nil
			if network == "udp" {
				m.Truncated = true
				return m
			}
			fill(m.Question[0].Name, m)
			return m
		})
	}
	text := big(func(name string, m *dns.Msg) {
		for i := range 63 {
			txt := &dns.TXT{Hdr: dns.RR_Header{Name: name, Rrtype: dns.TypeTXT, Class: dns.ClassINET}}
			for range 4 {
				txt.Txt = append(txt.Txt, strings.Repeat(`\007`, 250)+fmt.Sprintf("%05d", i))
			}
			m.Answer = append(m.Answer, txt)
		}
	})
	many := big(func(name string, m *dns.Msg) {
		for i := range 4000 {
			m.Answer = append(m.Answer, address(name, netip.AddrFrom4([4]byte{203, 0, byte(i >> 8), byte(i)}).String()))
		}
	})
	strangers := w.but(t, "evil.com.", func(_ string, m *dns.Msg) *dns.Msg {
		m.Answer = append(m.Answer, address("bank.com.", "198.18.0.13"), address("ns2.host.net.", "198.18.0.13"),
			&dns.NS{Hdr: dns.RR_Header{Name: "bank.com.", Rrtype: dns.TypeNS, Class: dns.ClassINET}, Ns: "poison.net."},
			&dns.CNAME{Hdr: dns.RR_Header{Name: "bank.com.", Rrtype: dns.TypeCNAME, Class: dns.ClassINET}, Target: "poison.net."})
		m.Ns = append(m.Ns, &dns.NS{Hdr: dns.RR_Header{Name: "com.", Rrtype: dns.TypeNS, Class: dns.ClassINET}, Ns: "poison.net."})
		m.Extra = append(m.Extra, address("ns2.host.net.", "198.18.0.13"), address("evil.com.", "198.18.0.13"))
		return m
	})
	odd := newWorld(t, `evil.com. NS <script>alert\(1\)</script>.host.net.`, `evil.com. NS esc\027[31m.host.net.`, `evil.com. NS nul\000byte.host.net.`,
		`evil.com. NS dot\.inside.host.net.`, `evil.com. NS =cmd|'\032/C\032calc'!A0.host.net.`)
	return []hostile{
		{n: 24, what: "64 KiB TXT", types: []uint16{dns.TypeTXT}, do: []behaviour{text}, inspect: func(t *testing.T, got lurehound.DNSFacts) {
			octets := 0
			for _, s := range got.TXT {
				octets += len(s)
			}
			if got.Resolution != lurehound.Exists || got.Reason != "capped" || octets < maxText/2 || octets > maxText {
				t.Errorf("%s (%s): %d octets of text", got.Resolution, got.Reason, octets)
			}
		}},
		{n: 25, what: "4,000 As", types: []uint16{dns.TypeA}, do: []behaviour{many}, inspect: func(t *testing.T, got lurehound.DNSFacts) {
			if got.Resolution != lurehound.Exists || got.Reason != "capped" || len(got.A) != maxRecords {
				t.Errorf("%s (%s): %d addresses", got.Resolution, got.Reason, len(got.A))
			}
		}},
		{n: 26, what: "out of bailiwick", do: []behaviour{strangers}, want: evilFacts()},
		{n: 31, what: "labels with HTML, ESC, NUL, dot, =cmd", types: []uint16{dns.TypeNS}, do: []behaviour{odd.honest(t)}, want: lurehound.DNSFacts{
			Resolution: lurehound.Exists,
			NS: []string{`<script>alert\(1\)</script>.host.net`, `=cmd|\'\032/c\032calc\'!a0.host.net`, `dot\.inside.host.net`,
				`esc\027[31m.host.net`, `nul\000byte.host.net`}}},
		{n: 31, what: "labels with HTML, ESC, NUL, dot, =cmd as a question", name: "<b>\x1b\x00=cmd.com", do: []behaviour{w.honest(t)},
			want: lurehound.DNSFacts{Resolution: lurehound.NXDomain, Reason: "single-resolver"}},
	}
}

func lies(t *testing.T) []hostile {
	w := fixture(t)
	but := func(f func(string, *dns.Msg) *dns.Msg) behaviour { return w.but(t, "evil.com.", f) }
	denies := func(owner string) behaviour {
		return but(func(_ string, m *dns.Msg) *dns.Msg {
			m.Rcode, m.Answer, m.Ns = dns.RcodeNameError, nil, []dns.RR{soa(owner)}
			return m
		})
	}
	page := but(func(_ string, m *dns.Msg) *dns.Msg {
		m.Answer, m.Ns = nil, []dns.RR{soa("evil.com.")}
		if m.Question[0].Qtype == dns.TypeA {
			m.Answer, m.Ns = []dns.RR{address(m.Question[0].Name, "146.112.61.106")}, nil
		}
		return m
	})
	blocked := but(func(_ string, m *dns.Msg) *dns.Msg {
		m.Rcode, m.Answer, m.Ns = dns.RcodeNameError, nil, []dns.RR{soa("com.")}
		m.SetEdns0(1232, false)
		m.IsEdns0().Option = []dns.EDNS0{&dns.EDNS0_EDE{InfoCode: dns.ExtendedErrorCodeBlocked}}
		return m
	})
	disputed := func(t *testing.T, got lurehound.DNSFacts) {
		got.Reason = strings.TrimPrefix(got.Reason, "disagreement") // told where it shows
		if len(got.A) == 0 && slices.Equal(got.Missing, []string{"A"}) {
			got.A, got.Missing = evilFacts().A, nil // on a busy machine the one that knows may be late
		}
		if d := cmp.Diff(evilFacts(), got, compareAddrs); d != "" {
			t.Errorf("(-want +got)\n%s", d)
		}
	}
	suffix := newWorld(t, "real.ws. NS ns1.host.net.", "real.ws. A 203.0.113.7")
	wild := func() behaviour { return suffix.registry(t, "ws.", "198.18.7.7") }
	hijacker := func(ip string) behaviour { return w.hijacker(t, ip) }
	return []hostile{
		{n: 27, what: "TTL-0 rebind", types: []uint16{dns.TypeA}, do: []behaviour{w.but(t, "evil.com.", func(_ string, m *dns.Msg) *dns.Msg {
			m.Answer, m.Ns = []dns.RR{address(m.Question[0].Name, "127.0.0.1")}, nil
			return m
		})}, want: lurehound.DNSFacts{Resolution: lurehound.Exists, A: addrs("127.0.0.1")}},
		{n: 28, what: "wildcard", name: "nobody.ws", do: []behaviour{wild(), wild()},
			want: lurehound.DNSFacts{Resolution: lurehound.NotResolvable, Reason: "wildcard", Wildcard: true, A: addrs("198.18.7.7")}},
		{n: 28, what: "wildcard, a name that is registered", name: "real.ws", do: []behaviour{wild(), wild()},
			want: lurehound.DNSFacts{Resolution: lurehound.Exists, Wildcard: true, NS: []string{"ns1.host.net"}, A: addrs("203.0.113.7")}},
		{n: 29, what: "NXDOMAIN hijack", name: "absent.com", do: []behaviour{hijacker("198.18.0.66")},
			want: lurehound.DNSFacts{Resolution: lurehound.Hijacked, Reason: "hijacked", Missing: []string{"NS", "A"}}},
		{n: 29, what: "NXDOMAIN hijack by two", name: "absent.com", do: []behaviour{hijacker("198.18.0.66"), hijacker("198.19.0.1")},
			want: lurehound.DNSFacts{Resolution: lurehound.Hijacked, Reason: "hijacked", Missing: []string{"NS", "A"}}},
		{n: 29, what: "NXDOMAIN hijack, a name that exists", do: []behaviour{hijacker("198.18.0.66")}, want: evilFacts()},
		{n: 30, what: "lame, no SOA", do: []behaviour{but(denial(dns.RcodeSuccess))}, want: undecided("lame")},
		{n: 32, what: "resolvers disagree", do: []behaviour{denies("com."), w.honest(t)}, inspect: disputed},
		{n: 32, what: "resolvers disagree, the other way", do: []behaviour{w.honest(t), denies("com.")}, inspect: disputed},
		{n: 33, what: "NXDOMAIN without SOA", do: []behaviour{but(denial(dns.RcodeNameError))}, want: veiled("no-soa")},
		{n: 33, what: "NXDOMAIN with the SOA of a list", do: []behaviour{denies("rpz.local.")}, want: veiled("foreign-soa")},
		{n: 33, what: "NXDOMAIN without SOA of two", do: []behaviour{but(denial(dns.RcodeNameError)), but(denial(dns.RcodeNameError))}, want: veiled("no-soa")},
		{n: 34, what: "EDE Blocked", do: []behaviour{blocked}, want: veiled("ede-15")},
		{n: 34, what: "EDE Blocked of two", do: []behaviour{blocked, blocked}, want: veiled("ede-15")},
		{n: 35, what: "block-page address", do: []behaviour{page}, want: veiled("block-address")},
	}
}

// lossOverSockets is behaviour 1 in numbers: half of the names exist.
func lossOverSockets(t *testing.T) {
	n := 300
	if testing.Short() || raceEnabled {
		n = 100
	}
	w, names := half(t, n)
	for _, share := range []float64{0.05, 0.10, 0.20} {
		t.Run(fmt.Sprintf("%.0f%%", 100*share), func(t *testing.T) {
			t.Parallel()
			s := listen(t, lossy(share, 1, w.honest(t)), true)
			u := listen(t, lossy(share, 2, w.honest(t)), true)
			next := 0
			err := operators(t, Config{Concurrency: n}, s, u).LookupAll(t.Context(), slices.Values(names), nil, 0, func(i int, name string, f lurehound.DNSFacts) bool {
				if want := [...]lurehound.Resolution{lurehound.Exists, lurehound.NXDomain}[i%2]; i != next || f.Resolution != want {
					t.Errorf("line %d is %s (%d): %s (%s), want %s", next, name, i, f.Resolution, f.Reason, want)
				}
				next++
				return true
			})
			if err != nil || next != n {
				t.Errorf("%d of %d names came out, %v", next, n, err)
			}
		})
	}
}

// blackHole is behaviour 2 in numbers: nothing is known of any name.
func blackHole(t *testing.T) {
	t.Parallel()
	_, names := half(t, 500)
	s := listen(t, func(string, []byte, func([]byte)) {}, true)
	unknown := 0
	err := operators(t, Config{Timeout: 50 * time.Millisecond}, s).LookupAll(t.Context(), slices.Values(names), nil, 0, func(_ int, name string, f lurehound.DNSFacts) bool {
		if f.Resolution == lurehound.NotResolvable && slices.Contains([]string{"timeout", "no-resolver"}, f.Reason) {
			unknown++
		} else {
			t.Errorf("%s: %s (%s)", name, f.Resolution, f.Reason)
		}
		return true
	})
	if err != nil || unknown != len(names) {
		t.Errorf("%d of %d unknown, %v", unknown, len(names), err)
	}
}

// spoofFromElsewhere: a packet that is right to the letter, but not from the
// server that was asked.
func spoofFromElsewhere(t *testing.T) {
	t.Parallel()
	w := fixture(t)
	lookup := func(kind func(world, testing.TB, func(string, []byte, func([]byte))) behaviour) lurehound.DNSFacts {
		var s *socketServer
		ready := make(chan struct{})
		spoof := kind(w, t, func(_ string, query []byte, _ func([]byte)) {
			s.elsewhere(t, spoofed(t, w, query, func([]byte) {}))
		})
		s = listen(t, func(network string, query []byte, send func([]byte)) { <-ready; spoof(network, query, send) }, false)
		close(ready)
		return operators(t, Config{}, s).Lookup(t.Context(), "evil.com")
	}
	only := func(w world, t testing.TB, do func(string, []byte, func([]byte))) behaviour { return instead(w, t, do) }
	if d := cmp.Diff(evilFacts(), lookup(first), compareAddrs); d != "" {
		t.Errorf("first (-want +got)\n%s", d)
	}
	if d := cmp.Diff(undecided("timeout"), lookup(only), compareAddrs); d != "" {
		t.Errorf("alone (-want +got)\n%s", d)
	}
}

// rebinding: a name that is public when it is asked for first and ours when it
// is visited. What is dialled is what was judged, each time again.
func rebinding(t *testing.T) {
	t.Parallel()
	w := fixture(t)
	inner, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer inner.Close()
	var met, asked atomic.Int64
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := inner.Accept()
			if err != nil {
				return
			}
			met.Add(1)
			c.Close()
		}
	}()
	s := listen(t, w.but(t, "evil.com.", func(_ string, m *dns.Msg) *dns.Msg {
		if m.Question[0].Qtype == dns.TypeA {
			ip := "203.0.113.7"
			if asked.Add(1) > 1 {
				ip = "127.0.0.1"
			}
			m.Answer, m.Ns = []dns.RR{address(m.Question[0].Name, ip)}, nil
		}
		return m
	}), true)
	c := operators(t, Config{}, s)
	port := netip.MustParseAddrPort(inner.Addr().String()).Port()
	way := egress.New(egress.Config{Named: []netip.AddrPort{s.addr}})
	for _, want := range []string{"203.0.113.7", "127.0.0.1"} {
		got, err := c.Addrs(t.Context(), "evil.com")
		if err != nil || !slices.Contains(got, netip.MustParseAddr(want)) {
			t.Fatalf("%v, %v, want %s", got, err, want)
		}
		if want == "127.0.0.1" {
			conn, err := way.Dial(t.Context(), "tcp", netip.AddrPortFrom(netip.MustParseAddr(want), port))
			var blocked *egress.BlockedError
			if !errors.As(err, &blocked) {
				t.Errorf("dialling %s gives %v, %v", want, conn, err)
			}
		}
	}
	inner.Close()
	<-done
	if met.Load() != 0 {
		t.Errorf("%d connections to our own side", met.Load())
	}
}
