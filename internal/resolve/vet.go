package resolve

import (
	"context"
	"net/netip"
	"slices"
	"time"

	"github.com/miekg/dns"
)

// vetSuffixes are top-level domains that do not answer for names that nobody
// registered. Several, since one alone might.
func vetSuffixes() []string { return []string{"com.", "org.", "info.", "de."} }

// vetEvery is how long a server's conduct is taken for known, by the clock:
// providers begin to hijack without notice, and laptops change networks.
const vetEvery = time.Hour

// vetting is what a server does with names that do not exist.
type vetting struct {
	at      time.Time // both by the clock
	tried   time.Time // when the last attempt was made
	asked   int
	heard   int // answers of any kind
	denied  int // NXDOMAIN by the parent's SOA, as it has to be
	why     string
	invents []netip.Addr // addresses that it gave
	made    int          // names that it gave them for
}

// hijacks reports whether it invents answers under more than one suffix, or
// wherever it answers at all: one registry may answer for everything, not all.
func (v *vetting) hijacks() bool { return v.made > 1 || v.made == 1 && v.denied == 0 }

// clean reports that it says NXDOMAIN as it has to and invents nothing.
func (v *vetting) clean() bool { return v.made == 0 && v.denied > 0 }

// gives reports whether the addresses are those that the server invents, or
// neighbours of them in the same /24 or /64.
func (v *vetting) gives(addrs []netip.Addr) bool {
	if !v.hijacks() {
		return false
	}
	for _, a := range addrs {
		near := func(b netip.Addr) bool {
			bits := 24
			if b.Is6() {
				bits = 64
			}
			p, err := b.Prefix(bits)
			return err == nil && p.Contains(a)
		}
		if !slices.ContainsFunc(v.invents, near) {
			return false
		}
	}
	return true
}

// vetted asks the server for random names, at first and every hour; sooner when
// that told nothing.
func (c *Client) vetted(ctx context.Context, s *server) *vetting {
	if v := s.vet.Load(); v != nil && c.settled(v) {
		return v
	}
	before := s.vet.Load()
	select {
	case s.vetter <- struct{}{}:
		defer func() { <-s.vetter }()
	case <-ctx.Done():
		if before == nil {
			before = &vetting{why: whyCancelled}
		}
		return before
	}
	before = s.vet.Load()
	if before != nil && c.settled(before) {
		return before
	}
	v := c.vetNow(ctx, s)
	if before != nil && before.tells() && !v.tells() {
		kept := *before // what was known holds until the server says something again
		kept.tried = v.at
		v = &kept
	}
	if ctx.Err() == nil {
		s.vet.Store(v)
	}
	return v
}

// tells reports that the vetting came to a result.
func (v *vetting) tells() bool { return v.clean() || v.hijacks() }

// settled reports that nobody need ask yet.
func (c *Client) settled(v *vetting) bool {
	now := c.clock.Now()
	return v.tells() && now.Before(v.at.Add(vetEvery)) || now.Before(v.tried.Add(asideFor))
}

func (c *Client) vetNow(ctx context.Context, s *server) *vetting {
	now := c.clock.Now()
	v := &vetting{at: now, tried: now}
	for _, suffix := range vetSuffixes() {
		v.asked++
		a, heard := c.askOne(ctx, s, c.randomLabel()+"."+suffix, dns.TypeA)
		if !heard {
			v.why = a.why
			if v.heard == 0 && v.asked > 1 {
				return v // silent twice over
			}
			continue
		}
		v.heard++
		switch {
		case a.kind == kindNX:
			v.denied++
		case a.kind == kindPositive && len(a.addrs) > 0:
			v.made++
			v.invents = append(v.invents, a.addrs...)
		default:
			v.why = a.why
		}
	}
	slices.SortFunc(v.invents, netip.Addr.Compare)
	v.invents = slices.Compact(v.invents)
	return v
}

// askOne puts a question to one server and takes what it says as it is; heard
// is false when it said nothing.
func (c *Client) askOne(ctx context.Context, s *server, name string, qtype uint16) (a answer, heard bool) {
	a = answer{kind: kindFailed, why: whyNoResolver}
	for i, network := range []string{"udp", "udp", "tcp", "udp", "tcp"} {
		wait := min(max(c.firstWait()<<(i/2), time.Duration(s.patience.Load())), c.timeout)
		t := attempt{network: network, name: name, qtype: qtype, wait: wait}
		r := c.exchange(ctx, s, t)
		if refusesEDNS(r) && !s.noEDNS.Load() {
			t.plain = true
			if r = c.exchange(ctx, s, t); r.answered() && !refusesEDNS(r) {
				s.noEDNS.Store(true)
			}
		}
		switch {
		case r.msg != nil:
			return c.blocks.read(r.msg), true
		case r.rcodeOnly:
			return answer{kind: kindFailed, why: rcodeReason(r.rcode)}, true
		}
		a.why = r.why
		if ctx.Err() != nil {
			break
		}
	}
	return a, false
}
