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
	"slices"
)

// The format is that of Microsoft's [MS-CAB].

// cabFolder is a run of blocks that decode to one stream.
type cabFolder struct {
	at     int64
	blocks uint16
	method uint16
}

type cabFile struct {
	name   string
	size   uint32
	offset uint32 // in the folder's stream
	folder uint16
}

type cabinet struct {
	files   []cabFile
	folders []cabFolder
	reserve int // bytes before each block's data
	size    int64
	left    int // files that the header declares and that are not read
}

// parseCab reads a cabinet's header and its lists, at most limit files.
func parseCab(f file, limit int) (*cabinet, error) {
	br := bufio.NewReader(io.NewSectionReader(f.r, 0, f.size))
	h := make([]byte, 36)
	if _, err := io.ReadFull(br, h); err != nil || string(h[:4]) != "MSCF" {
		return nil, errors.New("its header is cut")
	}
	c := &cabinet{size: int64(binary.LittleEndian.Uint32(h[8:]))}
	filesAt := int64(binary.LittleEndian.Uint32(h[16:]))
	nFolders, nFiles, flags := int(binary.LittleEndian.Uint16(h[26:])), int(binary.LittleEndian.Uint16(h[28:])), binary.LittleEndian.Uint16(h[30:])
	folderExtra := 0
	if flags&4 != 0 {
		if _, err := io.ReadFull(br, h[:4]); err != nil {
			return nil, errors.New("its header is cut")
		}
		br.Discard(int(binary.LittleEndian.Uint16(h)))
		folderExtra, c.reserve = int(h[2]), int(h[3])
	}
	// Names of the cabinets and disks before and after.
	for bit := range 2 {
		if flags&(1<<bit) != 0 {
			for range 2 {
				if _, err := cabString(br); err != nil {
					return nil, err
				}
			}
		}
	}
	for range nFolders {
		if _, err := io.ReadFull(br, h[:8]); err != nil {
			return c, errors.New("its list of folders is cut")
		}
		br.Discard(folderExtra)
		c.folders = append(c.folders, cabFolder{at: int64(binary.LittleEndian.Uint32(h)), blocks: binary.LittleEndian.Uint16(h[4:]), method: binary.LittleEndian.Uint16(h[6:])})
	}
	if filesAt > f.size {
		return c, errors.New("its list of files is said to be outside of it")
	}
	br.Reset(io.NewSectionReader(f.r, filesAt, f.size-filesAt))
	for i := range nFiles {
		if i >= limit {
			c.left = nFiles - i
			return c, nil
		}
		if _, err := io.ReadFull(br, h[:16]); err != nil {
			return c, errors.New("its list of files is cut")
		}
		name, err := cabString(br)
		if err != nil {
			return c, err
		}
		c.files = append(c.files, cabFile{name: name, size: binary.LittleEndian.Uint32(h), offset: binary.LittleEndian.Uint32(h[4:]), folder: binary.LittleEndian.Uint16(h[8:])})
	}
	return c, nil
}

// cabString reads a name that a zero ends. The format allows 255 bytes.
func cabString(br *bufio.Reader) (string, error) {
	var s []byte
	for len(s) <= 255 {
		c, err := br.ReadByte()
		if err != nil {
			return "", errors.New("it ends within a name")
		}
		if c == 0 {
			return string(s), nil
		}
		s = append(s, c)
	}
	return "", errors.New("it has a name without an end")
}

// readCab visits the files of a cabinet folder by folder, in the order of their
// bytes. Folders packed by LZX or Quantum are left to 7z.
func readCab(ctx context.Context, f file, b *budget, visit func(member) error) error {
	c, broken := parseCab(f, b.lim.Entries-b.entries)
	if c == nil {
		return broken
	}
	for _, d := range c.folders {
		if m := d.method & 15; m > 1 {
			if err := readBySevenZip(ctx, f, b, visit, "cab"); !errors.Is(err, errNoSevenZip) {
				return err
			}
			b.problem("a cabinet has a folder packed by %s, and there is no 7z to read it", [16]string{2: "Quantum", 3: "LZX"}[m])
			break
		}
	}
	slices.SortStableFunc(c.files, func(x, y cabFile) int {
		if x.folder != y.folder {
			return int(x.folder) - int(y.folder)
		}
		return int(int64(x.offset) - int64(y.offset))
	})
	var stream *cabStream
	folder, end := -1, int64(0)
	for _, e := range c.files {
		if err := b.entry(); err != nil {
			return err
		}
		m := member{name: cabName(e.name), size: int64(e.size)}
		if int(e.folder) != folder {
			folder, end, stream = int(e.folder), 0, nil
			if folder < len(c.folders) {
				stream = newCabStream(ctx, f, c, c.folders[folder], b)
			}
		}
		switch {
		case e.folder >= 0xfffd:
			m.problem = "goes on from or in another cabinet"
		case stream == nil:
			m.problem = "is said to be in a folder that is not there"
		case stream.folder.method&15 > 1:
			m.problem = "is packed in a way that is not read"
		case int64(e.offset) < end:
			m.problem = "shares its bytes with another file, and was not opened"
		default:
			s := stream
			m.open = func() (io.Reader, error) { return s.file(int64(e.offset), int64(e.size)) }
		}
		if m.problem == "" {
			end = int64(e.offset) + int64(e.size)
		}
		if err := visit(m); err != nil {
			return err
		}
	}
	if c.left > 0 {
		return errEntries
	}
	return broken
}

