package resolve

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"

	"github.com/miekg/dns"
	"golang.org/x/net/publicsuffix"
)

// Caps on what one answer may bring.
const (
	maxLinks   = 8        // of a CNAME chain; resolvers stop at 8 to 16
	maxRecords = 64       // of one type
	maxText    = 64 << 10 // octets of TXT in presentation form: one message's worth
)

// kind is what one server's answer to one question says.
type kind int

// The kinds, from the least to the most telling: of several answers that leave
// the question open, the highest one gives the outcome's reason.
const (
	kindFailed   kind = iota // why says how
	kindHijacked             // the address that the server gives for names that do not exist
	kindFiltered             // a protective resolver's block
	kindApex                 // no such record, and the name is the top of a zone: it must have name servers
	kindNoData               // no such record, by the SOA of a zone above
	kindNX                   // no such name, by the SOA of a zone above
	kindPositive             // records, a CNAME or a delegation
)

// answer is one message, understood. Only what belongs to the question's name,
// or to the chain of CNAMEs that begins there, is in it.
type answer struct {
	kind      kind
	why       string
	server    *server
	aa        bool   // authoritative
	zone      string // owner of the SOA that denies, absolute
	overruled bool   // another server had hidden or replaced this answer

	addrs []netip.Addr
	names []string // NS or PTR, or MX by preference
	texts []string // TXT or CAA
	chain []string // targets of CNAMEs, in order

	open     bool // the chain ends without records and without a word about them
	dangling bool // its end does not exist
	loop     bool
	capped   bool
	cut      bool // truncated, and TCP did not work
}

// read understands a message that answers our question. It is pure.
func (b blockList) read(m *dns.Msg) answer {
	qname, qtype := m.Question[0].Name, m.Question[0].Qtype
	if why := extendedError(m); why != "" {
		return answer{kind: kindFiltered, why: why}
	}
	if m.Rcode != dns.RcodeSuccess && m.Rcode != dns.RcodeNameError {
		return answer{kind: kindFailed, why: rcodeReason(m.Rcode)}
	}
	// Resolvers claim authority too, for what their owner put in: blocks.
	a := answer{aa: m.Authoritative && !m.RecursionAvailable}
	end := a.follow(m.Answer, qname)
	a.collect(m.Answer, qname, end, qtype)
	if len(a.chain) > 0 || len(a.addrs)+len(a.names)+len(a.texts) > 0 {
		return b.positive(a, m, end)
	}
	owner := soaOwner(m.Ns)
	a.zone = owner
	switch {
	case m.Rcode == dns.RcodeNameError:
		a.kind, a.why = kindNX, ""
		if owner == "" {
			a.kind, a.why = kindFiltered, "no-soa"
		} else if !above(owner, qname) {
			a.kind, a.why = kindFiltered, "foreign-soa"
		}
	case owner != "" && strings.EqualFold(owner, qname):
		a.kind = kindApex
		if qtype == dns.TypeNS || qtype == dns.TypeSOA {
			a.kind, a.why = kindFailed, whyLame // the top of a zone always has both
		}
	case owner != "" && above(owner, qname):
		a.kind = kindNoData
	case owner != "":
		a.kind, a.why = kindFiltered, "foreign-soa"
	default:
		a.referral(m, qname, qtype)
	}
	return a
}

// positive finishes an answer that has something of the name itself. A CNAME
// is a record of the name, whatever becomes of its target.
func (b blockList) positive(a answer, m *dns.Msg, end string) answer {
	a.kind = kindPositive
	if !a.aa && b.blocks(a.addrs, a.chain) {
		return answer{kind: kindFiltered, why: "block-address"}
	}
	if len(a.addrs)+len(a.names)+len(a.texts) == 0 && !a.loop {
		a.dangling = m.Rcode == dns.RcodeNameError
		owner := soaOwner(m.Ns)
		a.open = !a.dangling && m.Question[0].Qtype != dns.TypeNS && (owner == "" || !dns.IsSubDomain(owner, end))
	}
	return a
}

// referral tells a delegation of the very name, as the servers of its parent
// give it, from everything else that is empty.
func (a *answer) referral(m *dns.Msg, qname string, qtype uint16) {
	a.kind, a.why = kindFailed, whyLame
	if m.Authoritative || m.RecursionAvailable {
		return
	}
	for _, rr := range m.Ns {
		if ns, ok := rr.(*dns.NS); ok && strings.EqualFold(ns.Hdr.Name, qname) {
			a.kind, a.why = kindPositive, ""
			a.open = qtype != dns.TypeNS
			if qtype == dns.TypeNS {
				a.addName(ns.Ns)
			}
		}
	}
	tidy(&a.names)
}

// follow walks the CNAMEs from qname and returns the name where they end.
func (a *answer) follow(rrs []dns.RR, qname string) string {
	at := qname
	for {
		next := ""
		for _, rr := range rrs {
			if cn, ok := rr.(*dns.CNAME); ok && strings.EqualFold(cn.Hdr.Name, at) {
				next = cn.Target
				break
			}
		}
		if next == "" {
			return at
		}
		target := plainName(next)
		a.loop = strings.EqualFold(next, qname) || slices.Contains(a.chain, target)
		if len(a.chain) == maxLinks {
			a.capped = true
			return at
		}
		a.chain = append(a.chain, target)
		if a.loop {
			return next
		}
		at = next
	}
}

