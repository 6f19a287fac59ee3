package feed

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Manners of SANS ISC: one lookup a second, about a thousand a day, and on 429
// five minutes of rest or what Retry-After says.
const (
	spacing     = time.Second
	restOn429   = 5 * time.Minute
	longestRest = time.Hour // a longer Retry-After ends the request: no hunt waits that long
	tries       = 3         // of one request
	downAfter   = 2         // requests that failed for good, one after the other, before the server is left alone
)

var (
	errBudget  = errors.New("the daily budget of requests is spent")
	errDown    = errors.New("the server is not asked any more after requests that failed")
	errMissing = errors.New("the server has no such thing")
	errRefused = errors.New("the server refuses: it may know the User-Agent's contact as unwelcome, or miss one")
)

// client asks SANS ISC, with manners. One goroutine uses it.
type client struct {
	c       Config
	keep    *archive // days, and the manners across runs; nil without a cache directory
	manners manners
	failed  int // requests that failed for good since the last that did not
	last    error
}

// manners is what is remembered of requests, so that runs share one budget.
type manners struct {
	Day  string    `json:"day"`  // UTC day that Used counts
	Used int       `json:"used"` // requests
	Last time.Time `json:"last"` // when the last request had its answer
}

func newClient(c Config) (*client, error) {
	keep, err := openArchive(c.CacheDir, c.Clock.Now())
	if err != nil {
		return nil, err
	}
	if hc, ok := c.HTTP.(*http.Client); ok {
		c.HTTP = stayThere(hc)
	}
	return &client{c: c, keep: keep, manners: keep.manners()}, nil
}

// stayThere is the client without redirects: one would carry the contact address
// to another host, and be a request that nobody counts.
func stayThere(hc *http.Client) *http.Client {
	stay := *hc
	stay.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &stay
}

// get asks for a path below the base URL. The answer has status 200, or 304
// where etag is given; its body is the caller's to close. errMissing, errBudget,
// errDown and errRefused tell what else happened.
func (cl *client) get(ctx context.Context, path, etag string) (*http.Response, error) {
	if cl.failed >= downAfter {
		return nil, fmt.Errorf("%w: %w", errDown, cl.last)
	}
	var err error
	for try := range tries {
		var res *http.Response
		var rest time.Duration
		res, rest, err = cl.once(ctx, path, etag, try)
		switch {
		case err == nil:
			cl.failed = 0
			return res, nil
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case errors.Is(err, errMissing):
			cl.failed = 0
			return nil, err
		case errors.Is(err, errBudget):
			return nil, err
		case errors.Is(err, errRefused):
			cl.failed, cl.last = downAfter, err
			return nil, err
		}
		if rest > longestRest {
			break
		}
		if try < tries-1 {
			cl.c.Log.Info("isc: resting", "path", path, "for", rest, "because", err)
			if err := cl.c.Clock.Sleep(ctx, rest); err != nil {
				return nil, err
			}
		}
	}
	cl.failed++
	cl.last = err
	return nil, err
}

// once sends one request after the spacing. With an error it says how long to
// rest before another try.
func (cl *client) once(ctx context.Context, path, etag string, try int) (*http.Response, time.Duration, error) {
	if err := cl.turn(ctx); err != nil {
		return nil, 0, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, cl.c.BaseURL+path, nil)
	if err != nil {
		return nil, 0, err
	}
	req.Header.Set("User-Agent", "lurehound/"+cl.c.Version+" ("+cl.c.Contact+")")
	req.Header.Set("Accept", "application/json, application/gzip")
	if etag != "" {
		req.Header.Set("If-None-Match", etag)
	}
	res, err := cl.c.HTTP.Do(req)
	cl.manners.Last = cl.c.Clock.Now()
	cl.keep.saveManners(cl.manners)
	backoff := 10 * time.Second << (2 * try) // 10 s, 40 s: a restart of a web server
	if err != nil {
		return nil, backoff, err
	}
	switch s := res.StatusCode; {
	case s == http.StatusOK, s == http.StatusNotModified && etag != "":
		return res, 0, nil
	case s == http.StatusTooManyRequests:
		return nil, retryAfter(res, cl.c.Clock.Now(), restOn429), refuse(res, nil)
	case s == http.StatusForbidden, s == http.StatusUnauthorized:
		return nil, 0, refuse(res, errRefused)
	case s >= 300 && s < 400:
		to := visibleHost(res)
		return nil, 0, refuse(res, fmt.Errorf("%w: it redirects to %q, which is not followed", errMissing, to))
	case s >= 400 && s < 500:
		return nil, 0, refuse(res, errMissing)
	}
	return nil, retryAfter(res, cl.c.Clock.Now(), backoff), refuse(res, nil)
}

// turn waits until a request may be sent, and counts it. The second is measured
// from the answer to the last request, so that no delay on the way can bring two
// requests closer together at the server.
func (cl *client) turn(ctx context.Context) error {
	now := cl.c.Clock.Now().UTC()
	if day := now.Format(time.DateOnly); day != cl.manners.Day {
		cl.manners.Day, cl.manners.Used = day, 0
	}
	if cl.manners.Used >= cl.c.Budget {
		return fmt.Errorf("%w (%d)", errBudget, cl.c.Budget)
	}
	if wait := cl.manners.Last.Add(spacing).Sub(now); wait > 0 && wait <= spacing { // more: the clock was set back
		if err := cl.c.Clock.Sleep(ctx, wait); err != nil {
			return err
		}
	}
	cl.manners.Used++
	return ctx.Err()
}

// visibleHost is where a redirect leads.
func visibleHost(res *http.Response) string {
	to, err := res.Location()
	if err != nil {
		return ""
	}
	return to.Host
}

// refuse closes an answer that is of no use and makes an error of it.
func refuse(res *http.Response, is error) error {
	io.CopyN(io.Discard, res.Body, 4<<10) // so that the connection can be used again
	res.Body.Close()
	if is != nil {
		return fmt.Errorf("%w (status %d)", is, res.StatusCode)
	}
	return fmt.Errorf("the server answered with status %d", res.StatusCode)
}

// retryAfter reads the header in both its forms (RFC 9110, section 10.2.3).
func retryAfter(res *http.Response, now time.Time, otherwise time.Duration) time.Duration {
	v := strings.TrimSpace(res.Header.Get("Retry-After"))
	if n, err := strconv.Atoi(v); err == nil && n >= 0 {
		return min(time.Duration(n), 1<<30) * time.Second
	}
	if t, err := http.ParseTime(v); err == nil {
		return max(t.Sub(now), spacing)
	}
	return otherwise
}
