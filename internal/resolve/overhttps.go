package resolve

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

const dnsMessage = "application/dns-message" // RFC 8484, section 6

// overHTTPS asks a resolver by POST, over HTTP/2 where it speaks that.
type overHTTPS struct {
	url    string
	client *http.Client
	base   *http.Transport
}

func newHTTPSWay(c *Client, u Upstream) *overHTTPS {
	base := &http.Transport{
		// The name is never looked up: the address that the user gave is dialled.
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return c.dialer.DialNamed(ctx, "tcp", u.Addr.String())
		},
		TLSClientConfig:        &tls.Config{ServerName: u.Name, RootCAs: c.roots, MinVersion: tls.VersionTLS12},
		ForceAttemptHTTP2:      true,
		DisableCompression:     true,
		MaxIdleConns:           8,
		MaxConnsPerHost:        8, // of a server without HTTP/2
		IdleConnTimeout:        linkIdle,
		TLSHandshakeTimeout:    c.timeout,
		MaxResponseHeaderBytes: 1 << 16,
	}
	url, _, _ := strings.Cut(u.String(), "#")
	w := &overHTTPS{url: url, base: base}
	w.client = &http.Client{
		Transport:     base,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return w
}

func (w *overHTTPS) exchange(ctx context.Context, c *Client, s *server, t attempt) reply {
	if err := c.pace.wait(ctx); err != nil {
		return reply{why: whyCancelled}
	}
	query, qend, err := c.secureQuery(s, t)
	if err != nil {
		return reply{why: whyNotName}
	}
	query[0], query[1] = 0, 0 // RFC 8484, section 4.1
	began := time.Now()
	inner, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	r := w.post(inner, query, qend)
	switch {
	case r.answered():
		took := time.Since(began)
		s.heard(took, took)
	case ctx.Err() != nil:
		r.why = whyCancelled
	}
	return r
}

func (w *overHTTPS) post(ctx context.Context, query []byte, qend int) reply {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url, bytes.NewReader(query))
	if err != nil {
		return reply{why: whyUnreachable}
	}
	req.Header.Set("Content-Type", dnsMessage)
	req.Header.Set("Accept", dnsMessage)
	req.Header.Set("User-Agent", "") // none
	resp, err := w.client.Do(req)
	if err != nil {
		return reply{why: refusal(err)}
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != dnsMessage {
		return reply{why: whyHTTP}
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxPacket+1))
	if err != nil {
		return reply{why: refusal(err)}
	}
	if len(body) > maxPacket {
		return reply{why: whyMalformed}
	}
	r, ok := understood(body, query, qend)
	if !ok {
		return reply{why: whyMalformed}
	}
	return r
}

func (w *overHTTPS) close() { w.base.CloseIdleConnections() }
