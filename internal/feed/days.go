package feed

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// How a day was read.
const (
	byFile    = "file"      // all of its names
	bySearch  = "fragments" // names that hold one of the fragments
	byPages   = "pages"     // all of its names, through the search
	byNothing = "missing"
)

const (
	// openDays is how long the list of a day may still grow: until then its file
	// is asked for again, afterwards the copy that was kept is the truth.
	openDays = 8
	// endOfFiles is how many days in a row have no file before older days are
	// not asked for theirs: the server keeps about a week.
	endOfFiles = 2
	// Reach is how many days the search goes back, today included: the feed says
	// about one month. Behind it an empty answer tells nothing about the day.
	Reach = 31
	// endOfSearch is how many days in a row behind Reach come back empty before
	// still older ones are not asked for.
	endOfSearch = 3
)

// errReach is the gap of days that the feed does not hold any more.
var errReach = errors.New("the feed reaches back about a month")

// dayRead is what became of one day.
type dayRead struct {
	How    string `json:"h"`
	Names  int    `json:"n,omitempty"`
	Gap    string `json:"g,omitempty"` // what is missing and why; "" when How tells all
	Asked  int    `json:"a,omitempty"` // fragments
	NoFile string `json:"f,omitempty"` // why a day that should have a file was searched
}

// complete reports whether all was read that How promises.
func (d dayRead) complete() bool { return d.How != byNothing && d.Gap == "" }

// yieldFunc takes one record; ok is false for a malformed one.
type yieldFunc func(n Name, ok bool) error

// stopped wraps an error of a yieldFunc, so that it is never taken for one of the source.
type stopped struct{ err error }

func (s stopped) Error() string { return s.err.Error() }
func (s stopped) Unwrap() error { return s.err }

// days reads days of SANS ISC, each from the best source that has it.
type days struct {
	c      Config
	client *client
	keep   *archive
	search *search
	today  time.Time // UTC midnight
	nofile int       // days in a row, from the newest, that had no file
	empty  int       // days in a row behind Reach that the search said nothing of
}

func daysOf(cl *client, today time.Time) *days {
	return &days{c: cl.c, client: cl, keep: cl.keep, search: newSearch(cl.c, cl), today: today}
}

// read yields the records of one day, always in the same order as long as the
// server says the same. Its error is one of yield or of ctx; all else is in dayRead.
func (d *days) read(ctx context.Context, day time.Time, yield yieldFunc) (dayRead, error) {
	out, err := d.fromFile(ctx, day, yield)
	var none noFile
	if errors.As(err, &none) {
		out, err = d.fromSearch(ctx, day, yield)
		out.NoFile = none.why
	}
	var s stopped
	if errors.As(err, &s) {
		return out, s.err
	}
	if err != nil && ctx.Err() != nil {
		return out, ctx.Err()
	}
	if err != nil {
		if out.How == "" {
			out.How = byNothing
		}
		out.Gap = err.Error()
	}
	return out, nil
}

// noFile sends the reader on to the search. why is "" where no file is expected.
type noFile struct{ why string }

func (n noFile) Error() string { return "no file covers the day" }

func (d *days) age(day time.Time) int { return int(d.today.Sub(day) / (24 * time.Hour)) }

func (d *days) fromFile(ctx context.Context, day time.Time, yield yieldFunc) (dayRead, error) {
	age := d.age(day)
	kept, isKept := d.keep.find(dayKey(day))
	if isKept && age > openDays {
		return d.fromArchive(kept, day, yield)
	}
	if !isKept && d.nofile >= endOfFiles {
		return dayRead{}, noFile{}
	}
	path := "/feeds/domaindata.json.gz"
	if age > 0 {
		path = "/feeds/domaindata." + day.Format(time.DateOnly) + ".json.gz"
	}
	res, err := d.client.get(ctx, path, kept.ETag)
	if err != nil {
		switch {
		case ctx.Err() != nil:
			return dayRead{}, err
		case isKept:
			d.c.Log.Info("isc: the kept copy of a day is read", "day", day.Format(time.DateOnly), "because", err)
			return d.fromArchive(kept, day, yield)
		case errors.Is(err, errMissing):
			if age > 0 {
				d.nofile++
			}
			if age < openDays-1 { // the week that files should cover
				return dayRead{}, noFile{"the feed has no file of it"}
			}
			return dayRead{}, noFile{}
		}
		return dayRead{}, noFile{"its file could not be had: " + err.Error()}
	}
	defer res.Body.Close()
	if age > 0 {
		d.nofile = 0
	}
	if res.StatusCode == http.StatusNotModified {
		return d.fromArchive(kept, day, yield)
	}
	return d.fromBody(res, day, age, yield)
}

