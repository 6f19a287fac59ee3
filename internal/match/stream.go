package match

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"
	"unicode/utf8"
	"unsafe"

	"lurehound"
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
	// maxEmpty is how often r may give nothing at all; package bufio takes the same.
	maxEmpty = 100
)

// block is some whole lines on their way through a worker.
type block struct {
	buf     []byte
	lines   []byte // part of buf
	first   bool   // nothing was read before it
	cut     int    // lines that were too long and are not in lines
	hits    []Hit
	counts  Counts
	settled chan struct{}
}

// reset makes a block ready for use again. Hits hold no memory of buf.
func (b *block) reset() {
	b.lines, b.first, b.cut, b.hits, b.counts, b.settled = nil, false, 0, nil, Counts{}, make(chan struct{})
}

// Stream reads names from r, one a line, or the first column of CSV, looks at
// them on all processors and calls emit for every hit, in the order of the lines. Of a link it
// looks at the host. Lines that begin with #, blank lines and a heading in front are passed over. The error is r's, emit's or ctx's; the
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
				ix.settle(ctx, b, minScore)
				close(b.settled)
			}
		})
	}
	var readErr error
	var free sync.Pool
	all.Go(func() {
		defer close(order)
		defer close(work)
		readErr = blocks(r, &free, func(b *block) error {
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
		free.Put(b)
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

// settle looks at every line of a block. Once ctx is cancelled nobody reads the
// block any more, and it stops at the next hit: these are what takes time.
func (ix *Index) settle(ctx context.Context, b *block, minScore float64) {
	defer func() { b.counts.add(Counts{Read: b.cut, Malformed: b.cut}) }()
	s := ix.scratch.Get().(*scratch)
	defer ix.scratch.Put(s)
	heading := b.first // may come yet
	if b.first {
		b.lines = bytes.TrimPrefix(b.lines, []byte("\ufeff"))
	}
	for rest := b.lines; len(rest) > 0; {
		n := bytes.IndexByte(rest, '\n') + 1
		if n == 0 {
			n = len(rest)
		}
		line := unsafe.String(&rest[0], n) // lives no longer than this turn: classify keeps nothing of it
		rest = rest[n:]
		if n > maxLine {
			b.cut++
			continue
		}
		name, ok := firstColumn(line)
		if !ok {
			continue
		}
		if heading {
			heading = false
			if isHeading(name) {
				continue
			}
		}
		b.counts.Read++
		h, class := ix.classify(s, name, minScore)
		if class == Malformed {
			if host, ok := hostOf(name); ok {
				h, class = ix.classify(s, host, minScore)
			}
		}
		switch class {
		case Matched:
			b.counts.Matched++
			b.hits = append(b.hits, h)
			if ctx.Err() != nil {
				return
			}
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

// isHeading reports whether the first column is what tables of names call it.
func isHeading(column string) bool {
	for _, h := range [...]string{"domain", "name", "host", "hostname", "url"} {
		if strings.EqualFold(column, h) {
			return true
		}
	}
	return false
}

// maxHost is how many octets of a link are looked at: a scheme, a user, and a
// host of 253 octets that is defanged at every dot fit in.
const maxHost = 1024

// hostOf is the host of a link, defanged or not, with a scheme or without; false
// for what is neither a link nor defanged.
func hostOf(s string) (string, bool) {
	if !strings.Contains(s, "://") && !strings.Contains(s, "[:]//") && !strings.Contains(s, "[.]") && !strings.Contains(s, "[dot]") {
		return "", false
	}
	s = lurehound.Refang(s[:min(len(s), maxHost)])
	if _, rest, ok := strings.Cut(s, "://"); ok {
		s = rest
	}
	if i := strings.IndexAny(s, "/?#"); i >= 0 {
		s = s[:i]
	}
	s = s[strings.LastIndexByte(s, '@')+1:]
	if host, port, ok := strings.Cut(s, ":"); ok && !strings.Contains(port, ":") {
		s = host // an address of version 6 stays whole: it is no name
	}
	return s, true
}

// blocks cuts r into blocks of whole lines, as they come. Memory is taken from free.
func blocks(r io.Reader, free *sync.Pool, yield func(*block) error) error {
	var rest []byte // the beginning of a line whose end has not come yet
	cutting := false
	for first := true; ; first = false {
		b, _ := free.Get().(*block)
		if b == nil {
			b = &block{buf: make([]byte, blockSize+maxLine)}
		}
		b.reset()
		b.first = first
		have := copy(b.buf, rest)
		whole, empty := 0, 0 // octets of whole lines; reads without any
		var err error
		for whole == 0 && have < maxLine && err == nil {
			var n int
			n, err = r.Read(b.buf[have : have+blockSize])
			if empty++; n > 0 {
				empty = 0
			} else if empty > maxEmpty && err == nil {
				err = io.ErrNoProgress
			}
			fresh := b.buf[have : have+n]
			if cutting { // what is left of a line that is too long
				end := bytes.IndexByte(fresh, '\n')
				if end < 0 {
					continue
				}
				cutting = false
				fresh = fresh[:copy(fresh, fresh[end+1:])]
			}
			if i := bytes.LastIndexByte(fresh, '\n'); i >= 0 {
				whole = have + i + 1
			}
			have += len(fresh)
		}
		if err != nil {
			whole = have // the last line may have no end
		}
		if b.lines, rest = b.buf[:whole], append(rest[:0], b.buf[whole:have]...); len(rest) >= maxLine {
			b.cut, rest, cutting = 1, rest[:0], true
		}
		if e := yield(b); e != nil {
			return e
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
