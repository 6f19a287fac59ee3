package hunt

import (
	"slices"
	"time"

	"lurehound"
	"lurehound/internal/compare"
	"lurehound/internal/payload"
	"lurehound/internal/score"
)

// Judge says what follows from the observations. It is pure: the same
// arguments give the same finding. brand holds the references. The finding's observations are those given, with the
// files among them held against the references and known.
func Judge(c lurehound.Candidate, brand lurehound.Brand, obs []lurehound.Observation, advisories []lurehound.Advisory, known payload.KnownBad, at time.Time) lurehound.Finding {
	obs = heldAgainst(obs, brand, known)
	f := lurehound.Finding{Candidate: c, Observations: obs, State: lurehound.New, Judged: at}
	f.Comparison = bestComparison(brand, f.Visits())
	f.Signals, f.Score, f.Verdict = score.Judge(score.Case{
		Candidate: c, Observations: obs, Comparison: f.Comparison,
		Brand: brand, Advisories: advisories, At: at,
	})
	return f
}

// heldAgainst returns the observations with what the brand's references and the known bad hashes say of each file.
func heldAgainst(obs []lurehound.Observation, brand lurehound.Brand, known payload.KnownBad) []lurehound.Observation {
	out := slices.Clone(obs)
	for i := range out {
		if out[i].Payload == nil || out[i].Outcome != lurehound.Found {
			continue
		}
		p := *out[i].Payload
		p.Reference = payload.CompareReference(p, brand, known)
		p.Signals = payload.Signals(&p)
		out[i].Payload = &p
	}
	return out
}

// bestComparison holds the visits against every reference page of the brand.
func bestComparison(brand lurehound.Brand, visits []*lurehound.VisitFacts) lurehound.Comparison {
	best := lurehound.Comparison{Why: "the brand has no reference page"}
	for i, ref := range brand.References {
		c := compare.Pages(ref, visits)
		if i == 0 || (c.Similarity != nil && (best.Similarity == nil || *c.Similarity > *best.Similarity)) {
			best = c
		}
	}
	return best
}

// undecided says whether the observations leave open whether the name exists at
// all; absent, whether it certainly does not. A name that a registry holds back from
// DNS, or keeps registered without delegation, is neither.
func undecided(c lurehound.Candidate, obs []lurehound.Observation) (*lurehound.Undecided, bool) {
	var dns, reg *lurehound.Observation
	for i := range obs {
		switch obs[i].Probe {
		case "dns":
			dns = &obs[i]
		case "rdap":
			reg = &obs[i]
		}
	}
	switch {
	case dns == nil || dns.Outcome == lurehound.Found:
		return nil, false
	case dns.Outcome == lurehound.Absent:
		if reg != nil && reg.Outcome == lurehound.Unknown {
			return &lurehound.Undecided{Domain: c.Domain.String(), Outcome: lurehound.NotResolvable,
				Reason: "not in DNS, and the registry could not be asked (" + reg.Reason + ")"}, false
		}
		return nil, reg == nil || reg.Outcome != lurehound.Found
	}
	u := &lurehound.Undecided{Domain: c.Domain.String(), Outcome: lurehound.NotResolvable, Reason: dns.Reason}
	if dns.DNS != nil {
		u.Outcome = dns.DNS.Resolution
	}
	return u, false
}
