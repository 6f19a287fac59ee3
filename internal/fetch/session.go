package fetch

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/http/cookiejar"
	"strconv"
	"sync"
	"time"

	"golang.org/x/net/publicsuffix"

	"lurehound/internal/egress"
)

// Session is one visitor to one candidate: one profile, one cookie jar, one set
// of connections. Visits of a session run one after the other. Whoever opens
// one closes it: the body of the last visit counts against the client's budget
// until then.
type Session struct {
	client    *Client
	profile   egress.Profile
	transport *http.Transport
	jar       *cookiejar.Jar

	visiting sync.Mutex // held by Visit
	from     string     // URL of the last page, the next visit's referrer
	held     share      // of the last body

	mu     sync.Mutex
	closed bool
	open   map[int]func() // ends a dial or a connection
	serial int
	shown  []*x509.Certificate // by the last handshake, completed or not
}

// Session opens a visitor.
func (c *Client) Session(p egress.Profile) *Session {
	s := &Session{client: c, profile: p, open: map[int]func(){}}
	// The only error is of an option that is not set.
	s.jar, _ = cookiejar.New(&cookiejar.Options{PublicSuffixList: publicsuffix.List})
	s.transport = &http.Transport{
		DialContext: s.dial,
		TLSClientConfig: &tls.Config{
			// Evidence: whom nobody should trust is just whom we look at.
			// The verdict is in CertificateFacts.
			InsecureSkipVerify: true, //nolint:gosec // see above
			MinVersion:         tls.VersionTLS10,
			VerifyConnection:   s.certificates,
		},
		ForceAttemptHTTP2:      true,
		TLSHandshakeTimeout:    c.limits.TLS,
		ResponseHeaderTimeout:  c.limits.Header,
		MaxResponseHeaderBytes: c.limits.Headers,
		IdleConnTimeout:        c.limits.Total,
		DisableCompression:     true, // decoded here, under the caps
	}
	return s
}

// Close ends all connections and gives the budget back. It may be called more
// than once, and while a visit runs, which it ends.
func (s *Session) Close() {
	s.mu.Lock()
	s.closed = true
	ends := make([]func(), 0, len(s.open))
	for _, end := range s.open {
		ends = append(ends, end)
	}
	s.mu.Unlock()
	for _, end := range ends {
		end()
	}
	s.visiting.Lock()
	defer s.visiting.Unlock()
	s.held.keep(0)
	s.transport.CloseIdleConnections()
}

// Read runs apart, which takes the body of the last visit apart, when there is
// room for what that needs: a page can be many times as large while it is read.
// It must not visit.
func (s *Session) Read(body []byte, apart func()) { s.client.budget.read(len(body), apart) }

// track remembers how to end something that Close must end; done forgets it.
// It reports false when the session is closed already.
func (s *Session) track(end func()) (done func(), ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, false
	}
	s.serial++
	id := s.serial
	s.open[id] = end
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.open, id)
	}, true
}

func (s *Session) dial(ctx context.Context, _, address string) (net.Conn, error) {
	host, port, err := splitHostPort(address)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done, ok := s.track(cancel)
	if !ok {
		return nil, net.ErrClosed
	}
	defer done()
	ph, _ := ctx.Value(phaseKey{}).(*phase)
	conn, err := s.client.dial(ctx, s.profile.Route, host, port, ph)
	if err != nil {
		return nil, err
	}
	raw := conn.(*dialled)
	forget, ok := s.track(func() { _ = raw.Conn.Close() })
	if !ok {
		_ = raw.Close()
		return nil, net.ErrClosed
	}
	raw.onClose = forget
	return raw, nil
}

// phaseKey carries a request's *phase to the dial.
type phaseKey struct{}

func splitHostPort(address string) (string, uint16, error) {
	host, p, err := net.SplitHostPort(address)
	if err != nil {
		return "", 0, err
	}
	port, err := strconv.ParseUint(p, 10, 16)
	return host, uint16(port), err
}

// certificates notes what was shown even if the handshake fails later, as it
// does when the host demands a certificate of ours.
func (s *Session) certificates(cs tls.ConnectionState) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shown = cs.PeerCertificates
	return nil
}

func (s *Session) takeShown() []*x509.Certificate {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.shown
	s.shown = nil
	return c
}

// Cookies that are taken from one answer, and that are sent: RFC 6265, section
// 6.1 asks for at least 50 a host of 4096 bytes each.
const (
	maxCookies     = 50
	maxCookie      = 4096
	maxCookieBytes = 8 << 10 // servers refuse more than 8 KiB of one header
)

func (s *Session) takeCookies(t target, h http.Header) {
	var cookies []*http.Cookie
	for _, line := range h["Set-Cookie"] {
		if len(cookies) == maxCookies {
			break
		}
		if len(line) > maxCookie {
			continue
		}
		if c, err := http.ParseSetCookie(line); err == nil {
			cookies = append(cookies, c)
		}
	}
	s.jar.SetCookies(t.url, cookies)
}

// cookieHeader is the Cookie header for t, "" when there is none to send.
func (s *Session) cookieHeader(t target) string {
	var out []byte
	for i, c := range s.jar.Cookies(t.url) {
		pair := c.Name + "=" + c.Value
		if c.Quoted {
			pair = c.Name + `="` + c.Value + `"`
		}
		if i == maxCookies || len(out)+len(pair) > maxCookieBytes {
			break
		}
		if len(out) > 0 {
			out = append(out, "; "...)
		}
		out = append(out, pair...)
	}
	return string(out)
}

// watch ends a visit when its time is up. Only the visit's goroutine calls it.
type watch struct {
	timer *time.Timer
	end   time.Time
	left  time.Duration
}

func newWatch(total time.Duration, cancel context.CancelCauseFunc) *watch {
	return &watch{
		timer: time.AfterFunc(total, func() { cancel(errTotal) }),
		end:   time.Now().Add(total),
	}
}

// pause stops the time while we wait for ourselves.
func (w *watch) pause() {
	w.timer.Stop()
	w.left = max(time.Until(w.end), 0)
}

func (w *watch) resume() {
	w.end = time.Now().Add(w.left)
	w.timer.Reset(w.left)
}
