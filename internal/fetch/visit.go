package fetch

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"mime"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"lurehound"
	"lurehound/internal/egress"
)

// visit is one run of Session.Visit.
type visit struct {
	s     *Session
	watch *watch
	start target
	from  string // page that the visitor came from, along all redirects; "" is nowhere
	facts lurehound.VisitFacts
	body  []byte
	seen  map[string]bool // URL and cookies of every request
	want  Want            // of File; the zero value for pages
}

// keepBody is up to which size a page is kept in memory, outside the budget,
// while its refresh is followed. Pages that only lead on are far smaller.
const keepBody = 64 << 10

// Visit gets a URL and follows where it leads: Location, Refresh and, with
// Config.Refresh, meta refresh. The facts are of the last answer; Page is not
// filled. The body is decoded and at most Limits.Body long; what ended it early
// is in Truncated. Where the trail ends for a reason of its own (a loop, a
// scheme, the guard, a dead host) the last hop says so.
//
// The error is an *Error, and only when there was no HTTP answer at all; the
// facts then hold the hops and the certificate, if one was shown.
func (s *Session) Visit(ctx context.Context, start string) (lurehound.VisitFacts, []byte, error) {
	s.visiting.Lock()
	defer s.visiting.Unlock()
	s.held.keep(0)
	facts := lurehound.VisitFacts{Start: visible(start, maxURL)}
	if err := s.client.gateway.CheckRoute(s.profile.Route); err != nil { // before anybody is asked for an address
		return facts, nil, failure(ctx, new(phase), err)
	}
	if s.from == "" {
		start = s.profile.Entrance(start)
	}
	t, err := parseTarget(nil, start)
	if err != nil {
		return facts, nil, &Error{Outcome: lurehound.Blocked, Reason: err.Error()}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	v := &visit{
		s: s, start: t, facts: facts, seen: map[string]bool{},
		watch: newWatch(s.client.limits.Total, cancel),
		from:  s.from,
	}
	defer v.watch.timer.Stop()
	if err := v.follow(ctx, t); err != nil {
		return v.facts, nil, err
	}
	s.from = v.facts.URL
	return v.facts, v.body, nil
}

// follow asks t and whatever it leads to. The error is that of the first
// request; later ones are told by their hop.
func (v *visit) follow(ctx context.Context, t target) error {
	via := ""
	for {
		v.seen[v.key(t)] = true
		next, nextVia, err := v.ask(ctx, t, via)
		if err != nil {
			v.facts.Hops[len(v.facts.Hops)-1].Reason = err.Reason
			if len(v.facts.Hops) == 1 {
				return err
			}
			return nil
		}
		if nextVia == "" {
			return nil
		}
		t, via = next, nextVia
	}
}

// key tells a loop from a host that sets a cookie and sends the visitor round
// once more.
func (v *visit) key(t target) string { return t.String() + "\x00" + v.s.cookieHeader(t) }

// ask makes one request, adds its hop, and finds where it leads. nextVia is ""
// where the trail ends; then the answer's body has been read.
func (v *visit) ask(ctx context.Context, t target, via string) (next target, nextVia string, _ *Error) {
	v.facts.Hops = append(v.facts.Hops, lurehound.Hop{URL: visible(t.String(), maxURL), Via: via})
	hop := &v.facts.Hops[len(v.facts.Hops)-1]
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	resp, err := v.send(ctx, t, hop)
	if err != nil {
		return target{}, "", err
	}
	defer func() { _ = resp.Body.Close() }()
	v.s.takeCookies(t, resp.Header)
	v.answered(t, resp, hop)

	raw, nextVia := leadsTo(resp)
	if nextVia != "" {
		if next, ok := v.admit(t, raw, nextVia); ok {
			drain(resp, cancel)
			return next, nextVia, nil
		}
	}
	refused := nextVia != ""
	v.readAnswer(ctx, cancel, resp)
	if refused {
		return target{}, "", nil
	}
	raw = v.refreshOf(t)
	if raw == "" {
		return target{}, "", nil
	}
	next, ok := v.admit(t, raw, "meta-refresh")
	if !ok {
		return target{}, "", nil
	}
	if len(v.body) > keepBody {
		v.body = nil
	}
	v.s.held.keep(0) // before the next body is waited for
	return next, "meta-refresh", nil
}

// send puts the request on the wire: the profile's headers, the host's own
// cookies, and nothing else.
func (v *visit) send(ctx context.Context, t target, hop *lurehound.Hop) (*http.Response, *Error) {
	ph := new(phase)
	var addr netip.Addr
	ctx = context.WithValue(ctx, phaseKey{}, ph)
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		TLSHandshakeStart: func() { ph.set(handshaking) },
		GotConn: func(c httptrace.GotConnInfo) {
			ph.set(waiting)
			if tcp, ok := c.Conn.RemoteAddr().(*net.TCPAddr); ok {
				addr = tcp.AddrPort().Addr().Unmap()
			}
		},
	})
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, t.String(), nil)
	if err != nil {
		return nil, &Error{Outcome: lurehound.Blocked, Reason: "not a URL that can be asked for", Err: err}
	}
	p := v.s.profile
	req.Header.Set("User-Agent", p.UserAgent)
	req.Header.Set("Accept-Encoding", "gzip")
	for name, value := range map[string]string{
		"Accept":          p.Accept,
		"Accept-Language": p.AcceptLanguage,
		"Referer":         referrer(p, v.from, t),
		"Cookie":          v.s.cookieHeader(t),
	} {
		if value != "" {
			req.Header.Set(name, value)
		}
	}
	for _, h := range p.Headers {
		if !h.Secure || t.url.Scheme == "https" {
			req.Header.Set(h.Name, h.Value)
		}
	}
	if w := v.want; w.ranged() {
		r := fmt.Sprintf("bytes=%d-", w.From)
		if w.Most > 0 {
			r += fmt.Sprint(w.From + w.Most - 1)
		}
		req.Header.Set("Range", r)
		req.Header.Set("Accept-Encoding", "identity") // a range of packed bytes is none of the file's
		if w.Validator != "" {
			req.Header.Set("If-Range", w.Validator)
		}
	}
	v.s.takeShown()
	resp, err := v.s.transport.RoundTrip(req)
	if err != nil {
		v.certificate(t, v.s.takeShown())
		return nil, failure(ctx, ph, err)
	}
	hop.Addr = addr
	if resp.TLS != nil {
		v.certificate(t, resp.TLS.PeerCertificates)
	}
	if resp.StatusCode < 100 {
		_ = resp.Body.Close()
		return nil, &Error{Outcome: lurehound.Unknown, Reason: fmt.Sprintf("malformed answer: status %03d", resp.StatusCode)}
	}
	return resp, nil
}

