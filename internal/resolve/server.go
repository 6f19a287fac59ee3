package resolve

import (
	"context"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/miekg/dns"
)

// When a resolver counts as dead. One that never answered is given up sooner.
// Both limits only lead to a last check of its life (Client.revive), since many
// names of one lame zone in a row look the same as a dead resolver.
const (
	silentLimit    = 20 // 0.36^20 < 1e-8: loss of a fifth each way does not do it
	silentNewLimit = 4
	asideFor       = 30 * time.Second // of the clock, until it is tried again
)

// server is one resolver and what is known of it.
type server struct {
	index    int
	addr     netip.AddrPort
	text     string
	operator string
	first    time.Duration // shortest first wait
	way      way           // nil for a resolver that is asked over UDP and TCP

	patience  atomic.Int64 // first wait as its answers suggest, ns
	noEDNS    atomic.Bool  // it answered FORMERR to EDNS and then answered without
	lowerCase atomic.Bool  // it changed letter case even over TCP
	aside     atomic.Bool
	hides     atomic.Bool // it hid a name or invented an address: its denials are not believed

	window *window

	mu       sync.Mutex
	timing   timing
	silent   int       // tries without answer that began after the last answer
	last     time.Time // when the last answer came; real time
	checking bool      // someone finds out whether it lives
	until    time.Time // aside until then

	vetter chan struct{} // holds the token of whoever asks random names
	vet    atomic.Pointer[vetting]
}

func newServer(i int, a netip.AddrPort, first time.Duration) *server {
	s := &server{index: i, addr: a, text: a.String(), operator: operator(a.Addr()), first: first, window: newWindow(), vetter: make(chan struct{}, 1)}
	s.patience.Store(int64(first))
	return s
}

// operator names whom the resolver is run by, as far as its address tells: the
// operators that answer from several blocks by name, everything that is not
// public as one (the network that we are in), the rest by /16 or /32.
func operator(a netip.Addr) string {
	a = a.Unmap().WithZone("")
	if a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() {
		return "local"
	}
	for _, o := range []struct{ name, block string }{ // from the operators' set-up pages
		{"cloudflare", "1.1.1.0/24"}, {"cloudflare", "1.0.0.0/24"}, {"cloudflare", "2606:4700::/32"},
		{"google", "8.8.8.0/24"}, {"google", "8.8.4.0/24"}, {"google", "2001:4860::/32"},
		{"quad9", "9.9.9.0/24"}, {"quad9", "149.112.112.0/24"}, {"quad9", "2620:fe::/48"},
		{"opendns", "208.67.216.0/21"}, {"opendns", "2620:119::/32"},
		{"adguard", "94.140.14.0/24"}, {"adguard", "94.140.15.0/24"}, {"adguard", "2a10:50c0::/32"},
		{"cleanbrowsing", "185.228.168.0/23"}, {"cleanbrowsing", "2a0d:2a00::/32"},
	} {
		if netip.MustParsePrefix(o.block).Contains(a) {
			return o.name
		}
	}
	bits := 16
	if a.Is6() {
		bits = 32
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return a.String()
	}
	return p.String()
}

// heard notes an answer and how long it took since the question left for the
// first time; sample is how long if it left only once, else 0.
func (s *server) heard(took, sample time.Duration) {
	s.patience.Store(int64(max(s.first, 4*took))) // 4: as TCP's retransmission allows for variance, RFC 6298
	s.mu.Lock()
	defer s.mu.Unlock()
	s.silent, s.last = 0, time.Now()
	if sample > 0 {
		s.timing.measured(sample)
	}
}

// unheard notes a try without answer. One that was sent before the last answer
// came is a lost packet and no sign of death: when all workers wait, their
// losses end together. True means that the caller has to find out whether the
// resolver lives.
func (s *server) unheard(sent time.Time, longest time.Duration) bool {
	s.patience.Store(min(2*s.patience.Load(), int64(longest)))
	s.mu.Lock()
	defer s.mu.Unlock()
	if sent.Before(s.last) {
		return false
	}
	s.silent++
	limit := silentNewLimit
	if !s.last.IsZero() {
		limit = silentLimit
	}
	if s.silent < limit || s.checking || s.aside.Load() {
		return false
	}
	s.checking = true
	return true
}

// usable reports whether the resolver may be asked. A resolver put aside is
// checked again, by the first who comes, when its time is over.
func (c *Client) usable(ctx context.Context, s *server) bool {
	if !s.aside.Load() {
		return true
	}
	s.mu.Lock()
	due := !s.checking && !c.clock.Now().Before(s.until)
	if due {
		s.checking = true
	}
	s.mu.Unlock()
	return due && c.revive(ctx, s)
}

// revive asks for the root's name servers, which any resolver knows, and takes
// any answer as a sign of life, to others' questions too. Without one the
// resolver is put aside. The caller has set s.checking.
func (c *Client) revive(ctx context.Context, s *server) bool {
	began, alive := time.Now(), false
	for i, network := range []string{"udp", "udp", "tcp", "udp", "udp"} {
		c.exchange(ctx, s, attempt{network: network, name: ".", qtype: dns.TypeNS, wait: c.firstWait() << (i / 2)})
		s.mu.Lock()
		alive = s.last.After(began)
		s.mu.Unlock()
		if alive || ctx.Err() != nil {
			break
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.checking = false
	if ctx.Err() != nil && !alive {
		return false
	}
	s.silent = 0
	s.aside.Store(!alive)
	if !alive {
		s.until = c.clock.Now().Add(asideFor)
	}
	return alive
}
