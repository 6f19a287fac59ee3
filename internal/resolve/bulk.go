package resolve

import (
	"context"
	"hash/fnv"
	"iter"
	"sync"
	"sync/atomic"
	"time"

	"github.com/miekg/dns"

	"lurehound"
)

// The bounds of bulk work.
const (
	// ringSize is how many names may be read and not yet yielded, a power of 2: at
	// 100,000 names a second, one that takes 300 ms does not stop the others.
	ringSize = 1 << 15
	// mostInquiries is how many names may be asked about by code that waits for
	// each answer, after the first: a goroutine each.
	mostInquiries = 512
	// mostPaced is how many names wait for a socket when a rate is set: what the
	// rate let through leaves soon or not at all.
	mostPaced = 64
	// A yield is a switch of goroutines, so that several names are yielded
	// together: these many, or those of that time.
	yieldTogether = 256
	yieldWithin   = 2 * time.Millisecond
)

// LookupAll looks up every name and yields the facts in the order of the
// names, i counting from 0. At most workers names are under way at the same
// time (0 means Config.Concurrency). It ends when the names do, when yield
// returns false, or with ctx's error; every name that was taken from names
// before that is yielded, as unknown if need be. All goroutines have ended
// when it returns.
//
// The first question about each name is asked by one loop a socket, and what
// its answer settles ends there. Other names become an inquiry.
func (c *Client) LookupAll(ctx context.Context, names iter.Seq[string], types []uint16, workers int,
	yield func(i int, name string, f lurehound.DNSFacts) bool) error {
	if workers <= 0 {
		workers = c.concurrency
	}
	if len(types) == 0 {
		types = defaultTypes()
	}
	inner, stop := context.WithCancel(ctx)
	defer stop()
	b := newBulk(c, types, workers)
	b.engine = newEngine(inner, b)
	defer context.AfterFunc(inner, b.cancel)()
	b.engine.start(inner)
	defer b.engine.close()
	var wg sync.WaitGroup
	b.hard.work = func() { wg.Go(func() { b.inquire(inner) }) }
	b.unvetted.begin = func(s *server) { wg.Go(func() { b.vet(inner, s) }) }
	wg.Go(func() { b.feed(inner, names) })
	i, wanted := 0, true
	for b.next(i) {
		s := b.slot(i)
		name, facts := s.name, s.facts
		s.name, s.ascii, s.facts, s.more = "", "", nil, nil
		s.done.Store(false)
		i++
		b.head.Store(int64(i))
		if wanted {
			if facts == nil {
				wanted = yield(i-1, name, lurehound.DNSFacts{Resolution: lurehound.NXDomain})
			} else {
				wanted = yield(i-1, name, *facts)
			}
			if !wanted {
				stop()
			}
		}
	}
	b.hard.close()
	wg.Wait()
	return ctx.Err()
}

// defaultTypes are asked when no types are named.
func defaultTypes() []uint16 { return []uint16{dns.TypeNS, dns.TypeA} }

// bulk is the names of one LookupAll: a ring of slots, filled by feed, emptied
// by the caller in order.
type bulk struct {
	c       *Client
	engine  *engine
	types   []uint16
	forward []uint16 // those that are asked of the name itself, the first one first
	workers int64
	alone   bool // no resolver of another operator could contradict

	slots    []slot
	lines    []line       // names that wait to be asked, by server
	fed      atomic.Int64 // names put into the ring
	head     atomic.Int64 // names yielded
	finished atomic.Int64 // names decided
	waiting  atomic.Int64 // names in lines
	underWay atomic.Int64 // names taken from lines and not decided
	over     atomic.Bool  // there are no more names
	stopped  atomic.Bool  // nothing is asked any more

	room   wake         // feed waits for it
	ready  wake         // the caller of LookupAll waits for it
	parked atomic.Int64 // since when it does; 0 when it does not

	hard     hardNames
	unvetted unvetted
}

// slot is one name. Before done is set it belongs to whom the name was handed,
// then to the caller of LookupAll.
type slot struct {
	name  string              // as given
	ascii string              // as asked
	facts *lurehound.DNSFacts // nil for the plainest denial
	more  *gathering          // of a name with several questions under way
	done  atomic.Bool
}

// wake is a place where one goroutine waits.
type wake chan struct{}

func (w wake) up() {
	select {
	case w <- struct{}{}:
	default:
	}
}

func newBulk(c *Client, types []uint16, workers int) *bulk {
	forward, _ := forwardTypes(types)
	b := &bulk{
		c: c, types: types, forward: forward, workers: int64(workers), alone: c.operators == 1,
		slots: make([]slot, ringSize), lines: make([]line, len(c.servers)),
		room: make(wake, 1), ready: make(wake, 1),
	}
	b.hard.changed.L = &b.hard.mu
	b.unvetted.single, b.unvetted.waiting = bySingle(), map[*server][]hardName{}
	b.hard.most = min(workers, mostInquiries)
	return b
}

