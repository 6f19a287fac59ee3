package permute

import (
	"testing"

	"lurehound"
	"lurehound/internal/lexicon"
)

// TestCrossValidation measures weights by campaigns that they were not learnt from.
func TestCrossValidation(t *testing.T) {
	rows := campaignRows(t)
	x := lexicon.Default()
	l := newLearner(x)
	budgets := []int{1000, 5000, 10000, 50000}
	byCampaign := map[string][]campaignRow{}
	for _, r := range rows {
		byCampaign[r.campaign] = append(byCampaign[r.campaign], r)
	}
	type outcome struct {
		rank int
	}
	found := make([]int, len(budgets))
	total := 0
	seen := map[string]int{}
	measure := func(w *Weights, rows []campaignRow) map[string]int {
		wanted := map[string]map[string]bool{}
		brands := map[string]lurehound.Brand{}
		for _, r := range rows {
			id := r.brand.ID()
			brands[id] = r.brand
			if wanted[id] == nil {
				wanted[id] = map[string]bool{}
			}
			wanted[id][r.domain.Registrable()] = true
		}
		out := map[string]int{}
		for id, b := range brands {
			tg, err := NewTarget(b)
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			for p := range Permutations(tg, x, Options{Budget: budgets[len(budgets)-1], Weights: w}) {
				n++
				if wanted[id][p.Domain.String()] {
					out[id+" "+p.Domain.String()] = n
				}
			}
			for d := range wanted[id] {
				if out[id+" "+d] == 0 {
					out[id+" "+d] = -1
				}
			}
		}
		return out
	}
	for name, held := range byCampaign {
		var train []Sample
		for _, r := range rows {
			if r.campaign != name {
				train = append(train, Sample{r.brand, r.domain})
			}
		}
		for k, n := range measure(l.learn(train), held) {
			if old, ok := seen[k]; !ok || n > 0 && (old < 0 || n < old) {
				seen[k] = n
			}
		}
	}
	for k, n := range seen {
		total++
		for i, b := range budgets {
			if n > 0 && n <= b {
				found[i]++
			}
		}
		if n < 0 {
			t.Log("missed", k)
		}
	}
	for i, b := range budgets {
		t.Logf("%6d permutations per brand: %3d of %d names, %.3f", b, found[i], total, float64(found[i])/float64(total))
	}
	var all []Sample
	for _, r := range rows {
		all = append(all, Sample{r.brand, r.domain})
	}
	in := make([]int, len(budgets))
	for _, n := range measure(l.learn(all), rows) {
		for i, b := range budgets {
			if n > 0 && n <= b {
				in[i]++
			}
		}
	}
	t.Logf("in sample: %v", in)
}