// cabName gives the path with the slashes that other containers have.
func cabName(s string) string { return string(bytes.ReplaceAll([]byte(s), []byte{'\\'}, []byte{'/'})) }

// cabStream decodes one folder. Files are cut from it in order.
type cabStream struct {
	ctx    context.Context
	f      file
	folder cabFolder
	b      *budget
	next   int64 // where the next block begins
	left   uint16
	extra  int
	pos    int64 // bytes given out
	block  []byte
	err    error
	window []byte // what the last block decoded to: the next one's dictionary
	z      io.ReadCloser
}

func newCabStream(ctx context.Context, f file, c *cabinet, d cabFolder, b *budget) *cabStream {
	return &cabStream{ctx: ctx, f: f, folder: d, b: b, next: d.at, left: d.blocks, extra: c.reserve}
}

func (s *cabStream) file(at, n int64) (io.Reader, error) {
	for s.pos < at {
		if len(s.block) == 0 {
			if err := s.fill(); err != nil {
				return nil, err
			}
		}
		k := min(int64(len(s.block)), at-s.pos)
		if err := s.b.decode(k); err != nil {
			return nil, err
		}
		s.block, s.pos = s.block[k:], s.pos+k
	}
	return io.LimitReader(s, n), nil
}

func (s *cabStream) Read(p []byte) (int, error) {
	if len(s.block) == 0 {
		if err := s.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(p, s.block)
	s.block, s.pos = s.block[n:], s.pos+int64(n)
	return n, nil
}

// fill decodes the next block: at most 32 KiB, as the format has it.
func (s *cabStream) fill() error {
	if s.err == nil {
		s.block, s.err = s.decode()
	}
	return s.err
}

func (s *cabStream) decode() ([]byte, error) {
	if err := s.ctx.Err(); err != nil {
		return nil, err
	}
	if s.left == 0 {
		return nil, io.EOF
	}
	s.left--
	h := make([]byte, 8)
	if _, err := s.f.r.ReadAt(h, s.next); err != nil {
		return nil, errors.New("the cabinet ends before its blocks")
	}
	packed, size := int(binary.LittleEndian.Uint16(h[4:])), int(binary.LittleEndian.Uint16(h[6:]))
	if size == 0 {
		return nil, errors.New("a block goes on in the next cabinet")
	}
	if size > 32<<10 {
		return nil, fmt.Errorf("a block says it holds %d bytes", size)
	}
	data := make([]byte, packed)
	if _, err := io.ReadFull(io.NewSectionReader(s.f.r, s.next+8+int64(s.extra), int64(packed)), data); err != nil {
		return nil, errors.New("the cabinet ends within a block")
	}
	s.next += 8 + int64(s.extra) + int64(packed)
	if s.folder.method&15 == 0 {
		if packed != size {
			return nil, errors.New("a stored block has two sizes")
		}
		return data, nil
	}
	if packed < 2 || string(data[:2]) != "CK" {
		return nil, errors.New("a block does not begin as MSZIP does")
	}
	if s.z == nil {
		s.z = flate.NewReader(bytes.NewReader(data[2:]))
	} else if err := s.z.(flate.Resetter).Reset(bytes.NewReader(data[2:]), s.window); err != nil {
		return nil, err
	}
	out := make([]byte, size)
	if _, err := io.ReadFull(s.z, out); err != nil {
		return nil, fmt.Errorf("a block is broken: %w", err)
	}
	s.window = out
	return out, nil
}
