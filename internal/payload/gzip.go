package payload

import (
	"bufio"
	"compress/gzip"
	"context"
	"io"
)

// readGzip visits the one file that a gzip stream holds. Streams that follow
// each other are one file, as gunzip has it. A wrong length or checksum is an
// error of the member's reader.
func readGzip(_ context.Context, f file, b *budget, visit func(member) error) error {
	if err := b.entry(); err != nil {
		return err
	}
	z, err := gzip.NewReader(bufio.NewReader(io.NewSectionReader(f.r, 0, f.size)))
	if err != nil {
		return err
	}
	return visit(member{
		name:   z.Name, // "" is given a name by what it holds
		size:   -1,
		packed: f.size,
		open:   func() (io.Reader, error) { return z, nil },
	})
}
