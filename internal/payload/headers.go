package payload

import (
	"cmp"
	"fmt"
	"io"
	"slices"

	"lurehound"
)

// Part is some bytes of a file, and where they stand.
type Part struct {
	At    int64
	Bytes []byte
}

// sparseFile answers ErrNotRead for what is in none of its parts.
type sparseFile struct{ parts []Part }

// Sparse is a file of which only these parts were read. They do not overlap.
func Sparse(parts []Part) io.ReaderAt {
	parts = slices.Clone(parts)
	slices.SortFunc(parts, func(a, b Part) int { return cmp.Compare(a.At, b.At) })
	return sparseFile{parts}
}

// ReadAt gives bytes up to the first that was not read.
func (s sparseFile) ReadAt(p []byte, off int64) (n int, err error) {
	for _, part := range s.parts {
		if at := off + int64(n); n < len(p) && at >= part.At && at < part.At+int64(len(part.Bytes)) {
			n += copy(p[n:], part.Bytes[at-part.At:])
		}
	}
	if n < len(p) {
		return n, ErrNotRead
	}
	return n, nil
}

// Headers says what the headers and the signature of a file of size bytes tell, of which r may hold a few parts
// only. Nothing is opened, searched or hashed, and a digest that would need bytes that were not
// read is unverified. wanted is the certificate table of a program where it was not read: with it the
// signer is known; else its N is 0.
func Headers(r io.ReaderAt, size int64, name string, roots Roots) (p lurehound.PayloadFacts, wanted Range) {
	p = lurehound.PayloadFacts{Name: name}
	p.Size = size
	p.Signature.Digest = lurehound.DigestNone
	p.Type = typeOf(file{r: r, size: size}, name)
	switch p.Type {
	case lurehound.TypePE:
	case lurehound.TypeMSI, lurehound.TypeCFB, lurehound.TypeCab, lurehound.TypeMachO, lurehound.TypeDMG, lurehound.TypePKG, lurehound.TypeAPK:
		// Their signatures stand anywhere in them.
		p.Signature = lurehound.SignatureFacts{Digest: lurehound.DigestUnverified, Problem: "whether it is signed was not read"}
		return p, wanted
	default:
		return p, wanted
	}
	facts, l, err := readPE(r, size)
	if err != nil {
		p.Problems = append(p.Problems, err.Error())
		p.Signature = lurehound.SignatureFacts{Digest: lurehound.DigestUnverified, Problem: "whether it is signed was not read"}
		return p, wanted
	}
	p.PE, p.Problems = facts, append(p.Problems, l.problems...)
	if l.certsSize > 0 {
		if n, err := r.ReadAt(make([]byte, 1), l.certs); n == 0 {
			wanted = Range{l.certs, l.certsSize}
			p.Signature = lurehound.SignatureFacts{Present: true, Digest: lurehound.DigestUnverified, Problem: fmt.Sprintf("the certificate table was not read: %v", err)}
			return p, wanted
		}
	}
	p.Signature = authenticode(r, size, l, roots)
	return p, wanted
}

// Range is N bytes from At on.
type Range struct{ At, N int64 }
