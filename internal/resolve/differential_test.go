package resolve

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"
	"golang.org/x/net/dns/dnsmessage"
	"golang.org/x/net/publicsuffix"
)

// This file holds what we make of a packet against what golang.org/x/net/dns/dnsmessage,
// which shares no code with the reader that we use, finds in it. The meaning of what it
// finds is written down here a second time, from the rules and not from the code.

// sight is a message as the other reader sees it.
type sight struct {
	header            dnsmessage.Header
	questions         []dnsmessage.Question
	answer, authority []dnsmessage.Resource
	opts              []dnsmessage.OPTResource
	extended          dnsmessage.RCode
}

// seen reads a packet to its last record. A name with a dot within a label
// cannot be said in that package: odd is set and nothing else is known then.
func seen(packet []byte) (s sight, odd, ok bool) {
	var p dnsmessage.Parser
	var err error
	fail := func(err error) (sight, bool, bool) {
		return s, strings.Contains(err.Error(), "invalid dns name"), false
	}
	if s.header, err = p.Start(packet); err != nil {
		return fail(err)
	}
	if s.questions, err = p.AllQuestions(); err != nil {
		return fail(err)
	}
	if s.answer, err = p.AllAnswers(); err != nil {
		return fail(err)
	}
	if s.authority, err = p.AllAuthorities(); err != nil {
		return fail(err)
	}
	for s.extended = s.header.RCode; ; { // of the rest, only OPT says something
		h, err := p.AdditionalHeader()
		if errors.Is(err, dnsmessage.ErrSectionDone) {
			break
		}
		if err != nil {
			return fail(err)
		}
		if h.Type != dnsmessage.TypeOPT {
			if err := p.SkipAdditional(); err != nil {
				return fail(err)
			}
			continue
		}
		o, err := p.OPTResource()
		if err != nil {
			return fail(err)
		}
		s.opts = append(s.opts, o)
		// Of whatever version: what an unknown one says is an error more, never an answer.
		s.extended = dnsmessage.RCode(h.TTL>>24<<4) | s.header.RCode
	}
	return s, false, true
}

// end walks the CNAMEs from a name; links is how many there are, and loop says
// that they come back.
func (s sight) end(name string) (end string, links int, loop bool) {
	at, been := name, []string{strings.ToLower(name)}
	for {
		next := ""
		for _, r := range s.answer {
			if c, is := r.Body.(*dnsmessage.CNAMEResource); is && strings.EqualFold(r.Header.Name.String(), at) {
				next = c.CNAME.String()
				break
			}
		}
		if next == "" {
			return at, links, false
		}
		links++
		if slices.Contains(been, strings.ToLower(next)) {
			return next, links, true
		}
		at, been = next, append(been, strings.ToLower(next))
	}
}

// records is how many records of the type a name has in the answer.
func (s sight) records(name string, qtype uint16) (n int, addrs []netip.Addr) {
	for _, r := range s.answer {
		if uint16(r.Header.Type) != qtype || r.Header.Class != dnsmessage.ClassINET || !strings.EqualFold(r.Header.Name.String(), name) {
			continue
		}
		n++
		switch b := r.Body.(type) {
		case *dnsmessage.AResource:
			addrs = append(addrs, netip.AddrFrom4(b.A))
		case *dnsmessage.AAAAResource:
			addrs = append(addrs, netip.AddrFrom16(b.AAAA))
		}
	}
	return n, addrs
}

// zones are the owners of the SOAs beside the answer.
func (s sight) zones() []string {
	var owners []string
	for _, r := range s.authority {
		if r.Header.Type == dnsmessage.TypeSOA && r.Header.Class == dnsmessage.ClassINET {
			owners = append(owners, strings.ToLower(r.Header.Name.String()))
		}
	}
	return owners
}

// admits reports whether the server says that it blocks (RFC 8914).
func (s sight) admits() bool {
	for _, o := range s.opts {
		for _, opt := range o.Options {
			if opt.Code == 15 && len(opt.Data) >= 2 {
				switch binary.BigEndian.Uint16(opt.Data) {
				case 4, 15, 16, 17, 18:
					return true
				}
			}
		}
	}
	return false
}

// mayDeny reports whether a zone may say that a name below it is not there.
func mayDeny(zone, name string) bool {
	name = strings.ToLower(name)
	if zone == "." {
		top := name[strings.LastIndexByte(strings.TrimSuffix(name, "."), '.')+1:]
		_, listed := publicsuffix.PublicSuffix(strings.TrimSuffix(top, "."))
		return top == name || !listed
	}
	return strings.HasSuffix(name, "."+zone)
}

