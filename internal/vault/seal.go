package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"sync"
)

// A sealed file is header, chunks, trailer, and the trailer's length.
//
//	header   magic (8) ‖ nonce prefix (7) ‖ zero (1) ‖ nonce (12) and data key sealed with the master key (32+16)
//	chunk    64 KiB, the last one shorter or empty, sealed with the data key under prefix ‖ counter (4) ‖ flag (1)
//	trailer  Stored in JSON, sealed in the same way under a flag of its own
//	length   of the sealed trailer, 4 bytes
//
// This is the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár, 2015): the counter forbids another order,
// the flag another end. The header is additional data of every chunk, so no part can be moved to another file.
const (
	magic      = "LHVAULT1"
	prefixSize = 7
	nonceSize  = 12
	tagSize    = 16
	keySize    = 32
	headerSize = len(magic) + prefixSize + 1 + nonceSize + keySize + tagSize
	chunkSize  = 64 << 10
	maxTrailer = 64 << 10
)

// What a chunk is: the last byte of its nonce.
const (
	flagMore    = 0
	flagLast    = 1
	flagTrailer = 2
)

// ErrSealed is what a sealed file that was changed, cut, or is another's leads to.
var ErrSealed = errors.New("not what was sealed: changed, cut off, or another file's")

func aead(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// newHeader makes a data key and the header that holds it, sealed.
func newHeader(master []byte) (header, key []byte, err error) {
	wrap, err := aead(master)
	if err != nil {
		return nil, nil, err
	}
	header = make([]byte, len(magic)+prefixSize+1+nonceSize, headerSize)
	copy(header, magic)
	rand.Read(header[len(magic) : len(magic)+prefixSize])
	nonce := header[len(header)-nonceSize:]
	rand.Read(nonce)
	key = make([]byte, keySize)
	rand.Read(key)
	return wrap.Seal(header, nonce, key, header[:len(header)-nonceSize]), key, nil
}

// dataKey opens the header's key.
func dataKey(master, header []byte) ([]byte, error) {
	wrap, err := aead(master)
	if err != nil {
		return nil, err
	}
	if len(header) != headerSize || string(header[:len(magic)]) != magic {
		return nil, ErrSealed
	}
	at := len(magic) + prefixSize + 1
	key, err := wrap.Open(nil, header[at:at+nonceSize], header[at+nonceSize:], header[:at])
	if err != nil {
		return nil, ErrSealed
	}
	return key, nil
}

// sealer seals and opens the chunks of one file.
type sealer struct {
	gcm    cipher.AEAD
	header []byte
}

func newSealer(header, key []byte) (*sealer, error) {
	if len(header) != headerSize || string(header[:len(magic)]) != magic || len(key) != keySize {
		return nil, ErrSealed
	}
	gcm, err := aead(key)
	if err != nil {
		return nil, err
	}
	return &sealer{gcm: gcm, header: header}, nil
}

func (s *sealer) nonce(counter uint32, flag byte) []byte {
	n := make([]byte, 0, nonceSize)
	n = append(n, s.header[len(magic):len(magic)+prefixSize]...)
	n = binary.BigEndian.AppendUint32(n, counter)
	return append(n, flag)
}

func (s *sealer) seal(dst, chunk []byte, counter uint32, flag byte) []byte {
	return s.gcm.Seal(dst, s.nonce(counter, flag), chunk, s.header)
}

func (s *sealer) open(dst, sealed []byte, counter uint32, flag byte) ([]byte, error) {
	p, err := s.gcm.Open(dst, s.nonce(counter, flag), sealed, s.header)
	if err != nil {
		return nil, ErrSealed
	}
	return p, nil
}

// Sealed reads a sealed file at any place, one authenticated chunk at a time. It is safe for
// concurrent use, and owns no descriptor.
type Sealed struct {
	r      io.ReaderAt
	s      *sealer
	stored Stored

	mu     sync.Mutex
	chunk  int64 // the one in plain; -1 for none
	plain  []byte
	sealed []byte
}

// OpenSealed reads the sealed file f with its own key, as SealedFile gives both; it needs no vault.
// The size is of what was sealed. An error wraps ErrSealed when f is not what was sealed.
func OpenSealed(f *os.File, key []byte) (io.ReaderAt, int64, error) {
	st, err := f.Stat()
	if err != nil {
		return nil, 0, fmt.Errorf("opening a sealed file: %w", err)
	}
	s, err := openSealed(f, st.Size(), key)
	if err != nil {
		return nil, 0, fmt.Errorf("opening a sealed file: %w", err)
	}
	return s, s.stored.Sealed, nil
}

// openSealed checks the trailer, and that as many bytes are between it and the header as it says.
func openSealed(r io.ReaderAt, size int64, key []byte) (*Sealed, error) {
	if size < int64(headerSize+tagSize+tagSize+4) {
		return nil, ErrSealed
	}
	header := make([]byte, headerSize)
	if err := readFull(r, header, 0); err != nil {
		return nil, err
	}
	s, err := newSealer(header, key)
	if err != nil {
		return nil, err
	}
	var length [4]byte
	if err := readFull(r, length[:], size-4); err != nil {
		return nil, err
	}
	n := int64(binary.BigEndian.Uint32(length[:]))
	if n > maxTrailer || n > size-4-int64(headerSize+tagSize) {
		return nil, ErrSealed
	}
	sealed := make([]byte, n)
	if err := readFull(r, sealed, size-4-n); err != nil {
		return nil, err
	}
	text, err := s.open(nil, sealed, math.MaxUint32, flagTrailer)
	if err != nil {
		return nil, err
	}
	var stored Stored
	if err := json.Unmarshal(text, &stored); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSealed, err)
	}
	if stored.Sealed < 0 || sealedSize(stored.Sealed) != size-4-n {
		return nil, ErrSealed
	}
	return &Sealed{r: r, s: s, stored: stored, chunk: -1}, nil
}