func (b *bulk) slot(i int) *slot { return &b.slots[i&(ringSize-1)] }

// cancel ends all asking; what is under way is decided as it is.
func (b *bulk) cancel() {
	b.stopped.Store(true)
	b.room.up()
	b.engine.kick()
}

func (b *bulk) cancelled() bool { return b.stopped.Load() }

// feed puts names into the ring and into the lines of the servers that are
// asked first, at the rate that is allowed, until there are no more.
func (b *bulk) feed(ctx context.Context, names iter.Seq[string]) {
	n := 0
	for name := range names {
		if ctx.Err() != nil {
			break
		}
		for b.full(n) {
			<-b.room
		}
		s := b.slot(n)
		s.name = name
		server := b.server(s)
		if server == nil {
			b.fed.Store(int64(n + 1))
			b.underWay.Add(1)
			b.hard.push(hardName{number: n})
		} else {
			_ = b.c.pace.wait(ctx) // cancelled, it is decided as such
			b.waiting.Add(1)
			b.lines[server.index].push(n)
			b.fed.Store(int64(n + 1))
			b.engine.feed(server)
		}
		n++
	}
	b.over.Store(true)
	b.ready.up()
}

// full reports that feed has to wait, for a place in the ring or, if there is a
// rate, for what it let through already.
func (b *bulk) full(n int) bool {
	if int64(n)-b.head.Load() >= ringSize {
		return true
	}
	return b.c.pace != nil && b.waiting.Load() >= mostPaced && !b.stopped.Load()
}

// server is the one that is asked first about a name, the same as by an
// inquiry; nil when the first question is an inquiry's.
func (b *bulk) server(s *slot) *server {
	s.ascii = s.name
	if !lurehound.IsPlain(s.name) {
		d, err := lurehound.ParseDomain(s.name)
		if err != nil {
			return nil
		}
		s.ascii = d.String()
		var room [maxName]byte
		if _, ok := appendName(room[:0], s.ascii); !ok {
			return nil
		}
	}
	server := b.c.servers[0]
	if n := len(b.c.servers); n > 1 {
		server = b.c.servers[startOf(s.ascii)%n]
	}
	if server.way != nil || !b.engine.usable(server) {
		return nil
	}
	return server
}

// startOf is the place of the server that is asked first about a name.
func startOf(name string) int {
	h := fnv.New32a()
	h.Write([]byte(name))
	return int(h.Sum32() & 0xffff)
}

// next waits until number i is decided; false when there is none.
func (b *bulk) next(i int) bool {
	s := b.slot(i)
	for !s.done.Load() {
		if b.over.Load() && int64(i) == b.fed.Load() {
			return false
		}
		b.parked.Store(int64(max(b.engine.now(), 1)))
		b.room.up()
		if !s.done.Load() && !(b.over.Load() && int64(i) == b.fed.Load()) {
			<-b.ready
		}
		b.parked.Store(0)
	}
	return true
}

// due is when the caller of LookupAll should be woken; it is, when that is now.
func (b *bulk) due(now time.Duration) time.Duration {
	since := time.Duration(b.parked.Load())
	if since == 0 || !b.slot(int(b.head.Load())).done.Load() {
		return never
	}
	if now < since+yieldWithin && b.finished.Load()-b.head.Load() < yieldTogether {
		return since + yieldWithin
	}
	b.ready.up()
	return never
}

// take picks what to ask the server by a port, for as much as there is room for
// in its window, and says how much it put into questions.
func (b *bulk) take(s *server, questions []question, p *port) int {
	l := &b.lines[s.index]
	if len(questions) == 0 || l.empty() {
		return 0
	}
	if b.stopped.Load() || s.aside.Load() {
		b.turnAway(l, s, questions)
		return 0
	}
	room := s.window.take(len(questions))
	n := l.popUrgent(questions[:room], p)
	want := b.reserve(room - n)
	fresh := l.pop(questions[n : n+want])
	b.underWay.Add(int64(fresh - want))
	s.window.release(room - n - fresh)
	if fresh > 0 {
		b.waiting.Add(int64(-fresh))
		b.room.up()
	}
	return n + fresh
}

// turnAway makes inquiries of what waits for a server that nobody asks now.
func (b *bulk) turnAway(l *line, s *server, questions []question) {
	n := l.popUrgent(questions, nil)
	for _, q := range questions[:n] {
		b.ended(int(q.number), int(q.which), result{server: s})
	}
	want := b.reserve(len(questions))
	n = l.pop(questions[:want])
	b.underWay.Add(int64(n - want))
	b.waiting.Add(int64(-n))
	b.room.up()
	for _, q := range questions[:n] {
		b.hard.push(hardName{number: int(q.number)})
	}
}

// reserve makes room among the names under way, for at most n.
func (b *bulk) reserve(n int) int {
	for {
		u := b.underWay.Load()
		n = int(max(0, min(int64(n), b.workers-u)))
		if n == 0 || b.underWay.CompareAndSwap(u, u+int64(n)) {
			return n
		}
	}
}
