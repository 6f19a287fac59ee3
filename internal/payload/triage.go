package payload

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"slices"
	"strings"

	"lurehound"
)

// Triage takes the file of size bytes behind r apart. name is what it was
// called, which is repeated and decides nothing but between kinds of scripts.
// It gives no error: what could not be read is in Problems. r is read in
// pieces and never held as a whole; contained files are, up to lim.
func Triage(ctx context.Context, r io.ReaderAt, size int64, name string, lim Limits) lurehound.PayloadFacts {
	t := &triage{ctx: ctx, facts: &lurehound.PayloadFacts{Name: name}, zeros: make([]byte, chunkSize), buf: make([]byte, chunkSize), found: newFound()}
	t.budget = newBudget(lim, t.problem)
	t.facts.Size = size
	t.facts.Signature.Digest = lurehound.DigestNone
	if err := t.whole(r, size); err != nil {
		t.problem(fmt.Sprintf("the file could not be read to its end, so it has no hash: %v", err))
	}
	f := file{r: r, size: size}
	t.facts.Type = typeOf(f, name)
	t.facts.Signature = t.look(f, t.facts.Type)
	t.finish()
	return *t.facts
}

// triage is the state of one Triage.
type triage struct {
	ctx      context.Context
	facts    *lurehound.PayloadFacts
	budget   *budget
	found    *found // of all files
	zeros    []byte // chunkSize zeros to compare with
	buf      []byte // what is read of one stream; no two are read at one time
	listed   int    // bytes of names and entries that were repeated
	unlisted int    // contained files that were read and not listed
	unsaid   int    // problems beyond the limit
	spent    error  // the budget's end, once met
}

// problem keeps one sentence; a sentence said already is not said again.
func (t *triage) problem(s string) {
	if slices.Contains(t.facts.Problems, s) {
		return
	}
	if len(t.facts.Problems) >= t.budget.lim.Problems {
		t.unsaid++
		return
	}
	t.facts.Problems = append(t.facts.Problems, s)
}

// whole hashes the whole stream.
func (t *triage) whole(r io.ReaderAt, size int64) error {
	h := NewHashes()
	if err := t.copy(h, io.NewSectionReader(r, 0, size), size); err != nil {
		return err
	}
	h.Sum(t.facts)
	return nil
}

