// Package resolve asks DNS resolvers and says, with the reason, what is known
// of a name: it exists, it certainly does not, or it could not be found out.
// It sends its own messages through an injected dialer and trusts no single
// packet, and no single resolver where there are two. It keeps no cache of
// answers, takes no decision about a candidate and dials nothing by itself.
package resolve

import (
	"context"
	crand "crypto/rand"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"lurehound"
)

// Dialer opens connections ("udp" or "tcp") to peers that the user named. Each
// call gives a fresh socket, so that the source port changes with every query.
type Dialer interface {
	DialNamed(ctx context.Context, network, address string) (net.Conn, error)
}

// Learnt opens connections ("udp" or "tcp") to name servers whose addresses were
// learnt from outside; it judges the address and may refuse it.
type Learnt interface {
	DialNameServer(ctx context.Context, network string, server netip.AddrPort) (net.Conn, error)
}

// Config is what a Client needs. Dialer, Clock and at least one server are
// required; every other zero value means the default.
type Config struct {
	Dialer  Dialer
	Servers []netip.AddrPort
	Clock   lurehound.Clock

	Upstreams []Upstream     // further resolvers, plain or behind TLS and HTTPS
	Roots     *x509.CertPool // that certificates of those have to lead to; nil: the system's

	Rate        float64       // queries per second over all servers; default 1000 a server, as public resolvers bear; below 0 there is no cap, for servers of one's own
	Concurrency int           // names that LookupAll has under way at the same time; default 4096
	Timeout     time.Duration // the longest wait for one try; default 2 s. First tries wait a fifth of it
	Streams     bool          // datagrams do not get there, as behind proxies: plain resolvers and suffixes' servers are asked over TCP alone
	Tries       int           // tries of one question, over all servers; default 15. A try may send its packet again

	Learnt     Learnt         // the way to the servers of suffixes; nil: they are not asked
	BlockPages []netip.Prefix // addresses of block pages besides the well-known ones
	Seed       [32]byte       // of query IDs, letter case and probe names; zero means unpredictable
}

// The defaults. Of a million questions, fifteen tries leave less than one without
// answer when a fifth of the packets is lost each way (0.36^15), even where TCP
// is refused.
const (
	defaultRate        = 1000
	defaultConcurrency = 4096
	defaultTimeout     = 2 * time.Second
	defaultTries       = 15
)

// Client asks a fixed set of resolvers. It may be used by many goroutines.
type Client struct {
	dialer      Dialer
	learnt      Learnt // may be nil
	roots       *x509.CertPool
	clock       lurehound.Clock
	servers     []*server
	operators   int // of the servers
	pace        *pacer
	timeout     time.Duration
	tries       int
	concurrency int
	began       time.Time // when it was made, real time
	blocks      blockList
	wild        wildcards
	registries  registries
	buffers     sync.Pool              // of *[]byte, maxPacket each
	engine      atomic.Pointer[engine] // while bulk work runs
	streams     bool
	blocked     atomic.Pointer[string] // why the route of the questions does not lead out; nil when it did at last

	mu   sync.Mutex // guards rand
	rand *rand.ChaCha8
}

