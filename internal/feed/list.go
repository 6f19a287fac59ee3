package feed

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"time"

	"lurehound"
)

// list is a feed of the names in a file, or on stdin.
type list struct {
	c    Config
	kind string // as Kinds has it
	arg  string
	form Form
}

func openList(c Config, arg string) (Feed, error) { return openFile(c, "list", arg, Lines) }

// openZone is a feed of the names that a zone delegates.
func openZone(c Config, arg string) (Feed, error) { return openFile(c, "zone", arg, Zone) }

func openFile(c Config, kind, arg string, form Form) (Feed, error) {
	c = c.withDefaults()
	l := &list{c: c, kind: kind, arg: arg, form: form}
	switch {
	case arg == "":
		return nil, fmt.Errorf("%w: name the file, as in %s=FILE, or %s=- for stdin", ErrUsage, kind, kind)
	case arg == "-" && c.Stdin == nil:
		return nil, fmt.Errorf("%w: there is no stdin to read a %s from", ErrUsage, kind)
	case arg == "-":
		return l, nil
	}
	st, err := os.Stat(arg)
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", kind, err)
	}
	if st.IsDir() {
		return nil, fmt.Errorf("%w: %s is a directory: name a file", ErrUsage, arg)
	}
	return l, nil
}

// listCursor is where a list goes on. Source is a hash: of name, size and time of
// a file, which can be skipped into; or of all records of a stream so far, which
// is read from its start again, so that the same records give the same cursors
// (which a store takes once) and others give others.
type listCursor struct {
	V      int    `json:"v"`
	Source string `json:"source"`
	Pos    int    `json:"pos"` // records read
	Done   bool   `json:"done,omitempty"`
}

// Stream reads the list from its first line, since that tells what the others
// mean, and emits what lies behind the cursor.
func (l *list) Stream(ctx context.Context, cursor string, emit func(Batch) error) error {
	var at listCursor
	if cursor != "" {
		if err := json.Unmarshal([]byte(cursor), &at); err != nil || at.V != 1 || at.Pos < 0 {
			return ErrCursor
		}
	}
	in, source, err := l.open()
	if err != nil {
		return err
	}
	defer in.Close()
	r := &listReader{form: l.form, what: l.kind, size: l.c.BatchSize, emit: emit, source: source, layout: newLayout(), seenDays: map[time.Time]bool{}}
	r.report = lurehound.FeedReport{Feed: l.kind + ":" + l.arg, Problems: []string{}}
	if l.c.Clock != nil {
		r.future = midnight(l.c.Clock.Now()).AddDate(0, 0, 2) // more than 24 hours ahead
	}
	switch {
	case source == "":
		r.sum = sha256.New()
	case at.Source == source:
		r.skip = at.Pos
	case cursor != "":
		l.c.Log.Info(l.kind+": read from its start, the file is another one now", "file", l.arg)
	}
	return r.run(ctx, in)
}

// open opens the list. source is "" for what cannot be read twice.
func (l *list) open() (in io.ReadCloser, source string, err error) {
	if l.arg == "-" {
		return io.NopCloser(l.c.Stdin), "", nil
	}
	f, err := os.Open(l.arg)
	if err != nil {
		return nil, "", fmt.Errorf("opening %s: %w", l.kind, err)
	}
	st, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, "", fmt.Errorf("opening %s: %w", l.kind, err)
	}
	if !st.Mode().IsRegular() {
		return f, "", nil
	}
	h := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d\x00%d", filepath.Base(l.arg), st.Size(), st.ModTime().UnixNano()))
	return f, hex.EncodeToString(h[:12]), nil
}

// listReader turns lines into batches. The names of a batch are one string, cut
// into parts: one allocation for thousands of names.
type listReader struct {
	form     Form
	what     string // for problems
	size     int
	emit     func(Batch) error
	source   string
	sum      hash.Hash // of the records of a stream; nil for a file
	scratch  []byte
	layout   *layout
	skip     int // records that an earlier stream emitted
	future   time.Time
	read     int // records
	late     int // records dated in the future
	report   lurehound.FeedReport
	seenDays map[time.Time]bool
	lastDay  time.Time

	batch Batch
	arena []byte // names of the batch
	ends  []int  // of each name in arena
	err   error  // of emit
}

