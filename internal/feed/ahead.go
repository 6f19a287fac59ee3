package feed

import "io"

// ahead reads a file while its taker works, so that unpacking has a processor of
// its own. It is for files only: a read that may block for ever would keep close
// from returning.
type ahead struct {
	full  chan chunk
	empty chan []byte
	quit  chan struct{}
	now   []byte // of the chunk being taken
	whole []byte // its memory
	err   error
}

type chunk struct {
	b   []byte
	err error
}

const (
	chunkSize  = 256 << 10
	chunkCount = 3 // one being filled, one waiting, one being taken
)

func readAhead(r io.Reader) *ahead {
	a := &ahead{full: make(chan chunk, chunkCount), empty: make(chan []byte, chunkCount), quit: make(chan struct{})}
	for range chunkCount {
		a.empty <- make([]byte, chunkSize)
	}
	go a.fill(r)
	return a
}

// fill ends with the reader, or on quit; it closes full when it has ended.
func (a *ahead) fill(r io.Reader) {
	defer close(a.full)
	for {
		select {
		case <-a.quit:
			return
		case b := <-a.empty:
			n, err := fillUp(r, b)
			a.full <- chunk{b[:n], err} // never blocks: there are no more chunks than places
			if err != nil {
				return
			}
		}
	}
}

// fillUp is io.ReadFull with the error as the reader said it: a stream that was
// cut off must not look like one that ended.
func fillUp(r io.Reader, b []byte) (n int, err error) {
	for n < len(b) && err == nil {
		var m int
		m, err = r.Read(b[n:])
		n += m
	}
	return n, err
}

func (a *ahead) Read(p []byte) (int, error) {
	for len(a.now) == 0 {
		if a.err != nil {
			return 0, a.err
		}
		if a.whole != nil {
			a.empty <- a.whole
			a.whole = nil
		}
		c := <-a.full
		a.now, a.whole, a.err = c.b, c.b[:cap(c.b)], c.err
	}
	n := copy(p, a.now)
	a.now = a.now[n:]
	return n, nil
}

// close waits until nothing reads any more.
func (a *ahead) close() {
	close(a.quit)
	for range a.full {
	}
}
