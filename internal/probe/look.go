package probe

import (
	"context"
	"fmt"
	"slices"
	"time"

	"lurehound"
	"lurehound/internal/cloak"
	"lurehound/internal/egress"
)

// Look makes one visit to one link, as the subject's profile, in a session of its own: no cookie and
// no connection of another visit is in it. It never fails.
func Look(ctx context.Context, k Kit, s Subject, link string) (o lurehound.Observation) {
	defer func() {
		if r := recover(); r != nil {
			o = lurehound.Observation{Domain: s.Domain, Probe: "http", Profile: s.Profile.Name,
				Outcome: lurehound.Unknown, Reason: fmt.Sprintf("probe failed: %.200v", r)}
		}
	}()
	session := k.Web.Session(s.Profile)
	defer session.Close()
	v := visitor{kit: k, subject: s, session: session, seen: map[string]bool{}}
	v.visit(ctx, []string{link})
	return v.made[0]
}

// others visits the page again as other visitors, where the kit has any, and says who is shown what. Of
// visits that were shown the same the first is kept. Where another visitor is shown more than the first
// one was, the whole site is visited as that one, too.
func others(ctx context.Context, k Kit, s Subject, hosts []string, made []lurehound.Observation) []lurehound.Observation {
	i := slices.IndexFunc(made, func(o lurehound.Observation) bool { return o.Visit != nil && o.Visit.Status != 0 })
	if i < 0 || len(k.Visitors.Routes) == 0 || s.Profile.Name != k.Visitors.Base().Name {
		return nil
	}
	first := made[i]
	link := first.Visit.Start
	seen := []cloak.Look{{Profile: s.Profile, Outcome: first.Outcome, Visit: first.Visit}}
	all := []lurehound.Observation{first}
	o, done := begin(k.Clock, "http", s)
	began := time.Now()
	looks, verdict := cloak.Investigate(ctx, k.Visitors, link, seen, func(ctx context.Context, p egress.Profile) cloak.Look {
		other := s
		other.Profile = p
		v := Look(ctx, k, other, link)
		all = append(all, v)
		return cloak.Look{Profile: p, Outcome: v.Outcome, Reason: v.Reason, Visit: v.Visit}
	})
	if ctx.Err() != nil {
		return nil // an interrupted look is not stored
	}
	var kept []lurehound.Observation
	for i, n := range cloak.Firsts(looks, link) {
		switch {
		case n > 0 && i == 0:
			as := s
			as.Profile = looks[n].Profile
			kept = append(kept, all[n])
			kept = append(kept, visitAll(ctx, k, as, hosts)...)
			if ctx.Err() != nil {
				return nil
			}
		case n > 0:
			kept = append(kept, all[n])
		}
	}
	o.Outcome, o.Cloaking, o.Took = lurehound.Found, &verdict, time.Since(began)
	return append(kept, done(o)...)
}
