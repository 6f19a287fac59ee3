package payload

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
)

// program is where the parts of a PE file are that installers hang their files
// on.
type program struct {
	sections []span
	names    []string
	end      int64 // of the last section
	stop     int64 // of what follows it: the certificates or the end of the file
}

type span struct{ at, size int64 }

func programOf(l *peLayout) program {
	p := program{end: min(l.headers, l.size), stop: l.size}
	for _, s := range l.sections {
		if s.clipTo <= s.clipOffset {
			continue
		}
		p.sections = append(p.sections, span{s.clipOffset, s.clipTo - s.clipOffset})
		p.names = append(p.names, s.name)
		p.end = max(p.end, s.clipTo)
	}
	if l.certsSize > 0 && !l.overlaps {
		p.stop = l.certs
	}
	return p
}

// sfxSearch is how far behind a program its archive may begin: self-extractors
// have a text of settings before it.
const sfxSearch = 64 << 10

// installer tells what made a program that installs: "nsis", "7z-sfx",
// "wix-burn", "inno", or "" when none of them did. at is where what it carries
// begins.
func (p program) installer(f file) (kind string, at int64) {
	for i, n := range p.names {
		if n == ".wixburn" && p.sections[i].size >= 24 {
			return "wix-burn", p.end
		}
	}
	if first, ok := findNSIS(f, p); ok {
		return "nsis", first
	}
	front := make([]byte, min(sfxSearch, p.stop-p.end))
	n, _ := f.r.ReadAt(front, p.end)
	front = front[:n]
	if i := bytes.Index(front, []byte("7z\xbc\xaf\x27\x1c")); i >= 0 {
		return "7z-sfx", p.end + int64(i)
	}
	// Inno's setup program keeps the places of its parts in a resource that
	// begins with this mark; old ones have a word in the DOS header.
	if head := readHead(f); len(head) >= 0x34 && string(head[0x30:0x34]) == "Inno" || bytes.Contains(front, []byte("Inno Setup Setup Data (")) {
		return "inno", p.end
	}
	for i, n := range p.names {
		if n == ".rsrc" && contains(f, p.sections[i], []byte("rDlPtS\xcd\xe6\xd7\x7b\x0b\x2a")) {
			return "inno", p.end
		}
	}
	return "", p.end
}

// contains searches the first 4 MiB of a part of f.
func contains(f file, s span, mark []byte) bool {
	buf := make([]byte, 64<<10)
	for off := int64(0); off < min(s.size, 4<<20); off += int64(len(buf) - len(mark)) {
		n, _ := f.r.ReadAt(buf[:min(int64(len(buf)), s.size-off)], s.at+off)
		if bytes.Contains(buf[:n], mark) {
			return true
		}
	}
	return false
}

// readProgram visits what a program carries behind its last section: an
// installer's files, or the overlay as one file.
func readProgram(ctx context.Context, f file, b *budget, visit func(member) error) error {
	_, l, err := readLayout(f.r, f.size)
	if err != nil {
		return nil // what is wrong with the headers is said where they are read
	}
	p := programOf(l)
	kind, at := p.installer(f)
	switch kind {
	case "nsis":
		return readNSIS(ctx, f, at, b, visit)
	case "wix-burn":
		return readBurn(f, p, b, visit)
	}
	if at >= p.stop {
		return nil
	}
	if err := b.entry(); err != nil {
		return err
	}
	return visit(stored("[overlay]", f.r, at, p.stop-at))
}

// readBurn visits the cabinets that follow a bundle's program: its user
// interface, then what it installs. Each says how long it is.
func readBurn(f file, p program, b *budget, visit func(member) error) error {
	for at := p.end; at+36 <= f.size; {
		var h [12]byte
		if _, err := f.r.ReadAt(h[:], at); err != nil {
			return err
		}
		size := int64(binary.LittleEndian.Uint32(h[8:]))
		if string(h[:8]) != "MSCF\x00\x00\x00\x00" || size < 36 || size > f.size-at {
			return nil // what follows is signatures, or what no bundle has
		}
		if err := b.entry(); err != nil {
			return err
		}
		if err := visit(stored("[cabinet]", f.r, at, size)); err != nil {
			return err
		}
		at += size
	}
	return nil
}

// stored is a member that stands in its container as it is: it is read there,
// and never held.
func stored(name string, r io.ReaderAt, at, size int64) member {
	part := io.NewSectionReader(r, at, size)
	return member{name: name, size: size, packed: size, direct: part, open: func() (io.Reader, error) { return part, nil }}
}
