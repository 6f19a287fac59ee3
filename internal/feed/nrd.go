package feed

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"lurehound"
)

// ErrSearch is wrapped when a search cannot be sent.
var ErrSearch = errors.New("not a part of a name that can be searched for")

// DaysError says which days a search could not read to their end. What the other
// days gave, and these in part, was handed on.
type DaysError struct {
	Days []time.Time // the newest first
	Why  []string    // by day
	Old  int         // how many of Days are older than the feed reaches: asking again does not help
}

func (e *DaysError) Error() string {
	first := fmt.Sprintf("%s: %s", e.Days[0].Format(time.DateOnly), e.Why[0])
	if len(e.Days) == 1 {
		return "one day is not complete: " + first
	}
	return fmt.Sprintf("%d days are not complete, the newest of them %s", len(e.Days), first)
}

const (
	minSearch = 2  // shorter ones are on every third name: read the lists instead
	maxSearch = 63 // a label
)

// CheckSearch returns the search as it is sent: lower case, what is defanged
// made whole. It fails with ErrSearch on what no name can hold.
func CheckSearch(search string) (string, error) {
	s := strings.ToLower(lurehound.Refang(strings.TrimSpace(search)))
	bad := strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '.' && r != '_'
	})
	switch {
	case bad:
		return "", fmt.Errorf("%q is %w: type letters, digits, dots and hyphens, such as com.info", search, ErrSearch)
	case len(s) < minSearch || len(s) > maxSearch || strings.Trim(s, ".") == "":
		return "", fmt.Errorf("%q is %w: type %d to %d characters, such as com.info", search, ErrSearch, minSearch, maxSearch)
	}
	return s, nil
}

// Search yields the names of the last days, today included, that hold search
// anywhere, each once, by the day they were first seen, then by name. Files are
// read where they cover a day. When a day could not be read, the error is a
// *DaysError, after all rows; other errors are of row, of ctx or of the
// configuration.
func Search(ctx context.Context, c Config, search string, days int, row func(Name) error) (lurehound.FeedReport, error) {
	s, err := CheckSearch(search)
	if err != nil {
		return lurehound.FeedReport{}, err
	}
	c.Days, c.Fragments = days, []string{s}
	c = c.withDefaults()
	if err := checkISC(c); err != nil {
		return lurehound.FeedReport{}, err
	}
	p := progress{V: progressVersion, Today: midnight(c.Clock.Now()).Format(time.DateOnly), Days: c.Days}
	cl, err := newClient(c)
	if err != nil {
		return lurehound.FeedReport{}, err
	}
	src := daysOf(cl, p.today())
	rows := map[string]Name{}
	for i := range p.Days {
		out, err := src.read(ctx, p.day(i), func(n Name, ok bool) error {
			p.Names++
			if !ok {
				p.Malformed++
				return nil
			}
			p.seen(&n)
			name := strings.ToLower(n.Name)
			if !strings.Contains(name, s) {
				return nil
			}
			if had, ok := rows[name]; !ok || earlier(n, had) {
				n.Name = name
				rows[name] = n
			}
			return nil
		})
		if err != nil {
			return p.report(), err
		}
		if out.How == bySearch {
			out.Asked = 0 // the search itself was asked for: nothing is left out
		}
		p.Read = append(p.Read, out)
	}
	p.Done = true
	for _, n := range inOrder(rows) {
		if err := row(n); err != nil {
			return p.report(), err
		}
	}
	return p.report(), p.failure()
}

// earlier reports whether a tells of an earlier day than b.
func earlier(a, b Name) bool {
	return !a.FirstSeen.IsZero() && (b.FirstSeen.IsZero() || a.FirstSeen.Before(b.FirstSeen))
}

func inOrder(rows map[string]Name) []Name {
	out := make([]Name, 0, len(rows))
	for _, n := range rows {
		out = append(out, n)
	}
	slices.SortFunc(out, func(a, b Name) int {
		if c := a.FirstSeen.Compare(b.FirstSeen); c != 0 {
			return c
		}
		return strings.Compare(a.Name, b.Name)
	})
	return out
}

// failure is a *DaysError when a day is not complete.
func (p progress) failure() error {
	var e DaysError
	for i, d := range p.Read {
		if !d.complete() {
			e.Days, e.Why = append(e.Days, p.day(i)), append(e.Why, d.Gap)
			if d.Gap == errReach.Error() {
				e.Old++
			}
		}
	}
	if len(e.Days) == 0 {
		return nil
	}
	return &e
}
