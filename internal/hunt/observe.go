package hunt

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"lurehound"
	"lurehound/internal/egress"
	"lurehound/internal/probe"
)

// Task is one domain to look at. It holds no brand and nothing of the database,
// so that it can be handed to another machine.
type Task struct {
	Domain   lurehound.Domain
	Links    []string
	Paths    []string
	Profile  egress.Profile
	Probes   []string // names of the probes to run
	Thorough bool     // every page is looked at as all visitors
	Listed   bool     // a feed or a person showed the name: registration data is asked even when DNS knows nothing
}

// Observe does everything about one task that touches the network. dns goes
// first; the others run beside each other, and the answers come in the order of
// the table. Panics in a probe become an unknown of that probe.
func Observe(ctx context.Context, probes []probe.Probe, t Task) []lurehound.Observation {
	s := probe.Subject{Domain: t.Domain, Links: t.Links, Paths: t.Paths, Profile: t.Profile, Thorough: t.Thorough}
	results := make([][]lurehound.Observation, len(probes))
	var wg sync.WaitGroup
	for i, p := range probes {
		switch {
		case !slices.Contains(t.Probes, p.Name):
		case p.Name == "dns":
			results[i] = observe(ctx, p, s)
			s.DNS = &lurehound.DNSFacts{Resolution: lurehound.NotResolvable}
			if len(results[i]) > 0 && results[i][0].DNS != nil {
				s.DNS = results[i][0].DNS
			}
		default:
			if reason := pointless(p, s.DNS, t.Listed); reason != "" {
				results[i] = []lurehound.Observation{{Domain: t.Domain, Probe: p.Name, Outcome: lurehound.Skipped, Reason: reason}}
				continue
			}
			wg.Go(func() { results[i] = observe(ctx, p, s) })
		}
	}
	wg.Wait()
	return slices.Concat(results...)
}

// pointless says why a probe is not run, after what DNS said.
func pointless(p probe.Probe, d *lurehound.DNSFacts, listed bool) string {
	if d == nil {
		return ""
	}
	switch d.Resolution.Outcome() {
	case lurehound.Absent:
		if p.Touches || !listed {
			return "the name is not in DNS"
		}
	case lurehound.Unknown:
		if p.Touches {
			return "DNS could not be decided"
		}
	}
	return ""
}

func observe(ctx context.Context, p probe.Probe, s probe.Subject) (obs []lurehound.Observation) {
	defer func() {
		if r := recover(); r != nil {
			obs = []lurehound.Observation{{Domain: s.Domain, Probe: p.Name, Outcome: lurehound.Unknown, Reason: fmt.Sprintf("probe failed: %.200v", r)}}
		}
	}()
	obs = p.Observe(ctx, s)
	for i, o := range obs {
		// A host can show a date that JSON has no form for. What cannot be
		// written down is not kept: it would stop every hunt at this candidate.
		if _, err := json.Marshal(o); err != nil {
			obs[i] = lurehound.Observation{Domain: s.Domain, Probe: p.Name, Profile: o.Profile, At: o.At, Took: o.Took,
				Outcome: lurehound.Unknown, Reason: fmt.Sprintf("what was seen cannot be stored: %.200v", err)}
		}
	}
	return obs
}
