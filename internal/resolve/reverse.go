package resolve

import (
	"context"
	"slices"

	"github.com/miekg/dns"

	"lurehound"
)

// maxReverse is how many addresses of one name are asked about.
const maxReverse = 8

// askReverse asks for the names of the addresses, when PTR was asked for.
func (q *inquiry) askReverse(ctx context.Context) {
	if !q.reverse {
		return
	}
	list := q.facts.Addrs()
	if len(list) > maxReverse {
		list = list[:maxReverse]
		q.note("capped")
	}
	failed := false
	for _, ip := range list {
		name, err := dns.ReverseAddr(ip.String())
		if err != nil {
			continue
		}
		a := q.c.ask(ctx, name, dns.TypePTR, q.c.inOrder(q.start))
		switch {
		case a.kind == kindPositive && len(a.names) > 0:
			q.facts.PTR = append(q.facts.PTR, lurehound.PTRFacts{Addr: ip, Names: a.names})
		case a.kind < kindApex:
			failed = true
		}
	}
	if failed {
		q.missing = append(q.missing, "PTR")
	}
}

// forwardTypes takes PTR out of the types: it is not asked of the name but of
// its addresses, which have to be known then.
func forwardTypes(types []uint16) (forward []uint16, reverse bool) {
	if !slices.Contains(types, dns.TypePTR) {
		return types, false
	}
	hasAddr := false
	for _, t := range types {
		hasAddr = hasAddr || t == dns.TypeA || t == dns.TypeAAAA
		if t == dns.TypePTR {
			continue
		}
		forward = append(forward, t)
	}
	if !hasAddr {
		forward = append(forward, dns.TypeA)
	}
	return forward, true
}
