// Command gen counts the look-alikes of the development campaigns and writes
// weights.txt of package permute. Run it there, with LUREHOUND_CORPUS set:
//
//	go generate
package main

import (
	"encoding/csv"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"lurehound"
	"lurehound/internal/lexicon"
	"lurehound/internal/permute"
)

func main() {
	corpus := flag.String("corpus", os.Getenv("LUREHOUND_CORPUS"), "directory of the data sets")
	out := flag.String("out", "weights.txt", "file to write")
	flag.Parse()
	if err := run(*corpus, *out); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(corpus, out string) error {
	dir := filepath.Join(corpus, "gold/dev")
	rows, err := read(filepath.Join(dir, "brands.csv"))
	if err != nil {
		return err
	}
	brands := map[string]lurehound.Brand{}
	for _, r := range rows {
		d, err := lurehound.ParseDomain(r[1])
		if err != nil {
			return err
		}
		brands[r[1]] = lurehound.Brand{Name: r[0], Domains: []lurehound.Domain{d}, Words: []string{r[0]}}
	}
	var samples []permute.Sample
	for _, f := range []string{"campaigns-a.csv", "campaigns-b.csv"} {
		rows, err := read(filepath.Join(dir, f))
		if err != nil {
			return err
		}
		for _, r := range rows {
			b, ok := brands[r[2]]
			d, err := lurehound.ParseDomain(r[0])
			if ok && err == nil {
				samples = append(samples, permute.Sample{Brand: b, Domain: d})
			}
		}
	}
	w := permute.Learn(samples, lexicon.Default())
	head := fmt.Sprintf("From %d hosts of campaigns that imitate %d brands (maltrail, MIT; Unit 42, GPL-3.0; labels made by hand).", len(samples), len(brands))
	return os.WriteFile(out, []byte(w.Text(head)), 0o644)
}

func read(file string) ([][]string, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", file, err)
	}
	return rows[1:], nil
}
