package eval

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"lurehound"
	"lurehound/internal/permute"
)

// budgets are the candidates per brand at which the recall of permute is read.
var budgets = [...]int{1_000, 5_000, 10_000, 50_000}

// imitation is a registrable domain of a campaign, once for each brand.
type imitation struct {
	domain   lurehound.Domain
	brand    int
	campaign string
}

// permutations measures how many registrable domains of the campaigns are among
// the first candidates of their brand: with the weights of the program, which were counted on
// the same campaigns, and with weights counted on all others than the domain's own.
func (r *run) permutations(ctx context.Context) ([]Row, error) {
	all, err := imitations(r.gold)
	if err != nil {
		return nil, err
	}
	crossed, err := r.crossRanks(ctx, all)
	if err != nil {
		return nil, err
	}
	own, err := r.ranks(ctx, all, permute.DefaultWeights())
	if err != nil {
		return nil, err
	}
	out, err := r.dump("permute", "registrable domain", "brand", "campaign", "rank", "rank in-sample")
	if err != nil {
		return nil, err
	}
	for i, m := range all {
		out.row(m.domain.String(), r.gold.brands[m.brand].Name, m.campaign, fmt.Sprint(crossed[i]), fmt.Sprint(own[i]))
	}
	rows := recallRows(crossed, "", "weights counted on the other campaigns")
	return append(rows, recallRows(own, ", in-sample", "the program's weights, counted on these campaigns")...), out.close()
}

// recallRows tells how many ranks are within each budget. Rank 0 is that of what was not made.
func recallRows(ranks []int, suffix, remark string) []Row {
	var rows []Row
	for _, b := range budgets {
		n := 0
		for _, rank := range ranks {
			if rank > 0 && rank <= b {
				n++
			}
		}
		row := share(fmt.Sprintf("recall at %d candidates per brand%s", b, suffix), n, len(ranks))
		row.Remark = remark
		rows = append(rows, row)
	}
	return rows
}

// imitations are the labelled registrable domains, each once for its brand: what
// two campaigns share belongs to the first.
func imitations(g gold) ([]imitation, error) {
	var out []imitation
	seen := map[claim]bool{}
	for _, l := range g.rows {
		d, err := lurehound.ParseDomain(registrable(l.host))
		if err != nil {
			return nil, err
		}
		if c := (claim{d.String(), g.brands[l.brand].Name}); !seen[c] {
			seen[c] = true
			out = append(out, imitation{d, l.brand, l.campaign})
		}
	}
	return out, nil
}

// crossRanks are the ranks with weights that know nothing of the domain's campaign.
func (r *run) crossRanks(ctx context.Context, all []imitation) ([]int, error) {
	folds := map[string][]int{}
	for i, m := range all {
		folds[m.campaign] = append(folds[m.campaign], i)
	}
	ranks := make([]int, len(all))
	for _, campaign := range slices.Sorted(maps.Keys(folds)) {
		var held []imitation
		var samples []permute.Sample
		for _, m := range all {
			if m.campaign == campaign {
				held = append(held, m)
				continue
			}
			samples = append(samples, permute.Sample{Brand: r.gold.brands[m.brand], Domain: m.domain})
		}
		got, err := r.ranks(ctx, held, permute.Learn(samples, r.x))
		if err != nil {
			return nil, err
		}
		for i, at := range folds[campaign] {
			ranks[at] = got[i]
		}
	}
	return ranks, nil
}

// ranks are the places of the domains among the candidates of their brands, from 1; 0 is
// for those that are not among the largest budget.
func (r *run) ranks(ctx context.Context, all []imitation, w *permute.Weights) ([]int, error) {
	of := map[int]map[string]int{} // brand → domain → its place in all
	for i, m := range all {
		if of[m.brand] == nil {
			of[m.brand] = map[string]int{}
		}
		of[m.brand][m.domain.String()] = i
	}
	brands := slices.Sorted(maps.Keys(of))
	ranks := make([]int, len(all))
	return ranks, each(ctx, len(brands), func(i int) error {
		t, err := permute.NewTarget(r.gold.brands[brands[i]])
		if err != nil {
			return err
		}
		n := 0
		for p := range permute.Permutations(t, r.x, permute.Options{Budget: budgets[len(budgets)-1], Weights: w}) {
			n++
			if at, ok := of[brands[i]][p.Domain.String()]; ok {
				ranks[at] = n
			}
		}
		return nil
	})
}