// checkEvery is how many lines go by between looks at the context.
const checkEvery = 1024

func (r *listReader) run(ctx context.Context, src io.Reader) error {
	br, done, err := inflate(src)
	if err == nil {
		defer done()
		if r.sum == nil { // a file
			a := readAhead(br)
			defer a.close()
			br = bufio.NewReaderSize(a, chunkSize)
		}
		if r.form == Zone {
			br = bufio.NewReaderSize(newZoneReader(br), chunkSize)
		}
		err = r.lines(ctx, br)
	}
	switch {
	case r.err != nil:
		return r.err
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		r.report.Problems = append(r.report.Problems, fmt.Sprintf("the %s ended early, after %d records: %v", r.what, r.read, err))
	case r.read == 0:
		r.report.Problems = append(r.report.Problems, "the "+r.what+" holds no names")
	}
	if r.late > 0 {
		r.report.Problems = append(r.report.Problems, fmt.Sprintf("%d records are dated in the future; their dates were dropped", r.late))
	}
	r.flush(true)
	return r.err
}

func (r *listReader) lines(ctx context.Context, br *bufio.Reader) error {
	for n := 0; r.err == nil; n++ {
		if n%checkEvery == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		line, err := br.ReadSlice('\n')
		long := len(line) > maxLine
		for err == bufio.ErrBufferFull {
			long = true
			_, err = br.ReadSlice('\n')
		}
		switch {
		case err != nil && err != io.EOF && len(line) > 0: // a piece of a line, which may be a piece of a name
			r.take(found{}, false)
		case long:
			r.take(found{}, false)
		case len(line) > 0:
			r.layout.parseLine(line, r.take)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *listReader) take(f found, ok bool) {
	if r.err != nil {
		return
	}
	r.read++
	r.report.Names++
	if r.sum != nil {
		r.scratch = append(append(r.scratch[:0], f.name...), 0) // no name for a malformed one
		r.sum.Write(r.scratch)
	}
	if ok {
		r.dated(&f)
	}
	if r.skip > 0 {
		r.skip--
		return
	}
	r.batch.Lines++
	if !ok {
		r.batch.Malformed++
	} else {
		if r.batch.Names == nil {
			r.batch.Names = make([]Name, 0, r.size)
		}
		r.arena = append(r.arena, f.name...)
		r.ends = append(r.ends, len(r.arena))
		n := Name{FirstSeen: f.day}
		if f.ip != nil || f.score != nil || f.reason != nil {
			n.IP, n.Score, n.Reason = string(f.ip), string(f.score), string(f.reason)
		}
		r.batch.Names = append(r.batch.Names, n)
	}
	if r.batch.Lines >= r.size {
		r.flush(false)
	}
}

// dated takes the record's day into the report.
func (r *listReader) dated(f *found) {
	if f.day.IsZero() || f.day.Equal(r.lastDay) {
		return
	}
	if !r.future.IsZero() && !f.day.Before(r.future) {
		r.late++
		f.day = time.Time{}
		return
	}
	r.lastDay = f.day
	if f.day.After(r.report.Newest) {
		r.report.Newest = f.day
	}
	if len(r.seenDays) < maxListDays {
		r.seenDays[f.day] = true
	}
	r.report.Days = len(r.seenDays)
}

// maxListDays bounds the days that are counted; DNS is not older than that.
const maxListDays = 50 * 366

func (r *listReader) flush(end bool) {
	all := string(r.arena)
	from := 0
	for i, to := range r.ends {
		r.batch.Names[i].Name = all[from:to]
		from = to
	}
	c := listCursor{V: 1, Source: r.source, Pos: r.read, Done: end}
	if r.sum != nil {
		c.Source = hex.EncodeToString(r.sum.Sum(nil)[:12])
	}
	b, _ := json.Marshal(c) // ints and strings always marshal
	r.batch.Cursor, r.batch.Report = string(b), r.report
	r.err = r.emit(r.batch)
	r.batch, r.arena, r.ends = Batch{}, r.arena[:0], r.ends[:0]
}
