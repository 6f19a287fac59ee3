package payload

import (
	"bytes"
	"io"
)

const chunkSize = 256 << 10

// held is a contained file in memory, in chunks: growing copies nothing, and
// chunks of nothing but zeros, with which installers are padded, cost nothing.
type held struct {
	chunks [][]byte // all chunkSize long but the last; nil is zeros
	size   int64
	cost   int64 // bytes that are really kept
}

// add appends p, which must fill a chunk unless it is the last.
func (h *held) add(p, zeros []byte) {
	h.size += int64(len(p))
	if bytes.Equal(p, zeros[:len(p)]) {
		h.chunks = append(h.chunks, nil)
		return
	}
	h.cost += int64(len(p))
	h.chunks = append(h.chunks, bytes.Clone(p))
}

// ReadAt reads as io.ReaderAt asks.
func (h *held) ReadAt(p []byte, off int64) (int, error) {
	n := 0
	for n < len(p) {
		if off < 0 || off >= h.size {
			return n, io.EOF
		}
		in := off % chunkSize
		m := int(min(chunkSize-in, h.size-off, int64(len(p)-n)))
		if c := h.chunks[off/chunkSize]; c != nil {
			copy(p[n:n+m], c[in:])
		} else {
			clear(p[n : n+m])
		}
		n += m
		off += int64(m)
	}
	return n, nil
}
