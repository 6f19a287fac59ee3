package resolve

import (
	"context"
	"encoding/binary"
	"errors"
	"math"
	"math/rand/v2"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

const (
	portFlights  = 384     // questions under way on one socket; the kernel keeps 554 small answers at its usual limit
	portUses     = 1 << 15 // questions after which a socket is replaced by one with another port
	refusalPause = 10 * time.Millisecond
	never        = time.Duration(math.MaxInt64)
)

// port is one UDP socket, connected to a server, and the questions under way on
// it. One goroutine, run, reads, sends again and gives up. Others may add
// flights and write.
type port struct {
	e    *engine
	s    *server
	sock batches

	// hungry says that run waits for something to do that no packet and no
	// timer brings, kicked that it shall look.
	hungry, kicked atomic.Bool

	mu      sync.Mutex
	rand    *rand.ChaCha8
	flights []flight
	unused  []uint16 // free places in flights
	byID    [1 << 16]uint16
	bulk    int           // flights of bulk work
	nextAt  time.Duration // no flight has to be looked at before
	sleeps  time.Duration // nextAt as run knows it
	uses    int
	added   int  // flights since run looked
	gone    bool // no new flights: run has ended, or is about to

	// What follows is run's own.
	refusals  int // in a row
	name      [maxName]byte
	armed     time.Duration // the socket's read deadline
	bufs      [][]byte
	sizes     []int
	arena     []byte
	out       [][]byte // parts of arena, to be sent
	questions []question
	slowest   time.Duration // answer to a question sent once, of this batch
	heard     time.Duration // longest wait for any answer of this batch
	overdue   []time.Duration
	asked     int // flights added, of this turn
}

func newPort(e *engine, s *server, conn net.Conn) *port {
	p := &port{
		e: e, s: s, sock: inBatches(conn), rand: rand.NewChaCha8(e.c.seed()),
		flights: make([]flight, portFlights), nextAt: never, armed: never,
		arena: make([]byte, 0, batchSize*maxQuery), out: make([][]byte, 0, batchSize), questions: make([]question, batchSize),
		bufs: make([][]byte, batchSize), sizes: make([]int, batchSize),
	}
	length := batchPacket
	if _, one := p.sock.(singly); one {
		p.bufs, length = p.bufs[:1], maxPacket
	}
	room := make([]byte, len(p.bufs)*length)
	for i := range p.bufs {
		p.bufs[i] = room[i*length : (i+1)*length : (i+1)*length]
	}
	for i := range p.flights {
		p.unused = append(p.unused, uint16(len(p.flights)-1-i))
	}
	return p
}

// run serves the port until the engine closes or the port is used up.
func (p *port) run(ctx context.Context) {
	defer p.leave()
	for {
		p.mu.Lock()
		now := p.e.now()
		// Questions of others than the job's own may still be under way.
		if p.gone = p.e.closed.Load(); p.gone && len(p.unused) == len(p.flights) {
			p.mu.Unlock()
			return
		}
		if now >= p.nextAt || p.bulk > 0 && p.e.bulk.cancelled() {
			p.expire(now)
		}
		if !p.gone {
			p.refill(now)
		}
		p.sleeps = p.nextAt
		p.asked, p.added = p.added, 0
		wake, spent := p.nextAt, p.uses >= portUses && len(p.unused) == len(p.flights)
		p.mu.Unlock()
		p.account(now)
		if more := len(p.out) == batchSize; p.flush() && more {
			continue
		}
		if spent && p.e.replaced(ctx, p) {
			return
		}
		if due := p.e.bulk.due(now); due < wake {
			wake = due
		}
		if !p.read(wake) {
			return
		}
	}
}

// leave closes the socket; who still waits is told.
func (p *port) leave() {
	p.sock.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.gone = true
	for i := range p.flights {
		if p.flights[i].state != unused {
			p.giveUp(i, whyUnreachable)
		}
	}
}

// kick makes run look for work.
func (p *port) kick() {
	p.kicked.Store(true)
	_ = p.sock.SetReadDeadline(time.Unix(1, 0))
}

// read waits for packets until wake, and takes them. False means that the
// socket is of no use any more.
func (p *port) read(wake time.Duration) bool {
	if wake < p.armed {
		p.armed = wake
		_ = p.sock.SetReadDeadline(p.e.c.began.Add(wake))
	}
	if p.kicked.Swap(false) {
		p.disarm()
		return true
	}
	n, err := p.sock.ReadBatch(p.bufs, p.sizes)
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case err == nil:
	case errors.Is(err, os.ErrDeadlineExceeded):
		p.disarm()
		return true
	case errors.Is(err, net.ErrClosed):
		return false
	default:
		// The kernel tells here that a packet found nobody (ICMP): what is under
		// way found nobody either. Nobody shall be told so without end.
		if p.refusals++; p.refusals > len(p.bufs) {
			p.mu.Unlock()
			time.Sleep(refusalPause)
			p.mu.Lock()
		}
		for i := range p.flights {
			if p.flights[i].state != unused {
				p.giveUp(i, whyUnreachable)
			}
		}
		return true
	}
	p.refusals = 0
	now := p.e.now()
	for i := range n {
		p.receive(p.bufs[i][:p.sizes[i]], now)
	}
	return true
}

