package lab

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"
	"syscall"
)

// network connects addresses inside the process. The tables are filled before
// the first dial and not changed afterwards.
type network struct {
	tcp map[netip.AddrPort]func(net.Conn)
	udp map[netip.AddrPort]func(d *datagram, packet []byte)

	running sync.WaitGroup // every goroutine of the laboratory
	stop    []func()       // ends the servers
	done    chan struct{}  // closed by close

	mu     sync.Mutex
	closed bool
	port   uint16               // last client port given out
	open   map[*stream]struct{} // ends that servers hold
}

// firstPort begins the range of client ports (RFC 6335, section 6).
const firstPort = 49152

func (n *network) dial(ctx context.Context, proto string, from netip.Addr, address string) (net.Conn, error) {
	fail := func(err error) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Net: proto, Addr: unparsed{proto, address}, Err: err}
	}
	if err := ctx.Err(); err != nil {
		return fail(err)
	}
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return fail(fmt.Errorf("the laboratory dials addresses, not names: %w", err))
	}
	to = netip.AddrPortFrom(to.Addr().Unmap(), to.Port())
	switch strings.TrimRight(proto, "46") {
	case "udp":
		return n.dialUDP(from, to, fail)
	case "tcp":
		return n.dialTCP(from, to, fail)
	}
	return fail(net.UnknownNetworkError(proto))
}

type unparsed struct{ network, address string }

func (u unparsed) Network() string { return u.network }
func (u unparsed) String() string  { return u.address }

func (n *network) dialUDP(from netip.Addr, to netip.AddrPort, fail func(error) (net.Conn, error)) (net.Conn, error) {
	src, ok := n.source(from)
	if !ok {
		return fail(net.ErrClosed)
	}
	return newDatagram(net.UDPAddrFromAddrPort(src), net.UDPAddrFromAddrPort(to), n.udp[to]), nil
}

func (n *network) dialTCP(from netip.Addr, to netip.AddrPort, fail func(error) (net.Conn, error)) (net.Conn, error) {
	src, ok := n.source(from)
	if !ok {
		return fail(net.ErrClosed)
	}
	serve := n.tcp[to]
	if serve == nil {
		return fail(os.NewSyscallError("connect", syscall.ECONNREFUSED))
	}
	client, server := newStream(net.TCPAddrFromAddrPort(src), net.TCPAddrFromAddrPort(to))
	if !n.adopt(server) {
		return fail(net.ErrClosed)
	}
	serve(server)
	return client, nil
}

// source gives a client an address and port; false when the laboratory is closed.
func (n *network) source(from netip.Addr) (netip.AddrPort, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.port++; n.port < firstPort {
		n.port = firstPort
	}
	return netip.AddrPortFrom(from, n.port), !n.closed
}

// adopt remembers a server's end until it closes.
func (n *network) adopt(s *stream) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return false
	}
	if n.open == nil {
		n.open = map[*stream]struct{}{}
	}
	n.open[s] = struct{}{}
	s.onClose = func() {
		n.mu.Lock()
		delete(n.open, s)
		n.mu.Unlock()
	}
	return true
}

// spawn runs f until it returns; close waits for it. It does nothing when the
// laboratory is closed.
func (n *network) spawn(f func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.closed {
		n.running.Go(f)
	}
}

func (n *network) close() error {
	n.mu.Lock()
	if n.closed {
		n.mu.Unlock()
		return nil
	}
	n.closed = true
	close(n.done)
	var open []*stream
	for s := range n.open {
		open = append(open, s)
	}
	n.mu.Unlock()
	for _, stop := range n.stop {
		stop()
	}
	for _, s := range open {
		_ = s.Close() // never fails
	}
	n.running.Wait()
	return nil
}
