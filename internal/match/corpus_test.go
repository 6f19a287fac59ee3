package match

import (
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"lurehound"
)

// goldBrands are the brands of the campaigns, with the domains that their
// owners are known to have besides.
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

// ownerOf says whether two domains have the same owner, by own-domains.csv.
func ownerOf(t testing.TB) func(a, b string) bool {
	owners := map[string][]string{}
	for _, row := range corpusCSV(t, "benign/own-domains.csv") {
		owners[row[1]] = append(owners[row[1]], row[0])
	}
	return func(a, b string) bool {
		return slices.ContainsFunc(owners[a], func(o string) bool { return slices.Contains(owners[b], o) })
	}
}

// TestRecallAndFalseAlarms prints, for some thresholds, how many campaign hosts
// are found and how many popular names raise a false alarm.
func TestRecallAndFalseAlarms(t *testing.T) {
	brands := goldBrands(t)
	ix := testIndex(t, brands...)
	owner := ownerOf(t)
	byID := map[string]lurehound.Brand{}
	for _, b := range brands {
		byID[b.ID()] = b
	}
	var hits []float64
	total := 0
	for _, file := range []string{"gold/dev/campaigns-a.csv", "gold/dev/campaigns-b.csv"} {
		for _, row := range corpusCSV(t, file) {
			if row[1] == "" {
				continue
			}
			total++
			h, _ := ix.Match(row[0], 0)
			score := 0.0
			why := ""
			for _, m := range h.Matches {
				if byID[m.Brand].Name == row[1] {
					score, why = m.Score, m.Why
				}
			}
			hits = append(hits, score)
			if dump != "" {
				fmt.Fprintf(dumpFile(t, "gold"), "%.3f\t%s\t%s\t%s\n", score, row[0], row[1], why)
			}
		}
	}
	names, popular := 0, map[bool][]float64{}
	counts := map[bool]int{}
	for _, line := range corpusLines(t, "benign/top.list.gz") {
		d, err := lurehound.ParseDomain(line)
		if err != nil {
			continue
		}
		half := Sampled(d.Registrable())
		names++
		counts[half]++
		h, ok := ix.Match(line, 0.05)
		if !ok {
			continue
		}
		best := 0.0
		var match lurehound.Match
		for _, m := range h.Matches {
			if owner(d.Registrable(), byID[m.Brand].Domains[0].Registrable()) {
				continue
			}
			if m.Score > best {
				best, match = m.Score, m
			}
		}
		if best > 0 {
			popular[half] = append(popular[half], best)
			if dump != "" {
				fmt.Fprintf(dumpFile(t, "popular"), "%.3f\t%v\t%s\t%s\t%s\n", best, half, line, match.Brand, match.Why)
			}
		}
	}
	for _, min := range []float64{0.2, 0.3, 0.4, 0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9} {
		t.Logf("from %.2f: recall %.3f of %d; false alarms in 100,000: %.0f, and %.0f on the half that the index has not seen", min,
			share(hits, min), total, 1e5*float64(above(popular[true], min)+above(popular[false], min))/float64(names),
			1e5*float64(above(popular[false], min))/float64(counts[false]))
	}
}

func above(scores []float64, min float64) int {
	n := 0
	for _, s := range scores {
		if s >= min && s > 0 {
			n++
		}
	}
	return n
}

func share(scores []float64, min float64) float64 {
	return float64(above(scores, min)) / float64(len(scores))
}

// TestNewNames reads all new names and prints how fast, and how many match.
func TestNewNames(t *testing.T) {
	dir := corpus(t)
	ix := testIndex(t, goldBrands(t)...)
	for _, file := range []string{"nrd/one-day-2026-08-17.list.gz", "nrd/first-listed.csv.gz"} {
		if testing.Short() && strings.Contains(file, "first") {
			continue
		}
		lines := strings.Join(corpusLines(t, file), "\n")
		for _, min := range []float64{DefaultMinScore} {
			start := time.Now()
			var found []string
			n, err := ix.Stream(context.Background(), strings.NewReader(lines), min, func(h Hit) error {
				if m := h.Matches[0]; dump != "" && min > 0 {
					found = append(found, fmt.Sprintf("%.3f\t%s\t%s\t%s", m.Score, h.Domain, m.Brand, m.Why))
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if n.Read != n.Matched+n.Unmatched+n.Malformed {
				t.Errorf("%s: %+v does not add up", file, n)
			}
			t.Logf("%s from %.2f: %+v, %.2f M names/s", filepath.Base(dir+file), min, n, float64(n.Read)/time.Since(start).Seconds()/1e6)
			slices.Sort(found)
			for _, f := range found {
				fmt.Fprintln(dumpFile(t, "new"), f)
			}
		}
	}
}

// dump is a folder for the names themselves, to be looked at by eye.
var dump = os.Getenv("LUREHOUND_DUMP")

func dumpFile(t testing.TB, name string) *os.File {
	t.Helper()
	f, err := os.OpenFile(filepath.Join(dump, name+".tsv"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}
