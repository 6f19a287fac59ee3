// Package fetch speaks HTTP over egress, with caps on everything that a host
// decides: time, size, headers, redirects, encodings. A Session visits hostile
// hosts as a browser's user would and brings evidence; Service is the strict
// client for feeds and registries. It sends GET and HEAD only, and it does not
// read what pages mean.
package fetch

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"time"

	"lurehound"
	"lurehound/internal/egress"
)

// Resolver finds a host's addresses. No address and no error means that the
// host has none.
type Resolver interface {
	Addrs(ctx context.Context, host string) ([]netip.Addr, error)
}

// Config is what a Client works with.
type Config struct {
	Gateway  *egress.Gateway
	Resolver Resolver
	Clock    lurehound.Clock // for dates only: which day a certificate is judged by
	Roots    *x509.CertPool  // nil: the system's
	Limits   Limits          // zero fields take the defaults

	// Refresh finds the target of a meta refresh in an HTML body, "" when there
	// is none. The result may be relative to base. Nil: none is followed.
	Refresh func(body []byte, base string) string
}

// Client fetches. It is safe for concurrent use, and there should be one in a
// process, since it holds the budget for bodies.
type Client struct {
	gateway  *egress.Gateway
	resolver Resolver
	clock    lurehound.Clock
	roots    *x509.CertPool
	limits   Limits
	refresh  func(body []byte, base string) string
	budget   *budget
	service  *http.Transport
}

// New returns a client. Gateway and Clock are required.
func New(cfg Config) *Client {
	c := &Client{
		gateway:  cfg.Gateway,
		resolver: cfg.Resolver,
		clock:    cfg.Clock,
		roots:    cfg.Roots,
		limits:   cfg.Limits.withDefaults(),
		refresh:  cfg.Refresh,
	}
	c.budget = newBudget(c.limits.Budget, c.limits.Body)
	c.service = c.serviceTransport()
	return c
}

// Close drops the idle connections of Service.
func (c *Client) Close() { c.service.CloseIdleConnections() }

// errNoAddress is wrapped by what dial returns when a host has none.
var errNoAddress = errors.New("no address")

// dial connects by a route to the first address of host that the guard admits and that
// answers. Every address is judged, none is remembered: the next dial asks anew.
func (c *Client) dial(ctx context.Context, route, host string, port uint16, ph *phase) (net.Conn, error) {
	addrs, err := c.addrs(ctx, host)
	if err != nil {
		return nil, err
	}
	ph.set(connecting)
	conn, ap, err := c.gateway.DialFirst(ctx, route, addrs, port, c.limits.Connect)
	if err != nil {
		return nil, err
	}
	return &dialled{Conn: conn, to: net.TCPAddrFromAddrPort(ap)}, nil
}

func (c *Client) addrs(ctx context.Context, host string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a}, nil
	}
	if c.resolver == nil {
		return nil, fmt.Errorf("%w: there is no resolver", errNoAddress)
	}
	addrs, err := c.resolver.Addrs(ctx, host)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNoAddress, err)
	}
	if len(addrs) == 0 {
		return nil, errNoAddress
	}
	addrs = slices.Clone(addrs)
	for i := range addrs {
		addrs[i] = addrs[i].Unmap()
	}
	return addrs, nil
}

// dialled is a connection that knows which address was dialled, whatever
// carries it in a laboratory.
type dialled struct {
	net.Conn
	to      net.Addr
	onClose func()
}

func (d *dialled) RemoteAddr() net.Addr { return d.to }

func (d *dialled) Close() error {
	if d.onClose != nil {
		d.onClose()
	}
	return d.Conn.Close()
}

// closeAfter bounds a wait for small remains of an answer.
const closeAfter = time.Second
