package resolve

import (
	"context"
	"iter"
	"strings"
	"sync"
	"time"

	"lurehound"
)

// Patient looks names up with a Client and asks again, later and through
// another resolver, for those that stayed unknown for want of a usable answer.
type Patient struct {
	Client    *Client
	Rounds    int           // how often one name is asked again; 0 means never
	Pause     time.Duration // of the clock, before the first time; each further pause is four times as long
	Unordered bool          // names that are asked again may come after later ones
}

// Limits of asking again.
const (
	againWorkers = 64
	againHeld    = 1 << 14 // rows that wait behind a name that is asked again, some 400 octets each
)

// LookupAll is Client.LookupAll. Each name is yielded once, with what was said
// last; i counts names as they came. When yield returns false or ctx ends,
// names that wait are yielded as they are, or not at all.
func (p Patient) LookupAll(ctx context.Context, names iter.Seq[string], types []uint16, workers int,
	yield func(i int, name string, f lurehound.DNSFacts) bool) error {
	if p.Rounds <= 0 {
		return p.Client.LookupAll(ctx, names, types, workers, yield)
	}
	inner, stop := context.WithCancel(ctx)
	defer stop()
	a := &again{p: p, types: types, yield: yield, wanted: true}
	a.start(inner)
	err := p.Client.LookupAll(inner, names, types, workers, func(i int, name string, f lurehound.DNSFacts) bool {
		if len(a.rows) == 0 && !p.Client.worthAsking(&f) {
			a.wanted = a.wanted && yield(i, name, f) // as nearly all
		} else {
			a.add(inner, &held{i: i, name: name, facts: f})
		}
		if !a.wanted {
			stop()
		}
		return a.wanted
	})
	a.finish()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case !a.wanted:
		return nil
	}
	return err
}

// held is a name whose row cannot be written yet. facts is final once done is closed.
type held struct {
	i     int
	name  string
	facts lurehound.DNSFacts
	round int
	due   time.Time     // of the clock
	done  chan struct{} // nil: settled from the beginning
}

func (h *held) settled() bool {
	if h.done == nil {
		return true
	}
	select {
	case <-h.done:
		return true
	default:
		return false
	}
}

// again is one LookupAll of a Patient. Only its caller's goroutine yields.
type again struct {
	p      Patient
	types  []uint16
	yield  func(i int, name string, f lurehound.DNSFacts) bool
	wanted bool

	rows []*held // not yielded yet, in order

	mu      sync.Mutex
	changed sync.Cond
	queues  [][]*held // by round, each in the order of its due times
	open    int       // rows that are not settled
	ending  bool      // no more will come
	workers sync.WaitGroup
}

func (a *again) start(ctx context.Context) {
	a.changed.L = &a.mu
	a.queues = make([][]*held, a.p.Rounds)
	stop := context.AfterFunc(ctx, func() {
		a.mu.Lock()
		a.changed.Broadcast()
		a.mu.Unlock()
	})
	for range againWorkers {
		a.workers.Go(func() {
			for h := a.take(ctx); h != nil; h = a.take(ctx) {
				a.ask(ctx, h)
			}
		})
	}
	a.workers.Go(func() { // waits for the rest, so that the AfterFunc does not outlive them
		a.mu.Lock()
		for !(a.ending && a.open == 0) && ctx.Err() == nil {
			a.changed.Wait()
		}
		a.mu.Unlock()
		stop()
	})
}

// add takes a row and yields what can be yielded.
func (a *again) add(ctx context.Context, h *held) {
	if a.p.Client.worthAsking(&h.facts) {
		h.done = make(chan struct{})
		a.mu.Lock()
		a.open++
		a.put(h)
		a.mu.Unlock()
	}
	if a.p.Unordered && h.done == nil {
		a.give(h)
	} else {
		a.rows = append(a.rows, h)
	}
	a.drain()
	for len(a.rows) >= againHeld && a.wanted {
		<-a.rows[0].done
		a.drain()
	}
}