// certificate keeps the first certificate of the site that the visit started
// at. Where a lure sends its visitors to a foreign site, that site's key must
// not join it to others.
func (v *visit) certificate(t target, chain []*x509.Certificate) {
	if v.facts.Certificate != nil || !sameSite(t.host, v.start.host) {
		return
	}
	c := v.s.client
	v.facts.Certificate = certificateFacts(chain, t.host, c.roots, c.clock.Now())
}

func sameSite(a, b string) bool {
	if a == b {
		return true
	}
	da, errA := lurehound.ParseDomain(a)
	db, errB := lurehound.ParseDomain(b)
	return errA == nil && errB == nil && da.Registrable() != "" && da.Registrable() == db.Registrable()
}

func (v *visit) answered(t target, resp *http.Response, hop *lurehound.Hop) {
	hop.Status = resp.StatusCode
	f := &v.facts
	f.URL = visible(t.String(), maxURL)
	f.Status = resp.StatusCode
	f.Server = visible(resp.Header.Get("Server"), maxField)
	f.PoweredBy = visible(resp.Header.Get("X-Powered-By"), maxField)
	f.ContentType = visible(resp.Header.Get("Content-Type"), maxField)
	f.Size, f.Body, f.Truncated = 0, lurehound.Artifact{}, ""
	v.body = nil
}

func (v *visit) readAnswer(ctx context.Context, cancel context.CancelCauseFunc, resp *http.Response) {
	b := v.s.readBody(ctx, cancel, v.watch, resp)
	sum := sha256.Sum256(b.data)
	v.body = b.data
	v.facts.Size = int64(len(b.data))
	v.facts.Truncated = b.truncated
	if len(b.data) > 0 {
		v.facts.Body = lurehound.Artifact{SHA256: hex.EncodeToString(sum[:]), Size: v.facts.Size}
	}
}

// leadsTo is the target that an answer's header names, and how.
func leadsTo(resp *http.Response) (raw, via string) {
	switch resp.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		if l := resp.Header.Get("Location"); l != "" {
			return l, "location"
		}
	}
	if r := refreshTarget(resp.Header.Get("Refresh")); r != "" {
		return r, "refresh"
	}
	return "", ""
}

// refreshOf asks the hook about an HTML page that was read.
func (v *visit) refreshOf(t target) string {
	if v.s.client.refresh == nil || len(v.body) == 0 || strings.HasPrefix(v.facts.Truncated, "encoding:") {
		return ""
	}
	if mt, _, err := mime.ParseMediaType(v.facts.ContentType); err == nil && mt != "text/html" && mt != "application/xhtml+xml" {
		return ""
	}
	var to string
	v.watch.pause()
	defer v.watch.resume()
	v.s.client.budget.read(len(v.body), func() { to = v.s.client.refresh(v.body, t.String()) })
	return to
}

// admit decides whether the trail goes on to raw. A target that is refused
// becomes a hop with the reason.
func (v *visit) admit(from target, raw, via string) (target, bool) {
	refuse := func(url, why string) (target, bool) {
		v.facts.Hops = append(v.facts.Hops, lurehound.Hop{URL: visible(url, maxURL), Via: via, Reason: why})
		return target{}, false
	}
	next, err := parseTarget(from.url, raw)
	if err != nil {
		return refuse(raw, err.Error())
	}
	if v.seen[v.key(next)] {
		return refuse(next.String(), "redirect loop")
	}
	if len(v.facts.Hops) > v.s.client.limits.Hops {
		return refuse(next.String(), fmt.Sprintf("more than %d redirects", v.s.client.limits.Hops))
	}
	return next, true
}

// drain reads the few bytes of a redirect's body, so that the connection serves
// the next request too, as in a browser.
func drain(resp *http.Response, cancel context.CancelCauseFunc) {
	const few = 4 << 10
	if resp.ContentLength <= 0 || resp.ContentLength > few {
		return
	}
	t := time.AfterFunc(closeAfter, func() { cancel(errSlow) })
	defer t.Stop()
	buf := make([]byte, few)
	for {
		if _, err := resp.Body.Read(buf); err != nil {
			return
		}
	}
}

// referrer is what a browser would send with each request, redirected or not: the page that the visitor came from,
// only its origin to another site, nothing when that page was safer than t. A
// visitor who comes from nowhere brings the profile's.
func referrer(p egress.Profile, from string, t target) string {
	if from == "" {
		return p.Referrer
	}
	u, err := url.Parse(from)
	if err != nil || u.Scheme == "https" && t.url.Scheme == "http" {
		return ""
	}
	if u.Scheme == t.url.Scheme && u.Host == t.url.Host {
		return u.String()
	}
	return u.Scheme + "://" + u.Host + "/"
}
