package probe

import (
	"context"
	"time"

	"github.com/miekg/dns"

	"lurehound"
)

func dnsProbe(k Kit) Probe {
	return Probe{
		Name: "dns",
		Doc:  "delegation, addresses, mail servers and text records of the name",
		Observe: func(ctx context.Context, s Subject) []lurehound.Observation {
			o, done := begin(k.Clock, "dns", s)
			facts := k.DNS.Lookup(ctx, s.Domain.String(),
				dns.TypeNS, dns.TypeA, dns.TypeAAAA, dns.TypeMX, dns.TypeTXT)
			o.DNS = &facts
			o.Outcome, o.Reason = facts.Resolution.Outcome(), facts.Reason
			return done(o)
		},
	}
}

// begin starts an observation; the function it returns ends it.
func begin(c lurehound.Clock, probe string, s Subject) (lurehound.Observation, func(lurehound.Observation) []lurehound.Observation) {
	start := time.Now() // Took is real time, At is the program's
	o := lurehound.Observation{Domain: s.Domain, Probe: probe, At: c.Now()}
	return o, func(o lurehound.Observation) []lurehound.Observation {
		o.Took = time.Since(start)
		return []lurehound.Observation{o}
	}
}
