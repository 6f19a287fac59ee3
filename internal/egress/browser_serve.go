package egress

import (
	"bufio"
	"context"
	"io"
	"maps"
	"net/http"
	"strings"
	"time"
)

// enter begins a request, unless the browser is over.
func (b *Browser) enter() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return false
	}
	b.serving.Add(1)
	return true
}

func (b *Browser) serve(w http.ResponseWriter, r *http.Request) {
	if !b.enter() {
		return
	}
	defer b.serving.Done()
	switch {
	case r.Method == http.MethodConnect:
		b.tunnel(w, r)
	case r.URL.Scheme != "http" || r.URL.Host == "" || r.URL.User != nil:
		// Also what a page elsewhere can send: it asks for a path here.
		b.refuse(quote(r.Host), "not a request to a proxy")
		answer(w, http.StatusBadRequest)
	case r.Method != http.MethodGet && r.Method != http.MethodHead || r.ContentLength != 0:
		b.refuse(quote(r.Host), "only GET and HEAD are sent, and nothing in them")
		answer(w, http.StatusMethodNotAllowed)
	default:
		b.forward(w, r)
	}
}

// hop are the header fields of one connection (RFC 9110, section 7.6.1), and what is between a browser and its proxy alone.
var hop = [...]string{"Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authentication-Info", "Proxy-Authorization", "Proxy-Connection", "Te", "Trailer",
	"Transfer-Encoding", "Upgrade"}

func endToEnd(h http.Header) http.Header {
	out := maps.Clone(h)
	for _, line := range h["Connection"] {
		for name := range strings.SplitSeq(line, ",") {
			delete(out, http.CanonicalHeaderKey(strings.TrimSpace(name)))
		}
	}
	for _, name := range hop {
		delete(out, name)
	}
	return out
}

// forward sends a request on. Nothing is added to it, and nothing to the answer.
func (b *Browser) forward(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	out := (&http.Request{Method: r.Method, URL: r.URL, Host: r.Host, Header: endToEnd(r.Header), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}).WithContext(ctx)
	if out.Header["User-Agent"] == nil {
		out.Header["User-Agent"] = []string{""} // Go would send its own
	}
	resp, err := b.outward.RoundTrip(out)
	if err != nil {
		b.fail(w, quote(r.Host), err)
		return
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusSwitchingProtocols {
		answer(w, http.StatusBadGateway) // nobody asked for it
		return
	}
	h := w.Header()
	h["Date"], h["Content-Type"] = nil, nil // the server would make them up
	maps.Copy(h, endToEnd(resp.Header))
	w.WriteHeader(resp.StatusCode)
	idle := time.AfterFunc(browserIdle, cancel)
	defer idle.Stop()
	control := http.NewResponseController(w)
	if err := b.pour(flushing{w, control}, resp.Body, idle, true); err != nil {
		panic(http.ErrAbortHandler) // a body that was cut must not look whole
	}
}

// flushing hands each piece on at once, as it came.
type flushing struct {
	io.Writer
	control *http.ResponseController
}

func (f flushing) Write(p []byte) (int, error) {
	n, err := f.Writer.Write(p)
	if err == nil {
		err = f.control.Flush()
	}
	return n, err
}

// pour copies until the end, nil, or until something fails; what is from outside counts. Each piece winds up the idle timer.
func (b *Browser) pour(dst io.Writer, src io.Reader, idle *time.Timer, outside bool) error {
	buf := make([]byte, 32<<10)
	for {
		n, err := src.Read(buf)
		idle.Reset(browserIdle)
		if outside && b.left.Add(-int64(n)) < 0 {
			b.refuse("", "the browser has had its bytes")
			return io.ErrShortBuffer
		}
		if n > 0 {
			if _, err := dst.Write(buf[:n]); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// tunnel joins the browser with a host, for TLS and nothing else: in the clear any method could be sent.
func (b *Browser) tunnel(w http.ResponseWriter, r *http.Request) {
	host, err := b.dialName(r.Context(), "tcp", r.Host)
	if err != nil {
		b.fail(w, quote(r.Host), err)
		return
	}
	defer host.Close()
	ours, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		answer(w, http.StatusBadGateway)
		return
	}
	defer ours.Close()
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	closing := context.AfterFunc(ctx, func() { _ = ours.Close(); _ = host.Close() })
	defer closing()
	idle := time.AfterFunc(browserIdle, cancel)
	defer idle.Stop()
	if _, err := io.WriteString(ours, "HTTP/1.1 200 OK\r\n\r\n"); err != nil {
		return
	}
	if !opensTLS(rw.Reader) {
		b.refuse(quote(r.Host), "no TLS is spoken in the tunnel")
		return
	}
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		defer cancel()
		_ = b.pour(ours, host, idle, true)
	}()
	_ = b.pour(host, rw.Reader, idle, false)
	cancel()
	<-answered
}

// opensTLS reports whether a browser begins with a handshake; it leaves the bytes where they are.
func opensTLS(r *bufio.Reader) bool {
	first, err := r.Peek(1)
	return err == nil && first[0] == tlsHandshake
}
