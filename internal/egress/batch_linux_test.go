package egress

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"testing"
	"time"
)

// batcher is what resolvers use such a socket as.
type batcher interface {
	net.Conn
	ReadBatch(bufs [][]byte, sizes []int) (int, error)
	WriteBatch(packets [][]byte) (int, error)
}

// TestBatches sends packets of many lengths in batches to a peer that sends them
// back, and reads them in batches.
func TestBatches(t *testing.T) {
	peer, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	addr := netip.MustParseAddrPort(peer.LocalAddr().String())
	conn, err := New(Config{Named: []netip.AddrPort{addr}}).DialNamed(t.Context(), "udp", addr.String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	c, ok := conn.(batcher)
	if !ok {
		t.Fatalf("%T has no batches", conn)
	}
	var packets [][]byte
	for i := range 100 {
		packets = append(packets, fmt.Appendf(nil, "%0*d", i+1, i))
	}
	for left := packets; len(left) > 0; {
		n, err := c.WriteBatch(left)
		if err != nil || n == 0 || n > maxBatch {
			t.Fatalf("%d sent, %v", n, err)
		}
		left = left[n:]
	}
	buf := make([]byte, 200)
	for range packets {
		n, from, err := peer.ReadFrom(buf)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := peer.WriteTo(buf[:n], from); err != nil {
			t.Fatal(err)
		}
	}
	bufs, sizes := make([][]byte, 32), make([]int, 32)
	for i := range bufs {
		bufs[i] = make([]byte, 90)
	}
	got := 0
	for got < len(packets) {
		n, err := c.ReadBatch(bufs, sizes)
		if err != nil {
			t.Fatal(err)
		}
		for i := range n {
			want := string(packets[got])
			if len(want) > len(bufs[i]) {
				want = "" // a packet that was cut is none
			}
			if s := string(bufs[i][:sizes[i]]); s != want {
				t.Errorf("packet %d is %q, want %q", got, s, want)
			}
			got++
		}
	}
	if err := c.SetReadDeadline(time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.ReadBatch(bufs, sizes); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("after its deadline: %v", err)
	}
}
