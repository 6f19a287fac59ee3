package permute

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"testing"

	"lurehound"
	"lurehound/internal/lexicon"
)

// campaign is the look-alikes of one brand that were really registered.
type campaign struct {
	brand lurehound.Brand
	names map[string]bool // registrable domains
}

// campaigns reads the development campaigns, in the order of brands.csv.
func campaigns(t testing.TB) []*campaign {
	t.Helper()
	dir := os.Getenv("LUREHOUND_CORPUS")
	if dir == "" {
		t.Skip("LUREHOUND_CORPUS is not set: no campaigns to measure against")
	}
	read := func(name string) [][]string {
		f, err := os.Open(filepath.Join(dir, "gold/dev", name))
		if err != nil {
			t.Skipf("no campaigns to measure against: %v", err)
		}
		defer f.Close()
		rows, err := csv.NewReader(f).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		return rows[1:]
	}
	var list []*campaign
	byDomain := map[string]*campaign{}
	for _, r := range read("brands.csv") {
		d, err := lurehound.ParseDomain(r[1])
		if err != nil {
			t.Fatal(err)
		}
		c := &campaign{
			brand: lurehound.Brand{Name: r[0], Domains: []lurehound.Domain{d}, Words: []string{r[0]}},
			names: map[string]bool{},
		}
		list, byDomain[r[1]] = append(list, c), c
	}
	for _, f := range []string{"campaigns-a.csv", "campaigns-b.csv"} {
		for _, r := range read(f) {
			if c := byDomain[r[2]]; c != nil {
				if d, err := lurehound.ParseDomain(r[0]); err == nil && d.Registrable() != "" {
					c.names[d.Registrable()] = true
				}
			}
		}
	}
	return list
}

// TestRecall measures how many names of real campaigns the first N
// permutations of each brand hold, given its domain and its name. The floors are a
// little below what was measured when the weights were set.
func TestRecall(t *testing.T) {
	budgets := []int{1000, 5000, 10000}
	floors := []float64{0.26, 0.36, 0.41}
	found := make([]int, len(budgets))
	total := 0
	var missed []string
	for _, c := range campaigns(t) {
		target, err := NewTarget(c.brand)
		if err != nil {
			t.Fatal(err)
		}
		total += len(c.names)
		n := 0
		hit := map[string]bool{}
		for p := range Permutations(target, lexicon.Default(), Options{Budget: budgets[len(budgets)-1]}) {
			n++
			if !c.names[p.Domain.String()] {
				continue
			}
			hit[p.Domain.String()] = true
			for i, b := range budgets {
				if n <= b {
					found[i]++
				}
			}
		}
		for name := range c.names {
			if !hit[name] {
				missed = append(missed, name)
			}
		}
	}
	for i, b := range budgets {
		recall := float64(found[i]) / float64(total)
		t.Logf("%6d permutations per brand: %3d of %d names, %.1f %%", b, found[i], total, 100*recall)
		if recall < floors[i] {
			t.Errorf("recall at %d is %.3f, below the floor %.3f", b, recall, floors[i])
		}
	}
	if testing.Verbose() {
		t.Log(missed)
	}
}
