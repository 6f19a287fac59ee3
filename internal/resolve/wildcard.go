package resolve

import (
	"context"
	"hash/fnv"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"github.com/miekg/dns"

	"lurehound"
)

// maxParents bounds the memory for what parents do with random names; a list
// with more parents than that has the oldest ones asked again.
const maxParents = 1 << 17

// wildcards remembers, per parent, what it answers for a random name.
type wildcards struct {
	mu      sync.Mutex
	parents map[string]*sibling
}

// sibling is what a parent answers for names that nobody made. Its fields are
// written before ready is closed and never after.
type sibling struct {
	ready  chan struct{}
	known  bool // the question was answered
	wild   bool // any name has an address or mail servers
	steady bool // two random names have the same answers
	addrs  []netip.Addr
	names  []string // CNAME targets
	mx     []string
	ns     []string
}

// sibling asks a parent ("" is the root) for two random names, once.
func (c *Client) sibling(ctx context.Context, parent string) *sibling {
	w := &c.wild
	w.mu.Lock()
	s, ok := w.parents[parent]
	if !ok {
		if w.parents == nil || len(w.parents) >= maxParents {
			w.parents = map[string]*sibling{}
		}
		s = &sibling{ready: make(chan struct{})}
		w.parents[parent] = s
	}
	w.mu.Unlock()
	if ok {
		select {
		case <-s.ready:
		case <-ctx.Done():
			return &sibling{}
		}
		return s
	}
	c.askSibling(ctx, parent, s)
	if !s.known && ctx.Err() != nil {
		w.mu.Lock()
		if w.parents[parent] == s {
			delete(w.parents, parent)
		}
		w.mu.Unlock()
	}
	close(s.ready)
	return s
}

func (c *Client) askSibling(ctx context.Context, parent string, s *sibling) {
	h := fnv.New32a()
	h.Write([]byte(parent))
	order := c.inOrder(int(h.Sum32() & 0xffff))
	under := "."
	if parent != "" {
		under = "." + presentation(parent)
	}
	first, second := c.randomLabel()+under, c.randomLabel()+under
	a := c.ask(ctx, first, dns.TypeA, order)
	switch a.kind {
	case kindNX, kindHijacked:
		s.known = true
		return
	case kindPositive, kindNoData:
	default:
		return
	}
	// NODATA of a random name may be a wildcard of mail servers only.
	mx := c.ask(ctx, first, dns.TypeMX, order)
	switch {
	case a.kind == kindPositive || mx.kind == kindPositive:
	case mx.kind == kindNX || mx.kind == kindNoData || mx.kind == kindApex:
		s.known = true
		return
	default:
		return
	}
	a2, mx2 := c.ask(ctx, second, dns.TypeA, order), c.ask(ctx, second, dns.TypeMX, order)
	ns := c.ask(ctx, first, dns.TypeNS, order)
	s.known, s.wild = true, true
	s.steady = a.kind == a2.kind && mx.kind == mx2.kind && slices.Equal(mx.names, mx2.names) &&
		slices.Equal(a.addrs, a2.addrs) && slices.Equal(a.chain, a2.chain)
	s.addrs = append(a.addrs, a2.addrs...)
	s.names = append(a.chain, a2.chain...)
	s.mx = append(mx.names, mx2.names...)
	s.ns = ns.names
}

// made reports whether the facts could come from the wildcard: name servers of
// its own, or an address, alias or mail server that a steady wildcard never
// gives, could not.
func (s *sibling) made(f *lurehound.DNSFacts) bool {
	if len(f.NS) > 0 && !slices.Equal(f.NS, s.ns) {
		return false
	}
	if !s.steady {
		return true
	}
	for _, a := range f.A {
		if !slices.Contains(s.addrs, a) {
			return false
		}
	}
	beyond := func(have, wild []string) bool {
		return slices.ContainsFunc(have, func(n string) bool { return !slices.Contains(wild, n) })
	}
	return !beyond(f.CNAME, s.names) && !beyond(f.MX, s.mx)
}

// checkWildcard says whether the parent answers for any name. Below a public
// suffix such an answer is the registry's and no sign that somebody registered
// the name. Below a registered name it is its owner's, and whoever is lured
// there gets it: the name exists.
func (q *inquiry) checkWildcard(ctx context.Context) {
	name := q.domain.String()
	_, parent, _ := strings.Cut(name, ".")
	s := q.c.sibling(ctx, parent)
	if !s.known {
		q.note("wildcard-unchecked")
		return
	}
	q.facts.Wildcard = s.wild
	if !s.wild || q.facts.Resolution != lurehound.Exists {
		return
	}
	if reg := q.domain.Registrable(); reg != "" && reg != name {
		s = q.c.sibling(ctx, q.domain.Suffix())
		if !s.wild {
			return
		}
	}
	q.askForWildcard(ctx)
	if s.made(&q.facts) {
		q.unknown(whyWildcard)
	}
}

// askForWildcard asks for the types that a wildcard is recognised by.
func (q *inquiry) askForWildcard(ctx context.Context) {
	for _, t := range []uint16{dns.TypeNS, dns.TypeA} {
		if slices.Contains(q.asked, t) {
			continue
		}
		q.asked = append(q.asked, t)
		if a := q.c.ask(ctx, q.name, t, q.c.inOrder(q.start)); a.kind == kindPositive {
			q.take(ctx, t, a)
		}
	}
}
