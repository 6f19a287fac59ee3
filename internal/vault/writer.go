package vault

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"math"
	"os"
	"sync"
	"time"

	"lurehound"
)

// blockSize is what is hashed at once, beside the sealing and writing of the same bytes.
const blockSize = 8 * chunkSize

// Writer seals one artifact while it comes. It ends with Commit, Suspend or Discard. Not for
// concurrent use.
type Writer struct {
	v      *Vault
	f      *os.File
	name   string
	seal   *sealer
	sha256 hash.Hash
	block  []byte     // what comes
	spare  []byte     // what is at work, or was
	busy   chan error // gives how it ended; nil when none is at work
	out    []byte
	size   int64 // all bytes that came
	sealed int64 // those that are kept
	chunks uint32
	failed error
}

// Put stores all of r. Bytes past the cap are hashed and counted, not kept. When the same bytes are
// there already, the first ones stay, with their Meta.
func (v *Vault) Put(ctx context.Context, r io.Reader, meta Meta) (Stored, error) {
	w, err := v.create(hex.EncodeToString(random(32)) + tempSuffix)
	if err != nil {
		return Stored{}, err
	}
	defer w.Discard()
	buf := make([]byte, 4*chunkSize)
	for {
		if err := ctx.Err(); err != nil {
			return Stored{}, fmt.Errorf("storing an artifact: %w", err)
		}
		n, err := r.Read(buf)
		if _, err := w.Write(buf[:n]); err != nil {
			return Stored{}, err
		}
		if errors.Is(err, io.EOF) {
			return w.Commit(meta)
		}
		if err != nil {
			return Stored{}, fmt.Errorf("reading what is to be stored: %w", err)
		}
	}
}

// Resume begins, or goes on with, the download that the caller calls by this name, a URL with its
// validator, say. Offset tells where it goes on. What a broken download left is read again, checked and
// sealed under a new key: no key ever seals two versions of one chunk, and the hashes need no state of their own.
// One name is for one Writer at a time.
func (v *Vault) Resume(ctx context.Context, download string) (*Writer, error) {
	mac := hmac.New(sha256.New, v.master)
	mac.Write([]byte("part\x00" + download))
	name := hex.EncodeToString(mac.Sum(nil))
	old, err := v.root.Open(name + partSuffix)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("opening what a download left: %w", err)
	}
	if old == nil {
		return v.create(name + partSuffix)
	}
	defer old.Close()
	if err := lock(old); err != nil {
		return nil, fmt.Errorf("resuming a download: another is at it: %w", err)
	}
	if err := v.root.Remove(name + tempSuffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("resuming a download: %w", err)
	}
	w, err := v.create(name + tempSuffix)
	if err != nil {
		return nil, err
	}
	if err := w.takeOver(ctx, old); err != nil {
		w.Discard()
		return nil, err
	}
	if err := v.root.Rename(w.name, name+partSuffix); err != nil {
		w.Discard()
		return nil, fmt.Errorf("resuming a download: %w", err)
	}
	w.name = name + partSuffix
	return w, nil
}

// takeOver feeds the whole chunks of an old part; a torn or foreign one ends them.
func (w *Writer) takeOver(ctx context.Context, old *os.File) error {
	header := make([]byte, headerSize)
	if _, err := io.ReadFull(old, header); err != nil {
		return nil // it died before anything was in it
	}
	key, err := dataKey(w.v.master, header)
	if err != nil {
		return nil
	}
	s, err := newSealer(header, key)
	if err != nil {
		return nil
	}
	sealed, plain := make([]byte, chunkSize+tagSize), make([]byte, 0, chunkSize)
	for counter := uint32(0); ; counter++ {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("resuming a download: %w", err)
		}
		if _, err := io.ReadFull(old, sealed); err != nil {
			return nil
		}
		if plain, err = s.open(plain[:0], sealed, counter, flagMore); err != nil {
			return nil
		}
		if _, err := w.Write(plain); err != nil {
			return err
		}
	}
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}

func (v *Vault) create(name string) (*Writer, error) {
	f, err := v.root.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("making a file in the vault: %w", err)
	}
	w := &Writer{v: v, f: f, name: name, sha256: sha256.New(), block: make([]byte, 0, blockSize), spare: make([]byte, 0, blockSize), out: make([]byte, 0, blockSize+blockSize/chunkSize*tagSize+tagSize)}
	header, key, err := newHeader(v.master)
	if err == nil {
		err = lock(f)
	}
	if err == nil {
		w.seal, err = newSealer(header, key)
	}
	if err == nil {
		_, err = f.Write(header)
	}
	if err != nil {
		w.Discard()
		return nil, fmt.Errorf("making a file in the vault: %w", err)
	}
	return w, nil
}

// Offset is how many bytes came so far, those of an earlier try among them.
func (w *Writer) Offset() int64 { return w.size }

