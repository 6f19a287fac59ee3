package resolve

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"lurehound"
)

// given is a try of a name's first question that bulk work made.
type given struct {
	server *server
	qtype  uint16
	sent   time.Time
	reply  reply
}

// hardName is a name that its first answer did not settle.
type hardName struct {
	number int
	server *server       // nil if nothing was asked
	sent   time.Duration // since the engine began
	packet []byte        // the answer; nil if there was none
	why    string        // then
}

// hardNames wait for an inquiry. Workers begin as they are needed and end when
// the queue is closed and empty.
type hardNames struct {
	work func() // begins a worker
	most int    // workers

	mu      sync.Mutex
	changed sync.Cond
	queue   []hardName
	idle    int
	begun   int
	closed  bool
}

func (h *hardNames) push(n hardName) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.queue = append(h.queue, n)
	switch {
	case h.idle > 0:
		h.changed.Signal()
	case h.begun < h.most:
		h.begun++
		h.work()
	}
}

// pop waits for a name; ok is false when there will be none.
func (h *hardNames) pop() (n hardName, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for len(h.queue) == 0 {
		if h.closed {
			return n, false
		}
		h.idle++
		h.changed.Wait()
		h.idle--
	}
	n = h.queue[0]
	h.queue[0] = hardName{}
	h.queue = h.queue[1:]
	return n, true
}

func (h *hardNames) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	h.changed.Broadcast()
}

// answered takes the answer to the first question about a name. packet is only
// lent.
func (b *bulk) answered(s *server, number int, sent time.Duration, packet []byte, denied bool) {
	if denied && b.alone {
		b.decide(number, nil)
		return
	}
	b.hard.push(hardName{number: number, server: s, sent: sent, packet: append([]byte(nil), packet...)})
}

// unanswered takes the end of the first question about a name.
func (b *bulk) unanswered(s *server, number int, sent time.Duration, why string) {
	b.hard.push(hardName{number: number, server: s, sent: sent, why: why})
}

// decide notes what is known of a name.
func (b *bulk) decide(number int, f *lurehound.DNSFacts) {
	s := b.slot(number)
	s.facts = f
	s.done.Store(true)
	b.finished.Add(1)
	b.underWay.Add(-1)
}

// inquire decides names one after the other.
func (b *bulk) inquire(ctx context.Context) {
	for {
		h, ok := b.hard.pop()
		if !ok {
			return
		}
		f := b.facts(ctx, h)
		b.decide(h.number, &f)
		if b.parked.Load() != 0 && b.slot(int(b.head.Load())).done.Load() {
			b.ready.up()
		}
		for i, s := range b.c.servers {
			if b.lines[i].length.Load() > 0 {
				b.engine.feed(s)
			}
		}
	}
}

// facts inquires about a name, from the first answer on if there is one.
func (b *bulk) facts(ctx context.Context, h hardName) lurehound.DNSFacts {
	q, why := b.c.inquire(b.slot(h.number).name, b.types)
	if why != "" {
		return lurehound.DNSFacts{Resolution: lurehound.NotResolvable, Reason: why}
	}
	if h.server != nil {
		q.first = &given{server: h.server, qtype: b.first, sent: b.engine.began.Add(h.sent), reply: reply{why: h.why}}
		if h.packet != nil {
			r, ok := readReply(h.packet)
			if !ok {
				r.why = whyMalformed
			}
			q.first.reply = r
		}
	}
	return q.run(ctx)
}

// line is names that wait to be asked about at one server, in order.
type line struct {
	length atomic.Int64
	mu     sync.Mutex
	queue  []uint32 // a ring as large as that of names; numbers may wrap, places in it do not change by that
	head   int
}

func (l *line) push(number int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.queue == nil {
		l.queue = make([]uint32, ringSize)
	}
	n := int(l.length.Load())
	l.queue[(l.head+n)&(ringSize-1)] = uint32(number)
	l.length.Store(int64(n + 1))
}

// pop takes as many as fit into numbers.
func (l *line) pop(numbers []int) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := min(int(l.length.Load()), len(numbers))
	for i := range n {
		numbers[i] = int(l.queue[l.head])
		l.head = (l.head + 1) & (ringSize - 1)
	}
	l.length.Add(int64(-n))
	return n
}
