package campaign

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"time"

	"lurehound"
)

// Campaigns joins findings into campaigns of two domains or more, by ID. Two
// findings belong together when they share one strong pivot, or two weak ones
// of kinds that do not go with each other anyhow; what belongs together with a third belongs together.
// Weak pivots join malicious and suspicious findings only. A group in which
// every name is parked or benign is no campaign.
//
// The ID of a campaign is a hash of its leading pivot (two, where it is a weak
// one): the kind that says most, and of that the value that most of
// its names share. A sibling that joins later leaves it as it is, unless it
// brings a shared pivot that leads.
func Campaigns(findings []lurehound.Finding, advisories []lurehound.Advisory) []lurehound.Campaign {
	g := newGraph(findings)
	g.join()
	var campaigns []lurehound.Campaign
	for _, members := range g.groups() {
		if c, ok := g.campaign(members, advisories); ok {
			campaigns = append(campaigns, c)
		}
	}
	slices.SortFunc(campaigns, func(a, b lurehound.Campaign) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), slices.Compare(a.Domains, b.Domains))
	})
	return campaigns
}

// graph is findings and the pivots between them; joined ones share a root.
type graph struct {
	findings []lurehound.Finding
	pivots   [][]lurehound.Pivot // by finding
	holders  map[lurehound.Pivot][]int
	weights  map[lurehound.Pivot]weight
	parent   []int
}

func newGraph(findings []lurehound.Finding) *graph {
	g := &graph{
		findings: findings, pivots: make([][]lurehound.Pivot, len(findings)),
		holders: map[lurehound.Pivot][]int{}, weights: map[lurehound.Pivot]weight{},
		parent: make([]int, len(findings)),
	}
	for i, f := range findings {
		g.parent[i] = i
		g.pivots[i] = Pivots(f)
	}
	families(findings, g.pivots)
	for i := range findings {
		for _, p := range g.pivots[i] {
			g.holders[p] = append(g.holders[p], i)
		}
	}
	for p, h := range g.holders {
		g.weights[p] = weigh(p, h, findings)
	}
	return g
}

func (g *graph) root(i int) int {
	for g.parent[i] != i {
		g.parent[i] = g.parent[g.parent[i]]
		i = g.parent[i]
	}
	return i
}

func (g *graph) union(i, j int) { g.parent[g.root(i)] = g.root(j) }

// branded is a pivot, and the brand where that is part of what is shared.
type branded struct {
	pivot lurehound.Pivot
	brand string
}

// key is the brand's own for registrations: a big registrar sells several names
// a minute, but not several look-alikes of one brand.
func key(p lurehound.Pivot, f lurehound.Finding) branded {
	if p.Kind == lurehound.PivotRegistration {
		return branded{p, f.Candidate.Brand}
	}
	return branded{pivot: p}
}

// pair is two weak pivots of different kinds that one finding has.
type pair struct{ a, b lurehound.Pivot }

// join runs along the findings once. All that hold the same strong pivot, or
// the same pair of weak ones, are joined with the first that did: no pair of
// findings is looked at.
func (g *graph) join() {
	firstStrong, firstPair := map[branded]int{}, map[pair]int{}
	for i, f := range g.findings {
		var weaks []lurehound.Pivot
		for _, p := range g.pivots[i] {
			w := g.weights[p]
			if !counts(p, f) {
				w = nothing
			}
			switch w {
			case strong:
				k := key(p, f)
				if j, ok := firstStrong[k]; ok {
					g.union(i, j)
				} else {
					firstStrong[k] = i
				}
			case weak:
				weaks = append(weaks, p)
			}
		}
		if !accused(f.Verdict) {
			continue
		}
		for n, a := range weaks {
			for _, b := range weaks[n+1:] {
				if !together(a.Kind, b.Kind) {
					continue
				}
				if j, ok := firstPair[pair{a, b}]; ok {
					g.union(i, j)
				} else {
					firstPair[pair{a, b}] = i
				}
			}
		}
	}
}

// groups are the joined findings, two or more, in the order of their first.
func (g *graph) groups() [][]int {
	byRoot := map[int][]int{}
	var order []int
	for i := range g.findings {
		r := g.root(i)
		if byRoot[r] == nil {
			order = append(order, r)
		}
		byRoot[r] = append(byRoot[r], i)
	}
	var groups [][]int
	for _, r := range order {
		if len(byRoot[r]) > 1 {
			groups = append(groups, byRoot[r])
		}
	}
	return groups
}

