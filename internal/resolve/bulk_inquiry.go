package resolve

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/miekg/dns"

	"lurehound"
)

// given is a try of a question that bulk work made.
type given struct {
	server *server
	qtype  uint16
	sent   time.Time
	packet []byte // what came, if anything did; reply is what it says, once read
	reply  reply
}

// hardName is a name that its first answer did not settle.
type hardName struct {
	number int
	given  []given // what is known of it
}

// result is the end of a question that bulk work asked.
type result struct {
	server *server
	sent   time.Duration // since the client was made
	packet []byte        // the answer, only lent; nil if there was none
	denied denier        // what the answer is at a glance
	port   *port         // by whose socket it came
	why    string        // then; "" when it was not asked after all
}

// given makes a try of it that an inquiry goes on from.
func (r *result) given(c *Client, qtype uint16) given {
	return given{
		server: r.server, qtype: qtype, sent: c.began.Add(r.sent),
		packet: append([]byte(nil), r.packet...), reply: reply{why: r.why},
	}
}

// read understands the packet, if there is one.
func (g *given) read() {
	if len(g.packet) == 0 {
		return
	}
	var ok bool
	if g.reply, ok = readReply(g.packet); !ok {
		g.reply.why = whyMalformed
	}
}

// gathering is the questions about one name of which several are under way.
type gathering struct {
	mu    sync.Mutex
	given []given
	left  int // questions whose end is not known
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
		h.idle-- // here, so that the next name finds another one
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

// ended takes the end of a question about a name: of its first, or of one that
// was asked together with others after that.
func (b *bulk) ended(number, which int, r result) {
	s := b.slot(number)
	if which == secondWord {
		b.heardTwice(number, r)
		return
	}
	if which > 0 {
		s.more.mu.Lock()
		if r.packet != nil || r.why != "" {
			s.more.given = append(s.more.given, r.given(b.c, b.forward[which]))
		}
		s.more.left--
		done := s.more.left == 0
		s.more.mu.Unlock()
		if done {
			b.hard.push(hardName{number: number, given: s.more.given})
		}
		return
	}
	g := r.given(b.c, b.forward[which])
	if r.denied != noDenial && !b.stopped.Load() {
		b.askTwice(number, g, r.port)
		return
	}
	// Where the name seems to be, an inquiry would ask for all types: that is
	// faster done here, at the same servers.
	if len(r.packet) <= headerLen || r.packet[3]&rcodeMask != dns.RcodeSuccess || len(b.forward) == 1 || b.stopped.Load() {
		b.hard.push(hardName{number: number, given: []given{g}})
		return
	}
	s.more = &gathering{given: []given{g}, left: len(b.forward) - 1}
	start := startOf(s.ascii)
	for which := 1; which < len(b.forward); which++ {
		next := b.c.servers[(start+which)%len(b.c.servers)]
		if next.way != nil || !b.engine.usable(next) {
			next = r.server
		}
		b.c.pace.owe()
		b.lines[next.index].hurry(question{number: uint32(number), which: uint16(which)})
		if next != r.server {
			b.engine.feed(next)
		}
	}
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
		b.announce()
	}
}

// announce tells who may go on now that names are decided outside the ports' loops.
func (b *bulk) announce() {
	if b.parked.Load() != 0 && b.slot(int(b.head.Load())).done.Load() {
		b.ready.up()
	}
	for i, s := range b.c.servers {
		if !b.lines[i].empty() {
			b.engine.feed(s)
		}
	}
}

// facts inquires about a name, from what is known of it on.
func (b *bulk) facts(ctx context.Context, h hardName) lurehound.DNSFacts {
	q, why := b.c.inquire(b.slot(h.number).name, b.types)
	if why != "" {
		return lurehound.DNSFacts{Resolution: lurehound.NotResolvable, Reason: why}
	}
	for i := range h.given {
		h.given[i].read()
	}
	q.given = h.given
	return q.run(ctx)
}

// question is one to be asked: the type by its place in bulk.forward.
type question struct {
	number uint32 // of the name; it may wrap, its place in the ring does not change by that
	which  uint16
	other  *port // whose socket it shall not leave by; nil for any
}

// line is what waits to be asked at one server: names in order, and before them
// further questions about names that are under way.
type line struct {
	length atomic.Int64 // of queue
	urgent atomic.Int64 // length of hurried

	mu      sync.Mutex
	queue   []uint32 // names: a ring as large as that of bulk
	head    int
	hurried []question
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

func (l *line) hurry(q question) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.hurried = append(l.hurried, q)
	l.urgent.Store(int64(len(l.hurried)))
}

func (l *line) empty() bool { return l.length.Load() == 0 && l.urgent.Load() == 0 }

// popUrgent takes as many questions as fit, of those that may leave by p; by
// any if p is nil.
func (l *line) popUrgent(questions []question, p *port) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n, kept := 0, l.hurried[:0]
	for _, q := range l.hurried {
		if n < len(questions) && (q.other == nil || q.other != p) {
			questions[n] = q
			n++
		} else {
			kept = append(kept, q)
		}
	}
	clear(l.hurried[len(kept):])
	l.hurried = kept
	l.urgent.Store(int64(len(l.hurried)))
	return n
}

// pop takes as many names as fit.
func (l *line) pop(questions []question) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := min(int(l.length.Load()), len(questions))
	for i := range n {
		questions[i] = question{number: l.queue[l.head]}
		l.head = (l.head + 1) & (ringSize - 1)
	}
	l.length.Add(int64(-n))
	return n
}