// Write takes the next bytes.
func (w *Writer) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 && w.failed == nil {
		k := min(len(p), blockSize-len(w.block))
		w.block, p = append(w.block, p[:k]...), p[k:]
		w.size += int64(k)
		if len(w.block) == blockSize {
			w.failed = w.start(false)
		}
	}
	if w.failed != nil {
		return 0, fmt.Errorf("sealing an artifact: %w", w.failed)
	}
	return n, nil
}

// start hands the block on to be hashed, sealed and written while the next one comes; a block that is not the last
// is whole. The chunk that is the last is sealed as such, also when nothing is in it. Until wait, what it works on is its own.
func (w *Writer) start(last bool) error {
	if err := w.wait(); err != nil {
		return err
	}
	block, done := w.block, make(chan error, 1)
	w.block, w.busy = w.spare[:0], done
	w.spare = block
	go func() {
		var wg sync.WaitGroup
		wg.Go(func() { w.sha256.Write(block) })
		err := w.keep(block, last)
		wg.Wait()
		done <- err
	}()
	return nil
}

// wait waits for the block that is at work.
func (w *Writer) wait() error {
	if w.busy == nil {
		return nil
	}
	err := <-w.busy
	w.busy = nil
	return err
}

// flush hands the block on and waits for it.
func (w *Writer) flush(last bool) error {
	if err := w.start(last); err != nil {
		return err
	}
	return w.wait()
}

// keep seals and writes what of a block is below the cap.
func (w *Writer) keep(block []byte, last bool) error {
	room := w.v.cap - w.sealed
	keep := block[:min(int64(len(block)), max(room, 0))]
	w.out = w.out[:0]
	w.sealed += int64(len(keep))
	for len(keep) >= chunkSize {
		w.out = w.seal.seal(w.out, keep[:chunkSize], w.chunks, flagMore)
		keep = keep[chunkSize:]
		w.chunks++
	}
	if last {
		w.out = w.seal.seal(w.out, keep, w.chunks, flagLast)
	}
	_, err := w.f.Write(w.out)
	return err
}

// Commit ends the artifact and files it under its SHA-256. It is durable on return.
func (w *Writer) Commit(meta Meta) (Stored, error) {
	if w.f == nil || w.failed != nil {
		return Stored{}, fmt.Errorf("sealing an artifact: %w", errors.Join(w.failed, errEnded(w.f == nil)))
	}
	if err := w.flush(true); err != nil {
		return Stored{}, fmt.Errorf("sealing an artifact: %w", err)
	}
	stored := Stored{
		Artifact: lurehound.Artifact{SHA256: hex.EncodeToString(w.sha256.Sum(nil)), Size: w.size},
		Sealed:   w.sealed, Capped: w.sealed < w.size, Meta: meta.bounded(),
	}
	if there, err := w.v.Open(stored.SHA256); err == nil {
		defer there.Close()
		if there.Size() >= stored.Sealed {
			w.Discard()
			return there.Stored(), nil
		}
	}
	trailer, err := json.Marshal(stored)
	if err != nil {
		return Stored{}, fmt.Errorf("sealing an artifact: %w", err)
	}
	end := w.seal.seal(nil, trailer, math.MaxUint32, flagTrailer)
	end = binary.BigEndian.AppendUint32(end, uint32(len(end)))
	_, err = w.f.Write(end)
	if err = errors.Join(err, w.f.Chmod(0o400), w.f.Sync()); err != nil {
		return Stored{}, fmt.Errorf("sealing an artifact: %w", err)
	}
	if err := w.v.root.Rename(w.name, stored.SHA256+suffix); err != nil {
		return Stored{}, fmt.Errorf("filing an artifact: %w", err)
	}
	w.f.Close()
	w.f = nil
	if err := w.v.syncDir(); err != nil {
		return Stored{}, fmt.Errorf("filing an artifact: %w", err)
	}
	return stored, nil
}

func errEnded(ended bool) error {
	if ended {
		return errors.New("the writer has ended")
	}
	return nil
}

// Suspend keeps what came, in whole chunks, for the next Resume of the same download.
func (w *Writer) Suspend() error {
	if w.f == nil {
		return nil
	}
	whole := len(w.block) / chunkSize * chunkSize
	w.block = w.block[:whole]
	err := errors.Join(w.flush(false), w.f.Sync(), w.f.Close())
	w.f = nil
	if err != nil {
		return fmt.Errorf("suspending a download: %w", err)
	}
	return nil
}

// Discard forgets all that came. After Commit or Suspend it does nothing.
func (w *Writer) Discard() {
	if w.f == nil {
		return
	}
	w.wait()
	w.f.Close()
	w.f = nil
	w.v.root.Remove(w.name)
}

// bounded cuts what would not fit a trailer. Names come from hosts.
func (m Meta) bounded() Meta {
	cut := func(s string) string {
		if len(s) > 4<<10 {
			s = s[:4<<10]
		}
		return string(bytes.ToValidUTF8([]byte(s), []byte("\ufffd")))
	}
	return Meta{Name: cut(m.Name), URL: cut(m.URL), Fetched: m.Fetched.UTC().Truncate(time.Second)}
}
