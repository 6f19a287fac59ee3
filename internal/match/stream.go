package match

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"
	"unicode/utf8"
)

// Counts are what became of the lines of a stream:
// Read = Matched + Unmatched + Malformed. Blank lines and comments are not read.
type Counts struct{ Read, Matched, Unmatched, Malformed int }

func (c *Counts) add(o Counts) {
	c.Read += o.Read
	c.Matched += o.Matched
	c.Unmatched += o.Unmatched
	c.Malformed += o.Malformed
}

const (
	// blockSize is what one worker takes at once: large beside the cost of
	// handing it over, small enough that a slow pipe shows its hits soon.
	blockSize = 128 << 10
	// maxLine is the longest line that is looked at; longer ones are malformed.
	maxLine = 64 << 10
)

// block is some whole lines on their way through a worker.
type block struct {
	lines   string
	cut     int // lines that were too long and are not in lines
	hits    []Hit
	counts  Counts
	settled chan struct{}
}

// Stream reads names from r, one a line, or the first column of CSV, looks at
// them on all processors and calls emit for every hit, in the order of the lines. Lines that
// begin with # and blank lines are passed over. The error is r's, emit's or ctx's; the
// counts are right for all lines before it.
func (ix *Index) Stream(ctx context.Context, r io.Reader, minScore float64, emit func(Hit) error) (Counts, error) {
	ctx, cancel := context.WithCancel(ctx)
	workers := runtime.GOMAXPROCS(0)
	work := make(chan *block)
	order := make(chan *block, 2*workers) // bounds what waits for its turn
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for b := range work {
				ix.settle(b, minScore)
				close(b.settled)
			}
		})
	}
	var readErr error
	all.Go(func() {
		defer close(order)
		defer close(work)
		readErr = blocks(r, func(b *block) error {
			select {
			case order <- b:
			case <-ctx.Done():
				return ctx.Err()
			}
			work <- b // workers drain it whatever happens
			return nil
		})
	})
	var total Counts
	var emitErr error
	for b := range order {
		<-b.settled
		if emitErr != nil || ctx.Err() != nil {
			continue
		}
		if emitErr = emitAll(b.hits, emit); emitErr != nil {
			cancel()
			continue
		}
		total.add(b.counts)
	}
	cancelled := ctx.Err()
	cancel()
	all.Wait()
	switch {
	case emitErr != nil:
		return total, emitErr
	case readErr != nil && !errors.Is(readErr, context.Canceled):
		return total, fmt.Errorf("reading names: %w", readErr)
	}
	return total, cancelled
}

func emitAll(hits []Hit, emit func(Hit) error) error {
	for _, h := range hits {
		if err := emit(h); err != nil {
			return err
		}
	}
	return nil
}

// settle looks at every line of a block.
func (ix *Index) settle(b *block, minScore float64) {
	b.counts = Counts{Read: b.cut, Malformed: b.cut}
	s := ix.scratch.Get().(*scratch)
	defer ix.scratch.Put(s)
	for line := range strings.Lines(b.lines) {
		name, ok := firstColumn(line)
		if !ok {
			continue
		}
		b.counts.Read++
		switch h, class := ix.classify(s, name, minScore); class {
		case Matched:
			b.counts.Matched++
			b.hits = append(b.hits, h)
		case Unmatched:
			b.counts.Unmatched++
		case Malformed:
			b.counts.Malformed++
		}
	}
}

// firstColumn is the name in a line; false for a blank line and a comment.
func firstColumn(line string) (string, bool) {
	i := 0 // what nearly every line is: letters up to a comma or the end
	for i < len(line) && line[i] > ',' && line[i] != ';' && line[i] < utf8.RuneSelf {
		i++
	}
	if i > 0 && i < len(line) && (line[i] == ',' || line[i] == '\n') {
		return line[:i], true
	}
	line = strings.TrimSpace(line)
	if line == "" || line[0] == '#' {
		return "", false
	}
	if i := strings.IndexAny(line, ",;\t"); i >= 0 {
		line = line[:i]
	}
	return strings.Trim(line, `" `), true
}

// blocks cuts r into blocks of whole lines.
func blocks(r io.Reader, yield func(*block) error) error {
	in := bufio.NewReaderSize(r, maxLine)
	var buf bytes.Buffer
	b := &block{settled: make(chan struct{})}
	flush := func() error {
		b.lines = buf.String()
		buf.Reset()
		full := b
		b = &block{settled: make(chan struct{})}
		return yield(full)
	}
	for {
		line, err := in.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			b.cut++
			if err = skipLine(in); err == nil {
				continue
			}
			line = nil
		}
		buf.Write(line)
		if err != nil {
			if e := flush(); e != nil {
				return e
			}
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		if buf.Len() >= blockSize || in.Buffered() == 0 {
			if e := flush(); e != nil {
				return e
			}
		}
	}
}

func skipLine(in *bufio.Reader) error {
	for {
		if _, err := in.ReadSlice('\n'); !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}
