package feed

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

const (
	// maxRatio is the most that one byte of a feed may grow to. Lists of names
	// shrink 3 to 12 times; a bomb 1,000 times and more.
	maxRatio = 200
	// ratioFrom is how many bytes come out before the ratio counts, so that a
	// short list of much the same lines is no bomb.
	ratioFrom = 16 << 20
	// zstdMemory bounds the window that a zstd frame may ask for; it is the
	// window of `zstd --ultra --long=27`.
	zstdMemory = 128 << 20
)

// The first bytes of a gzip member (RFC 1952) and a zstd frame (RFC 8878).
const (
	gzipMagic = "\x1f\x8b"
	zstdMagic = "\x28\xb5\x2f\xfd"
)

var errBomb = errors.New("it inflates more than 200 times, as no list does")

// inflate reads r as it is, or through gzip or zstd when it begins like that.
// It looks at the bytes only: names of files and headers lie.
func inflate(r io.Reader) (*bufio.Reader, func(), error) {
	in := &countReader{r: r}
	raw := bufio.NewReaderSize(in, 64<<10)
	head, err := raw.Peek(4)
	if err != nil && err != io.EOF {
		return nil, nil, err
	}
	switch {
	case strings.HasPrefix(string(head), gzipMagic):
		z, err := gzip.NewReader(raw)
		if err != nil {
			return nil, nil, fmt.Errorf("opening gzip: %w", err)
		}
		return bufio.NewReaderSize(&bombReader{r: z, in: in}, 256<<10), func() { z.Close() }, nil
	case string(head) == zstdMagic:
		z, err := zstd.NewReader(raw, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(zstdMemory))
		if err != nil {
			return nil, nil, fmt.Errorf("opening zstd: %w", err)
		}
		return bufio.NewReaderSize(&bombReader{r: z, in: in}, 256<<10), z.Close, nil
	}
	return raw, func() {}, nil
}

// Inflate reads a list as it is, or unpacks it when it is gzip or zstd, with
// the caps of the list feed.
func Inflate(r io.Reader) (io.ReadCloser, error) {
	in, end, err := inflate(r)
	if err != nil {
		return nil, err
	}
	return &inflated{in, end}, nil
}

type inflated struct {
	io.Reader
	end func()
}

func (i *inflated) Close() error {
	i.end()
	return nil
}

type countReader struct {
	r io.Reader
	n int64
}

func (c *countReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// bombReader ends when what comes out is out of proportion to what went in.
type bombReader struct {
	r   io.Reader
	in  *countReader
	out int64
}

func (b *bombReader) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	b.out += int64(n)
	if b.out > ratioFrom && b.out > maxRatio*b.in.n {
		return n, errBomb
	}
	return n, err
}
