package payload

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"compress/flate"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"slices"

	"github.com/klauspost/compress/zstd"

	"lurehound"
)

// The formats are those of PKWARE's APPNOTE.TXT, version 6.3.10.
const (
	zipEntrySig = "PK\x01\x02"
	zipEndSig   = "PK\x05\x06"
	zipEnd64Sig = "PK\x06\x06"
	zipLoc64Sig = "PK\x06\x07"
)

// zipDirectory is where the central directory is.
type zipDirectory struct {
	at, size int64 // in the file
	base     int64 // bytes before the archive: all offsets count from here
	count    uint64
}

// zipEntry is one entry of the central directory. data is where its bytes are,
// by its local header; -1 before that is read.
type zipEntry struct {
	name            string
	flags, method   uint16
	crc             uint32
	packed, size    uint64
	header          int64
	data            int64
	problem, remark string // problem: it cannot be opened; remark: it can, and something is odd
}

// findZip finds the end record, the last one whose comment ends with the file.
func findZip(r io.ReaderAt, size int64) (zipDirectory, error) {
	var d zipDirectory
	tail := make([]byte, min(size, 22+math.MaxUint16))
	from := size - int64(len(tail))
	if _, err := r.ReadAt(tail, from); err != nil && err != io.EOF {
		return d, err
	}
	i := len(tail)
	for {
		i = bytes.LastIndex(tail[:i], []byte(zipEndSig))
		if i < 0 {
			return d, errors.New("it has no end record")
		}
		if i+22 <= len(tail) && i+22+int(binary.LittleEndian.Uint16(tail[i+20:])) <= len(tail) {
			break
		}
	}
	end, e := from+int64(i), tail[i:]
	d.count = uint64(binary.LittleEndian.Uint16(e[10:]))
	dirSize, dirAt := uint64(binary.LittleEndian.Uint32(e[12:])), uint64(binary.LittleEndian.Uint32(e[16:]))
	if d.count == math.MaxUint16 || dirSize == math.MaxUint32 || dirAt == math.MaxUint32 {
		rec, at, err := findZip64(r, end)
		if err != nil {
			return d, err
		}
		if rec != nil {
			d.count, dirSize, dirAt = binary.LittleEndian.Uint64(rec[32:]), binary.LittleEndian.Uint64(rec[40:]), binary.LittleEndian.Uint64(rec[48:])
			end = at
		}
	}
	if dirSize > uint64(end) || dirAt > uint64(end)-dirSize {
		return d, errors.New("its directory is said to be where it cannot be")
	}
	d.at, d.size = end-int64(dirSize), int64(dirSize)
	d.base = d.at - int64(dirAt)
	if d.size >= 4 && d.base > 0 {
		// Tools that prepend a program correct the offsets, or don't.
		var sig [4]byte
		if r.ReadAt(sig[:], int64(dirAt)); string(sig[:]) == zipEntrySig {
			r.ReadAt(sig[:], d.at)
			if string(sig[:]) != zipEntrySig {
				d.at, d.base = int64(dirAt), 0
			}
		}
	}
	return d, nil
}

// findZip64 returns the zip64 end record that the locator before end leads to;
// nil when there is no locator, for the small fields may be meant.
func findZip64(r io.ReaderAt, end int64) ([]byte, int64, error) {
	var loc [20]byte
	if end < 20 {
		return nil, 0, nil
	}
	if _, err := r.ReadAt(loc[:], end-20); err != nil || string(loc[:4]) != zipLoc64Sig {
		return nil, 0, err
	}
	at := binary.LittleEndian.Uint64(loc[8:])
	if at > uint64(end-20) {
		return nil, 0, errors.New("its zip64 locator leads out of the file")
	}
	rec := make([]byte, 56)
	if _, err := r.ReadAt(rec, int64(at)); err != nil || string(rec[:4]) != zipEnd64Sig {
		return nil, 0, errors.New("its zip64 locator leads to no end record")
	}
	return rec, int64(at), nil
}

