package resolve

import (
	"encoding/binary"
	"io"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"

	"lurehound/internal/egress"
)

// socketServer is a behaviour behind real sockets on one port of 127.0.0.1.
type socketServer struct {
	addr netip.AddrPort
	udp  *net.UDPConn
	tcp  net.Listener // nil: the kernel refuses streams

	mu    sync.Mutex
	last  netip.AddrPort // whose query came last
	conns map[net.Conn]bool
	wg    sync.WaitGroup
}

// listen starts a behaviour. A packet sent as nil ends the stream; without
// streams, TCP is refused.
func listen(t testing.TB, b behaviour, streams bool) *socketServer {
	t.Helper()
	s := &socketServer{conns: map[net.Conn]bool{}}
	for range 20 { // until UDP and TCP have the same port
		l, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		s.addr = netip.MustParseAddrPort(l.Addr().String())
		if s.udp, err = net.ListenUDP("udp4", net.UDPAddrFromAddrPort(s.addr)); err == nil {
			s.tcp = l
			break
		}
		l.Close()
	}
	if s.tcp == nil {
		t.Fatal("no port is free for UDP and TCP")
	}
	_ = s.udp.SetReadBuffer(1 << 20)
	if streams {
		s.wg.Go(func() { s.accept(b) })
	} else {
		s.tcp.Close()
	}
	s.wg.Go(func() { s.packets(b) })
	t.Cleanup(s.close)
	return s
}

func (s *socketServer) close() {
	s.udp.Close()
	s.tcp.Close()
	s.mu.Lock()
	for c := range s.conns {
		c.Close()
	}
	s.mu.Unlock()
	s.wg.Wait()
}

func (s *socketServer) packets(b behaviour) {
	buf := make([]byte, 1<<16)
	for {
		n, from, err := s.udp.ReadFromUDPAddrPort(buf)
		if err != nil {
			return
		}
		s.mu.Lock()
		s.last = from
		s.mu.Unlock()
		b("udp", append([]byte(nil), buf[:n]...), func(p []byte) {
			if p != nil {
				_, _ = s.udp.WriteToUDPAddrPort(p, from)
			}
		})
	}
}

func (s *socketServer) accept(b behaviour) {
	for {
		c, err := s.tcp.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.conns[c] = true
		s.mu.Unlock()
		s.wg.Go(func() {
			defer c.Close()
			for {
				var l [2]byte
				if _, err := io.ReadFull(c, l[:]); err != nil {
					return
				}
				q := make([]byte, binary.BigEndian.Uint16(l[:]))
				if _, err := io.ReadFull(c, q); err != nil {
					return
				}
				b("tcp", q, func(p []byte) {
					if p == nil {
						c.Close()
						return
					}
					_, _ = c.Write(p)
				})
			}
		})
	}
}

// elsewhere sends a packet to whoever asked last, from another port than the one asked.
func (s *socketServer) elsewhere(t testing.TB, p []byte) {
	s.mu.Lock()
	to := s.last
	s.mu.Unlock()
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Error(err)
		return
	}
	defer c.Close()
	_, _ = c.WriteToUDPAddrPort(p, to)
}

// operators asks the servers over real sockets as if each were of another
// operator; on one machine they would all count as one.
func operators(t testing.TB, cfg Config, servers ...*socketServer) *Client {
	t.Helper()
	for _, s := range servers {
		cfg.Servers = append(cfg.Servers, s.addr)
	}
	cfg.Dialer, cfg.Clock, cfg.Seed = egress.New(egress.Config{Named: cfg.Servers}), newJumpClock(), [32]byte{1}
	if cfg.Timeout == 0 {
		cfg.Timeout = 400 * time.Millisecond
	}
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range c.servers {
		s.operator = s.text
	}
	return c
}

// changed is the honest answer to a query, put on the wire and changed there.
func (w world) changed(t testing.TB, query []byte, change func(p []byte) []byte) []byte {
	q := new(dns.Msg)
	if err := q.Unpack(query); err != nil {
		t.Error(err)
		return nil
	}
	m := w.answer(q)
	m.Compress = true
	return change(packed(t, m))
}
