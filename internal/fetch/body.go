package fetch

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// Why reading a body ended early, besides phrases about its encoding.
const (
	tooLarge  = "too_large" // Limits.Body
	tooPacked = "ratio"     // Limits.Ratio
	tooSlow   = "slow"      // Limits.Rate
	timedOut  = "timeout"   // Limits.Total
	cutOff    = "short"     // the connection ended before the body did
	broken    = "malformed" // chunks or compression that cannot be read
	cancelled = "cancelled"
	upgraded  = "upgrade" // 101, which nobody asked for: no HTTP follows
)

// paced reads at least Rate after Grace, or cancels the request. Only time
// spent in Read counts, so a consumer may be as slow as it likes.
type paced struct {
	r      io.Reader
	cancel context.CancelCauseFunc
	grace  time.Duration
	rate   int64
	n      int64
	spent  time.Duration
	timer  *time.Timer
}

func (p *paced) Read(b []byte) (int, error) {
	owed := time.Duration(float64(p.n) / float64(p.rate) * float64(time.Second))
	left := p.grace + owed - p.spent
	if p.timer == nil {
		p.timer = time.AfterFunc(left, func() { p.cancel(errSlow) })
	} else {
		p.timer.Reset(left)
	}
	began := time.Now()
	n, err := p.r.Read(b)
	p.spent += time.Since(began)
	p.timer.Stop()
	p.n += int64(n)
	return n, err
}

// body is what was read of an answer.
type body struct {
	data      []byte
	truncated string // "" when it is whole and decoded
}

// readBody reads under the caps and the budget; the share that the body holds
// is left in s.held.
func (s *Session) readBody(ctx context.Context, cancel context.CancelCauseFunc, w *watch, resp *http.Response) body {
	if resp.StatusCode == http.StatusSwitchingProtocols {
		return body{truncated: upgraded}
	}
	lim := s.client.limits
	if err := s.await(w, func() (err error) { s.held, err = s.client.budget.begin(ctx); return err }); err != nil {
		return body{truncated: cancelled}
	}
	wire := &paced{r: resp.Body, cancel: cancel, grace: lim.Grace, rate: lim.Rate}
	r, encoding := decoder(wire, resp.Header)

	out := body{truncated: encoding}
	buf := make([]byte, 0, 16<<10)
	for {
		if len(buf) == cap(buf) {
			if 2*cap(buf) > smallBody {
				if err := s.await(w, func() error { return s.held.grow(ctx) }); err != nil {
					out.end(cancelled)
					break
				}
			}
			// One byte over the limit tells a large body from one that just fits.
			bigger := make([]byte, len(buf), min(2*int64(cap(buf)), lim.Body+1))
			copy(bigger, buf)
			buf = bigger
		}
		n, err := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if int64(len(buf)) > lim.Body {
			buf = buf[:lim.Body]
			out.end(tooLarge)
			break
		}
		if len(buf) > smallBody && int64(len(buf)) > lim.Ratio*wire.n {
			out.end(tooPacked)
			break
		}
		if err != nil {
			if why := ended(ctx, err); why != "" {
				out.end(why)
			}
			break
		}
	}
	if g, ok := r.(*gunzip); ok && g.plain && len(buf) > 0 {
		out.end("encoding: called gzip, but is not")
	}
	if len(buf) <= smallBody {
		buf = bytes.Clone(buf)
	}
	s.held.keep(int64(cap(buf)))
	out.data = buf
	return out
}

// end adds a reason, keeping one about the encoding first.
func (b *body) end(why string) {
	if b.truncated != "" {
		why = b.truncated + ", " + why
	}
	b.truncated = why
}

// await waits for the budget on nobody's time.
func (s *Session) await(w *watch, acquire func() error) error {
	w.pause()
	defer w.resume()
	return acquire()
}

// ended says why a read failed; "" for the end of the body.
func ended(ctx context.Context, err error) string {
	switch cause := context.Cause(ctx); {
	case errors.Is(err, io.EOF):
		return ""
	case errors.Is(cause, errSlow):
		return tooSlow
	case errors.Is(cause, errTotal), errors.Is(cause, context.DeadlineExceeded):
		return timedOut
	case cause != nil:
		return cancelled
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum), isFormat(err):
		return broken
	}
	return cutOff
}

// isFormat tells what cannot be read from what did not come.
func isFormat(err error) bool {
	t := err.Error()
	return strings.HasPrefix(t, "flate: ") || strings.Contains(t, "chunk") || strings.Contains(t, "trailer") || strings.Contains(t, "malformed")
}

// decoder undoes the one encoding that we ask for. Anything else is left as it
// is, and named.
func decoder(wire io.Reader, h http.Header) (r io.Reader, problem string) {
	var layers []string
	for _, v := range h["Content-Encoding"] {
		for e := range strings.SplitSeq(v, ",") {
			if e = strings.ToLower(strings.TrimSpace(e)); e != "" && e != "identity" {
				layers = append(layers, e)
			}
		}
	}
	switch {
	case len(layers) == 0:
		return wire, ""
	case len(layers) > 1:
		return wire, fmt.Sprintf("encoding: %d layers", len(layers))
	case layers[0] != "gzip" && layers[0] != "x-gzip":
		return wire, "encoding: " + visible(layers[0], 40)
	}
	return &gunzip{wire: bufio.NewReader(wire)}, ""
}

// gunzip decodes when the bytes really are gzip, and gives them as they are
// when only the label says so.
type gunzip struct {
	wire  *bufio.Reader
	r     io.Reader
	plain bool
}

func (g *gunzip) Read(b []byte) (int, error) {
	if g.r == nil {
		if err := g.open(); err != nil {
			return 0, err
		}
	}
	return g.r.Read(b)
}

func (g *gunzip) open() error {
	magic, err := g.wire.Peek(2)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if len(magic) < 2 || magic[0] != 0x1f || magic[1] != 0x8b { // RFC 1952, section 2.3.1
		g.r, g.plain = g.wire, true
		return nil
	}
	z, err := gzip.NewReader(g.wire)
	if err != nil {
		return err
	}
	g.r = z
	return nil
}
