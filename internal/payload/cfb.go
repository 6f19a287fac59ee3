package payload

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf16"
)

// The format is that of Microsoft's [MS-CFB].
const (
	cfbMagic = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
	cfbLast  = 0xfffffffa // sector numbers above are marks, not sectors
)

// compound is a compound file: storages and streams, of which it holds the
// allocation table and the directory.
type compound struct {
	r        io.ReaderAt
	size     int64
	sector   int64 // bytes
	short    int64 // bytes of a sector of the small streams
	cutoff   int64 // streams below this are small
	fat      []uint32
	miniFAT  []uint32
	mini     *cfbStream // holds the small streams
	entries  []*cfbEntry
	problems []string
}

// cfbEntry is a storage or a stream. kind is 1 (storage), 2 (stream) or 5 (root).
type cfbEntry struct {
	name              []uint16
	kind              byte
	left, right, down uint32
	class             [16]byte
	state             uint32
	created, changed  [8]byte
	start             uint32
	size              int64
	sizeField         [4]byte     // the lower half, as it stands there
	children          []*cfbEntry // in the order of the directory's tree
	parent            *cfbEntry
}

// openCompound reads the tables of a compound file. The directory has at most
// limit entries; all tables are bounded by the bytes that are really there.
func openCompound(r io.ReaderAt, size int64, limit int) (*compound, error) {
	h := make([]byte, 512)
	if n, _ := r.ReadAt(h, 0); n < 512 || string(h[:8]) != cfbMagic {
		return nil, errors.New("its header is cut")
	}
	u32 := func(off int) uint32 { return binary.LittleEndian.Uint32(h[off:]) }
	shift, short := binary.LittleEndian.Uint16(h[30:]), binary.LittleEndian.Uint16(h[32:])
	if shift != 9 && shift != 12 || short != 6 {
		return nil, errors.New("its sectors have sizes that no such file has")
	}
	c := &compound{r: r, size: size, sector: 1 << shift, short: 64, cutoff: int64(u32(56))}
	if c.cutoff != 4096 {
		return nil, errors.New("its small streams have a limit that no such file has")
	}
	if err := c.readFAT(h); err != nil {
		return nil, err
	}
	var err error
	if c.miniFAT, err = c.numbers(u32(60)); err != nil {
		c.problems = append(c.problems, fmt.Sprintf("its table of small streams: %v", err))
	}
	if err := c.readDirectory(u32(48), limit); err != nil {
		return nil, err
	}
	return c, nil
}

// readFAT follows the header's list of table sectors and the sectors that go
// on with it.
func (c *compound) readFAT(h []byte) error {
	most := c.size/c.sector + 1 // sectors that can be there
	where := make([]uint32, 0, 109)
	for i := range 109 {
		where = append(where, binary.LittleEndian.Uint32(h[76+4*i:]))
	}
	buf := make([]byte, c.sector)
	next := binary.LittleEndian.Uint32(h[68:])
	for n := int64(0); next < cfbLast; n++ {
		if n > most {
			return errors.New("its list of tables is a loop")
		}
		if err := c.readSector(next, buf); err != nil {
			return fmt.Errorf("its list of tables: %w", err)
		}
		for i := 0; i+8 <= len(buf); i += 4 {
			where = append(where, binary.LittleEndian.Uint32(buf[i:]))
		}
		next = binary.LittleEndian.Uint32(buf[len(buf)-4:])
		if int64(len(where)) > most+109 {
			return errors.New("its list of tables is longer than the file")
		}
	}
	seen := map[uint32]bool{}
	for _, s := range where {
		if s >= cfbLast {
			continue
		}
		if seen[s] {
			return errors.New("its table has one sector twice")
		}
		seen[s] = true
		if err := c.readSector(s, buf); err != nil {
			return fmt.Errorf("its table: %w", err)
		}
		for i := 0; i < len(buf); i += 4 {
			c.fat = append(c.fat, binary.LittleEndian.Uint32(buf[i:]))
		}
		if int64(len(c.fat)) > most+c.sector {
			return nil // the rest names sectors that are not there
		}
	}
	return nil
}

// readSector reads one sector; the last of a file may be short.
func (c *compound) readSector(s uint32, buf []byte) error {
	off := (int64(s) + 1) * c.sector
	if off >= c.size {
		return fmt.Errorf("sector %d is outside of the file", s)
	}
	n, err := c.r.ReadAt(buf, off)
	if n < len(buf) && err != nil && err != io.EOF {
		return err
	}
	clear(buf[n:])
	return nil
}

