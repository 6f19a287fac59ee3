package feed

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// The old form of the search cuts long answers off without notice. Four things
// give that away: the JSON ends in the middle; a name of another answer holds the
// fragment and is not in this one; the answer is as long as the limit, once that
// is known; and, while it is not, any answer longer than those that were shown
// to be whole. Such an answer is asked for again in parts, which also shows
// whether it was whole.

// cutShort is the size of an answer that ended in the middle.
const cutShort = -1

const (
	// shownWhole is the size up to which answers are taken for whole from the
	// start: no server has so low a limit.
	shownWhole = 25
	// besides are the characters of host names.
	besides = "abcdefghijklmnopqrstuvwxyz0123456789-."
	// splits is how many characters a fragment grows by at most: 38 requests for
	// the first, 38 for each of those that are cut off again.
	splits = 2
)

// old asks for all at once.
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
	return a, err
}

// mend asks in parts for fragments whose answer was, or may have been, cut off.
// It returns those that could not be had whole, with why. Its error is that of ctx.
func (s *search) mend(ctx context.Context, day time.Time, out *dayAnswer, sizes []int) (lost []string, err error) {
	for i, f := range s.fragments {
		n := sizes[i]
		known := n == cutShort || s.limit > 0 && n >= s.limit || n > surePage && holding(out, f) > n
		if !known && (s.limit > 0 || n <= s.whole) {
			continue
		}
		if f == anyName {
			lost = append(lost, "all names: the server knows no pages")
			continue
		}
		ok, err := s.split(ctx, day, f, n, 0, out)
		switch {
		case ctx.Err() != nil:
			return lost, ctx.Err()
		case err != nil:
			lost = append(lost, fmt.Sprintf("%q (%v)", f, err))
			continue
		case !ok:
			lost = append(lost, fmt.Sprintf("%q", f))
		}
		switch {
		case n <= surePage:
		case holding(out, f) > n:
			s.limit = n
		case ok:
			s.whole = max(s.whole, n)
		}
	}
	return lost, nil
}

// holding counts the names of an answer that hold a fragment.
func holding(out *dayAnswer, fragment string) (n int) {
	for _, name := range out.names {
		if strings.Contains(strings.ToLower(name.Name), fragment) {
			n++
		}
	}
	return n
}

// split asks for f made longer by one character. A fragment with a dot may stand
// at the end of a name, so it grows to the front; any other has something
// behind it in every name. It is false when a part was cut off to the last.
func (s *search) split(ctx context.Context, day time.Time, f string, size, depth int, out *dayAnswer) (bool, error) {
	if depth >= splits {
		return false, nil
	}
	whole := true
	for _, c := range besides {
		longer := f + string(c)
		if strings.Contains(f, ".") {
			longer = string(c) + f
		}
		if strings.Contains(longer, "..") {
			continue
		}
		a, err := s.answer(ctx, day, longer)
		out.add(a)
		if err != nil {
			return false, err
		}
		n := a.size()
		if !a.cut && (s.limit == 0 || n < s.limit) && (n < size || n <= s.whole) {
			continue
		}
		ok, err := s.split(ctx, day, longer, n, depth+1, out)
		if err != nil {
			return false, err
		}
		whole = whole && ok
	}
	return whole, nil
}