// fromBody reads a file as it comes, or, with a cache directory, from the disk,
// so that a slow taker of names does not hold up the server.
func (d *days) fromBody(res *http.Response, day time.Time, age int, yield yieldFunc) (dayRead, error) {
	if d.keep == nil {
		out := dayRead{How: byFile}
		err := readRecords(io.LimitReader(res.Body, maxDownload), day, counted(&out, yield))
		return out, fileError(out, err)
	}
	s, spoolErr := d.keep.spool(res.Body)
	if s == nil {
		return dayRead{}, fmt.Errorf("keeping the file: %w", spoolErr)
	}
	defer s.close()
	out := dayRead{How: byFile}
	malformed := 0
	err := readRecords(s.f, day, counted(&out, func(n Name, ok bool) error {
		if !ok {
			malformed++
		}
		return yield(n, ok)
	}))
	if err == nil && spoolErr != nil {
		err = fmt.Errorf("%w: %w", errCut, spoolErr)
	}
	if err == nil && out.Names > malformed && age > 0 {
		e := entry{Key: dayKey(day), ETag: res.Header.Get("ETag"), Records: out.Names, Fetched: d.c.Clock.Now().UTC()}
		if kerr := s.keep(e); kerr != nil {
			d.c.Log.Warn("isc: a day could not be kept", "day", day.Format(time.DateOnly), "because", kerr)
		}
	}
	return out, fileError(out, err)
}

// fileError sends the reader on to the search when a file gave nothing at all.
func fileError(out dayRead, err error) error {
	var s stopped
	if out.Names > 0 || errors.As(err, &s) {
		return err
	}
	if err == nil {
		return noFile{"its file is empty"}
	}
	return noFile{"its file could not be read: " + err.Error()}
}

func (d *days) fromArchive(e entry, day time.Time, yield yieldFunc) (dayRead, error) {
	f, err := d.keep.open(e)
	if err != nil {
		return dayRead{}, err
	}
	defer f.Close()
	out := dayRead{How: byFile}
	return out, readRecords(f, day, counted(&out, yield))
}

// fromSearch reads a day through the search, or what an earlier search for the
// same fragments has kept.
func (d *days) fromSearch(ctx context.Context, day time.Time, yield yieldFunc) (dayRead, error) {
	closed := d.age(day) > openDays
	key := searchKey(day, d.search.fragments)
	if e, ok := d.keep.find(key); ok && closed && !outOfReach(day, e.Fetched, e.Records) {
		out, err := d.fromArchive(e, day, yield)
		out.How, out.Asked = d.search.how(), len(d.search.fragments)
		return out, err
	}
	if d.empty >= endOfSearch {
		return dayRead{How: byNothing}, errReach
	}
	ans, err := d.search.day(ctx, day)
	out := dayRead{How: d.search.how(), Asked: ans.asked, Names: len(ans.names) + ans.malformed, Gap: ans.gap}
	if err != nil && ctx.Err() != nil {
		return out, err
	}
	switch {
	case !outOfReach(day, d.today, out.Names):
		d.empty = 0
	case err == nil && ans.gap == "":
		d.empty++
		return dayRead{How: byNothing}, errReach
	}
	if err == nil && ans.gap == "" && ans.malformed == 0 && closed {
		d.keepAnswer(searchKey(day, d.search.fragments), ans.names) // the fragments may be others now
	}
	for i := range ans.names {
		if yerr := yield(ans.names[i], true); yerr != nil {
			return out, stopped{yerr}
		}
	}
	for range ans.malformed {
		if yerr := yield(Name{}, false); yerr != nil {
			return out, stopped{yerr}
		}
	}
	if out.Names == 0 && ans.asked == 0 {
		out.How = byNothing
	}
	return out, err
}

// outOfReach reports whether an answer of that many records, given at that time,
// leaves open if the feed still held the day.
func outOfReach(day, asked time.Time, records int) bool {
	return records == 0 && midnight(asked).Sub(day) >= Reach*24*time.Hour
}

// keepAnswer keeps what a search of a closed day gave, in the shape of the feed.
func (d *days) keepAnswer(key string, names []Name) {
	if d.keep == nil {
		return
	}
	pr, pw := io.Pipe()
	go func() { pw.CloseWithError(writeRecords(pw, names)) }()
	s, err := d.keep.spool(pr)
	pr.Close() // ends the writer when the disk failed first
	if s != nil {
		defer s.close()
		if err == nil {
			err = s.keep(entry{Key: key, Records: len(names), Fetched: d.c.Clock.Now().UTC()})
		}
	}
	if err != nil {
		d.c.Log.Warn("isc: an answer could not be kept", "because", err)
	}
}

// counted counts what yield takes, and marks its errors.
func counted(out *dayRead, yield yieldFunc) yieldFunc {
	return func(n Name, ok bool) error {
		if err := yield(n, ok); err != nil {
			return stopped{err}
		}
		out.Names++
		return nil
	}
}