// numbers reads a chain as 32-bit numbers.
func (c *compound) numbers(start uint32) ([]uint32, error) {
	var out []uint32
	buf := make([]byte, c.sector)
	err := chain(start, c.fat, func(s uint32) error {
		if err := c.readSector(s, buf); err != nil {
			return err
		}
		for i := 0; i < len(buf); i += 4 {
			out = append(out, binary.LittleEndian.Uint32(buf[i:]))
		}
		return nil
	})
	return out, err
}

// chain visits the sectors of a chain, each at most once.
func chain(start uint32, table []uint32, visit func(uint32) error) error {
	for n, s := 0, start; s < cfbLast; n++ {
		if int64(s) >= int64(len(table)) {
			return fmt.Errorf("sector %d is in no table", s)
		}
		if n > len(table) {
			return errors.New("a chain of sectors is a loop")
		}
		if err := visit(s); err != nil {
			return err
		}
		s = table[s]
	}
	return nil
}

func (c *compound) readDirectory(start uint32, limit int) error {
	buf := make([]byte, c.sector)
	full := errors.New("full")
	err := chain(start, c.fat, func(s uint32) error {
		if err := c.readSector(s, buf); err != nil {
			return err
		}
		for i := 0; i < len(buf); i += 128 {
			if len(c.entries) >= limit {
				return full
			}
			c.entries = append(c.entries, cfbEntryOf(buf[i:i+128], c.sector))
		}
		return nil
	})
	if err == full {
		c.problems = append(c.problems, fmt.Sprintf("only the first %d of its entries were read", limit))
	} else if err != nil {
		return fmt.Errorf("its directory: %w", err)
	}
	if len(c.entries) == 0 || c.entries[0].kind != 5 {
		return errors.New("its directory has no root")
	}
	root := c.entries[0]
	c.mini = &cfbStream{c: c, table: c.fat, at: root.start, unit: c.sector, size: root.size}
	c.grow(map[uint32]bool{0: true})
	return nil
}

func cfbEntryOf(b []byte, sector int64) *cfbEntry {
	e := &cfbEntry{
		kind: b[66], left: binary.LittleEndian.Uint32(b[68:]), right: binary.LittleEndian.Uint32(b[72:]), down: binary.LittleEndian.Uint32(b[76:]),
		state: binary.LittleEndian.Uint32(b[96:]), start: binary.LittleEndian.Uint32(b[116:]), size: int64(binary.LittleEndian.Uint32(b[120:])),
	}
	copy(e.class[:], b[80:])
	copy(e.created[:], b[100:])
	copy(e.changed[:], b[108:])
	copy(e.sizeField[:], b[120:])
	if high := binary.LittleEndian.Uint32(b[124:]); sector == 4096 && high < 1<<20 {
		e.size |= int64(high) << 32 // with small sectors the upper half is not to be read
	}
	n := min(int(binary.LittleEndian.Uint16(b[64:])), 64)
	for i := 0; i+2 < n; i += 2 {
		e.name = append(e.name, binary.LittleEndian.Uint16(b[i:]))
	}
	return e
}

// grow hangs every entry under its storage, each once, without recursion: a
// hostile tree is as deep as it has entries.
func (c *compound) grow(seen map[uint32]bool) {
	type step struct {
		at     uint32
		parent *cfbEntry
		placed bool // its left side is done
	}
	stack := []step{{at: c.entries[0].down, parent: c.entries[0]}}
	looped := false
	for len(stack) > 0 {
		s := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if int64(s.at) >= int64(len(c.entries)) {
			continue
		}
		e := c.entries[s.at]
		if !s.placed {
			if seen[s.at] {
				looped = true
				continue
			}
			seen[s.at] = true
			stack = append(stack, step{s.at, s.parent, true}, step{at: e.left, parent: s.parent})
			continue
		}
		if e.kind == 1 || e.kind == 2 {
			e.parent = s.parent
			s.parent.children = append(s.parent.children, e)
		}
		stack = append(stack, step{at: e.right, parent: s.parent})
		if e.kind == 1 {
			stack = append(stack, step{at: e.down, parent: e})
		}
	}
	if looped {
		c.problems = append(c.problems, "its directory has a loop")
	}
}

// stream opens a stream for reading in order.
func (c *compound) stream(e *cfbEntry) *cfbStream {
	if e.size < c.cutoff {
		return &cfbStream{c: c, table: c.miniFAT, at: e.start, unit: c.short, size: e.size, within: c.mini}
	}
	return &cfbStream{c: c, table: c.fat, at: e.start, unit: c.sector, size: e.size}
}

// content reads a stream of at most limit bytes.
func (c *compound) content(e *cfbEntry, limit int64) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(c.stream(e), limit+1))
	if int64(len(b)) > limit {
		return nil, fmt.Errorf("has more than %d bytes", limit)
	}
	return b, err
}

