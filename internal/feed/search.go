package feed

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	anyName = "+" // the search that every name matches

	// pageSize is how many records a page of a fragment is asked to have: the
	// size of the server's own example.
	pageSize = 1000
	// bigPage is the page size of anyName: a day of 250,000 names has 25 pages.
	bigPage = 10_000
	// surePage is a size of pages that no server would cut answers down to.
	surePage = 10
	// manyFragments is where reading all pages of a day (some 25 requests) costs
	// the server less than searching for each fragment.
	manyFragments = 48
	// maxPages bounds one search: two million names of one day.
	maxPages = 200
)

// The server's forms of the search. The paged one is there since 2025-11-05;
// before, answers had no pages and long ones were cut off without notice. The
// old form was reached below /api and without it.
const (
	formPaged = iota
	formOld
	formOldBare
)

// search asks for the names of a day that hold a fragment.
//
// Which form it speaks is for the server to say, not for the calendar: the paged
// form is asked first, and one that the server does not know (a status of 4xx, no
// JSON, the same page whatever the start) is given up for the next. The first
// that it answers is kept.
type search struct {
	c         Config
	client    *client
	fragments []string
	forms     []int // left to try, the first is spoken
	settled   bool  // the first form has been answered
	// sure is the largest page that was shown to be the last one by an empty page
	// behind it. Only smaller pages are taken for the last one without asking: the
	// server may have a limit of its own below the size that was asked for.
	sure int
	// Of the old form: the largest answer that was shown to be whole, and the
	// limit of the server, 0 while it is unknown.
	whole, limit int
}

func newSearch(c Config, cl *client) *search {
	s := &search{c: c, client: cl, fragments: c.Fragments, forms: []int{formPaged, formOld, formOldBare}, sure: surePage, whole: shownWhole}
	if len(s.fragments) > manyFragments || len(s.fragments) == 0 {
		s.fragments = []string{anyName}
	}
	return s
}

// how is what a day that was searched through counts as.
func (s *search) how() string {
	if len(s.fragments) == 1 && s.fragments[0] == anyName {
		return byPages
	}
	return bySearch
}

// dayAnswer is what the search said of one day.
type dayAnswer struct {
	names     []Name // each once, by name
	malformed int
	asked     int    // fragments that were answered
	gap       string // what is missing
	seen      map[string]bool
}

func (a *dayAnswer) add(part answer) {
	a.malformed += part.malformed
	for _, n := range part.names {
		if !a.seen[n.Name] {
			a.seen[n.Name] = true
			a.names = append(a.names, n)
		}
	}
}

// sort makes the order one of the names, not of what was asked when.
func (a *dayAnswer) sort() {
	slices.SortFunc(a.names, func(x, y Name) int { return strings.Compare(x.Name, y.Name) })
}

// day searches one day for every fragment. A record that several fragments
// bring counts once. Its error is that of ctx, or that there is nothing to ask for.
func (s *search) day(ctx context.Context, day time.Time) (dayAnswer, error) {
	out := dayAnswer{seen: make(map[string]bool, 1024)}
	sizes := make([]int, 0, len(s.fragments))
	var lost []string
	for _, f := range s.fragments {
		a, err := s.answer(ctx, day, f)
		out.add(a)
		if err != nil {
			if ctx.Err() != nil {
				return out, ctx.Err()
			}
			out.gap = fmt.Sprintf("%d of %d fragments were asked for: %v", out.asked, len(s.fragments), err)
			out.sort()
			return out, nil
		}
		out.asked++
		sizes = append(sizes, a.size())
		if a.cut && s.forms[0] == formPaged {
			lost = append(lost, fmt.Sprintf("%q", f))
		} else if a.cut {
			sizes[len(sizes)-1] = cutShort
		}
	}
	if s.forms[0] != formPaged {
		if s.how() == byPages && len(s.c.Fragments) > 0 { // all names cannot be had like that
			s.fragments = s.c.Fragments
			return s.day(ctx, day)
		}
		more, err := s.mend(ctx, day, &out, sizes)
		if err != nil {
			return out, err
		}
		lost = append(lost, more...)
	}
	if len(lost) > 0 {
		out.gap = "answers were cut off for " + strings.Join(lost, ", ")
	}
	out.sort()
	return out, nil
}

// answer is what the server says of one fragment on one day.
type answer struct {
	names     []Name
	malformed int
	cut       bool // the server left something out
}

func (a answer) size() int { return len(a.names) + a.malformed }

func (s *search) answer(ctx context.Context, day time.Time, fragment string) (answer, error) {
	for {
		var a answer
		var err error
		if s.forms[0] == formPaged {
			a, err = s.paged(ctx, day, fragment)
		} else {
			a, err = s.old(ctx, day, fragment)
		}
		unknown := errors.Is(err, errMissing) || errors.Is(err, errNotJSON)
		if len(s.forms) > 1 && (unknown && !s.settled || errors.Is(err, errNoPages)) {
			s.forms = s.forms[1:]
			continue
		}
		s.settled = s.settled || err == nil
		return a, err
	}
}

// errNoPages says that the server answers alike whatever start is asked for.
var errNoPages = errors.New("the server does not page")

// paged asks page by page, until one is surely the last.
func (s *search) paged(ctx context.Context, day time.Time, fragment string) (answer, error) {
	size := pageSize
	if fragment == anyName {
		size = bigPage
	}
	var all answer
	read, before := 0, 0
	for range maxPages {
		path := "/api/recentdomains/" + day.Format(time.DateOnly) + "/" + searchPath(fragment) +
			"/" + strconv.Itoa(read) + "/" + strconv.Itoa(size) + "?json"
		page, err := s.page(ctx, path, day)
		if errors.Is(err, errCut) { // on the way, since pages are short: once more
			page, err = s.page(ctx, path, day)
		}
		n := page.size()
		if err == nil && n > 0 && n == before && slices.Equal(page.names, all.names[len(all.names)-len(page.names):]) {
			return answer{}, errNoPages
		}
		all.names = append(all.names, page.names...)
		all.malformed += page.malformed
		switch {
		case err != nil:
			return all, err
		case n == 0 && before < size:
			s.sure = max(s.sure, before)
			return all, nil
		case n < s.sure || n > size: // more than asked for is all there is
			return all, nil
		}
		read, before = read+n, n
	}
	all.cut = true
	return all, nil
}

func (s *search) page(ctx context.Context, path string, day time.Time) (answer, error) {
	var a answer
	res, err := s.client.get(ctx, path, "")
	if err != nil {
		return a, err
	}
	defer res.Body.Close()
	err = readRecords(res.Body, day, func(n Name, ok bool) error {
		if ok {
			a.names = append(a.names, n)
		} else {
			a.malformed++
		}
		return nil
	})
	return a, err
}

// searchPath makes a path element of a fragment; "+" stays, it means any.
func searchPath(fragment string) string {
	if fragment == anyName {
		return fragment
	}
	return url.PathEscape(fragment)
}
