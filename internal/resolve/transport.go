package resolve

import "net"

const (
	batchSize   = 64   // packets a system call
	batchPacket = 4096 // octets kept of a packet read in a batch; we ask for less (udpSize), what is longer has to come over TCP
)

// batches is a socket that takes many packets with one system call; those that
// egress opens on Linux are. Sizes of packets that did not fit are 0.
type batches interface {
	net.Conn
	ReadBatch(bufs [][]byte, sizes []int) (int, error)
	WriteBatch(packets [][]byte) (int, error)
}

// singly reads and writes packets one by one: on other systems, and in memory.
type singly struct{ net.Conn }

func (s singly) ReadBatch(bufs [][]byte, sizes []int) (int, error) {
	n, err := s.Read(bufs[0])
	sizes[0] = n
	if err != nil {
		return 0, err
	}
	return 1, nil
}

func (s singly) WriteBatch(packets [][]byte) (int, error) {
	_, err := s.Write(packets[0])
	if err != nil {
		return 0, err
	}
	return 1, nil
}

func inBatches(c net.Conn) batches {
	if b, ok := c.(batches); ok {
		return b
	}
	return singly{c}
}
