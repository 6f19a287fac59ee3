package eval

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"lurehound"
)

// gold are hosts of real campaigns and the brands that they imitate.
type gold struct {
	brands []lurehound.Brand
	rows   []lure
}

// lure is one labelled host.
type lure struct {
	host     lurehound.Domain
	brand    int    // in gold.brands
	campaign string // what says that hosts belong together: the trail or the report
}

// readGold reads brands.csv and the labelled rows of all campaigns-*.csv in dir. A
// brand is given its domain and its product's name; nothing else is known of it.
func readGold(dir string) (gold, error) {
	var g gold
	byDomain := map[string]int{}
	err := eachRecord(filepath.Join(dir, "brands.csv"), []string{"brand", "domain"}, func(c []string) error {
		d, err := lurehound.ParseDomain(c[1])
		if err != nil {
			return err
		}
		byDomain[d.String()] = len(g.brands)
		g.brands = append(g.brands, lurehound.Brand{Name: c[0], Domains: []lurehound.Domain{d}, Words: []string{c[0]}})
		return g.brands[len(g.brands)-1].Check()
	})
	if err != nil {
		return g, err
	}
	files, err := filepath.Glob(filepath.Join(dir, "campaigns-*.csv"))
	if err != nil {
		return g, err
	}
	slices.Sort(files)
	for _, f := range files {
		err := eachRecord(f, []string{"host", "brand", "brand_domain", "trail|file|"}, func(c []string) error {
			if c[1] == "" {
				return nil
			}
			host, err := lurehound.ParseDomain(c[0])
			if err != nil {
				return err
			}
			i, ok := byDomain[strings.ToLower(c[2])]
			if !ok {
				return fmt.Errorf("%s imitates %s, which brands.csv does not list", host, c[2])
			}
			g.rows = append(g.rows, lure{host, i, c[3]})
			return nil
		})
		if err != nil {
			return g, err
		}
	}
	return g, nil
}
