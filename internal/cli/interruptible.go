package cli

import (
	"context"
	"io"
)

// interruptible is a reader that ends with its context even while the one below
// waits: a terminal or a pipe that nobody writes to. What it cannot end is the
// read below, whose goroutine stays until something comes or the process ends.
type interruptible struct {
	ctx    context.Context // of the one run that reads; a Read has none
	blocks chan block
	rest   []byte
	err    error
}

type block struct {
	data []byte
	err  error
}

func newInterruptible(ctx context.Context, r io.Reader) *interruptible {
	const size = 1 << 16
	in := &interruptible{ctx: ctx, blocks: make(chan block)}
	go func() {
		for {
			b := make([]byte, size)
			n, err := r.Read(b)
			select {
			case in.blocks <- block{b[:n], err}:
			case <-ctx.Done():
				return
			}
			if err != nil {
				return
			}
		}
	}()
	return in
}

func (in *interruptible) Read(p []byte) (int, error) {
	for len(in.rest) == 0 && in.err == nil {
		select {
		case b := <-in.blocks:
			in.rest, in.err = b.data, b.err
		case <-in.ctx.Done():
			in.err = in.ctx.Err()
		}
	}
	if len(in.rest) == 0 {
		return 0, in.err
	}
	n := copy(p, in.rest)
	in.rest = in.rest[n:]
	return n, nil
}
