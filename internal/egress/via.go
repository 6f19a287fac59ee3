package egress

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"time"
)

// ProxyError is why a route does not lead out: its proxy is absent, refuses, or does not speak as it
// should. The outcome is blocked: nobody looked at the host, and nothing goes another way.
type ProxyError struct {
	Route  string
	Reason string // a short phrase, safe to print
	// Destination says that the proxy works, and refuses this one address.
	Destination bool
	Err         error // what it came from; may be nil
}

func (e *ProxyError) Error() string { return "route " + e.Route + itsProxy + e.Reason }

const itsProxy = ": its proxy "

// ProxyFailed reports whether a reason, as observations keep it, is that of a ProxyError.
func ProxyFailed(reason string) bool {
	return strings.HasPrefix(reason, "route ") && strings.Contains(reason, itsProxy)
}

func (e *ProxyError) Unwrap() error { return e.Err }

// TargetError is what a working proxy says of the host behind it. It wraps what the kernel would
// have said without a proxy: syscall.ECONNREFUSED, EHOSTUNREACH, ENETUNREACH or ETIMEDOUT.
type TargetError struct {
	Route string
	Err   error
}

func (e *TargetError) Error() string {
	return fmt.Sprintf("route %s: the host behind the proxy: %v", e.Route, e.Err)
}

func (e *TargetError) Unwrap() error { return e.Err }

// greetTimeout ends a proxy's answer to a greeting, which needs nobody else. It is twice what
// a route around the world with a retransmission takes.
const greetTimeout = 5 * time.Second

// tunnelTimeout ends the wait for the tunnel, in which the proxy connects to the host. It is one second more than our
// own connectTimeout, so that the proxy can say itself that the host does not answer.
const tunnelTimeout = connectTimeout + time.Second

// DialVia connects to an address that was learnt from outside by a route. The address is judged
// before anybody hears of it, and a proxy is told the address, never a name, so it cannot be made to
// resolve one to somewhere else. A refusal is a *BlockedError; a proxy that fails is a *ProxyError, and a host that
// the proxy cannot reach a *TargetError. There is no other way than the route's.
func (g *Gateway) DialVia(ctx context.Context, route, network string, ap netip.AddrPort) (net.Conn, error) {
	r, err := g.route(route)
	if err != nil {
		return nil, err
	}
	if r.Kind == StraightOut {
		return g.Dial(ctx, network, ap)
	}
	if err := g.guardNetwork(network, ap); err != nil {
		return nil, err
	}
	return g.tunnel(ctx, r, ap)
}

// tunnel has a route's proxy connect to an address that has been judged.
func (g *Gateway) tunnel(ctx context.Context, r Route, ap netip.AddrPort) (net.Conn, error) {
	c, err := g.dialProxy(ctx, r)
	if err != nil {
		return nil, err
	}
	tunnel := func() error {
		if r.Kind == SOCKS5 {
			if err := within(ctx, c, greetTimeout, func() error { return socksGreeting(c, r) }); err != nil {
				return err
			}
			err := within(ctx, c, tunnelTimeout, func() error { return socksConnect(c, unmap(ap)) })
			if timedOut(err) {
				err = &behind{syscall.ETIMEDOUT} // it has just answered us: what it waits for is the host
			}
			return err
		}
		return within(ctx, c, tunnelTimeout, func() error { return httpConnect(c, r, unmap(ap)) })
	}
	if err := tunnel(); err != nil {
		_ = c.Close()
		return nil, attribute(ctx, r, err)
	}
	return c, nil
}

// Greet dials a route's proxy and speaks with it as far as no other host is concerned: SOCKS up to the
// credentials; HTTP has no greeting, so there it is the connection alone. The errors are those of DialVia.
func (g *Gateway) Greet(ctx context.Context, route string) error {
	r, err := g.route(route)
	if err != nil || r.Kind == StraightOut {
		return err
	}
	c, err := g.dialProxy(ctx, r)
	if err != nil {
		return err
	}
	defer c.Close()
	if r.Kind != SOCKS5 {
		return nil
	}
	if err := within(ctx, c, greetTimeout, func() error { return socksGreeting(c, r) }); err != nil {
		return attribute(ctx, r, err)
	}
	return nil
}

