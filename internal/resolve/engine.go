package resolve

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// portsPerServer is how many sockets are open to one server during bulk work. An
// off-path forger has to guess which of them has a question under way.
const portsPerServer = 2

// engine is the shared sockets of one bulk job. While it runs, every question
// over UDP goes through it.
type engine struct {
	c      *Client
	bulk   *bulk
	closed atomic.Bool

	mu      sync.RWMutex
	ports   [][]*port // by server; none where no socket could be opened
	running sync.WaitGroup
	turn    atomic.Uint32
}

func newEngine(ctx context.Context, b *bulk) *engine {
	e := &engine{c: b.c, bulk: b, ports: make([][]*port, len(b.c.servers))}
	for i, s := range b.c.servers {
		if s.way != nil || e.c.streams {
			continue
		}
		for range portsPerServer {
			if p := e.open(ctx, s); p != nil {
				e.ports[i] = append(e.ports[i], p)
			}
		}
	}
	return e
}

func (e *engine) open(ctx context.Context, s *server) *port {
	conn, err := e.c.dialer.DialNamed(ctx, "udp", s.text)
	if err != nil {
		return nil
	}
	return newPort(e, s, conn)
}

// start begins the work; close has to follow.
func (e *engine) start(ctx context.Context) {
	e.c.engine.CompareAndSwap(nil, e)
	for _, ps := range e.ports {
		for _, p := range ps {
			e.running.Go(func() { p.run(ctx) })
		}
	}
}

// close ends all ports and waits for them, and for those who wait for answers on them.
func (e *engine) close() {
	e.c.engine.CompareAndSwap(e, nil)
	e.closed.Store(true)
	e.kick()
	e.running.Wait()
}

// kick makes every port look for work, or for the end.
func (e *engine) kick() {
	e.mu.RLock()
	defer e.mu.RUnlock()
	for _, ps := range e.ports {
		for _, p := range ps {
			p.kick()
		}
	}
}

// feed wakes a port of the server that has nothing to do.
func (e *engine) feed(s *server) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	for _, p := range e.ports[s.index] {
		if p.hungry.Load() && p.hungry.CompareAndSwap(true, false) {
			p.kick()
			return
		}
	}
}

// replaced puts a port with another socket in the place of one that is used up.
func (e *engine) replaced(ctx context.Context, old *port) bool {
	p := e.open(ctx, old.s)
	if p == nil {
		old.mu.Lock()
		old.uses = 0
		old.mu.Unlock()
		return false
	}
	e.mu.Lock()
	for i, q := range e.ports[old.s.index] {
		if q == old {
			e.ports[old.s.index][i] = p
		}
	}
	e.mu.Unlock()
	e.running.Go(func() { p.run(ctx) }) // old still runs, so that nobody has stopped waiting
	return true
}

// now is the time since the client was made: what is known of servers outlives the engine.
func (e *engine) now() time.Duration { return time.Since(e.c.began) }

// usable reports whether the server can be asked over shared sockets.
func (e *engine) usable(s *server) bool { return e.sockets(s) > 0 }

// sockets is over how many.
func (e *engine) sockets(s *server) int {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return len(e.ports[s.index])
}

// exchange sends one question over a shared socket, another one each time, and
// waits for its answer. ok is false when there is no room on it.
func (e *engine) exchange(ctx context.Context, s *server, t attempt) (r reply, ok bool) {
	var room [maxName]byte
	name, plain := appendName(room[:0], t.name)
	if !plain || !e.usable(s) {
		return r, false
	}
	if err := s.window.acquire(ctx); err != nil {
		return reply{why: whyCancelled}, true
	}
	p, w, f := e.board(s, t, name)
	if p == nil {
		s.window.release(1)
		return r, false
	}
	_, _ = p.sock.Write(f) // what does not leave is lost like any packet
	r = w.wait(ctx)
	p.mu.Lock()
	if i := int(p.byID[uint16(f[0])<<8|uint16(f[1])]) - 1; i >= 0 && p.flights[i].waiter == w {
		p.remove(i)
	}
	last := p.gone
	p.mu.Unlock()
	if last {
		p.kick()
	}
	e.feed(s)
	return r, true
}

// board finds a port with room and puts the question on it.
func (e *engine) board(s *server, t attempt, name []byte) (*port, *waiter, []byte) {
	e.mu.RLock()
	ports := e.ports[s.index]
	first := int(e.turn.Add(1))
	var chosen [portsPerServer]*port
	n := 0
	for i := range ports {
		chosen[n] = ports[(first+i)%len(ports)]
		n++
	}
	e.mu.RUnlock()
	for _, p := range chosen[:n] {
		p.mu.Lock()
		f := p.add(name, t.qtype, !t.plain && !s.noEDNS.Load(), !s.lowerCase.Load(), e.now(), t.wait)
		if f == nil {
			p.mu.Unlock()
			continue
		}
		f.waiter = &waiter{packets: make(chan []byte, 2)}
		w, query := f.waiter, append([]byte(nil), f.query[:f.length]...)
		// run sleeps until the next flight's time that it knew of.
		rearm := p.hungry.Swap(false) || f.next < p.sleeps
		p.mu.Unlock()
		if rearm {
			p.kick()
		}
		return p, w, query
	}
	return nil, nil, nil
}

// wait takes packets until one can be read.
func (w *waiter) wait(ctx context.Context) reply {
	why := ""
	for {
		select {
		case packet, more := <-w.packets:
			if !more {
				if why == "" {
					why = w.why
				}
				return reply{why: why, recased: w.recased}
			}
			r, ok := readReply(packet)
			if ok {
				return r
			}
			why = whyMalformed
		case <-ctx.Done():
			return reply{why: whyCancelled}
		}
	}
}

// readReply reads a packet that matches a question asked over UDP.
func readReply(packet []byte) (reply, bool) {
	if len(packet) == headerLen {
		return reply{rcodeOnly: true, rcode: int(packet[3] & rcodeMask)}, true
	}
	m, ok := unpack(packet)
	if !ok {
		return reply{}, false
	}
	return reply{msg: m, rcode: m.Rcode}, true
}
