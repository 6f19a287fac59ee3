package resolve

import (
	"context"
	"fmt"
	"net/netip"
	"sync"

	"github.com/miekg/dns"
)

// Health is how far the resolvers can be relied on.
type Health struct {
	Servers  []ServerHealth // in the order of Config.Servers
	Usable   int            // those whose word on absence counts
	Problems []string       // one line each, for people
}

// ServerHealth is what one resolver does.
type ServerHealth struct {
	Server   netip.AddrPort
	Answers  bool
	Clean    bool         // says NXDOMAIN, with the parent's SOA, for names that nobody registered
	Hijacks  bool         // gives such names an address
	Invents  []netip.Addr // these
	Filters  bool         // hides names that are there to test that
	Problem  string       // "" when all is well
	Operator string       // two resolvers of one operator count as one witness
}

// Check asks every resolver for random names under several top-level domains
// and for the names with which operators show that they filter. It is meant
// for before bulk work and also brings resolvers back that were put aside.
func (c *Client) Check(ctx context.Context) Health {
	h := Health{Servers: make([]ServerHealth, len(c.servers))}
	var wg sync.WaitGroup
	for i, s := range c.servers {
		wg.Go(func() { h.Servers[i] = c.checkServer(ctx, s) })
	}
	wg.Wait()
	operators := map[string]bool{}
	for _, s := range h.Servers {
		if s.Clean && !s.Hijacks {
			h.Usable++
			operators[s.Operator] = true
		}
		if s.Problem != "" {
			h.Problems = append(h.Problems, fmt.Sprintf("resolver %s %s", s.Server, s.Problem))
		}
	}
	switch {
	case h.Usable == 0:
		h.Problems = append(h.Problems, "no resolver's word that a name does not exist can be relied on; name others with --resolver")
	case len(operators) == 1 && len(h.Servers) > 1:
		h.Problems = append(h.Problems, "all usable resolvers are of one operator; a second one would confirm what the first says")
	}
	return h
}

func (c *Client) checkServer(ctx context.Context, s *server) ServerHealth {
	h := ServerHealth{Server: s.addr, Operator: s.operator}
	v := c.vetNow(ctx, s)
	if ctx.Err() != nil {
		h.Problem = "was not checked to the end: " + ctx.Err().Error()
		return h
	}
	s.vet.Store(v)
	h.Answers, h.Clean, h.Hijacks, h.Invents = v.heard > 0, v.clean(), v.hijacks(), v.invents
	if h.Answers {
		s.aside.Store(false)
		h.Filters = c.filters(ctx, s)
	} else {
		s.mu.Lock()
		s.until = c.clock.Now().Add(asideFor) // nobody waits for it a second time
		s.mu.Unlock()
		s.aside.Store(true)
	}
	switch {
	case !h.Answers:
		h.Problem = "does not answer (" + v.why + ")"
	case h.Hijacks:
		h.Problem = fmt.Sprintf("gives names that do not exist the address %s", v.invents[0])
	case !h.Clean:
		h.Problem = "does not say that random names do not exist (" + v.why + ")"
	case h.Filters:
		h.Problem = "filters: it hides names that it holds to be dangerous, so look-alikes too"
	}
	return h
}

// filters asks for the names that operators of protective resolvers keep in
// their lists for tests: OpenDNS, Cloudflare, Quad9.
func (c *Client) filters(ctx context.Context, s *server) bool {
	for _, name := range []string{"internetbadguys.com.", "malware.testcategory.com.", "isitblocked.org."} {
		if a, heard := c.askOne(ctx, s, name, dns.TypeA); heard && a.kind == kindFiltered {
			return true
		}
	}
	return false
}
