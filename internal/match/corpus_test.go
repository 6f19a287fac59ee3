package match

import (
	"context"
	"encoding/csv"
	"strings"
	"testing"
	"time"

	"lurehound"
)

// goldBrands are the brands of the campaigns.
func goldBrands(t testing.TB) []lurehound.Brand {
	t.Helper()
	var brands []lurehound.Brand
	for _, row := range corpusCSV(t, "gold/dev/brands.csv") {
		brands = append(brands, testBrand(t, row[0], row[1]))
	}
	return brands
}

func corpusCSV(t testing.TB, name string) [][]string {
	t.Helper()
	r := csv.NewReader(strings.NewReader(strings.Join(corpusLines(t, name), "\n")))
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}

// TestNewNames reads real new names: every one is counted as one thing, and not all are hits.
func TestNewNames(t *testing.T) {
	ix := testIndex(t, goldBrands(t)...)
	for _, file := range []string{"nrd/one-day-2026-08-17.list.gz", "nrd/first-listed.csv.gz"} {
		if testing.Short() && strings.Contains(file, "first") {
			continue
		}
		lines := strings.Join(corpusLines(t, file), "\n")
		start, hits := time.Now(), 0
		n, err := ix.Stream(context.Background(), strings.NewReader(lines), DefaultMinScore, func(Hit) error { hits++; return nil })
		if err != nil {
			t.Fatal(err)
		}
		if n.Read != n.Matched+n.Unmatched+n.Malformed || n.Matched != hits {
			t.Errorf("%s: %+v and %d hits do not add up", file, n, hits)
		}
		if n.Matched == 0 || n.Matched > n.Read/50 {
			t.Errorf("%s: %d of %d names match", file, n.Matched, n.Read)
		}
		t.Logf("%s: %+v, %.2f M names/s", file, n, float64(n.Read)/time.Since(start).Seconds()/1e6)
	}
}
