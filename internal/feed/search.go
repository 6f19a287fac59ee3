package feed

import (
	"context"
	"errors"
	"fmt"
	"net/url"
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
	// surePage is the most records of a short page that is taken for the last
	// one. A longer one may have been shortened by a limit of the server's, so
	// the next page is asked for until one is empty or sure.
	surePage = 100
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

var pagedSince = time.Date(2025, 11, 5, 0, 0, 0, 0, time.UTC)

// search asks for the names of a day that hold a fragment.
//
// Which form it speaks: the paged one when the clock is at or past 2025-11-05,
// the old one before. A form that the server answers with "no such thing" is
// given up for the next one; the first that it answers is kept.
type search struct {
	c         Config
	client    *client
	fragments []string
	forms     []int // left to try, the first is spoken
	settled   bool  // the first form has been answered
}

func newSearch(c Config, cl *client, today time.Time) *search {
	s := &search{c: c, client: cl, fragments: c.Fragments, forms: []int{formPaged, formOld, formOldBare}}
	if today.Before(pagedSince) {
		s.forms = []int{formOld, formOldBare, formPaged}
	} else if len(s.fragments) > manyFragments || len(s.fragments) == 0 {
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
	names     []Name // each once, in the order of fragments and answers
	malformed int
	asked     int    // fragments that were answered
	gap       string // what is missing
}

// day searches one day for every fragment. A record that several fragments
// bring counts once.
func (s *search) day(ctx context.Context, day time.Time) (dayAnswer, error) {
	var out dayAnswer
	if len(s.fragments) == 0 {
		return out, errors.New("no file covers it and there is nothing to search for")
	}
	seen := make(map[string]uint64, 1024) // name → answers that held it, by fragment
	var cutOff []string
	for i, f := range s.fragments {
		a, err := s.answer(ctx, day, f)
		out.malformed += a.malformed
		out.add(seen, a.names, bit(i))
		if err != nil {
			if ctx.Err() != nil {
				return out, ctx.Err()
			}
			out.gap = fmt.Sprintf("%d of %d fragments were asked for: %v", out.asked, len(s.fragments), err)
			return out, nil
		}
		out.asked++
		if a.cut {
			cutOff = append(cutOff, f)
		}
	}
	if s.forms[0] != formPaged {
		cutOff = append(cutOff, s.contradicted(seen, cutOff)...)
	}
	return s.mend(ctx, day, out, seen, cutOff)
}

// bit marks fragment i in a set of the first 64; the rest share the last place,
// which is never looked at.
func bit(i int) uint64 { return 1 << min(i, 63) }

func (a *dayAnswer) add(seen map[string]uint64, names []Name, mark uint64) {
	for _, n := range names {
		was, ok := seen[n.Name]
		seen[n.Name] = was | mark
		if !ok {
			a.names = append(a.names, n)
		}
	}
}

// contradicted are the fragments whose answer lacks a name that another answer
// has and that holds the fragment: such an answer was cut off without notice.
func (s *search) contradicted(seen map[string]uint64, known []string) []string {
	var found []string
	for i, f := range s.fragments[:min(len(s.fragments), 63)] {
		for name, marks := range seen {
			if marks&bit(i) == 0 && strings.Contains(name, f) {
				found = append(found, f)
				break
			}
		}
	}
	return except(found, known)
}

func except(all, without []string) []string {
	var left []string
	for _, a := range all {
		found := false
		for _, w := range without {
			found = found || a == w
		}
		if !found {
			left = append(left, a)
		}
	}
	return left
}

// mend asks again for fragments whose answer was cut off, made longer by every
// character that can stand beside them.
func (s *search) mend(ctx context.Context, day time.Time, out dayAnswer, seen map[string]uint64, cutOff []string) (dayAnswer, error) {
	var lost []string
	for _, f := range cutOff {
		ok, err := s.split(ctx, day, f, 0, &out, seen)
		if ctx.Err() != nil {
			return out, ctx.Err()
		}
		if !ok {
			lost = append(lost, fmt.Sprintf("%q", f))
			if err != nil {
				out.gap = "; " + err.Error()
			}
		}
	}
	if len(lost) > 0 {
		out.gap = "answers were cut off for " + strings.Join(lost, ", ") + out.gap
	}
	return out, nil
}

const (
	// besides are the characters of host names.
	besides = "abcdefghijklmnopqrstuvwxyz0123456789-."
	// splits is how many characters a fragment grows by at most: 38 requests for
	// the first, 38 for each of those that are cut off again.
	splits = 2
)

// split asks for f made longer by one character. A fragment with a dot may stand
// at the end of a name, so it grows to the front; any other has something
// behind it in every name.
func (s *search) split(ctx context.Context, day time.Time, f string, depth int, out *dayAnswer, seen map[string]uint64) (bool, error) {
	if depth >= splits {
		return false, nil
	}
	for _, c := range besides {
		longer := f + string(c)
		if strings.Contains(f, ".") {
			longer = string(c) + f
		}
		if strings.Contains(longer, "..") {
			continue
		}
		a, err := s.answer(ctx, day, longer)
		out.malformed += a.malformed
		out.add(seen, a.names, 0)
		if err != nil {
			return false, err
		}
		if a.cut {
			if ok, err := s.split(ctx, day, longer, depth+1, out, seen); !ok {
				return false, err
			}
		}
	}
	return true, nil
}

// answer is what the server says of one fragment on one day.
type answer struct {
	names     []Name
	malformed int
	cut       bool // the server left something out
}

func (s *search) answer(ctx context.Context, day time.Time, fragment string) (answer, error) {
	for {
		var a answer
		var err error
		if s.forms[0] == formPaged {
			a, err = s.paged(ctx, day, fragment)
		} else {
			a, err = s.old(ctx, day, fragment)
		}
		if !s.settled && len(s.forms) > 1 && (errors.Is(err, errMissing) || errors.Is(err, errNotJSON)) {
			s.forms = s.forms[1:]
			continue
		}
		s.settled = s.settled || err == nil
		return a, err
	}
}

// paged asks page by page, until one is surely the last.
func (s *search) paged(ctx context.Context, day time.Time, fragment string) (answer, error) {
	size := pageSize
	if fragment == anyName {
		size = bigPage
	}
	var all answer
	read := 0
	for range maxPages {
		path := "/api/recentdomains/" + day.Format(time.DateOnly) + "/" + searchPath(fragment) +
			"/" + strconv.Itoa(read) + "/" + strconv.Itoa(size) + "?json"
		page, err := s.page(ctx, path, day)
		if errors.Is(err, errCut) { // on the way, since pages are no longer than asked for: once more
			page, err = s.page(ctx, path, day)
		}
		all.names = append(all.names, page.names...)
		all.malformed += page.malformed
		if err != nil {
			return all, err
		}
		n := len(page.names) + page.malformed
		if n > size { // pages are not known there: this was all
			return all, nil
		}
		if n == 0 || n <= surePage {
			return all, nil
		}
		read += n
	}
	all.cut = true
	return all, nil
}

// old asks for all at once. An answer that ends in the middle was cut off; so
// was, most likely, one with a round thousand of records.
func (s *search) old(ctx context.Context, day time.Time, fragment string) (answer, error) {
	root := "/api"
	if s.forms[0] == formOldBare {
		root = ""
	}
	path := root + "/recentdomains/" + day.Format(time.DateOnly) + "/" + searchPath(fragment) + "?json"
	a, err := s.page(ctx, path, day)
	if errors.Is(err, errCut) {
		a.cut, err = true, nil
	}
	n := len(a.names) + a.malformed
	a.cut = a.cut || n > 0 && n%oldRound == 0
	return a, err
}

// oldRound: limits of servers are round. An honest answer of such a size costs
// one split and loses nothing.
const oldRound = 100

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
