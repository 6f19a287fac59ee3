package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"lurehound"
)

// Want is which bytes of a file are asked for, and from which page. The zero value is all of them.
type Want struct {
	Page string // URL of the page that offers the file: the referrer, as a browser sends it
	From int64  // offset of the first byte
	Most int64  // bytes at most; 0: to the end
	// Validator is what an earlier answer said the file's version is: another version is sent from its start.
	Validator string
}

func (w Want) ranged() bool { return w.From > 0 || w.Most > 0 }

// Answer is what a host says of a file before any of it is read. All of it is the host's word.
type Answer struct {
	URL         string // of the last answer
	Hops        []lurehound.Hop
	Status      int
	ContentType string
	Name        string // that the host gives the file; "" for none
	Size        int64  // of the whole file; -1 when it is not told
	From        int64  // offset of the bytes that follow: 0 when the host sends all in place of a range
	Validator   string // a strong ETag, else Last-Modified; "" when a broken download cannot be gone on with
	Ranged      bool   // a range was sent as asked for
	Encoded     bool   // packed on the way: offsets on the wire are not those of the file
	Read        int64  // bytes handed to the writer
	Wire        int64  // bytes on the wire
}

// ErrStop ends File without an error before any of the body is read, when begin returns it.
var ErrStop = errors.New("nothing of it is wanted")

// ErrPage is wrapped when a page came in place of a file.
var ErrPage = errors.New("a page came in place of a file")

