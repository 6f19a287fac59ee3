package lab

import (
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// streamBuffer is how many octets one direction of a stream holds before
// writes wait: four times Linux's usual first receive window, so that a large
// download is not slowed down by the hand-over between two goroutines.
const streamBuffer = 256 << 10

// half is one direction of a stream: one side writes, the other reads.
type half struct {
	mu      sync.Mutex
	changed sync.Cond
	buf     []byte // what is written and not yet read is buf[off:]
	off     int
	ended   bool // the writer has closed: EOF once all is read
	gone    bool // the reader has closed: writing fails
	reader  deadline
	writer  deadline
}

func newHalf() *half {
	h := &half{}
	h.changed.L = &h.mu
	return h
}

// deadline is a point in time at which waiting ends. Sockets' deadlines are
// real time, also in the laboratory.
type deadline struct {
	at    time.Time
	timer *time.Timer
}

func (d *deadline) passed() bool { return !d.at.IsZero() && !time.Now().Before(d.at) }

// set is called with the lock held; wake is called when the time has come.
func (d *deadline) set(at time.Time, wake func()) {
	d.at = at
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
	if !at.IsZero() {
		d.timer = time.AfterFunc(time.Until(at), wake)
	}
}

func (h *half) wake() {
	h.mu.Lock()
	h.changed.Broadcast()
	h.mu.Unlock()
}

func (h *half) setDeadline(d *deadline, at time.Time) {
	h.mu.Lock()
	d.set(at, h.wake)
	h.changed.Broadcast()
	h.mu.Unlock()
}

func (h *half) read(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for {
		switch {
		case h.gone:
			return 0, net.ErrClosed
		case h.reader.passed():
			return 0, os.ErrDeadlineExceeded
		case len(p) == 0:
			return 0, nil
		case h.off < len(h.buf):
			n := copy(p, h.buf[h.off:])
			if h.off += n; h.off == len(h.buf) {
				h.buf, h.off = h.buf[:0], 0
			}
			h.changed.Broadcast()
			return n, nil
		case h.ended:
			return 0, io.EOF
		}
		h.changed.Wait()
	}
}

func (h *half) write(p []byte) (written int, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for {
		switch {
		case h.ended:
			return written, net.ErrClosed
		case h.gone:
			return written, syscall.EPIPE
		case h.writer.passed():
			return written, os.ErrDeadlineExceeded
		}
		if room := streamBuffer - (len(h.buf) - h.off); room > 0 {
			if h.off > 0 && len(h.buf) >= streamBuffer {
				h.buf = h.buf[:copy(h.buf, h.buf[h.off:])]
				h.off = 0
			}
			n := min(room, len(p))
			h.buf = append(h.buf, p[:n]...)
			p, written = p[n:], written+n
			h.changed.Broadcast()
		}
		if len(p) == 0 {
			return written, nil
		}
		h.changed.Wait()
	}
}

func (h *half) end() {
	h.mu.Lock()
	h.ended = true
	h.writer.set(time.Time{}, nil)
	h.changed.Broadcast()
	h.mu.Unlock()
}

func (h *half) abandon() {
	h.mu.Lock()
	h.gone = true
	h.buf, h.off = nil, 0
	h.reader.set(time.Time{}, nil)
	h.changed.Broadcast()
	h.mu.Unlock()
}

// stream is one end of a TCP connection that never leaves the process.
type stream struct {
	in, out       *half
	local, remote net.Addr
	closed        sync.Once
	onClose       func()
}

// newStream makes both ends of a connection.
func newStream(client, server net.Addr) (c, s *stream) {
	up, down := newHalf(), newHalf()
	c = &stream{in: down, out: up, local: client, remote: server}
	s = &stream{in: up, out: down, local: server, remote: client}
	return c, s
}

func (s *stream) opError(op string, err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	return &net.OpError{Op: op, Net: "tcp", Source: s.local, Addr: s.remote, Err: err}
}

func (s *stream) Read(p []byte) (int, error) {
	n, err := s.in.read(p)
	return n, s.opError("read", err)
}

func (s *stream) Write(p []byte) (int, error) {
	n, err := s.out.write(p)
	return n, s.opError("write", err)
}

func (s *stream) Close() error {
	s.closed.Do(func() {
		s.out.end()
		s.in.abandon()
		if s.onClose != nil {
			s.onClose()
		}
	})
	return nil
}

// CloseWrite ends one direction, as a TCP connection can.
func (s *stream) CloseWrite() error {
	s.out.end()
	return nil
}

func (s *stream) LocalAddr() net.Addr  { return s.local }
func (s *stream) RemoteAddr() net.Addr { return s.remote }

func (s *stream) SetDeadline(t time.Time) error {
	s.in.setDeadline(&s.in.reader, t)
	s.out.setDeadline(&s.out.writer, t)
	return nil
}

func (s *stream) SetReadDeadline(t time.Time) error {
	s.in.setDeadline(&s.in.reader, t)
	return nil
}

func (s *stream) SetWriteDeadline(t time.Time) error {
	s.out.setDeadline(&s.out.writer, t)
	return nil
}

// listener hands connections to an http.Server.
type listener struct {
	addr  net.Addr
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

// backlog is how many connections may wait to be accepted; a dial beyond
// waits, as it would for a busy server.
const backlog = 128

func newListener(addr net.Addr) *listener {
	return &listener{addr: addr, conns: make(chan net.Conn, backlog), done: make(chan struct{})}
}

func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *listener) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

func (l *listener) Addr() net.Addr { return l.addr }
