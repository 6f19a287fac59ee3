package permute

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"lurehound"
	"lurehound/internal/lexicon"
)

func TestTune(t *testing.T) {
	rows := campaignRows(t)
	x := lexicon.Default()
	l := newLearner(x)
	budgets := []int{1000, 5000, 10000, 50000}
	vars := map[string]*float64{"how": &priorHow, "tech": &priorTech, "base": &priorBase, "own": &priorOwn, "suffix": &priorSuffix, "kind": &priorKind, "affix": &priorAffix, "word": &priorWord, "feature": &priorFeature, "repeats": &repeats, "known": &affixKnown, "forms": &affixForms, "type": &typeCount}
	for _, spec := range strings.Split(os.Getenv("TUNE"), ";") {
		old := map[string]float64{}
		for k, v := range vars {
			old[k] = *v
		}
		for _, kv := range strings.Fields(spec) {
			k, v, _ := strings.Cut(kv, "=")
			f, _ := strconv.ParseFloat(v, 64)
			if k == "budget" {
				budgets = []int{1000, 5000, int(f)}
				continue
			}
			*vars[k] = f
		}
		fmt.Println(spec, tune(t, rows, x, l, budgets))
		for k, v := range vars {
			*v = old[k]
		}
	}
}

func tune(t *testing.T, rows []campaignRow, x *lexicon.Tables, l *learner, budgets []int) []string {
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
	if os.Getenv("BY") != "" {
		per := map[string][4]int{}
		for _, r := range rows {
			k := r.brand.ID() + " " + r.domain.Registrable()
			c := per[r.campaign]
			c[3]++
			for i, b := range budgets[:3] {
				if seen[k] > 0 && seen[k] <= b {
					c[i]++
				}
			}
			per[r.campaign] = c
		}
		for k, c := range per {
			if c[3] > 9 {
				fmt.Printf("%s %v; ", k, c)
			}
		}
		fmt.Println()
	}
	for k, n := range seen {
		total++
		for i, b := range budgets {
			if n > 0 && n <= b {
				found[i]++
			}
		}
		if n < 0 {
			if os.Getenv("MISSED") != "" {
				fmt.Println("missed", k)
			}
		}
	}
	var out []string
	for i := range budgets {
		out = append(out, fmt.Sprintf("%.3f", float64(found[i])/float64(total)))
	}
	if os.Getenv("IN") != "" {
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
		out = append(out, fmt.Sprint(in))
	}
	return out
}