// File gets a file, from where link leads, and writes the bytes wanted to what begin returns, which is
// called once, with the answer's header. Limits.FileRate, FileTotal and File hold, not those of pages. An error
// of begin or of its writer is returned as it is; any other is an *Error, and Answer.Read
// then tells how far it came.
func (s *Session) File(ctx context.Context, link string, want Want, begin func(Answer) (io.Writer, error)) (Answer, error) {
	s.visiting.Lock()
	defer s.visiting.Unlock()
	defer s.held.keep(0)
	if err := s.client.gateway.CheckRoute(s.profile.Route); err != nil { // before anybody is asked for an address
		return Answer{}, failure(ctx, new(phase), err)
	}
	t, err := parseTarget(nil, link)
	if err != nil {
		return Answer{}, &Error{Outcome: lurehound.Blocked, Reason: err.Error()}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	v := &visit{
		s: s, start: t, from: want.Page, want: want, seen: map[string]bool{},
		watch: newWatch(s.client.limits.FileTotal, cancel),
	}
	if v.from == "" {
		v.from = s.from
	}
	defer v.watch.timer.Stop()
	via := ""
	for {
		v.seen[v.key(t)] = true
		var a Answer
		a, t, via, err = v.askFile(ctx, t, via, begin)
		a.Hops = v.facts.Hops
		if via == "" || err != nil {
			return a, err
		}
	}
}

// askFile makes one request. nextVia is "" where the trail ends.
func (v *visit) askFile(ctx context.Context, t target, via string, begin func(Answer) (io.Writer, error)) (a Answer, next target, nextVia string, err error) {
	v.facts.Hops = append(v.facts.Hops, lurehound.Hop{URL: visible(t.String(), maxURL), Via: via})
	hop := &v.facts.Hops[len(v.facts.Hops)-1]
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	resp, failed := v.send(ctx, t, hop)
	if failed != nil {
		hop.Reason = failed.Reason
		return a, t, "", failed
	}
	defer func() { _ = resp.Body.Close() }()
	v.s.takeCookies(t, resp.Header)
	v.answered(t, resp, hop)
	a = v.answer(resp)
	raw, nextVia := leadsTo(resp)
	if nextVia == "" && isPage(resp) {
		v.readAnswer(ctx, cancel, resp)
		raw, nextVia = v.refreshOf(t), "meta-refresh"
		v.body = nil
		v.s.held.keep(0)
		if raw == "" {
			if a.Status >= 400 {
				return a, t, "", fileError("status %d", a.Status)
			}
			return a, t, "", &Error{Outcome: lurehound.Unknown, Reason: ErrPage.Error(), Err: ErrPage}
		}
	}
	if nextVia != "" {
		next, ok := v.admit(t, raw, nextVia)
		if !ok {
			last := v.facts.Hops[len(v.facts.Hops)-1]
			return a, t, "", fileError("led to what is not followed: %s", last.Reason)
		}
		return a, next, nextVia, nil
	}
	if err := a.check(v.want); err != nil {
		return a, t, "", err
	}
	w, err := begin(a)
	if errors.Is(err, ErrStop) {
		return a, t, "", nil
	}
	if err == nil {
		err = v.stream(ctx, cancel, resp, &a, w)
	}
	return a, t, "", err
}

func fileError(format string, args ...any) *Error {
	return &Error{Outcome: lurehound.Unknown, Reason: fmt.Sprintf(format, args...)}
}

// isPage goes by the declared type: what calls itself a page is one, however the link called it.
func isPage(resp *http.Response) bool {
	t, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	return err == nil && (t == "text/html" || t == "application/xhtml+xml")
}

func (v *visit) answer(resp *http.Response) Answer {
	a := Answer{URL: v.facts.URL, Status: resp.StatusCode, ContentType: v.facts.ContentType, Size: resp.ContentLength}
	if _, params, err := mime.ParseMediaType(resp.Header.Get("Content-Disposition")); err == nil {
		a.Name = visible(params["filename"], maxField)
	}
	a.Encoded = resp.Header.Get("Content-Encoding") != "" && !strings.EqualFold(resp.Header.Get("Content-Encoding"), "identity")
	if a.Encoded {
		a.Size = -1
	}
	// RFC 9110, section 13.1.5: a weak ETag is no validator for If-Range. A date is as strong as its
	// second, which serves for files of minutes and more.
	if tag := resp.Header.Get("ETag"); tag != "" && !strings.HasPrefix(tag, "W/") {
		a.Validator = tag
	} else if _, err := http.ParseTime(resp.Header.Get("Last-Modified")); err == nil {
		a.Validator = resp.Header.Get("Last-Modified")
	}
	if len(a.Validator) > maxField {
		a.Validator = ""
	}
	if resp.StatusCode == http.StatusPartialContent {
		a.From, a.Size, a.Ranged = contentRange(resp.Header.Get("Content-Range"))
	}
	return a
}

// contentRange reads "bytes 0-65535/187695104" (RFC 9110, section 14.4); size is -1 for "*".
func contentRange(s string) (from, size int64, ok bool) {
	s, ok = strings.CutPrefix(strings.TrimSpace(s), "bytes ")
	span, total, slash := strings.Cut(s, "/")
	first, last, dash := strings.Cut(span, "-")
	from, err := strconv.ParseInt(first, 10, 64)
	end, err2 := strconv.ParseInt(last, 10, 64)
	size = -1
	if total != "*" {
		n, err := strconv.ParseInt(total, 10, 64)
		if err != nil || n <= end {
			return 0, -1, false
		}
		size = n
	}
	return from, size, ok && slash && dash && err == nil && err2 == nil && from >= 0 && end >= from
}

func (a Answer) check(want Want) error {
	switch {
	case a.Status == http.StatusOK:
		return nil
	case a.Status == http.StatusPartialContent && want.ranged():
		if !a.Ranged || a.From != want.From || a.Encoded {
			return fileError("another part came than was asked for")
		}
		return nil
	}
	return fileError("status %d", a.Status)
}

// stream copies the body until its end, or until as much came as is wanted.
func (v *visit) stream(ctx context.Context, cancel context.CancelCauseFunc, resp *http.Response, a *Answer, w io.Writer) error {
	lim := v.s.client.limits
	wire := &steady{r: resp.Body, cancel: cancel, window: lim.FileWindow, need: int64(lim.FileWindow.Seconds() * float64(lim.FileRate))}
	defer func() { a.Wire = wire.all }()
	r, problem := decoder(wire, resp.Header)
	if problem != "" {
		return fileError("%s", problem)
	}
	most := v.want.Most
	if most <= 0 || most > lim.File {
		most = lim.File
	}
	buf := make([]byte, 256<<10)
	for {
		n, err := r.Read(buf[:min(int64(len(buf)), most-a.Read+1)])
		over := a.Read+int64(n) > most
		if over {
			n = int(most - a.Read)
		}
		a.Read += int64(n)
		if _, err := w.Write(buf[:n]); err != nil {
			return err
		}
		switch {
		case v.want.Most > 0 && a.Read >= most:
			return nil
		case over:
			return fileError("%s: more than %d bytes", tooLarge, most)
		case err != nil:
			if why := ended(ctx, err); why != "" {
				return fileError("broke off after %d bytes: %s", a.Read, why)
			}
			return nil
		}
	}
}

// steady cancels a request that does not bring need bytes in each window of time spent in Read:
// the writer may be as slow as it likes.
type steady struct {
	r      io.Reader
	cancel context.CancelCauseFunc
	window time.Duration
	need   int64
	n      int64 // in this window
	all    int64
	spent  time.Duration
	timer  *time.Timer
}

func (s *steady) Read(b []byte) (int, error) {
	if s.timer == nil {
		s.timer = time.AfterFunc(s.window, func() { s.cancel(errSlow) })
	} else {
		s.timer.Reset(max(s.window-s.spent, 0))
	}
	began := time.Now()
	n, err := s.r.Read(b)
	s.timer.Stop()
	s.spent += time.Since(began)
	s.n += int64(n)
	s.all += int64(n)
	if s.n >= s.need {
		s.n, s.spent = 0, 0
	}
	return n, err
}