// New makes a Client. It sends nothing.
func New(cfg Config) (*Client, error) {
	switch {
	case cfg.Dialer == nil:
		return nil, errors.New("making a DNS client: it has no dialer")
	case cfg.Clock == nil:
		return nil, errors.New("making a DNS client: it has no clock")
	case len(cfg.Servers)+len(cfg.Upstreams) == 0:
		return nil, errors.New("making a DNS client: it has no resolver to ask; name one, for example 9.9.9.10")
	}
	if cfg.Rate == 0 {
		cfg.Rate = defaultRate * float64(len(cfg.Servers)+len(cfg.Upstreams))
	}
	if cfg.Concurrency <= 0 {
		cfg.Concurrency = defaultConcurrency
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = defaultTimeout
	}
	if cfg.Tries <= 0 {
		cfg.Tries = defaultTries
	}
	if cfg.Seed == ([32]byte{}) {
		if _, err := crand.Read(cfg.Seed[:]); err != nil {
			return nil, fmt.Errorf("seeding query IDs: %w", err)
		}
	}
	c := &Client{
		dialer: cfg.Dialer, learnt: cfg.Learnt, roots: cfg.Roots, clock: cfg.Clock,
		pace:    newPacer(cfg.Clock, cfg.Rate),
		began:   time.Now(),
		timeout: cfg.Timeout, streams: cfg.Streams, tries: cfg.Tries, concurrency: cfg.Concurrency,
		blocks: newBlockList(cfg.BlockPages),
		rand:   rand.NewChaCha8(cfg.Seed),
	}
	c.buffers.New = newPacketBuffer
	if cfg.Streams {
		way := routed{c, cfg.Dialer, cfg.Learnt}
		c.dialer = way
		if cfg.Learnt != nil {
			c.learnt = way
		}
	}
	ups := make([]Upstream, 0, len(cfg.Servers)+len(cfg.Upstreams))
	for _, a := range cfg.Servers {
		ups = append(ups, Upstream{Addr: a})
	}
	if err := c.addServers(append(ups, cfg.Upstreams...)); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *Client) addServers(ups []Upstream) error {
	seen, operators := map[Upstream]bool{}, map[string]bool{}
	for _, u := range ups {
		u.Addr = netip.AddrPortFrom(u.Addr.Addr().Unmap(), u.Addr.Port())
		if !u.Addr.IsValid() || u.Addr.Port() == 0 {
			return fmt.Errorf("making a DNS client: %s is no resolver address with a port", u.Addr)
		}
		if !seen[u] {
			seen[u] = true
			s := newServer(len(c.servers), u.Addr, c.firstWait())
			s.way = u.way(c)
			c.servers = append(c.servers, s)
			operators[s.operator] = true
		}
	}
	c.operators = len(operators)
	return nil
}

// Servers are the addresses of the resolvers, in the order in which they were given.
func (c *Client) Servers() []netip.AddrPort {
	out := make([]netip.AddrPort, len(c.servers))
	for i, s := range c.servers {
		out[i] = s.addr
	}
	return out
}

// firstWait is how long a first try waits. A resolver that has to walk from
// the root is asked again meanwhile, and then answers from its cache.
func (c *Client) firstWait() time.Duration { return c.timeout / 5 }

// Lookup asks for one name. Types are dns.TypeA … in the order in which they
// are asked; none means NS, then A. Further types are asked where the outcome
// depends on them. The name may be anything that lurehound.ParseDomain reads.
func (c *Client) Lookup(ctx context.Context, name string, types ...uint16) lurehound.DNSFacts {
	q, why := c.inquire(name, types)
	if why != "" {
		return lurehound.DNSFacts{Resolution: lurehound.NotResolvable, Reason: why}
	}
	return q.run(ctx)
}

// Windows says, server by server in the order of Config.Servers, how many
// questions could be under way at it.
func (c *Client) Windows() []WindowStats {
	var out []WindowStats
	for _, s := range c.servers {
		out = append(out, s.window.snapshot())
	}
	return out
}

// seed is for another source of random numbers.
func (c *Client) seed() (seed [32]byte) {
	for i := 0; i < len(seed); i += 8 {
		binary.LittleEndian.PutUint64(seed[i:], c.random())
	}
	return seed
}

// random is 64 unpredictable bits (or, with Config.Seed, repeatable ones).
func (c *Client) random() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.rand.Uint64()
}

// randomLabel is a label that nobody registered: 16 letters, 75 bits.
func (c *Client) randomLabel() string {
	var b [16]byte
	hi, lo := c.random(), c.random()
	for i := range b {
		if i == len(b)/2 {
			hi = lo
		}
		b[i] = 'a' + byte(hi%26)
		hi /= 26
	}
	return string(b[:])
}
