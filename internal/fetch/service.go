package fetch

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"

	"lurehound/internal/egress"
)

// ErrTooLarge is what reading a service's body ends with at Limits.ServiceBody:
// a feed is never cut off in silence.
var ErrTooLarge = errors.New("the answer is larger than allowed")

// errServiceSlow is what reading ends with when a service stalls.
var errServiceSlow = fmt.Errorf("reading the answer: %w", errSlow)

// Service is a client for feeds and registries: TLS is verified, addresses are
// guarded, headers and bodies are capped, redirects are few and never lead from
// https to http. It sends GET and HEAD, and keeps no cookies. Callers bound the
// whole exchange by their context.
func (c *Client) Service() *http.Client {
	return &http.Client{
		Transport:     serviceTrip{c},
		CheckRedirect: c.checkServiceRedirect,
	}
}

// DialService connects to a service of another protocol, such as WHOIS on port
// 43. The host's addresses are guarded.
func (c *Client) DialService(ctx context.Context, host string, port uint16) (net.Conn, error) {
	conn, err := c.dial(ctx, egress.DirectName, host, port, nil)
	if err != nil {
		return nil, fmt.Errorf("dialling %s port %d: %w", visible(host, maxField), port, err)
	}
	return conn, nil
}

func (c *Client) serviceTransport() *http.Transport {
	return &http.Transport{
		DialContext: func(ctx context.Context, _, address string) (net.Conn, error) {
			host, port, err := splitHostPort(address)
			if err != nil {
				return nil, err
			}
			return c.dial(ctx, egress.DirectName, host, port, nil)
		},
		TLSClientConfig:        &tls.Config{RootCAs: c.roots, Time: c.clock.Now},
		ForceAttemptHTTP2:      true,
		TLSHandshakeTimeout:    c.limits.TLS,
		ResponseHeaderTimeout:  c.limits.ServiceHeader,
		MaxResponseHeaderBytes: c.limits.Headers,
		IdleConnTimeout:        c.limits.Total,
	}
}

func (c *Client) checkServiceRedirect(req *http.Request, via []*http.Request) error {
	if len(via) > c.limits.Hops {
		return fmt.Errorf("more than %d redirects", c.limits.Hops)
	}
	if via[len(via)-1].URL.Scheme == "https" && req.URL.Scheme != "https" {
		return errors.New("a redirect from https to " + visible(req.URL.Scheme, 40) + " is not followed")
	}
	_, err := parseTarget(nil, req.URL.String())
	return err
}

// serviceTrip puts the caps around the transport.
type serviceTrip struct{ c *Client }

func (s serviceTrip) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method != http.MethodGet && req.Method != http.MethodHead && req.Method != "" {
		return nil, fmt.Errorf("method %s is not used", visible(req.Method, 40))
	}
	ctx, cancel := context.WithCancelCause(req.Context())
	req = req.Clone(ctx)
	if req.Header.Get("User-Agent") == "" {
		req.Header.Set("User-Agent", "lurehound")
	}
	resp, err := s.c.service.RoundTrip(req)
	if err != nil {
		cancel(nil)
		return nil, err
	}
	resp.Body = &serviceBody{
		r:      &paced{r: resp.Body, cancel: cancel, grace: s.c.limits.ServiceGrace, rate: s.c.limits.Rate},
		close:  resp.Body.Close,
		left:   s.c.limits.ServiceBody,
		cause:  func() error { return context.Cause(ctx) },
		cancel: cancel,
	}
	return resp, nil
}

// serviceBody caps a body, and says so when it does.
type serviceBody struct {
	r      io.Reader
	close  func() error
	left   int64
	cause  func() error // who ended the request, if anybody
	cancel context.CancelCauseFunc
}

func (b *serviceBody) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, ErrTooLarge
	}
	// One byte over the limit tells a large body from one that just fits.
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.r.Read(p)
	b.left -= int64(n)
	if b.left < 0 {
		return n - 1, ErrTooLarge
	}
	if err != nil && errors.Is(b.cause(), errSlow) {
		err = errServiceSlow
	}
	return n, err
}

func (b *serviceBody) Close() error {
	defer b.cancel(nil)
	return b.close()
}
