package feed

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
	"time"
)

// isc is the feed of new domains of SANS ISC: today's list, the files of about
// a week, and the search for days before that, the newest day first. Days are
// UTC. "First seen" is the feed's word: an old domain may look new.
type isc struct {
	c      Config
	client *client
}

func openISC(c Config, arg string) (Feed, error) {
	if arg != "" {
		return nil, fmt.Errorf("%w: isc takes no argument, not %q", ErrUsage, arg)
	}
	c = c.withDefaults()
	if err := checkISC(c); err != nil {
		return nil, err
	}
	cl, err := newClient(c)
	if err != nil {
		return nil, err
	}
	return &isc{c: c, client: cl}, nil
}

func checkISC(c Config) error {
	switch {
	case c.Contact == "":
		return ErrNoContact
	case !strings.Contains(c.Contact, "@") || len(c.Contact) > 254 || strings.ContainsFunc(c.Contact, notPrintable):
		return fmt.Errorf("%w: %q is no mail address", ErrNoContact, c.Contact)
	case c.HTTP == nil || c.Clock == nil:
		return errors.New("opening the isc feed: it needs a way out and a clock")
	case c.Days > maxDays:
		return fmt.Errorf("%w: %d days are more than the %d that can be asked for", ErrUsage, c.Days, maxDays)
	}
	return nil
}

func notPrintable(r rune) bool { return r <= ' ' || r >= 0x7f || r == '(' || r == ')' }

func midnight(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }

// Stream reads day by day. Each day is the same row of records when it is read
// again, so a cursor is a day and a number of records, with a hash of those: when
// the list was rebuilt in between, the day is read from its start, which loses
// nothing.
func (f *isc) Stream(ctx context.Context, cursor string, emit func(Batch) error) error {
	p := progress{V: progressVersion, Today: midnight(f.c.Clock.Now()).Format(time.DateOnly), Days: f.c.Days}
	if cursor != "" {
		var err error
		if p, err = parseProgress(cursor); err != nil {
			return err
		}
	}
	src := daysOf(f.client, p.today())
	for !p.Done {
		if err := f.day(ctx, src, &p, emit); err != nil {
			return err
		}
	}
	if cursor == p.cursor() { // nothing was left to do: say again how it ended
		return emit(Batch{Cursor: cursor, Report: p.report()})
	}
	return nil
}

// errRebuilt says that a day does not begin with the records that were emitted.
var errRebuilt = errors.New("the list was rebuilt since")

// day reads the next day of p and emits it. The last batch of a day has a cursor
// that is at the day after, so that days without names move on too.
func (f *isc) day(ctx context.Context, src *days, p *progress, emit func(Batch) error) error {
	t := &taker{size: f.c.BatchSize, p: *p, skip: p.Pos, mark: fnv.New64a(), emit: emit}
	out, err := src.read(ctx, p.day(len(p.Read)), t.take)
	if err == nil && t.skip > 0 { // shorter than what was emitted of it
		err = errRebuilt
	}
	if errors.Is(err, errRebuilt) {
		f.c.Log.Info("isc: a day is read from its start again", "day", p.day(len(p.Read)).Format(time.DateOnly), "because", err)
		p.Pos, p.Mark = 0, ""
		return nil
	}
	if err != nil {
		return err
	}
	t.p.Read = append(t.p.Read[:len(t.p.Read):len(t.p.Read)], out)
	t.p.Pos, t.p.Mark = 0, ""
	t.p.Done = len(t.p.Read) == t.p.Days
	if err := t.flush(); err != nil {
		return err
	}
	*p = t.p
	return nil
}

// taker fills batches with the records of a day, after skipping those that an
// earlier stream emitted.
type taker struct {
	size  int
	p     progress // as it is after what batch holds
	skip  int      // records still to skip
	read  int      // records of the day
	mark  hash64
	batch Batch
	emit  func(Batch) error
}

type hash64 interface {
	Write([]byte) (int, error)
	Sum64() uint64
}

func (t *taker) take(n Name, ok bool) error {
	t.read++
	t.mark.Write([]byte(n.Name)) // "" for a malformed one
	t.mark.Write([]byte{0})
	if t.skip > 0 {
		if t.skip--; t.skip == 0 && t.sum() != t.p.Mark {
			return errRebuilt
		}
		return nil
	}
	if ok {
		t.p.seen(&n)
		t.batch.Names = append(t.batch.Names, n)
	} else {
		t.batch.Malformed++
		t.p.Malformed++
	}
	t.batch.Lines++
	t.p.Names++
	if t.batch.Lines < t.size {
		return nil
	}
	t.p.Pos, t.p.Mark = t.read, t.sum()
	return t.flush()
}

func (t *taker) sum() string { return strconv.FormatUint(t.mark.Sum64(), 36) }

// flush emits what is there. The names are the receiver's from then on.
func (t *taker) flush() error {
	t.batch.Cursor, t.batch.Report = t.p.cursor(), t.p.report()
	if err := t.emit(t.batch); err != nil {
		return err
	}
	t.batch = Batch{Names: make([]Name, 0, min(cap(t.batch.Names), t.size))}
	return nil
}
