package resolve

import (
	"context"
	"hash/fnv"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/miekg/dns"

	"lurehound"
)

// Limits on asking registries.
const (
	maxRegistryServers = 4                // addresses kept of one suffix; a top-level domain has up to 13 name servers
	registryRate       = 50               // questions a second to one of a suffix's servers; response rate limits of name servers begin at some hundreds
	registryKept       = 6 * time.Hour    // of the clock; name servers of suffixes change rarely, their TTL is a day or two
	registryTries      = 4                // of one question, over the suffix's servers
	maxRegistries      = 1 << 12          // the public suffix list has some 10,000, of which a hunt meets few
	closedAfter        = 3                // registries in a row that are silent: port 53 is closed to us
	closedFor          = 10 * time.Minute // of the clock, until another one is tried
)

// registries remembers, per public suffix, who gives out its names.
type registries struct {
	mu     sync.Mutex
	known  map[string]*registry
	silent int       // registries in a row that never answered
	until  time.Time // of the clock: no registry is asked before
}

// registry is the zone in which the names below a public suffix are delegated,
// and its servers. zone, servers and until are written before ready is closed
// and never after.
type registry struct {
	ready   chan struct{}
	zone    string    // absolute; the suffix, or the zone that it lies in
	servers []*server // empty when they could not be learnt
	until   time.Time // of the clock
	pace    *pacer    // of all its servers
	turn    atomic.Uint32

	aside    context.Context // done when it was put aside: nobody goes on waiting for a turn
	putAside context.CancelFunc
	open     chan struct{} // closed when it answered once: before, two questions at a time find out
	trial    chan struct{} // holds those two

	heard bool // it answered once; this and quiet are guarded by registries.mu
	quiet int  // questions in a row without any answer
}

// registry finds the servers of a suffix, once. It is nil when they are out of
// reach.
func (c *Client) registry(ctx context.Context, suffix string) *registry {
	rs, now := &c.registries, c.clock.Now()
	rs.mu.Lock()
	if c.learnt == nil || now.Before(rs.until) {
		rs.mu.Unlock()
		return nil
	}
	r, ok := rs.known[suffix]
	if ok {
		select {
		case <-r.ready:
			ok = now.Before(r.until)
		default:
		}
	}
	if !ok {
		if rs.known == nil || len(rs.known) >= maxRegistries {
			rs.known = map[string]*registry{}
		}
		r = &registry{ready: make(chan struct{}), open: make(chan struct{}), trial: make(chan struct{}, 2)}
		r.aside, r.putAside = context.WithCancel(context.Background())
		rs.known[suffix] = r
	}
	rs.mu.Unlock()
	if !ok {
		c.learn(ctx, suffix, r)
		if ctx.Err() != nil {
			r.until = now // whoever comes next learns it again
		}
		close(r.ready)
	}
	select {
	case <-r.ready:
	case <-ctx.Done():
		return nil
	}
	if len(r.servers) == 0 {
		return nil
	}
	return r
}

// learn asks the resolvers for the zone's name servers and their addresses. A
// suffix that is no zone of its own lies in the one whose SOA denies that.
func (c *Client) learn(ctx context.Context, suffix string, r *registry) {
	r.until = c.clock.Now().Add(asideFor)
	h := fnv.New32a()
	h.Write([]byte(suffix))
	order := c.inOrder(int(h.Sum32() & 0xffff))
	r.zone = presentation(suffix)
	a := c.ask(ctx, r.zone, dns.TypeNS, order)
	if a.kind == kindNoData && a.zone != "." {
		r.zone = a.zone
		a = c.ask(ctx, r.zone, dns.TypeNS, order)
	}
	if a.kind != kindPositive {
		return
	}
	// Not always the same servers of the many that a suffix may have.
	first := int(c.random() % uint64(max(1, len(a.names))))
	for _, t := range []uint16{dns.TypeA, dns.TypeAAAA} {
		for i := range a.names {
			if len(r.servers) == maxRegistryServers || ctx.Err() != nil {
				break
			}
			host := a.names[(first+i)%len(a.names)]
			if b := c.ask(ctx, host+".", t, order); b.kind == kindPositive && len(b.addrs) > 0 {
				s := newServer(0, netip.AddrPortFrom(b.addrs[0], dnsPort), c.firstWait())
				s.operator, s.way = "registry of "+r.zone, direct{}
				r.servers = append(r.servers, s)
			}
		}
		if len(r.servers) > 0 {
			break // IPv6 only where there is nothing else: many networks have no way there
		}
	}
	if len(r.servers) > 0 {
		r.until = c.clock.Now().Add(registryKept)
		r.pace = newPacer(c.clock, registryRate*float64(len(r.servers)))
	}
}