// sealedSize is where the trailer begins behind n bytes. The last chunk is there even when it is empty.
func sealedSize(n int64) int64 {
	return int64(headerSize) + n + (n/chunkSize+1)*tagSize
}

func readFull(r io.ReaderAt, p []byte, at int64) error {
	if n, err := r.ReadAt(p, at); n < len(p) {
		if err == nil || errors.Is(err, io.EOF) {
			return ErrSealed
		}
		return err
	}
	return nil
}

// Size is how many bytes can be read.
func (f *Sealed) Size() int64 { return f.stored.Sealed }

// Stored is what was written down with the bytes.
func (f *Sealed) Stored() Stored { return f.stored }

// ReadAt gives only bytes whose chunk is as it was sealed.
func (f *Sealed) ReadAt(p []byte, at int64) (int, error) {
	if at < 0 {
		return 0, errors.New("reading a sealed file before its beginning")
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	done := 0
	for done < len(p) {
		if at >= f.stored.Sealed {
			return done, io.EOF
		}
		if err := f.load(at / chunkSize); err != nil {
			return done, err
		}
		n := copy(p[done:], f.plain[at%chunkSize:])
		done, at = done+n, at+int64(n)
	}
	return done, nil
}

func (f *Sealed) load(chunk int64) error {
	if chunk == f.chunk {
		return nil
	}
	f.chunk = -1
	if f.sealed == nil {
		f.sealed = make([]byte, chunkSize+tagSize)
	}
	n, flag := int64(chunkSize), byte(flagMore)
	if last := f.stored.Sealed / chunkSize; chunk == last {
		n, flag = f.stored.Sealed%chunkSize, flagLast
	}
	sealed := f.sealed[:n+tagSize]
	if err := readFull(f.r, sealed, int64(headerSize)+chunk*(chunkSize+tagSize)); err != nil {
		return fmt.Errorf("reading chunk %d: %w", chunk, err)
	}
	plain, err := f.s.open(f.plain[:0], sealed, uint32(chunk), flag)
	if err != nil {
		return fmt.Errorf("reading chunk %d: %w", chunk, err)
	}
	f.plain, f.chunk = plain, chunk
	return nil
}
