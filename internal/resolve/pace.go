package resolve

import (
	"context"
	"sync"
	"time"

	"lurehound"
)

// paceBurst is how far queries may run ahead of the rate. It is long enough
// that a timer of 1 ms resolution does not slow the rate down.
const paceBurst = 20 * time.Millisecond

// pacer spreads queries over time. One waiter sleeps while the others queue
// behind it, so that a clock that jumps during a sleep jumps by the sum that
// the rate asks for and no further. A nil pacer lets everything pass.
type pacer struct {
	clock    lurehound.Clock
	interval time.Duration // between two queries
	turn     chan struct{} // holds the one token of whoever may sleep

	mu   sync.Mutex
	next time.Time // when the following query is due
}

// newPacer allows rate queries a second; below 0, any number.
func newPacer(clock lurehound.Clock, rate float64) *pacer {
	if rate < 0 {
		return nil
	}
	p := &pacer{clock: clock, interval: time.Duration(float64(time.Second) / rate), turn: make(chan struct{}, 1)}
	p.turn <- struct{}{}
	return p
}

// wait returns when a query may leave, or with ctx's error.
func (p *pacer) wait(ctx context.Context) error {
	if p == nil {
		return ctx.Err()
	}
	select {
	case <-p.turn:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { p.turn <- struct{}{} }()
	if ahead := p.book(); ahead > paceBurst {
		return p.clock.Sleep(ctx, ahead)
	}
	return ctx.Err()
}

// book takes the next place in time and says how far it lies ahead.
func (p *pacer) book() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.clock.Now()
	if p.next.Before(now) {
		p.next = now
	}
	ahead := p.next.Sub(now)
	p.next = p.next.Add(p.interval)
	return ahead
}

// owe counts a query that could not wait: those after it wait longer.
func (p *pacer) owe() {
	if p != nil {
		p.book()
	}
}
