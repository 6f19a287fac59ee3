package egress

import (
	"net"
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// maxBatch is how many packets go through one system call. At 64 the call
// itself is a few percent of what the packets cost the kernel.
const maxBatch = 64

// readBuffer is what is asked for as a socket's receive buffer, in octets.
const readBuffer = 1 << 20

// batchConn is a connected UDP socket that reads and writes many packets with
// one system call (recvmmsg(2), sendmmsg(2)). One goroutine may read and
// another write.
type batchConn struct {
	*net.UDPConn
	raw     syscall.RawConn
	in, out batch
}

// batch is the arguments of one call, kept so that no call allocates.
type batch struct {
	hdrs [maxBatch]unix.Mmsghdr
	iovs [maxBatch]unix.Iovec
	n    int
	done int
	err  syscall.Errno
	call func(fd uintptr) bool
}

// batched gives UDP sockets their batches.
func batched(c net.Conn) net.Conn {
	u, ok := c.(*net.UDPConn)
	if !ok {
		return c
	}
	raw, err := u.SyscallConn()
	if err != nil {
		return c
	}
	// The kernel charges a small packet with 768 octets, so that its default
	// buffer holds 277 of them. It gives what its own limit allows.
	_ = u.SetReadBuffer(readBuffer)
	b := &batchConn{UDPConn: u, raw: raw}
	b.in.prepare(unix.SYS_RECVMMSG)
	b.out.prepare(unix.SYS_SENDMMSG)
	return b
}

func (b *batch) prepare(trap uintptr) {
	for i := range b.hdrs {
		b.hdrs[i].Hdr.Iov = &b.iovs[i]
		b.hdrs[i].Hdr.SetIovlen(1)
	}
	b.call = func(fd uintptr) bool {
		n, _, err := unix.Syscall6(trap, fd, uintptr(unsafe.Pointer(&b.hdrs[0])), uintptr(b.n), 0, 0, 0)
		for err == unix.EINTR {
			n, _, err = unix.Syscall6(trap, fd, uintptr(unsafe.Pointer(&b.hdrs[0])), uintptr(b.n), 0, 0, 0)
		}
		if err == unix.EAGAIN {
			return false
		}
		b.done, b.err = int(n), err
		return true
	}
}

func (b *batch) set(i int, p []byte) {
	b.iovs[i].Base = unsafe.SliceData(p)
	b.iovs[i].SetLen(len(p))
}

// ReadBatch waits for packets and reads as many as are there, one into each of
// bufs, to at most 64; sizes gets their lengths. A packet longer than its buffer has
// length 0.
func (c *batchConn) ReadBatch(bufs [][]byte, sizes []int) (int, error) {
	b := &c.in
	b.n = min(len(bufs), len(sizes), maxBatch)
	for i := range b.n {
		b.set(i, bufs[i])
	}
	if err := c.raw.Read(b.call); err != nil {
		return 0, err
	}
	if b.err != 0 {
		return 0, os.NewSyscallError("recvmmsg", b.err)
	}
	for i := range b.done {
		sizes[i] = int(b.hdrs[i].Len)
		if b.hdrs[i].Hdr.Flags&unix.MSG_TRUNC != 0 {
			sizes[i] = 0
		}
	}
	return b.done, nil
}

// WriteBatch sends packets to the peer and says how many of them left, at most 64.
func (c *batchConn) WriteBatch(packets [][]byte) (int, error) {
	b := &c.out
	b.n = min(len(packets), maxBatch)
	for i := range b.n {
		b.set(i, packets[i])
	}
	if err := c.raw.Write(b.call); err != nil {
		return 0, err
	}
	if b.err != 0 {
		return 0, os.NewSyscallError("sendmmsg", b.err)
	}
	return b.done, nil
}
