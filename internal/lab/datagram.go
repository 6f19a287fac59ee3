package lab

import (
	"net"
	"os"
	"sync"
	"time"
)

// maxWaiting is how many datagrams a socket keeps unread; more are lost, as in
// a full receive buffer.
const maxWaiting = 4096

// datagram is one end of a connected UDP socket. What is written is answered
// by the peer in the writer's goroutine, so it needs no goroutine of its own.
type datagram struct {
	local, remote net.Addr
	peer          func(d *datagram, packet []byte)

	mu      sync.Mutex
	changed sync.Cond
	queue   [][]byte
	closed  bool
	reader  deadline
}

// newDatagram makes a socket; peer is nil where nobody listens, which is
// silence.
func newDatagram(local, remote net.Addr, peer func(*datagram, []byte)) *datagram {
	d := &datagram{local: local, remote: remote, peer: peer}
	d.changed.L = &d.mu
	return d
}

func (d *datagram) opError(op string, err error) error {
	return &net.OpError{Op: op, Net: "udp", Source: d.local, Addr: d.remote, Err: err}
}

// deliver queues a packet from the peer.
func (d *datagram) deliver(packet []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.closed && len(d.queue) < maxWaiting {
		d.queue = append(d.queue, packet)
		d.changed.Broadcast()
	}
}

// Read takes one packet. What does not fit into p is lost, as with sockets.
func (d *datagram) Read(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for {
		switch {
		case d.closed:
			return 0, d.opError("read", net.ErrClosed)
		case d.reader.passed():
			return 0, d.opError("read", os.ErrDeadlineExceeded)
		case len(d.queue) > 0:
			n := copy(p, d.queue[0])
			d.queue = d.queue[1:]
			return n, nil
		}
		d.changed.Wait()
	}
}

func (d *datagram) Write(p []byte) (int, error) {
	d.mu.Lock()
	closed := d.closed
	d.mu.Unlock()
	if closed {
		return 0, d.opError("write", net.ErrClosed)
	}
	if d.peer != nil {
		d.peer(d, p)
	}
	return len(p), nil
}

func (d *datagram) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed, d.queue = true, nil
	d.reader.set(time.Time{}, nil)
	d.changed.Broadcast()
	return nil
}

func (d *datagram) LocalAddr() net.Addr  { return d.local }
func (d *datagram) RemoteAddr() net.Addr { return d.remote }

func (d *datagram) SetDeadline(t time.Time) error { return d.SetReadDeadline(t) }

func (d *datagram) SetReadDeadline(t time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.reader.set(t, func() {
		d.mu.Lock()
		d.changed.Broadcast()
		d.mu.Unlock()
	})
	d.changed.Broadcast()
	return nil
}

// SetWriteDeadline does nothing: writing never waits.
func (d *datagram) SetWriteDeadline(time.Time) error { return nil }

// ReadFrom and WriteTo make it a net.PacketConn: by that DNS clients tell a
// datagram socket from a stream.
func (d *datagram) ReadFrom(p []byte) (int, net.Addr, error) {
	n, err := d.Read(p)
	return n, d.remote, err
}

// WriteTo reaches the connected peer only.
func (d *datagram) WriteTo(p []byte, to net.Addr) (int, error) {
	if to.String() != d.remote.String() {
		return 0, d.opError("write", net.ErrWriteToConnected)
	}
	return d.Write(p)
}