// drain yields the rows at the front that are settled.
func (a *again) drain() {
	n := 0
	for n < len(a.rows) && a.rows[n].settled() {
		a.give(a.rows[n])
		a.rows[n] = nil
		n++
	}
	a.rows = a.rows[n:]
	if len(a.rows) == 0 {
		a.rows = nil // the array behind it has grown
	}
}

func (a *again) give(h *held) {
	if a.wanted {
		a.wanted = a.yield(h.i, h.name, h.facts)
	}
}

// finish waits for the names that are still asked for and yields them.
func (a *again) finish() {
	a.mu.Lock()
	a.ending = true
	a.changed.Broadcast()
	a.mu.Unlock()
	for _, h := range a.rows {
		if h.done != nil {
			<-h.done
		}
		a.give(h)
	}
	a.rows = nil
	a.workers.Wait()
}

// put queues a name for its next round. The caller holds mu.
func (a *again) put(h *held) {
	h.due = a.p.Client.clock.Now().Add(a.p.Pause << (2 * h.round))
	a.queues[h.round] = append(a.queues[h.round], h)
	a.changed.Broadcast()
}

// take is the next name to ask about, when it is due; nil when there will be
// none. A name whose context ended is settled as it is.
func (a *again) take(ctx context.Context) *held {
	a.mu.Lock()
	defer a.mu.Unlock()
	for {
		var next *held
		at := 0
		for round, q := range a.queues {
			if len(q) > 0 && (next == nil || q[0].due.Before(next.due)) {
				next, at = q[0], round
			}
		}
		switch {
		case next != nil:
			a.queues[at] = a.queues[at][1:]
			if wait := next.due.Sub(a.p.Client.clock.Now()); wait > 0 && ctx.Err() == nil {
				a.mu.Unlock()
				_ = a.p.Client.clock.Sleep(ctx, wait) // ctx is looked at below
				a.mu.Lock()
			}
			if ctx.Err() == nil {
				return next
			}
			a.settle(next)
		case ctx.Err() != nil, a.ending && a.open == 0:
			return nil
		default:
			a.changed.Wait()
		}
	}
}

// ask puts the question again, first to another resolver than before.
func (a *again) ask(ctx context.Context, h *held) {
	h.round++
	f := a.p.Client.lookupFrom(ctx, h.name, h.round, a.types)
	a.mu.Lock()
	defer a.mu.Unlock()
	if ctx.Err() == nil {
		h.facts = f
		if h.round < a.p.Rounds && a.p.Client.worthAsking(&f) {
			a.put(h)
			return
		}
	}
	a.settle(h)
}

// settle ends the waiting for a name. The caller holds mu.
func (a *again) settle(h *held) {
	close(h.done)
	a.open--
	a.changed.Broadcast()
}

// worthAsking reports whether another try may tell more: the answer was
// missing, or said nothing. What was hidden or invented stays so, and where no
// resolver has ever answered there is nobody to ask.
func (c *Client) worthAsking(f *lurehound.DNSFacts) bool {
	if f.Resolution != lurehound.NotResolvable {
		return false
	}
	why, _, _ := strings.Cut(f.Reason, ",")
	switch why {
	case whyNotName, whyWildcard, whyCancelled:
		return false
	}
	return c.answeredOnce()
}

// answeredOnce reports whether any resolver ever said anything.
func (c *Client) answeredOnce() bool {
	for _, s := range c.servers {
		s.mu.Lock()
		heard := !s.last.IsZero()
		s.mu.Unlock()
		if heard {
			return true
		}
	}
	return false
}

// lookupFrom is Lookup beginning with another resolver than usual.
func (c *Client) lookupFrom(ctx context.Context, name string, shift int, types []uint16) lurehound.DNSFacts {
	q, why := c.inquire(name, types)
	if why != "" {
		return lurehound.DNSFacts{Resolution: lurehound.NotResolvable, Reason: why}
	}
	q.start += shift
	return q.run(ctx)
}
