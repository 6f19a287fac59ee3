package payload

import (
	"crypto"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"

	"lurehound"
)

// ErrNotRead is what an io.ReaderAt answers for bytes that nobody fetched: a
// caller who asked a server for the first and the last part of a file only.
// What depends on such bytes is unknown, never wrong.
var ErrNotRead = errors.New("these bytes were not read")

// Caps on what a PE file may make us look at. Windows loads at most 96 sections;
// UPX and Go stay below 30.
const (
	peSections    = 256
	peDirectories = 16
	peHeaderEnd   = 1 << 20 // where the PE header may begin at the latest
)

// Data directories, by their index (PE specification, "Optional Header Data Directories").
const (
	dirImport      = 1
	dirResource    = 2
	dirCertificate = 4
	dirDebug       = 6
	dirDotNet      = 14
)

// peLayout is where the parts of a PE file lie. All offsets are from the start
// of the file, and all ranges lie inside it.
type peLayout struct {
	r    io.ReaderAt
	size int64

	overlay, overlaySize int64 // what follows the last section, without the certificate table
	checksum             int64 // the header's 4 bytes that no digest covers
	certDir              int64 // the 8 bytes that point to the certificates; 0 when the header has none
	certs, certsSize     int64 // the certificate table; 0 when there is none

	problems []string // what could not be read; the caller repeats them

	wide     bool // PE32+
	dirs     [peDirectories]peDirectory
	sections []peSection
	headers  int64 // SizeOfHeaders
	filed    int64 // FileAlignment
	overlaps bool  // the certificate table covers bytes that sections map
	digests  map[crypto.Hash][]byte
}

type peDirectory struct{ rva, size uint32 }

type peSection struct {
	name               string
	rva, virtual       uint32
	offset, raw        int64 // as declared
	clipOffset, clipTo int64 // the part of it that is in the file
}

func (l *peLayout) problem(format string, args ...any) {
	s := fmt.Sprintf(format, args...)
	for _, have := range l.problems {
		if have == s {
			return
		}
	}
	l.problems = append(l.problems, s)
}

// readPE reads the headers of a Windows program and what they point to. The
// error says that the file is no PE file at all, or that its headers are not
// there; all else that could not be read is in the layout's problems.
func readPE(r io.ReaderAt, size int64) (*lurehound.PEFacts, *peLayout, error) {
	facts, l, err := readLayout(r, size)
	if err != nil {
		return nil, nil, err
	}
	facts.Overlay = l.overlaySize
	facts.Imphash = l.imphash()
	facts.RichHash = l.richHash()
	facts.Version = l.version()
	facts.PDB = l.pdb()
	facts.DotNet = l.dirs[dirDotNet].rva != 0 && l.dirs[dirDotNet].size != 0
	facts.Sections = l.entropies()
	if d, err := l.digest(crypto.SHA256); err == nil {
		facts.Authentihash = hex.EncodeToString(d)
	} else if !errors.Is(err, ErrNotRead) {
		l.problem("the Authentihash was not computed: %v", err)
	}
	return facts, l, nil
}

// readLayout reads no more than the headers.
func readLayout(r io.ReaderAt, size int64) (*lurehound.PEFacts, *peLayout, error) {
	l := &peLayout{r: r, size: size, digests: map[crypto.Hash][]byte{}}
	facts := &lurehound.PEFacts{}
	if err := l.readHeaders(facts); err != nil {
		return nil, nil, fmt.Errorf("reading the PE headers: %w", err)
	}
	l.findOverlay()
	return facts, l, nil
}

func (l *peLayout) readHeaders(facts *lurehound.PEFacts) error {
	dos, err := l.bytes(0, 64)
	if err != nil {
		return err
	}
	if string(dos[:2]) != "MZ" {
		return errors.New("no MZ at the start")
	}
	at := int64(binary.LittleEndian.Uint32(dos[60:]))
	if at > peHeaderEnd {
		return fmt.Errorf("the PE header would be at %d", at)
	}
	head, err := l.bytes(at, 24)
	if err != nil {
		return err
	}
	if string(head[:4]) != "PE\x00\x00" {
		return errors.New("no PE header")
	}
	facts.Machine = machine(binary.LittleEndian.Uint16(head[4:]))
	facts.DLL = binary.LittleEndian.Uint16(head[22:])&0x2000 != 0
	if stamp := binary.LittleEndian.Uint32(head[8:]); stamp != 0 {
		facts.Compiled = time.Unix(int64(stamp), 0).UTC()
	}
	optSize := int64(binary.LittleEndian.Uint16(head[20:]))
	if err := l.readOptional(at+24, optSize); err != nil {
		return err
	}
	return l.readSections(at+24+optSize, int(binary.LittleEndian.Uint16(head[6:])))
}

// readOptional reads the optional header of optSize bytes at offset at.
func (l *peLayout) readOptional(at, optSize int64) error {
	opt, err := l.bytes(at, optSize)
	if err != nil {
		return err
	}
	if len(opt) < 68 {
		return fmt.Errorf("the optional header has %d bytes", len(opt))
	}
	dirs := int64(96)
	switch magic := binary.LittleEndian.Uint16(opt); magic {
	case 0x10b:
	case 0x20b:
		l.wide = true
		dirs = 112
	default:
		return fmt.Errorf("the optional header begins with %#x", magic)
	}
	l.checksum = at + 64
	l.filed = int64(binary.LittleEndian.Uint32(opt[36:]))
	l.headers = int64(binary.LittleEndian.Uint32(opt[60:]))
	if int64(len(opt)) < dirs {
		return nil
	}
	n := min(binary.LittleEndian.Uint32(opt[dirs-4:]), peDirectories)
	for i := range int64(n) {
		p := dirs + 8*i
		if p+8 > int64(len(opt)) {
			break
		}
		l.dirs[i] = peDirectory{binary.LittleEndian.Uint32(opt[p:]), binary.LittleEndian.Uint32(opt[p+4:])}
		if i == dirCertificate {
			l.certDir = at + p
		}
	}
	return nil
}

