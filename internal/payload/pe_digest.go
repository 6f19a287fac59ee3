package payload

import (
	"crypto"
	_ "crypto/md5" // the digests that signatures name
	_ "crypto/sha1"
	_ "crypto/sha256"
	_ "crypto/sha512"
	"errors"
	"fmt"
	"io"
	"math"

	"lurehound"
)

// digest is the Authenticode hash of the file: all bytes but the checksum, the
// pointer to the certificates, and the certificates themselves (Microsoft,
// "Windows Authenticode Portable Executable Signature Format"). A file that has
// no certificates is padded with zeros to 8 bytes as signing would do, so
// that it has the same hash before and after it is signed.
func (l *peLayout) digest(h crypto.Hash) ([]byte, error) {
	if d, ok := l.digests[h]; ok {
		return d, nil
	}
	if !h.Available() {
		return nil, fmt.Errorf("hash %d is not known", h)
	}
	type span struct{ from, to int64 }
	spans := []span{{0, l.checksum}}
	from := l.checksum + 4
	if l.certDir != 0 {
		spans = append(spans, span{from, l.certDir})
		from = l.certDir + 8
	}
	if l.certsSize > 0 {
		spans = append(spans, span{from, l.certs})
		from = l.certs + l.certsSize
	}
	spans = append(spans, span{from, l.size})
	w := h.New()
	buf := make([]byte, 256<<10)
	for _, s := range spans {
		if s.to <= s.from {
			continue
		}
		n, err := io.CopyBuffer(struct{ io.Writer }{w}, struct{ io.Reader }{io.NewSectionReader(l.r, s.from, s.to-s.from)}, buf)
		if err != nil {
			return nil, fmt.Errorf("reading the file: %w", err)
		}
		if n != s.to-s.from {
			return nil, fmt.Errorf("reading the file: %w", io.ErrUnexpectedEOF)
		}
	}
	if odd := l.size % 8; odd != 0 && l.certsSize == 0 {
		w.Write(make([]byte, 8-odd))
	}
	d := w.Sum(nil)
	l.digests[h] = d
	return d, nil
}

// entropies measures the sections. Sections may lie over each other, so all
// together may make us read at most twice the file.
func (l *peLayout) entropies() []lurehound.PESection {
	budget := 2*l.size + 1<<20
	var out []lurehound.PESection
	buf := make([]byte, 64<<10)
	for _, s := range l.sections {
		n := s.clipTo - s.clipOffset
		f := lurehound.PESection{Name: s.name, Size: n}
		if budget -= n; budget < 0 {
			l.problem("the sections lie over each other; the entropy of %q was not measured", s.name)
			f.Unread = true
			out = append(out, f)
			continue
		}
		e, err := entropy(io.NewSectionReader(l.r, s.clipOffset, n), buf)
		if err != nil {
			f.Unread = true
			if !errors.Is(err, ErrNotRead) {
				l.problem("section %q: %v", s.name, err)
			}
		}
		f.Entropy = e
		out = append(out, f)
	}
	return out
}

// entropy is Shannon's, in bits a byte.
func entropy(r io.Reader, buf []byte) (float64, error) {
	var count [256]int64
	var total int64
	for {
		n, err := fill(r, buf)
		for _, b := range buf[:n] {
			count[b]++
		}
		total += int64(n)
		if err == io.EOF {
			break
		}
		if err != nil {
			return 0, err
		}
	}
	e := 0.0
	for _, c := range count {
		if c > 0 {
			p := float64(c) / float64(total)
			e -= p * math.Log2(p)
		}
	}
	return max(0, math.Round(e*1000)/1000), nil
}
