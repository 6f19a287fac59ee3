package resolve

import (
	"context"
	"slices"
	"time"

	"github.com/miekg/dns"
)

// ask puts one question to the servers in the order given until one answers it.
// A server that fails the question is not asked it again; one that is silent
// is, after the others, and every third try goes over TCP.
func (c *Client) ask(ctx context.Context, name string, qtype uint16, order []*server) answer {
	return c.askOn(ctx, nil, name, qtype, order)
}

// askOn goes on from what a first try brought, if it was made already.
func (c *Client) askOn(ctx context.Context, first *given, name string, qtype uint16, order []*server) answer {
	p := &poll{c: c, order: order, name: name, qtype: qtype, first: first}
	for p.tries < c.tries {
		s := p.next(ctx)
		if s == nil {
			break
		}
		if a, done := p.try(ctx, s); done {
			a.overruled = p.open.kind == kindFiltered || p.open.kind == kindHijacked
			return a
		}
		if ctx.Err() != nil {
			return answer{kind: kindFailed, why: whyCancelled}
		}
	}
	if p.cut.kind == kindPositive {
		return p.cut
	}
	if p.open.why == "" {
		p.open.why = whyNoResolver
	}
	return p.c.unasked(p.open)
}

// poll is the state of one question on its way through the servers.
type poll struct {
	c     *Client
	order []*server
	name  string
	qtype uint16

	first *given // what a try brought that was made elsewhere
	tries int
	noTCP bool      // refused at once, which costs neither time nor a try
	at    int       // place in order of the next server
	spent []*server // failed the question
	open  answer    // the most telling answer that leaves it open
	cut   answer    // what a truncated answer showed
	tcp   *server   // to be asked over TCP next
}

// next is the server to ask, nil when none is left.
func (p *poll) next(ctx context.Context) *server {
	if p.first != nil {
		p.at++ // it is the first in order
		return p.first.server
	}
	if s := p.tcp; s != nil {
		return s
	}
	for range p.order {
		s := p.order[p.at%len(p.order)]
		p.at++
		if !slices.Contains(p.spent, s) && p.c.usable(ctx, s) {
			return s
		}
	}
	return nil
}

// try sends the question to s once, twice where EDNS or UDP did not do. done
// means that the answer settles the question.
func (p *poll) try(ctx context.Context, s *server) (a answer, done bool) {
	t := attempt{network: "udp", name: p.name, qtype: p.qtype, wait: p.wait(s)}
	if p.tcp == s || p.tries%3 == 2 && !p.noTCP {
		t.network, t.wait, p.tcp = "tcp", p.c.timeout, nil
	}
	r := p.send(ctx, s, t)
	if refusesEDNS(r) && !s.noEDNS.Load() {
		t.plain = true
		if r = p.send(ctx, s, t); r.answered() && !refusesEDNS(r) {
			s.noEDNS.Store(true)
		}
	}
	if r.msg != nil && r.msg.Truncated && t.network == "udp" {
		if b := p.c.blocks.read(r.msg); b.kind == kindPositive {
			b.server, b.cut = s, true
			p.cut = b
		}
		t.network, t.wait = "tcp", p.c.timeout
		if r = p.send(ctx, s, t); !r.answered() {
			p.leave(answer{kind: kindFailed, why: whyTruncated})
			p.spent = append(p.spent, s)
			return answer{}, false
		}
	}
	return p.judge(ctx, s, t, r)
}

// judge takes what came and decides whether it settles the question.
func (p *poll) judge(ctx context.Context, s *server, t attempt, r reply) (answer, bool) {
	switch {
	case !r.answered():
		p.leave(answer{kind: kindFailed, why: r.why})
		if r.recased && t.network == "udp" {
			p.tcp = s
		}
		return answer{}, false
	case r.rcodeOnly:
		p.leave(answer{kind: kindFailed, why: rcodeReason(r.rcode)})
		p.spent = append(p.spent, s)
		return answer{}, false
	}
	a := p.c.blocks.read(r.msg)
	a.server = s
	if a.kind == kindPositive && len(a.addrs) > 0 && p.c.vetted(ctx, s).gives(a.addrs) {
		a = answer{kind: kindHijacked, why: "hijacked", server: s}
	}
	if a.kind >= kindApex {
		return a, true
	}
	if a.kind == kindFiltered || a.kind == kindHijacked {
		s.hides.Store(true)
	}
	p.leave(a)
	p.spent = append(p.spent, s)
	return answer{}, false
}

// leave keeps the most telling of the answers that leave the question open; an
// answer of a server tells more than its silence.
func (p *poll) leave(a answer) {
	silent := p.open.why == "" || p.open.why == whyTimeout || p.open.why == whyUnreachable
	if a.kind > p.open.kind || a.kind == p.open.kind && silent {
		p.open = a
	}
}

// send makes one attempt and does the accounts of the server's silence.
func (p *poll) send(ctx context.Context, s *server, t attempt) reply {
	p.tries++
	sent := time.Now()
	var r reply
	if g := p.first; g != nil {
		p.first, sent, r = nil, g.sent, g.reply
	} else {
		r = p.c.exchange(ctx, s, t)
	}
	switch {
	case r.answered() || r.why == whyCancelled || r.why == whyNotName:
	case r.why == whyUnreachable && t.network == "tcp":
		if !p.noTCP {
			p.tries--
			p.noTCP = true
		}
	case s.unheard(sent, p.c.timeout):
		p.c.revive(ctx, s)
	}
	return r
}

// wait doubles with every round through the servers.
func (p *poll) wait(s *server) time.Duration {
	const most = 3 // doublings: a fifth of the timeout has then grown past it
	w := p.c.firstWait() << min(p.tries/len(p.order), most)
	return min(max(w, time.Duration(s.patience.Load())), p.c.timeout)
}

// refusesEDNS reports the ways in which servers show that they do not know
// EDNS (RFC 6891, section 7).
func refusesEDNS(r reply) bool {
	return r.answered() && (r.rcode == dns.RcodeFormatError || r.rcode == dns.RcodeBadVers)
}

// inOrder is all servers, beginning with a place that depends on the name
// only, so that the load is spread and the same question goes the same way.
func (c *Client) inOrder(start int) []*server {
	n := len(c.servers)
	out := make([]*server, 0, n)
	for i := range n {
		out = append(out, c.servers[(start+i)%n])
	}
	return out
}

// others is all servers, those of other operators than the given ones first,
// then other servers of the same operators, then these.
func (c *Client) others(start int, used []*server) []*server {
	out := c.inOrder(start)
	rank := func(s *server) int {
		r := 0
		for _, u := range used {
			switch {
			case u == s:
				return 2
			case u.operator == s.operator:
				r = 1
			}
		}
		return r
	}
	slices.SortStableFunc(out, func(a, b *server) int { return rank(a) - rank(b) })
	return out
}