// zipEntries reads at most limit entries, and says when more are declared.
func zipEntries(r io.ReaderAt, d zipDirectory, limit int, each func(*zipEntry) error) error {
	br := bufio.NewReader(io.NewSectionReader(r, d.at, d.size))
	var h [46]byte
	for n := uint64(0); ; n++ {
		if _, err := io.ReadFull(br, h[:]); err != nil || string(h[:4]) != zipEntrySig {
			if n != d.count {
				return fmt.Errorf("its directory has %d entries and says %d", n, d.count)
			}
			return nil
		}
		if n >= uint64(limit) {
			return errEntries
		}
		nameLen, extraLen, commentLen := binary.LittleEndian.Uint16(h[28:]), binary.LittleEndian.Uint16(h[30:]), binary.LittleEndian.Uint16(h[32:])
		rest := make([]byte, int(nameLen)+int(extraLen))
		if _, err := io.ReadFull(br, rest); err != nil {
			return errors.New("its directory ends within an entry")
		}
		br.Discard(int(commentLen))
		e := &zipEntry{
			name:   string(rest[:nameLen]),
			flags:  binary.LittleEndian.Uint16(h[8:]),
			method: binary.LittleEndian.Uint16(h[10:]),
			crc:    binary.LittleEndian.Uint32(h[16:]),
			packed: uint64(binary.LittleEndian.Uint32(h[20:])),
			size:   uint64(binary.LittleEndian.Uint32(h[24:])),
			data:   -1,
		}
		header := uint64(binary.LittleEndian.Uint32(h[42:]))
		header = e.zip64(rest[nameLen:], header)
		if e.header = -1; header <= uint64(d.at) {
			e.header = d.base + int64(header)
		}
		if err := each(e); err != nil {
			return err
		}
	}
}

// zip64 takes the sizes and the offset that do not fit into 32 bits from the
// extra field, in the order in which they are missing.
func (e *zipEntry) zip64(extra []byte, header uint64) uint64 {
	for len(extra) >= 4 {
		id, n := binary.LittleEndian.Uint16(extra), int(binary.LittleEndian.Uint16(extra[2:]))
		if extra = extra[4:]; n > len(extra) {
			return header
		}
		field := extra[:n]
		extra = extra[n:]
		if id != 1 {
			continue
		}
		for _, v := range []*uint64{&e.size, &e.packed, &header} {
			if *v == math.MaxUint32 && len(field) >= 8 {
				*v = binary.LittleEndian.Uint64(field)
				field = field[8:]
			}
		}
	}
	return header
}

// locate reads the local header, and says what keeps the entry from being read.
func (e *zipEntry) locate(r io.ReaderAt, end int64) {
	var h [30]byte
	if e.header < 0 || e.header+30 > end {
		e.problem = "its header is said to be outside of the archive"
		return
	}
	if _, err := r.ReadAt(h[:], e.header); err != nil || string(h[:4]) != "PK\x03\x04" {
		e.problem = "it has no header where the directory says"
		return
	}
	nameLen := int64(binary.LittleEndian.Uint16(h[26:]))
	data := e.header + 30 + nameLen + int64(binary.LittleEndian.Uint16(h[28:]))
	if data > end || e.packed > uint64(end-data) {
		e.problem = "its bytes are said to reach out of the archive"
		return
	}
	e.data = data
	name := make([]byte, min(nameLen, int64(len(e.name))+1))
	if _, err := r.ReadAt(name, e.header+30); err != nil || string(name) != e.name {
		e.remark = "the directory and the header name it differently"
	}
	if e.flags&1 != 0 {
		e.problem = "is encrypted"
	}
}

// zipType tells an Android package by its manifest.
func zipType(r io.ReaderAt, size int64) lurehound.FileType {
	t := lurehound.TypeZip
	if d, err := findZip(r, size); err == nil {
		zipEntries(r, d, DefaultLimits().Entries, func(e *zipEntry) error {
			if e.name == "AndroidManifest.xml" {
				t = lurehound.TypeAPK
				return io.EOF
			}
			return nil
		})
	}
	return t
}