// ask puts a question to the registry. The answer is one of kindNX, kindNoData
// and kindPositive only when a server of the zone gave it: a denial with
// authority, by the zone's own SOA, or a delegation.
func (r *registry) ask(ctx context.Context, c *Client, name string, qtype uint16) answer {
	a := answer{kind: kindFailed, why: whyTimeout}
	var gone []*server
	heard := false
	turn, stop := context.WithCancel(ctx)
	defer stop()
	defer context.AfterFunc(r.aside, stop)()
	select {
	case <-r.open:
	case r.trial <- struct{}{}:
		defer func() { <-r.trial }()
	case <-turn.Done():
		return r.unasked(ctx)
	}
	first, hasTurn := int(r.turn.Add(1)%uint32(len(r.servers))), false
	for i := range registryTries {
		s := r.servers[(first+i)%len(r.servers)]
		if slices.Contains(gone, s) {
			continue
		}
		if !hasTurn && r.pace.wait(turn) != nil {
			return r.unasked(ctx)
		}
		t := attempt{network: "udp", name: name, qtype: qtype, wait: max(c.firstWait(), time.Duration(s.patience.Load()))}
		if i == registryTries-1 {
			t.network, t.wait = "tcp", c.timeout
		}
		rep := c.exchange(ctx, s, t)
		if refusesEDNS(rep) && !s.noEDNS.Load() {
			s.noEDNS.Store(true)
			rep = c.exchange(ctx, s, t)
		}
		if rep.msg != nil && rep.msg.Truncated && t.network == "udp" { // also how rate limits let those through who mean it
			t.network, t.wait = "tcp", c.timeout
			rep = c.exchange(ctx, s, t)
		}
		heard = heard || rep.answered()
		hasTurn = rep.why == whyUnreachable // nothing was sent
		if rep.msg != nil && !rep.msg.Truncated {
			if b := r.read(c, rep.msg); b.kind >= kindNoData {
				b.server = s
				c.reached(r, true)
				return b
			}
		}
		if ctx.Err() != nil {
			return answer{kind: kindFailed, why: whyCancelled}
		}
		if rep.answered() || rep.why == whyUnreachable {
			gone = append(gone, s)
		}
	}
	c.reached(r, heard)
	return a
}

// unasked is the answer for who waited while others found that nobody answers.
func (r *registry) unasked(ctx context.Context) answer {
	if ctx.Err() != nil {
		return answer{kind: kindFailed, why: whyCancelled}
	}
	return answer{kind: kindFailed, why: whyTimeout}
}

// read takes only what servers of the zone may say.
func (r *registry) read(c *Client, m *dns.Msg) answer {
	a := c.blocks.read(m)
	switch a.kind {
	case kindNX, kindNoData:
		if a.aa && strings.EqualFold(a.zone, r.zone) {
			return a
		}
	case kindPositive:
		if a.aa || !m.RecursionAvailable {
			return a
		}
	}
	return answer{kind: kindFailed, why: whyLame}
}

