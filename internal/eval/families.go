package eval

import (
	"context"
	"fmt"

	"lurehound/internal/compare"
)

// families measures whether pages that were made from one are known for one family by each other, and
// pages of strangers are not, whatever generator or theme they share.
func families(ctx context.Context, genuine, everybody []subject) ([]Row, error) {
	joined, kin := make([]int, len(genuine)), make([]int, len(genuine))
	if err := each(ctx, len(genuine), func(i int) error {
		var copies []subject
		for _, m := range mutations {
			copies = append(copies, read(copied(genuine[i].site, m.do(genuine[i].site))))
		}
		for n := range copies {
			for k := range n {
				kin[i]++
				if compare.Alike(&copies[n].facts, &copies[k].facts) >= compare.FamilyFrom {
					joined[i]++
				}
			}
		}
		return nil
	}); err != nil {
		return nil, err
	}
	met, most, pairs := make([]int, len(everybody)), make([]float64, len(everybody)), make([]int, len(everybody))
	if err := each(ctx, len(everybody), func(i int) error {
		for k := range i {
			if everybody[i].owner() == everybody[k].owner() {
				continue
			}
			pairs[i]++
			s := compare.Alike(&everybody[i].facts, &everybody[k].facts)
			most[i] = max(most[i], s)
			if s >= compare.FamilyFrom {
				met[i]++
			}
		}
		return nil
	}); err != nil {
		return nil, err
	}
	sum := func(of []int) (n int) {
		for _, v := range of {
			n += v
		}
		return n
	}
	nearest := 0.0
	for _, s := range most {
		nearest = max(nearest, s)
	}
	together := share("page families: copies of one page joined", sum(joined), sum(kin))
	strangers := share("page families: strangers joined", sum(met), sum(pairs))
	strangers.Remark = fmt.Sprintf("the nearest two are %.3f alike, joined from %.2f", nearest, compare.FamilyFrom)
	return []Row{together, strangers}, nil
}
