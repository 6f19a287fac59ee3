package installer

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
)

// Noise is bytes without end that depend on the seed and the offset only.
type Noise uint64

// ReadAt fills p; it never fails for an offset that is not negative.
func (s Noise) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, errOffset
	}
	n := 0
	for n < len(p) {
		at := off + int64(n)
		word := mix(uint64(s)<<32 + uint64(at/8))
		if at%8 == 0 && len(p)-n >= 8 {
			binary.LittleEndian.PutUint64(p[n:], word)
			n += 8
			continue
		}
		var b [8]byte
		binary.LittleEndian.PutUint64(b[:], word)
		n += copy(p[n:], b[at%8:])
	}
	return n, nil
}

// mix is the output function of SplitMix64 (Steele, Lea and Flood, 2014).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

var errOffset = errors.New("reading before the start of an installer")

// piece is a part where it lies in the file.
type piece struct {
	at, size int64
	from     int64 // offset in r
	r        io.ReaderAt
}

// assembled is a file made of pieces, in order and without gaps.
type assembled struct {
	pieces  []piece
	patches []placed
	size    int64
}

type placed struct {
	at    int64
	bytes []byte
}

// Assemble puts a file together from its parts; packed gives packed files by name.
func Assemble(f File, packed func(string) ([]byte, error)) (io.ReaderAt, error) {
	a := &assembled{}
	for _, p := range f.Parts {
		next := piece{at: a.size, size: p.Size, from: p.From, r: Noise(p.Seed)}
		if p.Packed != "" {
			b, err := packed(p.Packed)
			if err != nil {
				return nil, fmt.Errorf("unpacking %s of installer %s: %w", p.Packed, f.Name, err)
			}
			if p.From < 0 || p.Size < 0 || p.From+p.Size > int64(len(b)) {
				return nil, fmt.Errorf("unpacking %s of installer %s: bytes %d+%d of %d", p.Packed, f.Name, p.From, p.Size, len(b))
			}
			next.r = bytesAt(b)
		}
		a.pieces = append(a.pieces, next)
		a.size += p.Size
	}
	if a.size != f.Size {
		return nil, fmt.Errorf("installer %s: its parts have %d bytes, not %d", f.Name, a.size, f.Size)
	}
	for _, p := range f.Patches {
		b, err := hex.DecodeString(p.Hex)
		if err != nil || p.At < 0 || p.At+int64(len(b)) > a.size {
			return nil, fmt.Errorf("installer %s: a patch at %d is none: %v", f.Name, p.At, err)
		}
		a.patches = append(a.patches, placed{p.At, b})
	}
	return a, nil
}

// bytesAt is read within its bounds only: Assemble has checked them.
type bytesAt []byte

func (b bytesAt) ReadAt(p []byte, off int64) (int, error) { return copy(p, b[off:]), nil }

func (a *assembled) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, errOffset
	}
	if off >= a.size {
		return 0, io.EOF
	}
	var end error
	if int64(len(p)) > a.size-off {
		p, end = p[:a.size-off], io.EOF
	}
	for _, part := range a.pieces {
		lo, hi := max(off, part.at), min(off+int64(len(p)), part.at+part.size)
		if lo >= hi {
			continue
		}
		if _, err := part.r.ReadAt(p[lo-off:hi-off], part.from+lo-part.at); err != nil {
			return 0, err
		}
	}
	for _, patch := range a.patches {
		if patch.at < off+int64(len(p)) && patch.at+int64(len(patch.bytes)) > off {
			for i, b := range patch.bytes {
				if at := patch.at + int64(i) - off; at >= 0 && at < int64(len(p)) {
					p[at] = b
				}
			}
		}
	}
	return len(p), end
}
