package payload

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"

	"lurehound"
)

// Hashes makes all hashes of a stream in one pass. The fuzzy ones run on goroutines of their
// own beside the others, at most four buffers behind: 1 MiB in all. Only NewHashes makes one; Sum must
// be called once, at the end, also when the stream broke.
type Hashes struct {
	sha256, sha1, md5 hash.Hash
	tlsh              tlshState
	ssdeep            *ctph
	buffer            []byte
	full, free        chan []byte
	second            chan []byte
	done              chan struct{}
	size              int64
}

const (
	hashBuffer  = 256 << 10
	hashBuffers = 4
)

// NewHashes starts the hashing of one stream.
func NewHashes() *Hashes {
	h := &Hashes{
		sha256: sha256.New(), sha1: sha1.New(), md5: md5.New(), ssdeep: newCTPH(),
		full: make(chan []byte, hashBuffers), free: make(chan []byte, hashBuffers),
		second: make(chan []byte, hashBuffers), done: make(chan struct{}),
	}
	for range hashBuffers {
		h.free <- nil // made when they are first wanted: most files are small
	}
	go func() {
		for b := range h.full {
			h.tlsh.Write(b)
			h.second <- b
		}
		close(h.second)
	}()
	go func() {
		for b := range h.second {
			h.ssdeep.Write(b)
			h.free <- b
		}
		close(h.done)
	}()
	return h
}

// Write never fails.
func (h *Hashes) Write(p []byte) (int, error) {
	n := len(p)
	h.size += int64(n)
	h.sha256.Write(p)
	h.sha1.Write(p)
	h.md5.Write(p)
	for len(p) > 0 {
		if h.buffer == nil {
			if h.buffer = <-h.free; h.buffer == nil {
				h.buffer = make([]byte, 0, min(hashBuffer, max(len(p), 4<<10)))
			}
			h.buffer = h.buffer[:0]
		}
		k := min(len(p), hashBuffer-len(h.buffer))
		h.buffer, p = append(h.buffer, p[:k]...), p[k:]
		if len(h.buffer) >= hashBuffer {
			h.full <- h.buffer
			h.buffer = nil
		}
	}
	return n, nil
}

// Sum ends the stream and writes size and hashes into p. TLSH stays "" for what is too short or too uniform.
func (h *Hashes) Sum(p *lurehound.PayloadFacts) {
	if len(h.buffer) > 0 {
		h.full <- h.buffer
	}
	close(h.full)
	<-h.done
	text := func(d hash.Hash) string { return hex.EncodeToString(d.Sum(nil)) }
	p.Artifact = lurehound.Artifact{SHA256: text(h.sha256), Size: h.size}
	p.SHA1, p.MD5 = text(h.sha1), text(h.md5)
	p.TLSH, p.SSDeep = h.tlsh.sum(), h.ssdeep.sum()
}

var _ io.Writer = (*Hashes)(nil)
