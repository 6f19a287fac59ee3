package resolve

import (
	"context"
	"sync"

	"github.com/miekg/dns"

	"lurehound"
)

// secondWord is the place in bulk.forward of the question that confirms a
// denial: none, its type follows from the first one's.
const secondWord = 1 << 15

// registryFirst is how many names of a list, from its beginning, a single
// operator's denial is not enough for while the servers of suffixes may be asked:
// lists come with the likeliest first, and each of these servers is asked 50 times a second.
const registryFirst = 200

// typeOf is the type of a question by its place.
func (b *bulk) typeOf(which int) uint16 {
	switch {
	case which != secondWord:
		return b.forward[which]
	case b.forward[0] == dns.TypeA:
		return dns.TypeNS // some deny names that have records of one type only
	}
	return dns.TypeA
}

// askTwice asks about a name that its first answer plainly denies once more: a
// server of another operator if there is one, over another socket in any case. It is
// what inquiry.confirm does, without a goroutine, for what nearly all names are.
func (b *bulk) askTwice(number int, g given, by *port) {
	s := b.slot(number)
	s.more = &gathering{given: []given{g}}
	next := g.server
	for i := range b.c.servers {
		o := b.c.servers[(startOf(s.ascii)+1+i)%len(b.c.servers)]
		if o.way == nil && b.engine.usable(o) && !o.aside.Load() && o.operator != g.server.operator {
			next = o
			break
		}
	}
	if next == g.server && (!b.alone || b.engine.sockets(next) < 2) {
		b.hard.push(hardName{number: number, given: s.more.given})
		return // who could contradict is not asked over shared sockets, or not over another one
	}
	b.c.pace.owe()
	b.lines[next.index].hurry(question{number: uint32(number), which: secondWord, other: by})
	b.engine.feed(next)
}

// heardTwice takes the second word on a name.
func (b *bulk) heardTwice(number int, r result) {
	s := b.slot(number)
	first := s.more.given[0].server
	h := hardName{number: number, given: s.more.given}
	switch {
	case r.denied == noDenial:
		b.hard.push(h)
	case r.denied == byParent || first.operator != r.server.operator:
		b.decide(number, nil)
	case number < registryFirst && b.c.learnt != nil:
		b.hard.push(h)
	default:
		b.unvetted.decide(b, first, h)
	}
}

// decide notes what is known of a name; nil is the plainest denial.
func (b *bulk) decide(number int, f *lurehound.DNSFacts) {
	s := b.slot(number)
	s.facts = f
	s.done.Store(true)
	b.finished.Add(1)
	b.underWay.Add(-1)
}

// bySingle is what two denials of one operator are worth.
func bySingle() *lurehound.DNSFacts {
	return &lurehound.DNSFacts{Resolution: lurehound.NXDomain, Reason: whySingle}
}

// unvetted are names that one operator denies twice, while it is found out
// whether it can be believed. Whoever hides or invents names in front of us is not:
// those names go to an inquiry, which asks their suffix's own servers.
type unvetted struct {
	single *lurehound.DNSFacts
	begin  func(s *server) // has the server vetted, and calls settle then

	mu      sync.Mutex
	waiting map[*server][]hardName
}

func (u *unvetted) decide(b *bulk, s *server, h hardName) {
	v := s.vet.Load()
	if v != nil && b.c.settled(v) {
		u.settle(b, s, v, h)
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	waiting, begun := u.waiting[s]
	u.waiting[s] = append(waiting, h)
	if !begun {
		u.begin(s)
	}
}

func (u *unvetted) settle(b *bulk, s *server, v *vetting, names ...hardName) {
	for _, h := range names {
		if v.clean() && !s.hides.Load() {
			b.decide(h.number, u.single)
		} else {
			b.hard.push(h)
		}
	}
}

// vet finds out about a server and decides the names that wait for it.
func (b *bulk) vet(ctx context.Context, s *server) {
	v := b.c.vetted(ctx, s)
	u := &b.unvetted
	u.mu.Lock()
	names := u.waiting[s]
	delete(u.waiting, s)
	u.mu.Unlock()
	u.settle(b, s, v, names...)
	b.announce()
}