func (g *graph) campaign(members []int, advisories []lurehound.Advisory) (lurehound.Campaign, bool) {
	domains := map[string]bool{}
	sharers := map[branded]map[string]bool{}
	telling := false
	for _, i := range members {
		f := g.findings[i]
		name := f.Candidate.Domain.String()
		domains[name] = true
		telling = telling || f.Verdict != lurehound.Parked && f.Verdict != lurehound.Benign
		for _, p := range g.pivots[i] {
			if !counts(p, f) {
				continue
			}
			k := key(p, f)
			if sharers[k] == nil {
				sharers[k] = map[string]bool{}
			}
			sharers[k][name] = true
		}
	}
	if len(domains) < 2 || !telling {
		return lurehound.Campaign{}, false
	}
	var leading []branded
	for k, names := range sharers {
		if len(names) > 1 && g.weights[k.pivot] != nothing {
			leading = append(leading, k)
		}
	}
	slices.SortFunc(leading, func(a, b branded) int {
		return cmp.Or(cmp.Compare(rank(a.pivot.Kind), rank(b.pivot.Kind)), cmp.Compare(len(sharers[b]), len(sharers[a])),
			comparePivots(a.pivot, b.pivot), cmp.Compare(a.brand, b.brand))
	})
	var shared []lurehound.Pivot
	told := map[lurehound.Pivot]bool{} // a registration leads once for each brand
	for _, k := range leading {
		if !told[k.pivot] {
			told[k.pivot] = true
			shared = append(shared, k.pivot)
		}
	}
	c := lurehound.Campaign{
		ID: g.identity(leading), Name: g.brand(members), Shared: shared,
		Domains: slices.Sorted(maps.Keys(domains)), Timeline: g.timeline(members, advisories),
	}
	if first := g.began(members); !first.IsZero() {
		c.Name += " " + first.UTC().Format(time.DateOnly)
	}
	return c, true
}

// rank orders kinds by how much sharing one says.
func rank(k lurehound.PivotKind) int {
	order := []lurehound.PivotKind{
		lurehound.PivotRegistration, lurehound.PivotPayload, lurehound.PivotEmbeddedKey, lurehound.PivotSigner, lurehound.PivotC2,
		lurehound.PivotCertificateKey, lurehound.PivotPage, lurehound.PivotFamily, lurehound.PivotImphash,
		lurehound.PivotDownload, lurehound.PivotFavicon, lurehound.PivotIP, lurehound.PivotNameServer, lurehound.PivotServer,
	}
	if i := slices.Index(order, k); i >= 0 {
		return i
	}
	return len(order)
}

// identity hashes what leads: one strong pivot, or two weak ones of different
// kinds, because two campaigns can have one weak pivot in common.
func (g *graph) identity(leading []branded) string {
	var id []byte
	for i, k := range leading {
		if i > 0 && !together(k.pivot.Kind, leading[0].pivot.Kind) {
			continue
		}
		id = fmt.Appendf(id, "%q %q %q\n", k.pivot.Kind, k.pivot.Value, k.brand)
		if i > 0 || g.weights[k.pivot] == strong {
			break
		}
	}
	h := sha256.Sum256(id)
	return hex.EncodeToString(h[:6])
}

// brand is the one that most members imitate.
func (g *graph) brand(members []int) string {
	counts := map[string]int{}
	for _, i := range members {
		counts[g.findings[i].Candidate.Brand]++
	}
	best := ""
	for _, b := range slices.Sorted(maps.Keys(counts)) {
		if best == "" || counts[b] > counts[best] {
			best = b
		}
	}
	return best
}

// began is the earliest registration, or else the first day that a feed named.
func (g *graph) began(members []int) time.Time {
	var registered, seen time.Time
	earlier := func(t *time.Time, u time.Time) {
		if !u.IsZero() && (t.IsZero() || u.Before(*t)) {
			*t = u
		}
	}
	for _, i := range members {
		f := g.findings[i]
		if r := f.Registration(); r != nil && !f.Candidate.Domain.Hosted() {
			earlier(&registered, r.Registered)
		}
		earlier(&seen, f.Candidate.FirstSeen())
	}
	if registered.IsZero() {
		return seen
	}
	return registered
}