// reached does the accounts of silence. A registry that is silent again and
// again is put aside; when several have never answered, the way to port 53 is
// closed to us, as it is in many a company's network.
func (c *Client) reached(r *registry, heard bool) {
	rs := &c.registries
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if heard {
		if !r.heard {
			close(r.open)
		}
		rs.silent, r.quiet, r.heard = 0, 0, true
		return
	}
	r.quiet++
	if r.quiet < 2 {
		return
	}
	r.quiet = 0
	r.putAside()
	for suffix, k := range rs.known {
		if k == r {
			aside := &registry{ready: make(chan struct{}), until: c.clock.Now().Add(closedFor)}
			close(aside.ready)
			rs.known[suffix] = aside
		}
	}
	if r.heard {
		return
	}
	if rs.silent++; rs.silent >= closedAfter {
		rs.silent, rs.until = 0, c.clock.Now().Add(closedFor)
	}
}

// doubtful reports whether the registry's word is wanted: the resolvers
// disagree, one of them alone denies the name, or somebody hides it. Some do that
// by refusing, or by an answer with nothing in it.
func (q *inquiry) doubtful() bool {
	hidden := q.open.kind == kindFiltered || q.open.kind == kindHijacked || q.open.why == whyRefused || q.open.why == whyLame
	if q.exists {
		return slices.ContainsFunc(q.absent, func(a answer) bool { return a.kind == kindNX })
	}
	return hidden && !slices.ContainsFunc(q.absent, func(a answer) bool { return a.aa }) || len(q.absent) > 0 && !q.proven()
}

// askRegistry puts the name to the servers of its public suffix. Their NXDOMAIN
// is the end of it; a delegation proves that somebody registered the name.
func (q *inquiry) askRegistry(ctx context.Context) {
	registrable := q.domain.Registrable()
	if registrable == "" || q.registry {
		return
	}
	r := q.c.registry(ctx, q.domain.Suffix())
	if r == nil {
		return
	}
	q.registry = true
	own := registrable == q.domain.String()
	a := r.ask(ctx, q.c, presentation(registrable), dns.TypeNS)
	switch {
	case a.kind == kindNX && q.exists:
		q.invented = true
	case a.kind == kindNX:
		q.absent, q.final = append(q.absent, a), true
	case !own: // who holds the name above says nothing about this one
	case a.kind == kindPositive:
		if q.denied() {
			q.note(whyDisagree)
		}
		q.exists = true
		q.positive = append(q.positive, a.server)
		q.note(q.open.why)
		if len(q.facts.NS) == 0 {
			q.take(ctx, dns.TypeNS, a)
		}
	case a.kind == kindNoData && !q.exists: // some registries keep records of the name itself
		q.askRecords(ctx, r, a)
	}
}

// askRecords asks a registry that has the name without delegating it for what
// else there may be. Only when it has nothing is the name absent.
func (q *inquiry) askRecords(ctx context.Context, r *registry, first answer) {
	denials := []answer{first}
	for _, t := range []uint16{dns.TypeA, dns.TypeAAAA, dns.TypeMX} {
		a := r.ask(ctx, q.c, q.name, t)
		switch a.kind {
		case kindPositive:
			q.exists = true
			q.positive = append(q.positive, a.server)
			q.take(ctx, t, a)
			q.note(q.open.why)
			return
		case kindNoData:
			denials = append(denials, a)
		default:
			return
		}
	}
	q.absent = append(q.absent, denials...)
}

// denied reports whether somebody said that there is no such name.
func (q *inquiry) denied() bool {
	return slices.ContainsFunc(q.absent, func(a answer) bool { return a.kind == kindNX })
}

// concludeInvented is for names of which a resolver has records and the
// registry, which would have to know, has none: neither found nor absent.
func (q *inquiry) concludeInvented() {
	q.facts = lurehound.DNSFacts{Resolution: lurehound.Hijacked}
	q.notes = append([]string{whyNotDelegated}, q.notes...)
	q.have = nil
}