func (p *port) disarm() {
	p.armed = never
	_ = p.sock.SetReadDeadline(time.Time{})
}

// receive takes one packet: an answer to one of the flights, or nothing.
func (p *port) receive(packet []byte, now time.Duration) {
	if len(packet) < headerLen {
		return
	}
	i := int(p.byID[binary.BigEndian.Uint16(packet)]) - 1
	if i < 0 {
		return
	}
	f := &p.flights[i]
	switch match(packet, f.query[:f.length], int(f.qend), false) {
	case fitStranger:
		return
	case fitRecased:
		if f.waiter != nil {
			f.waiter.recased = true
		}
		return
	}
	took := now - f.sent
	if f.state == underWay {
		p.heard = max(p.heard, took, 1)
		if f.sends == 1 {
			p.slowest = max(p.slowest, took, 1)
		}
	}
	if w := f.waiter; w != nil {
		f.state = answeredOnce
		select {
		case w.packets <- append([]byte(nil), packet...):
		default: // many that match: somebody guessed, and was noticed by the first
		}
		return
	}
	number, which, sent := f.number, f.which, f.sent
	denied := denies(packet, int(f.qend))
	p.remove(i)
	if denied == byParent && which == 0 && p.e.bulk.alone {
		p.e.bulk.decide(number, nil)
		return
	}
	p.e.bulk.ended(number, which, result{server: p.s, sent: sent, packet: packet, denied: denied, port: p})
}

// account tells the server's books what the last turn brought.
func (p *port) account(now time.Duration) {
	if p.heard > 0 {
		p.s.heard(p.heard, p.slowest)
	}
	if p.asked > 0 || len(p.overdue) > 0 {
		after := p.s.timing.resendAfter(1, false)
		if after == 0 {
			after = p.s.first
		}
		p.s.window.report(now, p.asked, p.overdue, after)
	}
	p.heard, p.slowest, p.asked, p.overdue = 0, 0, 0, p.overdue[:0]
}

// expire sends again what is overdue and gives up what has been long enough
// under way.
func (p *port) expire(now time.Duration) {
	p.nextAt = never
	cancelled := p.e.bulk.cancelled()
	for i := range p.flights {
		f := &p.flights[i]
		switch {
		case f.state == unused:
			continue
		case cancelled && f.waiter == nil:
			p.giveUp(i, whyCancelled)
			continue
		case now < f.next:
		case now >= f.end:
			if f.sends == 1 && f.state == underWay {
				p.overdue = append(p.overdue, f.sent)
			}
			p.giveUp(i, whyTimeout)
			continue
		case len(p.out) == batchSize:
			p.nextAt = now // the rest in the next turn
			return
		default:
			if f.sends == 1 && f.state == underWay {
				p.overdue = append(p.overdue, f.sent)
			}
			f.sends++
			f.next = p.s.nextLook(now, int(f.sends), f.end)
			p.post(f)
			p.e.c.pace.owe()
		}
		p.nextAt = min(p.nextAt, f.next)
	}
}