// check holds an answer against the sight of the same message.
func (s sight) check(t *testing.T, a answer, qname string, qtype uint16, blocks blockList) {
	end, links, loop := s.end(qname)
	n, addrs := s.records(end, qtype)
	if qtype == uint16(dnsmessage.TypeNS) && links > 0 {
		n = 0 // another name's delegation
	}
	own := links > 0 || n > 0 && !loop
	zones := s.zones()
	top := slices.Contains(zones, strings.ToLower(qname))
	above := slices.ContainsFunc(zones, func(z string) bool { return mayDeny(z, qname) })
	fine := s.extended == dnsmessage.RCodeSuccess || s.extended == dnsmessage.RCodeNameError
	at := func(ok bool, law string) {
		t.Helper()
		if !ok {
			t.Errorf("%s: %s %d is taken as %+v; the message is %+v", law, qname, qtype, a, s)
		}
	}
	if a.aa {
		at(s.header.Authoritative && !s.header.RecursionAvailable, "authority")
	}
	switch a.kind {
	case kindNX:
		at(s.extended == dnsmessage.RCodeNameError && !own && above && !s.admits(), "nxdomain")
	case kindNoData:
		at(s.extended == dnsmessage.RCodeSuccess && !own && above && !s.admits(), "nodata")
	case kindApex:
		at(s.extended == dnsmessage.RCodeSuccess && !own && top && !s.admits(), "apex")
	case kindPositive:
		referral := slices.ContainsFunc(s.authority, func(r dnsmessage.Resource) bool {
			return r.Header.Type == dnsmessage.TypeNS && strings.EqualFold(r.Header.Name.String(), qname)
		})
		at(fine && !s.admits() && (own || referral), "positive")
		for _, ip := range a.addrs {
			at(slices.Contains(addrs, ip), "addresses")
		}
		if !a.capped && !a.loop {
			for _, ip := range addrs {
				at(slices.Contains(a.addrs, ip), "addresses left out")
			}
		}
		at(len(a.chain) == min(links, maxLinks), "chain")
	case kindFiltered:
		switch {
		case s.admits():
		case a.why == "block-address":
			at(fine && own && (links > 0 || !slices.ContainsFunc(addrs, func(ip netip.Addr) bool { return !blocks.blocks([]netip.Addr{ip}, nil) })), "block address")
		default: // a denial that nobody may give
			at(fine && !own && (s.extended == dnsmessage.RCodeNameError || len(zones) > 0), "filtered")
		}
	case kindFailed:
		at(!fine || !own, "failed")
	}
	if len(s.opts) > 1 { // no message says that twice (RFC 6891, 6.1.1)
		return
	}
	if s.admits() {
		at(a.kind == kindFiltered, "an admitted block")
	} else if !fine {
		at(a.kind == kindFailed, "an error")
	} else if own {
		at(a.kind == kindPositive || a.kind == kindFiltered && a.why == "block-address", "records")
	}
}

// asked are the questions of the differential fuzzing.
func asked() []dns.Question {
	var list []dns.Question
	for _, name := range []string{"evil.com.", "www.evil.com.", "absent.co.uk.", "com.", "x.nosuchtop."} {
		for _, t := range []uint16{dns.TypeA, dns.TypeAAAA, dns.TypeNS, dns.TypeMX, dns.TypeTXT} {
			list = append(list, dns.Question{Name: name, Qtype: t, Qclass: dns.ClassINET})
		}
	}
	return list
}

// FuzzClassification: what we say of a packet is what is in it. raw packets are
// taken as they are; to others the right head is put, so that more of them get
// past it.
func FuzzClassification(f *testing.F) {
	w := fixture(f)
	questions := asked()
	for i, q := range questions {
		m := w.answer(new(dns.Msg).SetQuestion(q.Name, q.Qtype))
		m.SetEdns0(1232, false)
		f.Add(packed(f, m), uint8(i), true, false)
		m.Compress = true
		f.Add(packed(f, m)[headerLen:], uint8(i), false, true)
		m.RecursionAvailable, m.Authoritative = false, true
		m.IsEdns0().Option = []dns.EDNS0{&dns.EDNS0_EDE{InfoCode: dns.ExtendedErrorCodeCensored}}
		f.Add(packed(f, m), uint8(i), true, false)
		m.Answer, m.Ns = nil, []dns.RR{soa("com.")}
		m.Rcode, m.IsEdns0().Option = dns.RcodeNameError, nil
		f.Add(packed(f, m), uint8(i), true, false)
		m.Ns = []dns.RR{soa("rpz.local."), soa(q.Name)}
		f.Add(packed(f, m), uint8(i), true, false)
		m.Answer = []dns.RR{address(q.Name, "0.0.0.0"), &dns.CNAME{Hdr: dns.RR_Header{Name: q.Name, Rrtype: dns.TypeCNAME, Class: dns.ClassINET}, Target: "a."}}
		f.Add(packed(f, m), uint8(i), true, true)
	}
	blocks := newBlockList(nil)
	f.Fuzz(func(t *testing.T, data []byte, which uint8, raw, tcp bool) {
		q := questions[int(which)%len(questions)]
		query := packed(t, new(dns.Msg).SetQuestion(q.Name, q.Qtype))
		packet := slices.Clone(data)
		if raw && len(packet) > 2 {
			copy(packet, query[:2])
		} else if !raw { // flags and counts of the data, our question, the rest of the data
			head := append(slices.Clone(query[:2]), make([]byte, 10)...)
			rest := data[copy(head[2:], data):]
			head[2], head[4], head[5] = head[2]&^0x78|0x80, 0, 1
			packet = slices.Concat(head, query[headerLen:], rest)
		}
		a, plain, ok := classify(blocks, packet, query, tcp)
		s, odd, parsed := seen(packet)
		if plain && !ok {
			t.Errorf("read as a plain denial and not at all: %x", packet)
		}
		if !ok || odd {
			return
		}
		if !parsed {
			if a.kind == kindNX || a.kind == kindNoData {
				t.Errorf("absent by a message that cannot be read: %x", packet)
			}
			return
		}
		if plain && a.kind != kindNX {
			t.Errorf("a plain denial is %+v when it is read in full", a)
		}
		s.check(t, a, q.Name, q.Qtype, blocks)
	})
}

// classify is what we make of one packet: not our answer or unreadable (ok is
// false), or an answer; plain says that it was recognised as a denial in place.
func classify(blocks blockList, packet, query []byte, tcp bool) (a answer, plain, ok bool) {
	if match(packet, query, len(query), tcp) != fitAnswer {
		return a, false, false
	}
	plain = denies(packet, len(query)) != noDenial
	m, ok := unpack(packet)
	if !ok {
		return a, plain, false
	}
	return blocks.read(m), plain, true
}
