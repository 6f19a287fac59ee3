package egress

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/net/netutil"

	"lurehound"
)

// What one browser may take of us.
const (
	browserConns   = 64       // at once; Chromium opens 32 to a proxy
	browserHeader  = 64 << 10 // of a request; servers take 8 to 16 KiB
	browserAnswer  = 256 << 10
	browserIdle    = 30 * time.Second // in which nothing moves, as long as a whole look at a page takes
	browserBytes   = 256 << 20        // from outside, by default
	browserRefused = 64               // refusals that are kept; all are counted
)

// BrowserConfig says for whom a Browser is, and how it leaves.
type BrowserConfig struct {
	Route  string // by name, that of the visitor's profile
	LookUp LookUp // asked anew for each connection
	// Owner is the user id under which the browser runs. Nobody else on this machine is served.
	Owner int
	Bytes int64 // that may come from outside in all; 0: 256 MiB
}

// Browser is a web browser's way out: an HTTP proxy on loopback, of which every connection is judged by the guard as one of our own. It
// takes GET and HEAD of http URLs, and tunnels in which TLS is spoken; what happens in those the browser alone decides.
//
// Browsers take no proxy's password from a command line, so the peer is known by the owner of its socket, as the kernel tells (Linux only;
// elsewhere everybody is refused). Other processes of that user are served too, and win public addresses on web ports by the route, nothing inside. A
// page in somebody's other browser cannot ask: it has no way to write a proxy's request.
type Browser struct {
	gateway *Gateway
	cfg     BrowserConfig
	addr    netip.AddrPort
	server  *http.Server
	outward *http.Transport
	left    atomic.Int64 // bytes that may still come
	serving sync.WaitGroup

	mu      sync.Mutex
	closed  bool
	refused []Refusal
	count   int
}

// Refusal is what a browser was not given.
type Refusal struct {
	To  string // host and port as the browser asked; what it holds is foreign
	Why string
}

// Browser opens the way out of one browser, until ctx is done or it is closed.
func (g *Gateway) Browser(ctx context.Context, cfg BrowserConfig) (*Browser, error) {
	if err := g.CheckRoute(cfg.Route); err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("opening a browser's way out: %w", err)
	}
	b := &Browser{gateway: g, cfg: cfg, addr: l.Addr().(*net.TCPAddr).AddrPort()}
	b.left.Store(cmp.Or(cfg.Bytes, browserBytes))
	b.outward = &http.Transport{
		DialContext:            b.dialName,
		DisableCompression:     true, // the browser decodes what it asked for
		MaxConnsPerHost:        6,    // as browsers do
		ResponseHeaderTimeout:  connectTimeout,
		MaxResponseHeaderBytes: browserAnswer,
		IdleConnTimeout:        browserIdle,
	}
	ctx, cancel := context.WithCancel(ctx)
	b.server = &http.Server{
		Handler:                      http.HandlerFunc(b.serve),
		ReadHeaderTimeout:            connectTimeout,
		IdleTimeout:                  browserIdle,
		MaxHeaderBytes:               browserHeader,
		DisableGeneralOptionsHandler: true, // there is nothing here to ask about
		ErrorLog:                     log.New(io.Discard, "", 0),
		BaseContext:                  func(net.Listener) context.Context { return ctx },
	}
	over := context.AfterFunc(ctx, b.end)
	b.serving.Go(func() {
		defer cancel() // what is still carried ends with it
		defer over()
		_ = b.server.Serve(ownersOnly{netutil.LimitListener(l, browserConns), b}) // ends when it is closed
	})
	return b, nil
}

// Addr is where the browser finds it.
func (b *Browser) Addr() netip.AddrPort { return b.addr }

// Close ends all connections and waits for what served them.
func (b *Browser) Close() {
	b.end()
	b.serving.Wait()
	b.outward.CloseIdleConnections()
}

func (b *Browser) end() {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	_ = b.server.Close()
}

// Refused tells what the browser was refused, the first 64 of them, and how often in all.
func (b *Browser) Refused() (first []Refusal, all int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.refused), b.count
}

func (b *Browser) refuse(to, why string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.count++; len(b.refused) < browserRefused {
		b.refused = append(b.refused, Refusal{to, why})
	}
}

// ownersOnly takes the connections of the browser's user.
type ownersOnly struct {
	net.Listener
	b *Browser
}

func (o ownersOnly) Accept() (net.Conn, error) {
	for {
		c, err := o.Listener.Accept()
		if err != nil {
			return nil, err
		}
		peer := c.RemoteAddr().(*net.TCPAddr).AddrPort()
		uid, err := socketOwner(peer, o.b.addr)
		if err == nil && uid == o.b.cfg.Owner {
			return c, nil
		}
		if err == nil {
			err = fmt.Errorf("it is of the user %d", uid)
		}
		o.b.refuse(peer.String(), "this connection is not the browser's: "+err.Error())
		_ = c.Close()
	}
}

// dialName connects to where a URL leads: a name is looked up by our resolver, never by the machine's, and each of its addresses is judged.
func (b *Browser) dialName(ctx context.Context, _, hostport string) (net.Conn, error) {
	addrs, port, err := b.locate(ctx, hostport)
	if err != nil {
		return nil, err
	}
	c, _, err := b.gateway.DialFirst(ctx, b.cfg.Route, addrs, port, connectTimeout)
	return c, err
}

func (b *Browser) locate(ctx context.Context, hostport string) ([]netip.Addr, uint16, error) {
	host, p, err := net.SplitHostPort(hostport)
	if err != nil {
		return nil, 0, &BlockedError{Addr: quote(hostport), Why: "not a host and a port"}
	}
	port, err := strconv.ParseUint(p, 10, 16)
	if err != nil || port == 0 {
		return nil, 0, &BlockedError{Addr: quote(hostport), Why: "not a port"}
	}
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a}, uint16(port), nil
	}
	d, err := lurehound.ParseDomain(host)
	if err != nil {
		return nil, 0, &BlockedError{Addr: quote(host), Why: "not a host name"}
	}
	name := d.String()
	last := name[strings.LastIndexByte(name, '.')+1:]
	switch {
	case last == "localhost": // RFC 6761, section 6.3
		return nil, 0, &BlockedError{Addr: quote(host), Why: "a name of this machine"}
	case strings.Trim(last, "0123456789") == "" || strings.HasPrefix(last, "0x"):
		// The browser has read what is an address in any spelling; the rest is none (WHATWG URL, section 3.5).
		return nil, 0, &BlockedError{Addr: quote(host), Why: "ends in a number but is no address"}
	}
	addrs, err := b.cfg.LookUp(ctx, name)
	if err != nil {
		return nil, 0, fmt.Errorf("resolving %s: %w", quote(host), err)
	}
	if len(addrs) == 0 {
		return nil, 0, fmt.Errorf("resolving %s: no address", quote(host))
	}
	return addrs, uint16(port), nil
}

// fail answers a request that leads nowhere. There is no text: pages could read it.
func (b *Browser) fail(w http.ResponseWriter, to string, err error) {
	status := http.StatusBadGateway
	var blocked *BlockedError
	var proxy *ProxyError
	switch {
	case errors.As(err, &blocked):
		status = http.StatusForbidden
		b.refuse(to, blocked.Why)
	case errors.As(err, &proxy): // nobody looked at the host
		b.refuse(to, proxy.Error())
	case timedOut(err):
		status = http.StatusGatewayTimeout
	}
	answer(w, status)
}

func answer(w http.ResponseWriter, status int) {
	w.Header()["Date"] = nil // ours is none of the host's
	w.WriteHeader(status)
}