// cfbStream reads along a chain of sectors.
type cfbStream struct {
	c      *compound
	table  []uint32
	at     uint32
	unit   int64
	size   int64 // as the directory says
	done   int64
	steps  int
	looped bool
	mark   uint32     // where it was when steps was last a power of two: to come back is a loop (Brent, 1980)
	within *cfbStream // the stream that the small sectors are in; nil for large ones

	sectors []uint32 // of within: found once
}

func (s *cfbStream) Read(p []byte) (int, error) {
	if s.done >= s.size {
		return 0, io.EOF
	}
	if len(p) == 0 {
		return 0, nil
	}
	if s.at >= cfbLast {
		return 0, errors.New("its chain of sectors ends too early")
	}
	if int64(s.at) >= int64(len(s.table)) {
		return 0, errors.New("its chain of sectors leads out of the table")
	}
	if s.looped {
		return 0, errors.New("its chain of sectors is a loop")
	}
	in := s.done % s.unit
	n := int(min(int64(len(p)), s.unit-in, s.size-s.done))
	k, err := s.readIn(p[:n], in)
	if k == 0 {
		if err == nil || err == io.EOF {
			err = errors.New("its sectors are outside of the file")
		}
		return 0, err
	}
	s.done += int64(k)
	if s.done%s.unit == 0 {
		s.at = s.table[s.at]
		looped := s.steps > 0 && s.at == s.mark
		if s.steps++; s.steps&(s.steps-1) == 0 && !looped {
			s.mark = s.at
		}
		s.looped = s.looped || looped
	}
	return k, nil
}

// readIn reads from the sector that the stream is at.
func (s *cfbStream) readIn(p []byte, in int64) (int, error) {
	if s.within == nil {
		off := (int64(s.at)+1)*s.unit + in
		if off >= s.c.size {
			return 0, io.EOF
		}
		return s.c.r.ReadAt(p, off)
	}
	m := s.within
	if m.sectors == nil {
		err := chain(m.at, m.table, func(sec uint32) error { m.sectors = append(m.sectors, sec); return nil })
		if err != nil && len(m.sectors) == 0 {
			return 0, err
		}
	}
	off := int64(s.at)*s.unit + in
	if i := off / m.unit; i < int64(len(m.sectors)) {
		return s.c.r.ReadAt(p, (int64(m.sectors[i])+1)*m.unit+off%m.unit)
	}
	return 0, io.EOF
}

// path is an entry's name with its storages, as text.
func (e *cfbEntry) path() string {
	var parts []string
	for n := 0; e != nil && e.kind != 5 && n < 32; e, n = e.parent, n+1 {
		parts = append(parts, streamName(e.name))
	}
	slices.Reverse(parts)
	return strings.Join(parts, "/")
}

// readCompound visits the streams of a compound file that is no package.
func readCompound(ctx context.Context, f file, b *budget, visit func(member) error) error {
	c, err := openCompound(f.r, f.size, b.lim.Entries)
	if err != nil {
		return err
	}
	return c.visit(ctx, b, visit, func(*cfbEntry) bool { return true })
}

// visit visits the streams that want takes.
func (c *compound) visit(ctx context.Context, b *budget, visit func(member) error, want func(*cfbEntry) bool) error {
	for _, e := range c.entries {
		if e.kind != 2 || e.parent == nil || !want(e) {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := b.entry(); err != nil {
			return err
		}
		m := member{name: e.path(), size: e.size, open: func() (io.Reader, error) { return c.stream(e), nil }}
		if e.size > c.size {
			m.problem = "says it is larger than the file that it is in"
		}
		if err := visit(m); err != nil {
			return err
		}
	}
	if len(c.problems) > 0 {
		return errors.New(strings.Join(c.problems, "; "))
	}
	return nil
}

// streamName decodes the names of Windows Installer's streams: two letters of
// 64 in one unit from U+3800, one from U+4800, and U+4840 before a table's.
func streamName(units []uint16) string {
	const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._"
	out := make([]uint16, 0, 2*len(units))
	for i, u := range units {
		switch {
		case u == 0x4840 && i == 0:
			out = append(out, '!')
		case u >= 0x3800 && u < 0x4800:
			out = append(out, uint16(letters[(u-0x3800)&63]), uint16(letters[(u-0x3800)>>6&63]))
		case u >= 0x4800 && u < 0x4840:
			out = append(out, uint16(letters[u-0x4800]))
		default:
			out = append(out, u)
		}
	}
	return string(utf16.Decode(out))
}

// compareNames is the order of the bytes of two names, the shorter first where
// one begins the other.
func compareNames(a, b []uint16) int { return bytes.Compare(utf16Bytes(a), utf16Bytes(b)) }

func utf16Bytes(u []uint16) []byte {
	b := make([]byte, 0, 2*len(u))
	for _, c := range u {
		b = binary.LittleEndian.AppendUint16(b, c)
	}
	return b
}
