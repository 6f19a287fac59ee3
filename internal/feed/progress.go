package feed

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"lurehound"
)

// progress is how far a stream of SANS ISC has come. It is the cursor: written
// as JSON, it holds all that the report says, so that a hunt which goes on knows
// what the part before it could not cover.
type progress struct {
	V         int       `json:"v"`
	Today     string    `json:"today"` // pinned when the stream began
	Days      int       `json:"days"`
	Pos       int       `json:"pos,omitempty"`  // records of the day being read that were emitted
	Mark      string    `json:"mark,omitempty"` // hash of those records
	Names     int       `json:"names"`
	Malformed int       `json:"malformed,omitempty"`
	Newest    string    `json:"newest,omitempty"`
	Future    int       `json:"future,omitempty"` // records dated in the future
	Read      []dayRead `json:"read,omitempty"`   // days done, from today back; the next is at len(Read)
	Done      bool      `json:"done,omitempty"`

	newest time.Time // Newest, parsed
}

const (
	progressVersion = 1
	maxCursor       = 256 << 10 // a month of the longest reasons has a tenth of it
	maxDays         = 366       // the search reaches one month back, an archive may have more
)

func (p progress) cursor() string {
	b, _ := json.Marshal(p) // ints and strings always marshal
	return string(b)
}

func parseProgress(cursor string) (progress, error) {
	var p progress
	if len(cursor) > maxCursor {
		return p, ErrCursor
	}
	if err := json.Unmarshal([]byte(cursor), &p); err != nil {
		return p, fmt.Errorf("%w (%w)", ErrCursor, err)
	}
	_, ok := parseDay(p.Today)
	if !ok || p.V != progressVersion || p.Days < 1 || p.Days > maxDays || len(p.Read) > p.Days || p.Pos < 0 {
		return p, ErrCursor
	}
	p.newest, _ = parseDay(p.Newest)
	return p, nil
}

func (p progress) today() time.Time {
	t, _ := parseDay(p.Today) // checked where p was made
	return t
}

func (p progress) day(i int) time.Time { return p.today().AddDate(0, 0, -i) }

// seen takes one record into account. It takes dates of the future for unknown.
func (p *progress) seen(n *Name) {
	if !n.FirstSeen.Before(p.day(-2)) { // more than 24 hours ahead at any time of today
		p.Future++
		n.FirstSeen = time.Time{}
	}
	if n.FirstSeen.After(p.newest) {
		p.newest = n.FirstSeen
		p.Newest = n.FirstSeen.Format(time.DateOnly)
	}
}

// report says what was covered so far and what was not.
func (p progress) report() lurehound.FeedReport {
	r := lurehound.FeedReport{Feed: "isc", Names: p.Names, Newest: p.newest, Problems: []string{}}
	for _, d := range p.Read {
		if d.How != byNothing {
			r.Days++
		}
	}
	r.Problems = append(r.Problems, p.gaps()...)
	if p.Done {
		r.Problems = append(r.Problems, p.staleness()...)
	}
	if p.Future > 0 {
		r.Problems = append(r.Problems, fmt.Sprintf("%d records are dated in the future; their dates were dropped", p.Future))
	}
	return r
}

// gaps are what the days lack, days in a row with the same gap as one.
func (p progress) gaps() []string {
	var out []string
	for _, say := range []func(dayRead) string{
		func(d dayRead) string {
			if d.How == byNothing {
				return "not covered: " + d.Gap
			}
			return ""
		},
		func(d dayRead) string {
			if d.How != byNothing && d.Gap != "" {
				return "not complete: " + d.Gap
			}
			return ""
		},
		func(d dayRead) string {
			if d.How != byNothing && d.NoFile != "" {
				return d.NoFile + "; it was searched through"
			}
			return ""
		},
		func(d dayRead) string {
			if d.How == bySearch && d.Asked > 0 {
				return fmt.Sprintf("searched only for names that hold one of %d fragments", d.Asked)
			}
			return ""
		},
	} {
		for i := 0; i < len(p.Read); {
			what := say(p.Read[i])
			j := i + 1
			for j < len(p.Read) && say(p.Read[j]) == what {
				j++
			}
			if what != "" {
				out = append(out, p.span(i, j)+": "+what)
			}
			i = j
		}
	}
	return out
}

// span names the days i to j-1, the oldest first.
func (p progress) span(i, j int) string {
	last := p.day(i).Format(time.DateOnly)
	if j-i == 1 {
		return last
	}
	return p.day(j-1).Format(time.DateOnly) + " to " + last + " (" + strconv.Itoa(j-i) + " days)"
}

const (
	shortFrom = 10_000 // names of the fullest day from which others can be called short
	shortPart = 10     // a day with less than this part of it is short
)

// whole reports whether all names of the day were read, which is what makes few
// or old ones worth a word.
func (d dayRead) whole() bool { return d.How == byFile || d.How == byPages }

// staleness is what only all days show: nothing at all, nothing recent, a day
// far smaller than the others.
func (p progress) staleness() []string {
	searched := 0
	for _, d := range p.Read {
		if d.How == bySearch {
			searched++
		}
	}
	if p.Names == 0 && searched < len(p.Read) {
		return []string{"the feed gave no names at all"}
	}
	var out []string
	recent := p.Read[0].whole() || len(p.Read) > 1 && p.Read[1].whole()
	if yesterday := p.day(1).Format(time.DateOnly); recent && p.Newest < yesterday {
		newest := p.Newest
		if newest == "" {
			newest = "of no known day"
		}
		out = append(out, "stale: the newest name is "+newest+", today is "+p.Today)
	}
	full := 0
	for _, d := range p.Read {
		if d.whole() {
			full = max(full, d.Names)
		}
	}
	var short []string
	for i, d := range p.Read {
		if i > 0 && d.whole() && full >= shortFrom && d.Names < full/shortPart {
			short = append(short, fmt.Sprintf("%s (%d)", p.day(i).Format(time.DateOnly), d.Names))
		}
	}
	if len(short) > 0 {
		out = append(out, fmt.Sprintf("short, where another day has %d names: %s", full, strings.Join(short, ", ")))
	}
	return out
}