// copy writes r to w until its end; fewer bytes than size are an error.
func (t *triage) copy(w io.Writer, r io.Reader, size int64) error {
	buf := t.buf
	var done int64
	for {
		if err := t.ctx.Err(); err != nil {
			return err
		}
		n, err := fill(r, buf)
		done += int64(n)
		w.Write(buf[:n])
		if err == io.EOF {
			if done != size {
				return fmt.Errorf("%d of %d bytes were there", done, size)
			}
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// open visits the files in f.
func (t *triage) open(f file, typ lurehound.FileType) {
	read := readerOf(typ)
	if read == nil || t.spent != nil {
		return
	}
	if f.depth >= t.budget.lim.Depth {
		t.problem(in(f.name, fmt.Sprintf("is %s in %d containers and was not opened", typ, f.depth)))
		return
	}
	before := t.budget.decoded
	err := read(t.ctx, f, t.budget, func(m member) error { return t.visit(f, m) })
	switch {
	case ended(err):
		t.spent = err
		t.problem(in(f.name, fmt.Sprintf("reading stopped: %v", err)))
	case err != nil:
		t.problem(in(f.name, fmt.Sprintf("reading it as %s: %v", typ, err)))
	}
	t.inflated(f.name, t.budget.decoded-before, f.size)
}

// visit takes one contained file apart. Only the end of the budget and of the
// context is an error.
func (t *triage) visit(parent file, m member) error {
	if err := t.ctx.Err(); err != nil {
		return err
	}
	c := lurehound.ContainedFile{Name: t.joined(parent, m.name), Size: max(m.size, 0), Type: lurehound.TypeUnknown, Depth: parent.depth + 1, Problem: m.problem}
	at := t.list(c)
	if m.open == nil {
		if m.problem != "" {
			t.problem(in(c.Name, m.problem))
		}
		return nil
	}
	h, sum, n, err := t.hold(m)
	defer func() { t.budget.held -= h.cost }()
	c.Size = n
	switch {
	case err != nil:
		c.Problem = also(c.Problem, fmt.Sprintf("reading it ended after %d bytes: %v", n, err))
	case m.size >= 0 && n != m.size:
		c.Problem = also(c.Problem, fmt.Sprintf("holds %d bytes and says %d", n, m.size))
		c.SHA256 = sum
	default:
		c.SHA256 = sum
	}
	if t.inflated(c.Name, n, m.packed) {
		c.Inflated = true
	}
	f := file{name: c.Name, r: h, size: h.size, depth: parent.depth + 1}
	if m.direct != nil {
		f.r, f.size, f.seen = m.direct, n, true
	}
	c.Type = typeOf(f, m.name)
	if f.size < n {
		c.Problem = also(c.Problem, fmt.Sprintf("only the first %d of %d bytes were taken apart", f.size, n))
		f.whole = n
	}
	if at >= 0 {
		t.facts.Contains[at] = c
	}
	if c.Problem != "" {
		t.problem(in(c.Name, c.Problem))
	}
	if ended(err) || t.ctx.Err() != nil {
		return err
	}
	if s := t.look(f, c.Type); s.Present && at >= 0 {
		t.facts.Contains[at].Signature = &s
	}
	if t.spent != nil {
		return t.spent
	}
	return nil
}

// hold reads a member to its end: all of it is hashed, and what the limits
// allow is kept. n counts the bytes that were really there.
func (t *triage) hold(m member) (h *held, sum string, n int64, err error) {
	h = &held{}
	r, err := m.open()
	if err != nil {
		return h, "", 0, err
	}
	digest := sha256.New()
	keep := m.direct == nil
	buf := t.buf
	for {
		if err := t.ctx.Err(); err != nil {
			return h, "", n, err
		}
		k, err := fill(r, buf)
		n += int64(k)
		digest.Write(buf[:k])
		keep = keep && h.size < t.budget.lim.Held && t.budget.held < t.budget.lim.HeldAll
		if keep && k > 0 {
			before := h.cost
			h.add(buf[:k], t.zeros)
			t.budget.held += h.cost - before
		}
		if e := t.budget.decode(int64(k)); e != nil {
			return h, "", n, e
		}
		if err == io.EOF {
			return h, hexSum(digest), n, nil
		}
		if err != nil {
			return h, "", n, err
		}
	}
}

// fill reads until buf is full or r ends, and passes on how it ended. What
// io.ReadFull makes of a short end cannot be told from a stream that was cut.
func fill(r io.Reader, buf []byte) (n int, err error) {
	for idle := 0; n < len(buf); {
		k, err := r.Read(buf[n:])
		n += k
		if err != nil {
			return n, err
		}
		if idle++; k > 0 {
			idle = 0
		} else if idle > 100 {
			return n, io.ErrNoProgress
		}
	}
	return n, nil
}

// joined is a contained file's name in full, cut where it is longer than the
// limits allow.
func (t *triage) joined(parent file, name string) string {
	name = strings.ToValidUTF8(name, "\uFFFD")
	if lim := t.budget.lim.Name; len(name) > lim {
		t.problem(in(parent.name, fmt.Sprintf("a name of %d bytes was cut", len(name))))
		name = strings.ToValidUTF8(name[:lim], "") + "…"
	}
	if parent.name != "" {
		name = parent.name + " > " + name
	}
	return name
}

// list makes room for one contained file, and returns its place, or -1 when the
// answer would become too long.
func (t *triage) list(c lurehound.ContainedFile) int {
	// An entry's own JSON is some 150 bytes; its problem may come to as much.
	if t.listed += len(c.Name) + 150 + len(c.Problem); t.listed > t.budget.lim.Listed {
		t.unlisted++
		return -1
	}
	t.facts.Contains = append(t.facts.Contains, c)
	return len(t.facts.Contains) - 1
}

// inflated says when decoded bytes are many times the packed ones.
func (t *triage) inflated(name string, decoded, packed int64) bool {
	if packed <= 0 || decoded < inflatedFrom || decoded/packed < t.budget.lim.Ratio {
		return false
	}
	t.facts.Inflated = true
	t.problem(in(name, fmt.Sprintf("inflated: %d bytes were packed into %d", decoded, packed)))
	return true
}

// finish sums up what was found, and says what the limits left out.
func (t *triage) finish() {
	found, problems := t.found.result()
	t.facts.Found, t.facts.Notes = found, t.found.notes()
	t.facts.Problems = append(t.facts.Problems, problems...) // one a kind, and those of single files
	if t.unlisted > 0 {
		t.facts.Problems = append(t.facts.Problems, fmt.Sprintf("%d contained files were read and are not listed", t.unlisted))
	}
	if t.unsaid > 0 {
		t.facts.Problems = append(t.facts.Problems, fmt.Sprintf("%d further problems are not listed", t.unsaid))
	}
	t.facts.Signals = Signals(t.facts)
}

// in puts a contained file's name before what is said of it.
func in(name, s string) string {
	if name == "" {
		return s
	}
	return name + ": " + s
}

func also(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "; " + b
}

func hexSum(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }
