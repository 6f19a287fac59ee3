package lab

import (
	"encoding/binary"
	"errors"
	"io"
)

// peHeader is where the noise begins: DOS header, PE headers and padding fill
// one unit of file alignment (PE format, "FileAlignment": 512 is the usual value).
const peHeader = 512

// installer is a file that begins as a Windows program and holds none. The
// bytes follow from size and seed, and are made where they are read.
type installer struct {
	size int64
	seed uint64
	head [peHeader]byte
	at   int64
}

// newInstaller writes the headers of a PE32+ file with one section of data that
// cannot be executed, no entry point, and a subsystem that no Windows starts.
func newInstaller(size int64, seed uint64) *installer {
	f := &installer{size: size, seed: seed}
	le := binary.LittleEndian
	h := f.head[:]
	copy(h, "MZ")
	le.PutUint32(h[0x3c:], 0x80) // e_lfanew
	copy(h[0x40:], "Laboratory file. It holds no program.\r\n$")
	copy(h[0x80:], "PE\x00\x00")
	coff := h[0x84:]
	le.PutUint16(coff, 0x8664)                      // IMAGE_FILE_MACHINE_AMD64
	le.PutUint16(coff[2:], 1)                       // sections
	le.PutUint32(coff[4:], uint32(seed)+1718582400) // TimeDateStamp: after 2024-06-17
	le.PutUint16(coff[16:], 240)                    // optional header of PE32+ with 16 directories
	le.PutUint16(coff[18:], 0x0022)                 // executable image, large addresses
	opt := h[0x98:]
	le.PutUint16(opt, 0x20b)            // PE32+
	le.PutUint64(opt[24:], 0x140000000) // ImageBase, the linker's default
	le.PutUint32(opt[32:], 0x1000)      // SectionAlignment
	le.PutUint32(opt[36:], peHeader)    // FileAlignment
	le.PutUint16(opt[40:], 6)           // MajorOperatingSystemVersion
	le.PutUint16(opt[48:], 6)           // MajorSubsystemVersion
	raw := uint32((size - peHeader) / peHeader * peHeader)
	le.PutUint32(opt[56:], 0x1000+(raw+0xfff)&^0xfff) // SizeOfImage
	le.PutUint32(opt[60:], peHeader)                  // SizeOfHeaders
	le.PutUint16(opt[68:], 0)                         // IMAGE_SUBSYSTEM_UNKNOWN: is never started
	le.PutUint32(opt[108:], 16)                       // NumberOfRvaAndSizes
	sec := h[0x98+240:]
	copy(sec, ".rdata")
	le.PutUint32(sec[8:], raw)         // VirtualSize
	le.PutUint32(sec[12:], 0x1000)     // VirtualAddress
	le.PutUint32(sec[16:], raw)        // SizeOfRawData
	le.PutUint32(sec[20:], peHeader)   // PointerToRawData
	le.PutUint32(sec[36:], 0x40000040) // initialized data, readable
	return f
}

func (f *installer) Read(p []byte) (int, error) {
	if f.at >= f.size {
		return 0, io.EOF
	}
	p = p[:min(int64(len(p)), f.size-f.at)]
	n := 0
	if f.at < peHeader {
		n = copy(p, f.head[f.at:])
	}
	for n < len(p) {
		at := f.at + int64(n)
		noise := mix(f.seed<<32 + uint64(at/8))
		if at%8 == 0 && len(p)-n >= 8 {
			binary.LittleEndian.PutUint64(p[n:], noise)
			n += 8
			continue
		}
		var word [8]byte
		binary.LittleEndian.PutUint64(word[:], noise)
		n += copy(p[n:], word[at%8:])
	}
	f.at += int64(n)
	return n, nil
}

func (f *installer) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += f.at
	case io.SeekEnd:
		offset += f.size
	}
	if offset < 0 {
		return 0, errors.New("seeking before the start of an installer")
	}
	f.at = offset
	return offset, nil
}