func (l *peLayout) readSections(at int64, n int) error {
	if n > peSections {
		l.problem("the headers declare %d sections, of which %d were read", n, peSections)
		n = peSections
	}
	for i := range n {
		h, err := l.bytes(at+40*int64(i), 40)
		if err != nil {
			l.problem("%d of %d section headers were read: %v", i, n, err)
			return nil
		}
		s := peSection{
			name:    text(cut(h[:8])),
			virtual: binary.LittleEndian.Uint32(h[8:]), rva: binary.LittleEndian.Uint32(h[12:]),
			raw: int64(binary.LittleEndian.Uint32(h[16:])), offset: int64(binary.LittleEndian.Uint32(h[20:])),
		}
		s.clipOffset = min(l.aligned(s.offset), l.size)
		s.clipTo = min(s.offset+s.raw, l.size)
		if s.raw == 0 || s.offset == 0 || s.clipTo < s.clipOffset {
			s.clipOffset, s.clipTo = 0, 0
		}
		if s.raw != 0 && s.offset+s.raw > l.size {
			l.problem("section %q ends at %d, after the file's end", s.name, s.offset+s.raw)
		}
		l.sections = append(l.sections, s)
	}
	return nil
}

// aligned is where Windows looks for a section's bytes: it rounds down to 512.
func (l *peLayout) aligned(offset int64) int64 {
	if l.filed < 0x200 {
		return offset
	}
	return offset &^ 0x1ff
}

// findOverlay fixes the certificate table and what follows the sections.
func (l *peLayout) findOverlay() {
	end := min(l.headers, l.size)
	for _, s := range l.sections {
		end = max(end, s.clipTo)
	}
	if d := l.dirs[dirCertificate]; l.certDir != 0 && d.rva != 0 && d.size != 0 {
		// The only directory that holds a file offset, not an address.
		at, n := int64(d.rva), int64(d.size)
		switch {
		case at < l.certDir+8:
			l.problem("the certificate table would begin inside the headers, at %d", at)
		case at >= l.size:
			l.problem("the certificate table would begin at %d, after the file's end", at)
		default:
			if at+n > l.size {
				l.problem("the certificate table is cut: %d of %d bytes are there", l.size-at, n)
				n = l.size - at
			}
			l.certs, l.certsSize = at, n
			l.overlaps = at < end
		}
	}
	l.overlay, l.overlaySize = end, l.size-end
	if l.certsSize == 0 {
		return
	}
	switch tail := l.size - (l.certs + l.certsSize); {
	case l.overlaps:
		l.problem("the certificate table lies over the sections")
		l.overlay = max(end, l.certs+l.certsSize)
		l.overlaySize = l.size - l.overlay
	case l.certs > end:
		l.overlaySize = l.certs - end
		if tail > 0 {
			l.problem("%d bytes follow the certificate table", tail)
		}
	default:
		l.overlay, l.overlaySize = l.certs+l.certsSize, tail
	}
}

// bytes reads exactly n bytes at off. Nothing is allocated for bytes that are
// not in the file.
func (l *peLayout) bytes(off, n int64) ([]byte, error) {
	if off < 0 || n < 0 || off > l.size || n > l.size-off {
		return nil, fmt.Errorf("%d bytes at %d are not in the file of %d", n, off, l.size)
	}
	return readAt(l.r, off, n)
}

func readAt(r io.ReaderAt, off, n int64) ([]byte, error) {
	b := make([]byte, n)
	k, err := r.ReadAt(b, off)
	if int64(k) == n {
		return b, nil
	}
	if err == nil || err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return nil, fmt.Errorf("reading %d bytes at %d: %w", n, off, err)
}

// at returns up to n bytes that are mapped at an address. Fewer come back where
// the section's bytes in the file end.
func (l *peLayout) at(rva uint32, n int64) ([]byte, error) {
	off, left := l.offset(rva)
	if left <= 0 {
		return nil, fmt.Errorf("address %#x is in no section", rva)
	}
	return l.bytes(off, min(n, left))
}

// offset is where the byte at an address lies in the file, and how many follow
// it in its section.
func (l *peLayout) offset(rva uint32) (off, left int64) {
	for _, s := range l.sections {
		if rva < s.rva || s.clipTo == 0 {
			continue
		}
		off := s.clipOffset + int64(rva-s.rva)
		if off < s.clipTo {
			return off, s.clipTo - off
		}
	}
	if int64(rva) < min(l.headers, l.size) {
		return int64(rva), min(l.headers, l.size) - int64(rva)
	}
	return 0, 0
}

// machine names the processors that Windows runs on (PE specification, "Machine Types").
func machine(m uint16) string {
	switch m {
	case 0x14c:
		return "386"
	case 0x8664:
		return "amd64"
	case 0xaa64:
		return "arm64"
	case 0x1c4:
		return "arm"
	}
	return fmt.Sprintf("%#x", m)
}

// cut ends b at its first NUL.
func cut(b []byte) []byte {
	for i, c := range b {
		if c == 0 {
			return b[:i]
		}
	}
	return b
}