// collect takes the records of the chain's end; NS only of the name itself,
// since another name's delegation says nothing about this one.
func (a *answer) collect(rrs []dns.RR, qname, end string, qtype uint16) {
	if a.loop || a.capped {
		return
	}
	type exchanger struct {
		pref uint16
		name string
	}
	var mx []exchanger
	text := 0
	for _, rr := range rrs {
		h := rr.Header()
		if h.Rrtype != qtype || h.Class != dns.ClassINET || !strings.EqualFold(h.Name, end) {
			continue
		}
		if len(a.addrs)+len(a.names)+len(a.texts)+len(mx) == maxRecords {
			a.capped = true
			break
		}
		switch rr := rr.(type) {
		case *dns.A:
			if ip, ok := netip.AddrFromSlice(rr.A.To4()); ok {
				a.addrs = append(a.addrs, ip)
			}
		case *dns.AAAA:
			if ip, ok := netip.AddrFromSlice(rr.AAAA.To16()); ok {
				a.addrs = append(a.addrs, ip)
			}
		case *dns.NS:
			if strings.EqualFold(end, qname) {
				a.addName(rr.Ns)
			}
		case *dns.PTR:
			a.addName(rr.Ptr)
		case *dns.CAA:
			a.texts = append(a.texts, strings.TrimPrefix(rr.String(), h.String()))
		case *dns.MX:
			mx = append(mx, exchanger{rr.Preference, plainName(rr.Mx)})
		case *dns.TXT:
			s := strings.Join(rr.Txt, "")
			if text += len(s); text > maxText {
				a.capped = true
				continue
			}
			a.texts = append(a.texts, s)
		}
	}
	slices.SortFunc(mx, func(x, y exchanger) int {
		return cmp.Or(cmp.Compare(x.pref, y.pref), strings.Compare(x.name, y.name))
	})
	slices.SortFunc(a.addrs, netip.Addr.Compare)
	a.addrs = slices.Compact(a.addrs)
	tidy(&a.names)
	tidy(&a.texts)
	for _, x := range mx {
		a.names = append(a.names, x.name)
	}
	a.names = slices.Compact(a.names)
}

func (a *answer) addName(s string) { a.names = append(a.names, plainName(s)) }

func tidy(s *[]string) {
	slices.Sort(*s)
	*s = slices.Compact(*s)
}

// plainName is a name as it is shown: presentation form (everything that is
// not a printable character of one label is escaped), lower case, no final
// dot. A space is \032, so that no name falls apart in a line of words.
func plainName(s string) string {
	if s == "." {
		return s
	}
	s = strings.ToLower(strings.TrimSuffix(s, "."))
	return strings.ReplaceAll(s, `\ `, `\032`)
}

func soaOwner(rrs []dns.RR) string {
	for _, rr := range rrs {
		if soa, ok := rr.(*dns.SOA); ok && soa.Hdr.Class == dns.ClassINET {
			return soa.Hdr.Name
		}
	}
	return ""
}

// above reports whether a zone may deny a name: it lies strictly above it, and
// it is not the root where the name's top-level domain is known to exist. (An
// inner network with a root of its own would deny every name there is.)
func above(zone, name string) bool {
	if zone != "." {
		return dns.IsSubDomain(zone, name) && !strings.EqualFold(zone, name)
	}
	labels := dns.SplitDomainName(name)
	if len(labels) < 2 {
		return true
	}
	_, listed := publicsuffix.PublicSuffix(strings.ToLower(labels[len(labels)-1]))
	return !listed
}

// extendedError says which block the server admits to (RFC 8914): 4 forged,
// 15 blocked, 16 censored, 17 filtered, 18 prohibited.
func extendedError(m *dns.Msg) string {
	opt := m.IsEdns0()
	if opt == nil {
		return ""
	}
	for _, o := range opt.Option {
		e, ok := o.(*dns.EDNS0_EDE)
		if !ok {
			continue
		}
		switch e.InfoCode {
		case dns.ExtendedErrorCodeForgedAnswer:
			return "ede-4"
		case dns.ExtendedErrorCodeBlocked:
			return "ede-15"
		case dns.ExtendedErrorCodeCensored:
			return "ede-16"
		case dns.ExtendedErrorCodeFiltered:
			return "ede-17"
		case dns.ExtendedErrorCodeProhibited:
			return "ede-18"
		}
	}
	return ""
}

func rcodeReason(rcode int) string {
	switch rcode {
	case dns.RcodeServerFailure:
		return whyServfail
	case dns.RcodeRefused:
		return whyRefused
	}
	if s, ok := dns.RcodeToString[rcode]; ok {
		return strings.ToLower(s)
	}
	return "rcode"
}
