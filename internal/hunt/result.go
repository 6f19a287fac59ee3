package hunt

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"lurehound"
	"lurehound/internal/campaign"
	"lurehound/internal/egress"
)

// result is read from the store, so that a resumed hunt says the same as one
// that was never stopped.
func (r *runner) result(ctx context.Context) (lurehound.Hunt, error) {
	h := lurehound.Hunt{Passive: r.plan.Passive}
	tally, err := r.Store.Tally(ctx, r.run)
	if err == nil {
		h.Unknown, err = r.Store.Undecided(ctx, r.run)
	}
	if err == nil {
		h.Absent, err = r.Store.Absent(ctx, r.run)
	}
	if err == nil {
		h.Findings, err = r.Store.Findings(ctx, r.run)
	}
	var before, known []lurehound.Finding
	if err == nil {
		before, err = r.Store.Before(ctx, r.run)
	}
	if err == nil {
		known, err = r.Store.AllFindings(ctx)
	}
	if err != nil {
		return h, fmt.Errorf("reading the result: %w", err)
	}
	for _, b := range r.plan.Brands {
		if with, ok := r.brands[b.ID()]; ok {
			b = with
		}
		h.Brands = append(h.Brands, b)
	}
	h.Campaigns = together(lookAlikes(h.Findings), lookAlikes(known), r.plan.Advisories)
	join(h.Findings, h.Campaigns)
	changes(h.Findings, before)
	h.Sort()
	h.Feeds = r.feedReports(tally)
	h.Counts = counts(tally, h)
	h.Views = views(r.plan, h.Findings)
	h.Problems = append(r.gaps(tally), barred(h.Findings)...)
	h.Complete = complete(h)
	h.Next = next(h, r.plan)
	if r.interrupted {
		h.Next = append([]string{"type the same command again: it goes on where this one stopped"}, h.Next...)
	}
	return h, nil
}

// views are the profiles under which sites were visited, the plan's own first.
func views(p Plan, findings []lurehound.Finding) []lurehound.View {
	if p.Passive {
		return nil
	}
	own := lurehound.View{Profile: p.Profile.Name, Route: p.Profile.Route}
	var list []lurehound.View
	for i := range findings {
		c := findings[i].Cloaking()
		if c == nil {
			continue
		}
		for _, f := range c.Faces {
			for _, name := range f.Profiles {
				v := lurehound.View{Profile: name, Route: egress.RouteOf(name)}
				if v != own && !slices.Contains(list, v) {
					list = append(list, v)
				}
			}
		}
	}
	slices.SortFunc(list, func(a, b lurehound.View) int { return strings.Compare(a.Profile, b.Profile) })
	return append([]lurehound.View{own}, list...)
}

// together are the campaigns that a finding of this hunt is in. What earlier hunts found, of other brands too, can
// be in them: who signs fakes of one product signs those of the next.
func together(findings, known []lurehound.Finding, advisories []lurehound.Advisory) []lurehound.Campaign {
	here, names := map[string]bool{}, map[string]bool{}
	for _, f := range findings {
		here[f.Candidate.ID()], names[f.Candidate.Domain.String()] = true, true
	}
	all := slices.Clone(findings)
	for _, f := range known {
		if !here[f.Candidate.ID()] {
			all = append(all, f)
		}
	}
	return slices.DeleteFunc(campaign.Campaigns(all, advisories), func(c lurehound.Campaign) bool {
		return !slices.ContainsFunc(c.Domains, func(d string) bool { return names[d] })
	})
}

// lookAlikes are the findings that are not about a brand's own site.
func lookAlikes(findings []lurehound.Finding) []lurehound.Finding {
	return slices.DeleteFunc(slices.Clone(findings), func(f lurehound.Finding) bool { return f.Own() })
}

// join writes into each finding the campaign that it belongs to.
func join(findings []lurehound.Finding, campaigns []lurehound.Campaign) {
	of := map[string]string{}
	for _, c := range campaigns {
		for _, d := range c.Domains {
			of[d] = c.ID
		}
	}
	for i := range findings {
		findings[i].Campaign = of[findings[i].Candidate.Domain.String()]
	}
}

// feedReports are the feeds other than the permutations, with what broke off.
func (r *runner) feedReports(t Tally) []lurehound.FeedReport {
	var reports []lurehound.FeedReport
	for _, s := range r.plan.Sources {
		if s.Name() == PermutationFeed || s.Name() == GivenFeed || s.Name() == lurehound.OwnFeed {
			continue
		}
		report := lurehound.FeedReport{Feed: s.Name()}
		for _, ft := range t.Feeds {
			if ft.Report.Feed == s.Name() {
				report = ft.Report
			}
		}
		if why := r.failed[s.Name()]; why != "" {
			report.Problems = append(slices.Clone(report.Problems), why)
		}
		reports = append(reports, report)
	}
	return reports
}

func counts(t Tally, h lurehound.Hunt) lurehound.Counts {
	c := lurehound.Counts{Unknown: len(h.Unknown), Candidates: t.Candidates, Absent: t.Absent, Findings: len(h.Findings)}
	for _, ft := range t.Feeds {
		switch ft.Report.Feed {
		case PermutationFeed:
			c.Permutations = ft.Read
			c.Resolved = ft.Read - ft.Undecided
		case GivenFeed, lurehound.OwnFeed:
		default:
			c.FeedNames += ft.Read
			c.Malformed += ft.Malformed
		}
	}
	for i := range h.Findings {
		if slices.ContainsFunc(h.Findings[i].Observations, func(o lurehound.Observation) bool { return o.Visit != nil && o.Outcome != lurehound.Blocked }) {
			c.Visited++
		}
	}
	return c
}

// gaps lists what makes the hunt incomplete besides undecided names and the
// problems of feeds, a line each.
func (r *runner) gaps(t Tally) []string {
	gaps := slices.Concat(r.plan.Problems, r.problems)
	if why := r.failed[PermutationFeed]; why != "" {
		gaps = append(gaps, "permutations: "+why)
	}
	if t.Pending > 0 {
		gaps = append(gaps, fmt.Sprintf("%d candidates were not looked at", t.Pending))
	}
	return gaps
}

// barred says how many hosts nobody looked at because a route's proxy failed, a line for each reason.
func barred(findings []lurehound.Finding) []string {
	hosts := map[string]int{}
	for _, f := range findings {
		for _, o := range f.Observations {
			if o.Visit != nil && o.Outcome == lurehound.Blocked && egress.ProxyFailed(o.Reason) {
				hosts[o.Reason]++
				break
			}
		}
	}
	var lines []string
	for _, reason := range slices.Sorted(maps.Keys(hosts)) {
		lines = append(lines, fmt.Sprintf("%s not looked at: %s", counted(hosts[reason], "host"), reason))
	}
	return lines
}

// complete reports whether everything that was tried was found out.
func complete(h lurehound.Hunt) bool {
	return len(h.Problems) == 0 && len(h.Unknown) == 0 &&
		!slices.ContainsFunc(h.Feeds, func(f lurehound.FeedReport) bool { return len(f.Problems) > 0 })
}