// readZip visits the files of a zip in the order of its directory. Entries that
// share bytes with another are not opened: only bombs have them.
func readZip(ctx context.Context, f file, b *budget, visit func(member) error) error {
	d, err := findZip(f.r, f.size)
	if err != nil {
		return err
	}
	var entries []*zipEntry
	names := map[string]int{}
	kept := 0
	broken := zipEntries(f.r, d, b.lim.Entries-b.entries, func(e *zipEntry) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		// The names of a directory are held until all is located: 16 MiB are 10,000 long ones.
		if kept += len(e.name); kept > 16<<20 {
			if len(e.name) > b.lim.Name {
				e.remark = fmt.Sprintf("a name of %d bytes was cut", len(e.name))
				e.name = e.name[:b.lim.Name]
			}
		}
		e.locate(f.r, d.at)
		names[e.name]++
		entries = append(entries, e)
		return nil
	})
	refuseOverlap(entries)
	for _, e := range entries {
		if err := b.entry(); err != nil {
			return err
		}
		if names[e.name] > 1 {
			e.remark = also(e.remark, fmt.Sprintf("%d files have this name", names[e.name]))
		}
		if len(e.name) > 0 && e.name[len(e.name)-1] == '/' && e.size == 0 {
			continue // a folder
		}
		if err := visit(e.member(f.r)); err != nil {
			return err
		}
	}
	return broken
}

// refuseOverlap marks every entry whose bytes another entry has too.
func refuseOverlap(entries []*zipEntry) {
	placed := make([]*zipEntry, 0, len(entries))
	for _, e := range entries {
		if e.data >= 0 {
			placed = append(placed, e)
		}
	}
	slices.SortStableFunc(placed, func(a, b *zipEntry) int {
		if a.header != b.header {
			return int(min(max(a.header-b.header, -1), 1))
		}
		return 0
	})
	const shared = "shares its bytes with another entry, and was not opened"
	var last *zipEntry
	end := int64(0)
	for _, e := range placed {
		if last != nil && e.header < end {
			last.problem, e.problem = shared, shared
		}
		if stop := e.data + int64(e.packed); last == nil || stop > end {
			last, end = e, stop
		}
	}
}

func (e *zipEntry) member(r io.ReaderAt) member {
	m := member{name: e.name, size: -1, packed: int64(max(e.packed, 1)), problem: also(e.problem, e.remark)}
	if e.size <= math.MaxInt64 {
		m.size = int64(e.size)
	} else {
		m.problem = also(m.problem, "its size is more than any file has")
	}
	if e.problem != "" {
		return m
	}
	raw := io.NewSectionReader(r, e.data, int64(e.packed))
	var decoder func() (io.Reader, error)
	switch e.method {
	case 0:
		decoder = func() (io.Reader, error) { return raw, nil }
	case 8:
		decoder = func() (io.Reader, error) { return flate.NewReader(bufio.NewReader(raw)), nil }
	case 12:
		decoder = func() (io.Reader, error) { return bzip2.NewReader(bufio.NewReader(raw)), nil }
	case 20, 93:
		decoder = func() (io.Reader, error) {
			return zstd.NewReader(raw, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(32<<20), zstd.WithDecoderMaxMemory(64<<20))
		}
	case 99:
		m.problem = also(m.problem, "is encrypted")
		return m
	default:
		m.problem = also(m.problem, fmt.Sprintf("is packed by method %d, which is not read", e.method))
		return m
	}
	if e.method == 0 {
		m.direct = raw
	}
	m.open = func() (io.Reader, error) {
		in, err := decoder()
		return &summed{r: in, want: e.crc}, err
	}
	return m
}

// summed is a reader that knows its CRC-32, and says at the end when the bytes
// have another.
type summed struct {
	r    io.Reader
	sum  uint32
	want uint32
}

func (s *summed) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	s.sum = crc32.Update(s.sum, crc32.IEEETable, p[:n])
	if err == io.EOF && s.sum != s.want {
		return n, errors.New("its checksum is not that of its bytes")
	}
	return n, err
}
