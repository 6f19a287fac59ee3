package payload

import (
	"bufio"
	"bytes"
	"compress/flate"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// The layout is that of NSIS's own fileform.h: a first header at a multiple of
// 512 bytes behind the program, then either one packed stream of blocks, each
// with its length before it, or blocks that are packed one by one.
const (
	nsisMark    = "\xef\xbe\xad\xdeNullsoftInst"
	nsisHeader  = 16 << 20 // bytes of the unpacked header
	nsisPacked  = 1 << 31
	nsisHeadLen = 28
)

// findNSIS returns where the first header is.
func findNSIS(f file, p program) (int64, bool) {
	var b [20]byte
	for at, n := p.end&^511, 0; at < p.stop && n < 2048; at, n = at+512, n+1 {
		if _, err := f.r.ReadAt(b[:], at); err == nil && string(b[4:]) == nsisMark {
			return at, true
		}
	}
	return 0, false
}

// readNSIS visits the unpacked header, whose strings say what the installer
// does, then its files. Only deflate is read here; 7z reads the rest.
func readNSIS(ctx context.Context, f file, at int64, b *budget, visit func(member) error) error {
	h := make([]byte, nsisHeadLen+16)
	if n, _ := f.r.ReadAt(h, at); n < len(h) {
		return errors.New("its installer's header is cut")
	}
	size := int64(binary.LittleEndian.Uint32(h[20:]))
	all := min(max(int64(binary.LittleEndian.Uint32(h[24:]))-nsisHeadLen, 0), f.size-at-nsisHeadLen)
	if size <= 0 || size > nsisHeader {
		return fmt.Errorf("its installer's header says it has %d bytes", size)
	}
	data := io.NewSectionReader(f.r, at+nsisHeadLen, all)
	head := h[nsisHeadLen:]
	first := binary.LittleEndian.Uint32(head)
	plain := int64(first) == size // nothing is packed: the header's own length stands before it
	if packing := nsisPacking(head, first); packing != "deflate" && !plain {
		b.problem("%sthe strings of an installer's header are packed by %s and were not read", nameBefore(f), packing)
		return readBySevenZip(ctx, f, b, visit, "nsis")
	}
	n := nsisReader{f: f, data: data, size: size, b: b, visit: visit}
	if plain || first&nsisPacked != 0 && int64(first&^nsisPacked) <= all {
		return n.blocks(ctx)
	}
	return n.solid(ctx)
}

// nsisPacking tells the packing by the first bytes, as these formats begin.
func nsisPacking(head []byte, first uint32) string {
	for _, off := range []int{0, 1, 4, 5} {
		if off >= 4 && first&nsisPacked == 0 {
			break
		}
		h := head[off:]
		switch {
		case h[0] == 0x5d && h[1] == 0 && h[2] == 0 && h[5] == 0:
			return "LZMA"
		case (off == 0 || off == 4) && h[0] == '1' && h[1] < 14:
			return "bzip2"
		}
	}
	return "deflate"
}

func nameBefore(f file) string {
	if f.name == "" {
		return ""
	}
	return f.name + ": "
}

type nsisReader struct {
	f     file
	data  *io.SectionReader
	size  int64 // of the unpacked header
	b     *budget
	visit func(member) error
}

// solid reads the one stream: the header and then the files, each behind its
// length.
func (n *nsisReader) solid(ctx context.Context) error {
	z := bufio.NewReader(flate.NewReader(bufio.NewReader(n.data)))
	for i := 0; ; i++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		var l [4]byte
		if _, err := io.ReadFull(z, l[:]); err != nil {
			if err == io.EOF && i > 0 {
				return nil
			}
			return fmt.Errorf("its installer's stream is cut: %w", err)
		}
		size := int64(binary.LittleEndian.Uint32(l[:]))
		if i == 0 && size != n.size {
			return fmt.Errorf("its installer's header has %d bytes and says %d", size, n.size)
		}
		part := &io.LimitedReader{R: z, N: size}
		if err := n.block(i, member{size: size, open: func() (io.Reader, error) { return part, nil }}); err != nil {
			return err
		}
		if part.N > 0 {
			return errors.New("its installer's stream ends within a file")
		}
	}
}

// blocks reads parts that are packed one by one, or stored.
func (n *nsisReader) blocks(ctx context.Context) error {
	at := int64(0)
	for i := 0; at+4 <= n.data.Size(); i++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		var l [4]byte
		if _, err := n.data.ReadAt(l[:], at); err != nil {
			return err
		}
		word := binary.LittleEndian.Uint32(l[:])
		size := int64(word &^ nsisPacked)
		at += 4
		if size > n.data.Size()-at {
			return errors.New("its installer's last part is cut")
		}
		m := stored("", n.data, at, size)
		if word&nsisPacked != 0 {
			part := io.NewSectionReader(n.data, at, size)
			m = member{size: -1, packed: size, open: func() (io.Reader, error) { return flate.NewReader(bufio.NewReader(part)), nil }}
		}
		if err := n.block(i, m); err != nil {
			return err
		}
		// What follows the last part is the checksum of all.
		if at += size; n.data.Size()-at <= 4 {
			return nil
		}
	}
	return nil
}

// block visits one part: the first is the header, the others are files. Their
// names are expressions that the header's code puts together as it runs, so
// they are numbered in the order in which they stand.
func (n *nsisReader) block(i int, m member) error {
	if err := n.b.entry(); err != nil {
		return err
	}
	m.name = fmt.Sprintf("[%d]", i)
	if i == 0 {
		m.name = "[header]"
		open := m.open
		m.open = func() (io.Reader, error) {
			r, err := open()
			if err != nil {
				return nil, err
			}
			b, err := io.ReadAll(io.LimitReader(r, n.size))
			return io.MultiReader(bytes.NewReader(b), failing{err}), nil
		}
		m.direct = nil
	}
	return n.visit(m)
}

// failing ends a stream with an error, or well when it is nil.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	return 0, io.EOF
}
