package lab

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func pair(t testing.TB) (c, s *stream) {
	c, s = newStream(&net.TCPAddr{Port: 1}, &net.TCPAddr{Port: 2})
	t.Cleanup(func() { _, _ = c.Close(), s.Close() }) // never fail
	return c, s
}

// What is written is read: in whatever pieces, in this order, both ways at once.
func TestStreamKeepsOctets(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c, s := newStream(&net.TCPAddr{Port: 1}, &net.TCPAddr{Port: 2})
		size := rapid.OneOf(rapid.IntRange(0, 999), rapid.IntRange(streamBuffer-1, streamBuffer+9999)).Draw(rt, "size")
		seed := rapid.Uint64().Draw(rt, "seed")
		data := make([]byte, size)
		_, _ = rand.NewChaCha8([32]byte{byte(seed)}).Read(data) // never fails
		var wg sync.WaitGroup
		got := make([][]byte, 2)
		for i, ends := range [][2]*stream{{c, s}, {s, c}} {
			pieces := rand.New(rand.NewPCG(seed, uint64(i)))
			wg.Go(func() {
				for rest := data; len(rest) > 0; {
					n := 1 + pieces.IntN(len(rest))
					if w, err := ends[0].Write(rest[:n]); w != n || err != nil {
						rt.Errorf("wrote %d of %d: %v", w, n, err)
					}
					rest = rest[n:]
				}
				_ = ends[0].CloseWrite() // never fails
			})
			wg.Go(func() {
				b, err := io.ReadAll(ends[1])
				if err != nil {
					rt.Errorf("reading: %v", err)
				}
				got[i] = b
			})
		}
		wg.Wait()
		_, _ = c.Close(), s.Close() // never fail
		if !bytes.Equal(got[0], data) || !bytes.Equal(got[1], data) {
			rt.Errorf("%d octets sent, %d and %d came, or others", size, len(got[0]), len(got[1]))
		}
	})
}

func TestStreamEnds(t *testing.T) {
	c, s := pair(t)
	if _, err := c.Write([]byte("last words")); err != nil {
		t.Fatal(err)
	}
	_ = c.Close() // never fails
	if b, err := io.ReadAll(s); err != nil || string(b) != "last words" {
		t.Errorf("read %q, %v after the peer closed", b, err)
	}
	if _, err := s.Write([]byte("x")); !errors.Is(err, syscall.EPIPE) {
		t.Errorf("writing to a closed peer: %v", err)
	}
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("reading a closed stream: %v", err)
	}
	if _, err := c.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
		t.Errorf("writing a closed stream: %v", err)
	}
}

func TestStreamDeadlines(t *testing.T) {
	c, s := pair(t)
	soon := func() time.Time { return time.Now().Add(5 * time.Millisecond) }
	_ = s.SetReadDeadline(soon()) // setting deadlines never fails
	if _, err := s.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) || !isTimeout(err) {
		t.Errorf("reading nothing: %v", err)
	}
	_ = s.SetReadDeadline(time.Time{})
	if _, err := c.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if n, err := s.Read(make([]byte, 1)); n != 1 || err != nil {
		t.Errorf("after the deadline was taken back: %d, %v", n, err)
	}
	_ = c.SetWriteDeadline(soon())
	if n, err := c.Write(make([]byte, streamBuffer+1)); n != streamBuffer || !isTimeout(err) {
		t.Errorf("writing more than fits: %d, %v", n, err)
	}
	// A deadline in the past wakes a reader that waits, as net/http needs it.
	woken := make(chan error)
	go func() {
		_, err := c.Read(make([]byte, 1))
		woken <- err
	}()
	_ = c.SetReadDeadline(time.Unix(1, 0))
	if err := <-woken; !isTimeout(err) {
		t.Errorf("a waiting reader got %v", err)
	}
}

func BenchmarkDownload(b *testing.B) {
	f, _, err := Installer("fake")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.SetBytes(64 << 20)
	for b.Loop() {
		c, s := newStream(&net.TCPAddr{Port: 1}, &net.TCPAddr{Port: 2})
		go func() {
			_, _ = io.Copy(c, io.NewSectionReader(f, 0, 64<<20)) // the reader counts
			_ = c.Close()
		}()
		if n, err := io.Copy(io.Discard, s); n != 64<<20 || err != nil {
			b.Fatal(n, err)
		}
		_ = s.Close()
	}
}
