package testbed

import (
	"encoding/binary"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// Network is what a relay does to the packets between a client and a server.
type Network struct {
	Queries float64       // share of UDP packets lost on the way to the server
	Answers float64       // and on the way back
	Delay   time.Duration // each way
	Seed    uint64        // of what is lost
	NoTCP   bool          // streams are refused; else they are passed on, as TCP mends its losses itself
}

// BothWays is a network that loses that share of the packets each way.
func BothWays(share float64, delay time.Duration) Network {
	return Network{Queries: share, Answers: share, Delay: delay, Seed: 1}
}

// Relay is a door on loopback behind which a name server seems to stand.
type Relay struct {
	Addr netip.AddrPort

	net     Network
	server  netip.AddrPort
	front   *net.UDPConn
	back    *net.UDPConn
	streams net.Listener
	queries lossyWay
	answers lossyWay
	slots   [1 << 16]atomic.Pointer[slot]
	next    atomic.Uint32
	wg      sync.WaitGroup
	closed  chan struct{}

	mu   sync.Mutex
	open map[net.Conn]bool
}

// slot remembers whose query goes under an ID of ours.
type slot struct {
	client netip.AddrPort
	id     uint16
}

// socketBuffer is room for some thousand packets, so that the relay itself
// loses none when a client sends a burst.
const socketBuffer = 4 << 20

// NewRelay opens a door to the server.
func NewRelay(server netip.AddrPort, n Network) (*Relay, error) {
	r := &Relay{net: n, server: server, closed: make(chan struct{}), open: map[net.Conn]bool{}}
	r.queries.init(n.Queries, n.Seed)
	r.answers.init(n.Answers, n.Seed+1)
	var err error
	if r.Addr, err = freePort(); err != nil {
		return nil, err
	}
	if r.front, err = net.ListenUDP("udp4", net.UDPAddrFromAddrPort(r.Addr)); err != nil {
		return nil, err
	}
	if r.back, err = net.DialUDP("udp4", nil, net.UDPAddrFromAddrPort(server)); err != nil {
		_ = r.front.Close()
		return nil, err
	}
	for _, c := range []*net.UDPConn{r.front, r.back} {
		_ = c.SetReadBuffer(socketBuffer) // the kernel may give less
		_ = c.SetWriteBuffer(socketBuffer)
	}
	if !n.NoTCP {
		if r.streams, err = net.Listen("tcp4", r.Addr.String()); err != nil {
			_, _ = r.front.Close(), r.back.Close()
			return nil, err
		}
		r.wg.Go(r.accept)
	}
	r.wg.Go(r.carryQueries)
	r.wg.Go(r.carryAnswers)
	return r, nil
}

// Close ends the relay and all that runs in it.
func (r *Relay) Close() {
	close(r.closed)
	_, _ = r.front.Close(), r.back.Close()
	if r.streams != nil {
		_ = r.streams.Close()
	}
	r.mu.Lock()
	for c := range r.open {
		_ = c.Close()
	}
	r.mu.Unlock()
	r.wg.Wait()
}

// Lost is how many packets were lost on purpose, queries and answers.
func (r *Relay) Lost() (queries, answers int64) { return r.queries.lost.Load(), r.answers.lost.Load() }

// Passed is how many packets were not.
func (r *Relay) Passed() (queries, answers int64) {
	return r.queries.passed.Load(), r.answers.passed.Load()
}

// lossyWay decides about the packets of one direction. One goroutine uses it.
type lossyWay struct {
	share        float64
	rand         *rand.Rand
	lost, passed atomic.Int64
}

func (l *lossyWay) init(share float64, seed uint64) {
	l.share, l.rand = share, rand.New(rand.NewPCG(seed, 0x10557))
}

func (l *lossyWay) loses() bool {
	if l.share > 0 && l.rand.Float64() < l.share {
		l.lost.Add(1)
		return true
	}
	l.passed.Add(1)
	return false
}

// carryQueries gives every query an ID of its own, as the server sees one
// socket for all clients.
func (r *Relay) carryQueries() {
	out := r.line(func(p []byte, _ netip.AddrPort) { _, _ = r.back.Write(p) })
	defer out.end()
	buf := make([]byte, 1<<16)
	for {
		n, from, err := r.front.ReadFromUDPAddrPort(buf)
		if err != nil {
			if r.over() {
				return
			}
			continue
		}
		if n < 12 || r.queries.loses() {
			continue
		}
		id := uint16(r.next.Add(1))
		r.slots[id].Store(&slot{client: from, id: binary.BigEndian.Uint16(buf)})
		binary.BigEndian.PutUint16(buf, id)
		out.put(buf[:n], netip.AddrPort{})
	}
}

func (r *Relay) carryAnswers() {
	out := r.line(func(p []byte, to netip.AddrPort) { _, _ = r.front.WriteToUDPAddrPort(p, to) })
	defer out.end()
	buf := make([]byte, 1<<16)
	for {
		n, err := r.back.Read(buf)
		if err != nil { // a refusal too, when nothing listens there
			if r.over() {
				return
			}
			continue
		}
		if n < 12 || r.answers.loses() {
			continue
		}
		s := r.slots[binary.BigEndian.Uint16(buf)].Load()
		if s == nil {
			continue
		}
		binary.BigEndian.PutUint16(buf, s.id)
		out.put(buf[:n], s.client)
	}
}

func (r *Relay) over() bool {
	select {
	case <-r.closed:
		return true
	default:
		return false
	}
}

// line is packets on their way; they come out in order, each after the delay.
type line struct {
	deliver func([]byte, netip.AddrPort)
	delay   time.Duration
	packets chan packet
}

type packet struct {
	data []byte
	to   netip.AddrPort
	due  time.Time
}

func (r *Relay) line(deliver func([]byte, netip.AddrPort)) *line {
	l := &line{deliver: deliver, delay: r.net.Delay}
	if l.delay > 0 {
		l.packets = make(chan packet, 1<<16)
		r.wg.Go(func() {
			wait := time.NewTimer(time.Hour)
			defer wait.Stop()
			for p := range l.packets {
				// Of packets that came together one waits; the next are due when it has gone.
				if d := time.Until(p.due); d > 0 {
					wait.Reset(d)
					select {
					case <-wait.C:
					case <-r.closed:
						return
					}
				}
				l.deliver(p.data, p.to)
			}
		})
	}
	return l
}

func (l *line) put(p []byte, to netip.AddrPort) {
	if l.packets == nil {
		l.deliver(p, to)
		return
	}
	select {
	case l.packets <- packet{append([]byte(nil), p...), to, time.Now().Add(l.delay)}:
	default: // a queue that is full loses packets too
	}
}

func (l *line) end() {
	if l.packets != nil {
		close(l.packets)
	}
}

func (r *Relay) accept() {
	for {
		c, err := r.streams.Accept()
		if err != nil {
			return
		}
		r.wg.Go(func() { r.stream(c) })
	}
}

// stream passes one connection on, octet by octet, later by the delay.
func (r *Relay) stream(front net.Conn) {
	defer r.keep(front)()
	back, err := net.DialTimeout("tcp4", r.server.String(), time.Second)
	if err != nil {
		return
	}
	defer r.keep(back)()
	var both sync.WaitGroup
	pass := func(to, from net.Conn) {
		buf := make([]byte, 1<<16)
		for {
			n, err := from.Read(buf)
			time.Sleep(r.net.Delay)
			if _, werr := to.Write(buf[:n]); err != nil || werr != nil {
				break
			}
		}
		if c, ok := to.(interface{ CloseWrite() error }); ok {
			_ = c.CloseWrite()
		}
		_, _ = io.Copy(io.Discard, from)
	}
	both.Go(func() { pass(back, front) })
	both.Go(func() { pass(front, back) })
	both.Wait()
}

// keep has the connection closed when the relay is; the function that it
// returns closes it.
func (r *Relay) keep(c net.Conn) func() {
	r.mu.Lock()
	r.open[c] = true
	over := r.over()
	r.mu.Unlock()
	if over {
		_ = c.Close()
	}
	return func() {
		r.mu.Lock()
		delete(r.open, c)
		r.mu.Unlock()
		_ = c.Close()
	}
}