// nextLook is when a question that is sent now has to be looked at.
func (s *server) nextLook(now time.Duration, sends int, end time.Duration) time.Duration {
	if after := s.timing.resendAfter(sends, s.window.lossy.Load()); after > 0 && now+after < end {
		return now + after
	}
	return end
}

// giveUp ends a flight without answer.
func (p *port) giveUp(i int, why string) {
	f := &p.flights[i]
	w, number, which, sent := f.waiter, f.number, f.which, f.sent
	p.remove(i)
	if w != nil {
		w.why = why
		close(w.packets)
		return
	}
	p.e.bulk.ended(number, which, result{server: p.s, sent: sent, why: why})
}

// add makes a flight of a question, with an ID that no other has; nil when
// there is no room.
func (p *port) add(name []byte, qtype uint16, edns, mixed bool, now, wait time.Duration) *flight {
	if len(p.unused) == 0 || p.gone {
		return nil
	}
	i := p.unused[len(p.unused)-1]
	p.unused = p.unused[:len(p.unused)-1]
	p.uses++
	p.added++
	f := &p.flights[i]
	for {
		f.id = uint16(p.rand.Uint64())
		if p.byID[f.id] == 0 {
			break
		}
	}
	p.byID[f.id] = i + 1
	f.fill(name, qtype, edns)
	if mixed {
		mixCase(f.query[headerLen:f.qend-4], p.rand.Uint64)
	}
	f.state, f.sends, f.waiter = underWay, 1, nil
	f.sent, f.end = now, now+wait
	f.next = p.s.nextLook(now, 1, f.end)
	p.nextAt = min(p.nextAt, f.next)
	return f
}

// remove frees a flight's place and its room in the server's window.
func (p *port) remove(i int) {
	f := &p.flights[i]
	if f.waiter == nil {
		p.bulk--
	}
	f.state, f.waiter = unused, nil
	p.byID[f.id] = 0
	p.unused = append(p.unused, uint16(i))
	p.s.window.release(1)
}

// refill makes flights of as many names as there is room for.
func (p *port) refill(now time.Duration) {
	b := p.e.bulk
	for {
		room := min(batchSize-len(p.out), len(p.unused))
		if p.uses >= portUses {
			room = 0
		}
		n := b.take(p.s, p.questions[:room], p)
		edns, mixed := !p.s.noEDNS.Load(), !p.s.lowerCase.Load()
		for _, q := range p.questions[:n] {
			name, _ := appendName(p.name[:0], b.slot(int(q.number)).ascii)
			f := p.add(name, b.typeOf(int(q.which)), edns, mixed, now, b.c.firstWait())
			f.number, f.which = int(q.number), int(q.which)
			p.bulk++
			p.post(f)
		}
		// A packet or a timer will come for those of bulk work; the others are taken
		// off by who waits for them, who kicks then.
		if n > 0 || p.bulk > 0 || p.hungry.Swap(true) {
			return
		}
	}
}

// post puts a flight's packet among those to be sent.
func (p *port) post(f *flight) {
	from := len(p.arena)
	p.arena = append(p.arena, f.query[:f.length]...)
	p.out = append(p.out, p.arena[from:len(p.arena):len(p.arena)])
}

// flush sends what was posted. What the kernel does not take is as lost as any
// packet on the way.
func (p *port) flush() bool {
	sent := len(p.out) > 0
	for tries, left := 0, p.out; len(left) > 0 && tries < batchSize; tries++ {
		n, err := p.sock.WriteBatch(left)
		if err != nil && n == 0 {
			if errors.Is(err, net.ErrClosed) {
				break
			}
			n = 1 // an error of an earlier packet, or of this one; the rest may go
		}
		left = left[n:]
	}
	p.out, p.arena = p.out[:0], p.arena[:0]
	return sent
}
