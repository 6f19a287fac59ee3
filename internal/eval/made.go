package eval

import (
	"context"
	"fmt"

	"lurehound/internal/permute"
)

// budgets are the candidates per brand at which the recall of permute is read.
var budgets = [...]int{1_000, 5_000, 10_000, 50_000}

// permutations measures how many registrable domains of the campaigns are among
// the first candidates of their brand.
func (r *run) permutations(ctx context.Context) ([]Row, error) {
	wanted := make([]map[string]int, len(r.gold.brands)) // registrable domain → rank, 0 while not made
	for _, l := range r.gold.rows {
		if wanted[l.brand] == nil {
			wanted[l.brand] = map[string]int{}
		}
		wanted[l.brand][registrable(l.host)] = 0
	}
	err := each(ctx, len(wanted), func(i int) error {
		if wanted[i] == nil {
			return nil
		}
		t, err := permute.NewTarget(r.gold.brands[i])
		if err != nil {
			return err
		}
		n := 0
		for p := range permute.Permutations(t, r.x, permute.Options{Budget: budgets[len(budgets)-1]}) {
			n++
			if _, ok := wanted[i][p.Domain.String()]; ok {
				wanted[i][p.Domain.String()] = n
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	out, err := r.dump("permute", "registrable domain", "brand", "rank")
	if err != nil {
		return nil, err
	}
	seen := map[claim]bool{}
	total, found := 0, [len(budgets)]int{}
	for _, l := range r.gold.rows {
		c := claim{registrable(l.host), r.gold.brands[l.brand].Name}
		if seen[c] {
			continue
		}
		seen[c] = true
		total++
		rank := wanted[l.brand][c.name]
		out.row(c.name, c.brand, fmt.Sprint(rank))
		for i, b := range budgets {
			if rank > 0 && rank <= b {
				found[i]++
			}
		}
	}
	var rows []Row
	for i, b := range budgets {
		row := share(fmt.Sprintf("recall at %d candidates per brand", b), found[i], total)
		row.Remark = "in-sample: the weights were counted on the same campaigns"
		rows = append(rows, row)
	}
	return rows, out.close()
}
