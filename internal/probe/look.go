package probe

import (
	"context"
	"fmt"
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

// others visits pages again as other visitors, where the kit has any, and says who is shown what: the first page,
// or each that answered where the subject asks for it.
func others(ctx context.Context, k Kit, s Subject, hosts []string, made []lurehound.Observation) (out []lurehound.Observation) {
	if len(k.Visitors.Routes) == 0 || s.Profile.Name != k.Visitors.Base().Name {
		return nil
	}
	space := k.Visitors
	if s.Thorough {
		space.Few, space.Thorough, space.Budget = false, true, cloak.DefaultBudget
	}
	seen := map[string]bool{}
	for _, o := range made {
		if o.Visit == nil || o.Visit.Status == 0 || seen[o.Visit.URL] {
			continue
		}
		seen[o.Visit.URL] = true
		out = append(out, sorted(ctx, k, s, space, hosts, o)...)
		if ctx.Err() != nil {
			return nil // an interrupted look is not stored
		}
		if !s.Thorough {
			break
		}
	}
	return out
}

// sorted finds out whether a page's site sorts its visitors. Of visits that were shown the same the first is
// kept. Where another visitor is shown more than the first one was, the whole site is visited as that one, too.
func sorted(ctx context.Context, k Kit, s Subject, space cloak.Space, hosts []string, first lurehound.Observation) []lurehound.Observation {
	link := first.Visit.Start
	seen := []cloak.Look{{Profile: s.Profile, Outcome: first.Outcome, Visit: first.Visit}}
	all := []lurehound.Observation{first}
	o, done := begin(k.Clock, "http", s)
	began := time.Now()
	looks, verdict := cloak.Investigate(ctx, space, link, seen, func(ctx context.Context, p egress.Profile) cloak.Look {
		other := s
		other.Profile = p
		v := Look(ctx, k, other, link)
		all = append(all, v)
		return cloak.Look{Profile: p, Outcome: v.Outcome, Reason: v.Reason, Visit: v.Visit}
	})
	if ctx.Err() != nil {
		return nil
	}
	var kept []lurehound.Observation
	for i, n := range cloak.Firsts(looks, link) {
		if n == 0 {
			continue
		}
		kept = append(kept, all[n])
		if i == 0 {
			as := s
			as.Profile = looks[n].Profile
			kept = append(kept, visitAll(ctx, k, as, hosts)...)
		}
	}
	o.Outcome, o.Cloaking, o.Took = lurehound.Found, &verdict, time.Since(began)
	return append(kept, done(o)...)
}
