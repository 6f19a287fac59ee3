package payload

import (
	"bytes"
	"fmt"
	"io"
	"unicode"
	"unicode/utf8"
)

// How a file's bytes become runs of text. What is found at an anchor (a dot, "://", a backslash, the
// start of a word) rests on at most lead bytes before it and tail bytes after it, so a run
// that is cut every owned bytes gives just what it would give whole.
const (
	windowSize = 256 << 10
	lead       = 4 << 10
	tail       = 36 << 10 // an encoded PowerShell command may have 32,767 characters
	owned      = 88 << 10
	minRun     = 6 // shorter text in a binary is chance
	block      = 4 << 10
	padStretch = 64 << 10 // bytes of one value that are padding, and not a table
)

// textRun is a stretch of text in a file: ASCII or UTF-8, or UTF-16LE turned into it.
type textRun struct {
	text   []byte
	base   int64 // offset of text[0] in the file
	wide   bool
	lo, hi int // anchors in text[lo:hi] are this run's; the rest is context
	before []byte
	gap    int64 // bytes between before, the text that stood in front, and this one

	counted, runes int // of a wide text: how many characters its first bytes are
}

// offset is where the byte i of the text stands in the file. It counts from where it was asked for the last time.
func (r *textRun) offset(i int) int64 {
	if !r.wide {
		return r.base + int64(i)
	}
	if i >= r.counted {
		r.runes += utf8.RuneCount(r.text[r.counted:i])
	} else {
		r.runes -= utf8.RuneCount(r.text[i:r.counted])
	}
	r.counted = i
	return r.base + 2*int64(r.runes)
}

// textRuns gathers the runs of one encoding across windows.
type textRuns struct {
	wide  bool
	buf   []byte
	base  int64
	lo    int
	units int // printable units so far in buf
	prev  [32]byte
	nprev int
	end   int64 // where the text in prev ended
	emit  func(*textRun)
	r     textRun
}

func (t *textRuns) start(at int64) { t.buf, t.base, t.lo, t.units = t.buf[:0], at, 0, 0 }

// grow hands on what is complete of a run that is longer than the buffer.
func (t *textRuns) grow() {
	if len(t.buf) < lead+owned+tail {
		return
	}
	hi := len(t.buf) - tail
	t.send(hi)
	cut := hi - lead
	for cut > 0 && cut < len(t.buf) && !utf8.RuneStart(t.buf[cut]) {
		cut--
	}
	if t.wide {
		t.base += 2 * int64(utf8.RuneCount(t.buf[:cut]))
	} else {
		t.base += int64(cut)
	}
	t.buf = t.buf[:copy(t.buf, t.buf[cut:])]
	t.lo = hi - cut
}

func (t *textRuns) send(hi int) {
	t.r = textRun{text: t.buf, base: t.base, wide: t.wide, lo: t.lo, hi: hi, before: t.prev[:t.nprev], gap: t.base - t.end}
	t.emit(&t.r)
}

// finish ends the run at the offset end.
func (t *textRuns) finish(end int64) {
	if len(t.buf) == 0 {
		return
	}
	if len(t.buf) >= minRun {
		t.send(len(t.buf))
	}
	if len(t.buf) >= 3 {
		t.nprev = copy(t.prev[:], t.buf[max(0, len(t.buf)-len(t.prev)):])
		t.end = end
	}
	t.buf, t.lo = t.buf[:0], 0
}

// printable are the ASCII bytes of which text is made; a line's end ends a run.
var printable = func() (p [256]bool) {
	for c := 0x20; c < 0x7f; c++ {
		p[c] = true
	}
	p['\t'] = true
	return p
}()

// letterUnit reports whether a UTF-16 unit beyond ASCII may continue a text: letters of the
// scripts up to Cyrillic, and the dashes and quotes that word processors put into commands.
func letterUnit(u rune) bool {
	return u >= 0xa1 && u < 0x530 && unicode.IsLetter(u) || u >= 0x2010 && u <= 0x201f
}

// continues reports whether a character for which letterUnit holds may begin at i: in UTF-8 it begins with C3 to D4, or with
// E2. Most bytes of a packed file are told by this, without being decoded.
func continues(w []byte, i int) bool {
	c := w[i]
	return (c >= 0xc3 && c <= 0xd4 || c == 0xe2) && (i+1 >= len(w) || w[i+1]&0xc0 == 0x80)
}

// scanner reads a file window by window.
type scanner struct {
	narrow, wide textRuns
	buf          []byte
	padding      int64 // bytes in stretches of one value
	stretch      int64
	value        byte
}

