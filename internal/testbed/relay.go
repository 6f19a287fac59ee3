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

	"golang.org/x/net/ipv4"
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
	client net.Addr
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

// together is how many packets one call of the system takes or gives.
const together = 64

// receive reads packets as they come, some at a time, until the relay is closed.
func (r *Relay) receive(from *net.UDPConn, take func(data []byte, from net.Addr), done func()) {
	conn := ipv4.NewPacketConn(from)
	batch := make([]ipv4.Message, together)
	for i := range batch {
		batch[i].Buffers = [][]byte{make([]byte, 1<<16)}
	}
	for {
		n, err := conn.ReadBatch(batch, 0)
		if err != nil { // a refusal too, when nothing listens there
			if r.over() {
				return
			}
			continue
		}
		for _, m := range batch[:n] {
			take(m.Buffers[0][:m.N], m.Addr)
		}
		done()
	}
}

// carryQueries gives every query an ID of its own, as the server sees one
// socket for all clients.
func (r *Relay) carryQueries() {
	out := r.line(r.back)
	defer out.end()
	r.receive(r.front, func(p []byte, from net.Addr) {
		if len(p) < 12 || r.queries.loses() {
			return
		}
		id := uint16(r.next.Add(1))
		r.slots[id].Store(&slot{client: from, id: binary.BigEndian.Uint16(p)})
		binary.BigEndian.PutUint16(p, id)
		out.put(p, nil)
	}, out.flush)
}

func (r *Relay) carryAnswers() {
	out := r.line(r.front)
	defer out.end()
	r.receive(r.back, func(p []byte, _ net.Addr) {
		if len(p) < 12 || r.answers.loses() {
			return
		}
		s := r.slots[binary.BigEndian.Uint16(p)].Load()
		if s == nil {
			return
		}
		binary.BigEndian.PutUint16(p, s.id)
		out.put(p, s.client)
	}, out.flush)
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
	conn    *ipv4.PacketConn
	delay   time.Duration
	packets chan packet
	ready   []packet // what leaves with the next flush, where nothing is delayed
	batch   []ipv4.Message
}

type packet struct {
	data []byte
	to   net.Addr // nil: the socket's own peer
	due  time.Time
}

func (r *Relay) line(to *net.UDPConn) *line {
	l := &line{conn: ipv4.NewPacketConn(to), delay: r.net.Delay}
	if l.delay > 0 {
		l.packets = make(chan packet, 1<<16)
		r.wg.Go(func() { l.run(r.closed) })
	}
	return l
}

// run sends packets when they are due, those that are due at the same time together.
func (l *line) run(closed <-chan struct{}) {
	wait := time.NewTimer(time.Hour)
	defer wait.Stop()
	for p := range l.packets {
		for open := true; open; {
			if d := time.Until(p.due); d > 0 {
				l.send()
				wait.Reset(d)
				select {
				case <-wait.C:
				case <-closed:
					return
				}
			}
			l.ready = append(l.ready, p)
			if len(l.ready) == together {
				l.send()
			}
			select {
			case p, open = <-l.packets:
			default:
				open = false
			}
		}
		l.send()
	}
}

func (l *line) put(p []byte, to net.Addr) {
	next := packet{data: append([]byte(nil), p...), to: to}
	if l.packets == nil {
		l.ready = append(l.ready, next)
		return
	}
	next.due = time.Now().Add(l.delay)
	select {
	case l.packets <- next:
	default: // a queue that is full loses packets too
	}
}

// flush sends what was put, where nothing is delayed.
func (l *line) flush() {
	if l.packets == nil {
		l.send()
	}
}

func (l *line) send() {
	l.batch = l.batch[:0]
	for _, p := range l.ready {
		l.batch = append(l.batch, ipv4.Message{Buffers: [][]byte{p.data}, Addr: p.to})
	}
	l.ready = l.ready[:0]
	for sent := 0; sent < len(l.batch); {
		n, err := l.conn.WriteBatch(l.batch[sent:], 0)
		if err != nil {
			n = 1 // nobody is there: that one is lost
		}
		sent += n
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