// dialProxy connects to the proxy itself, a peer that the user named, at the first of its addresses where it can be spoken with.
func (g *Gateway) dialProxy(ctx context.Context, r Route) (net.Conn, error) {
	addrs, err := g.proxyAddrs(r)
	if err != nil {
		return nil, &ProxyError{Route: r.Name, Reason: err.Error()}
	}
	end, bounded := ctx.Deadline()
	if latest := time.Now().Add(connectTimeout); !bounded || end.After(latest) {
		end = latest
	}
	var failed error
	for i, ap := range addrs {
		// What is left of the time is for all that are left: one that is silent must not hide the others.
		share := time.Until(end) / time.Duration(len(addrs)-i)
		c, err := g.dialProxyAt(ctx, r, ap, share)
		if err == nil {
			return c, nil
		}
		failed = cmp.Or(failed, err)
		if ctx.Err() != nil {
			break
		}
	}
	return nil, failed
}

// dialProxyAt connects to one address of a proxy within a time, and where the proxy is a Secure one shakes hands.
func (g *Gateway) dialProxyAt(outer context.Context, r Route, proxy netip.AddrPort, within time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(outer, within)
	defer cancel()
	c, err := g.dial(ctx, "tcp", proxy, func(network string, ap netip.AddrPort) error {
		if unmap(ap) != proxy {
			return &BlockedError{Addr: ap.String(), Why: "not the proxy of the route"}
		}
		if r.Host != "" {
			return g.guard(ap, nil)
		}
		return nil
	})
	if err == nil && r.Kind == Secure {
		return g.handshake(outer, r, c)
	}
	if err == nil {
		return c, nil
	}
	var blocked *BlockedError
	if errors.As(err, &blocked) || outer.Err() != nil && !timedOut(outer.Err()) {
		return nil, err
	}
	return nil, &ProxyError{Route: r.Name, Reason: cause(err, "cannot be reached"), Err: err}
}

// within runs talk on c, and ends it after d and when ctx is done.
func within(ctx context.Context, c net.Conn, d time.Duration, talk func() error) error {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Unix(1, 0)) }) // ends reads and writes at once
	err := talk()
	if !stop() && err == nil {
		return ctx.Err()
	}
	return err
}

// misspoken is a proxy that does not speak as it should, or that says no.
type misspoken struct {
	reason      string
	destination bool
}

func (m *misspoken) Error() string { return m.reason }

func says(format string, args ...any) error { return &misspoken{reason: fmt.Sprintf(format, args...)} }

// behind is an answer about the host behind the proxy.
type behind struct{ err error }

func (b *behind) Error() string { return b.err.Error() }

// attribute says whose fault an error of the talk with a proxy is.
func attribute(ctx context.Context, r Route, err error) error {
	var m *misspoken
	var b *behind
	switch {
	case errors.As(err, &m):
		return &ProxyError{Route: r.Name, Reason: m.reason, Destination: m.destination}
	case errors.As(err, &b):
		return &TargetError{Route: r.Name, Err: b.err}
	case ctx.Err() != nil && !timedOut(ctx.Err()):
		return ctx.Err() // whoever called has no use for it any more
	}
	return &ProxyError{Route: r.Name, Reason: cause(err, "breaks off"), Err: err}
}

func timedOut(err error) bool {
	var ne net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &ne) && ne.Timeout()
}

// cause puts an error of a connection into words.
func cause(err error, otherwise string) string {
	switch {
	case timedOut(err):
		return "does not answer in time"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refuses the connection"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "is unreachable"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.ErrClosedPipe),
		errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "closes the connection in place of an answer"
	}
	return otherwise
}

// isProxy reports whether a is the machine of one of our proxies: services on it may trust their own address,
// from which a tunnel would come, or ours.
func (g *Gateway) isProxy(a netip.Addr) bool {
	return slices.ContainsFunc(g.routes, func(r Route) bool {
		addrs, _ := g.proxyAddrs(r)
		return slices.ContainsFunc(addrs, func(ap netip.AddrPort) bool { return ap.Addr() == a })
	})
}