// newScanner makes a scanner whose windows have the given size, at least two blocks.
func newScanner(window int, emit func(*textRun)) *scanner {
	return &scanner{
		narrow: textRuns{buf: make([]byte, 0, lead+owned+tail+8), emit: emit},
		wide:   textRuns{wide: true, buf: make([]byte, 0, lead+owned+tail+8), emit: emit},
		buf:    make([]byte, window+utf8.UTFMax),
	}
}

// scan reads all of r. The windows overlap by the bytes that one character can have.
func (s *scanner) scan(r io.ReaderAt, size int64) error {
	s.narrow.start(0)
	s.wide.start(0)
	window := int64(len(s.buf) - utf8.UTFMax)
	nskip, wskip := int64(0), int64(0)
	at := int64(0)
	for at < size {
		n, err := r.ReadAt(s.buf[:min(int64(len(s.buf)), size-at)], at)
		if n == 0 {
			s.narrow.finish(at)
			s.wide.finish(at)
			return fmt.Errorf("reading at offset %d: %w", at, err)
		}
		w := s.buf[:n]
		last := at+int64(n) >= size || err != nil
		mine := int64(n)
		if !last {
			mine = min(window, int64(n))
		}
		s.pad(w[:mine], at)
		nskip = s.scanNarrow(w, int(mine), at, nskip)
		wskip = s.scanWide(w, int(mine), at, wskip)
		if err != nil && err != io.EOF {
			s.narrow.finish(at + mine)
			s.wide.finish(at + mine)
			return fmt.Errorf("reading at offset %d: %w", at+mine, err)
		}
		at += mine
	}
	s.narrow.finish(at)
	s.wide.finish(at)
	s.endStretch()
	return nil
}

// pad counts padding in blocks that lie at multiples of the block's size, so that windows do not matter.
func (s *scanner) pad(w []byte, at int64) {
	for i := (block - int(at%block)) % block; i+block <= len(w); i += block {
		b := w[i : i+block]
		if b[0] != b[block-1] || !bytes.Equal(b[1:], b[:block-1]) {
			s.endStretch()
			continue
		}
		if s.stretch > 0 && s.value != b[0] {
			s.endStretch()
		}
		s.value = b[0]
		s.stretch += block
	}
}

func (s *scanner) endStretch() {
	if s.stretch >= padStretch {
		s.padding += s.stretch
	}
	s.stretch = 0
}

// scanNarrow reads w[:mine]; bytes beyond are looked at only to complete a character. It
// returns the offset at which the next window goes on.
func (s *scanner) scanNarrow(w []byte, mine int, at, from int64) int64 {
	t := &s.narrow
	i := int(max(0, from-at))
	for i < mine {
		if !printable[w[i]] && len(t.buf) == 0 {
			i++
			continue
		}
		j := i
		for j < mine && printable[w[j]] {
			j++
		}
		if len(t.buf) == 0 && j < mine && j-i < minRun && !continues(w, j) { // too short: most of a binary's runs
			if j-i >= 3 {
				t.nprev, t.end = copy(t.prev[:], w[i:j]), at+int64(j)
			}
			i = j + 1
			continue
		}
		for i < j { // in pieces that the buffer holds
			if len(t.buf) == 0 {
				t.start(at + int64(i))
			}
			n := min(j-i, lead+owned+tail-len(t.buf))
			t.buf = append(t.buf, w[i:i+n]...)
			i += n
			t.grow()
		}
		if i >= mine {
			break
		}
		if len(t.buf) > 0 && continues(w, i) {
			if c, n := utf8.DecodeRune(w[i:]); n > 1 && letterUnit(c) {
				t.buf = append(t.buf, w[i:i+n]...)
				i += n
				t.grow()
				continue
			}
		}
		t.finish(at + int64(i))
		i++
	}
	return at + int64(i)
}

// scanWide reads UTF-16LE at any alignment.
func (s *scanner) scanWide(w []byte, mine int, at, from int64) int64 {
	t := &s.wide
	i := int(max(0, from-at))
	for i < mine {
		if len(t.buf) == 0 {
			// Nothing begins before the byte in front of the next zero.
			z := bytes.IndexByte(w[i:min(mine+1, len(w))], 0)
			if z < 0 {
				i = mine
				break
			}
			if z == 0 || !printable[w[i+z-1]] {
				i += max(z, 1)
				continue
			}
			i += z - 1
		}
		if i+1 >= len(w) {
			break
		}
		u := rune(w[i]) | rune(w[i+1])<<8
		if u < 0x80 && printable[byte(u)] || len(t.buf) > 0 && u >= 0x80 && letterUnit(u) {
			if len(t.buf) == 0 {
				t.start(at + int64(i))
			}
			t.buf = utf8.AppendRune(t.buf, u)
			i += 2
			t.grow()
			continue
		}
		t.finish(at + int64(i))
		i++
		if u < 0x80 { // the zero of this unit begins no text
			i++
		}
	}
	return at + int64(i)
}
