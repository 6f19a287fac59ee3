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

// datable brings a date into the years that RFC 3339, and so JSON, has a form
// for: registries and hosts may write others, or a zone that leads out of them.
func datable(t time.Time) time.Time {
	switch t = t.UTC(); {
	case t.Year() < 1:
		return time.Time{}
	case t.Year() > 9999:
		return time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
	}
	return t
}
