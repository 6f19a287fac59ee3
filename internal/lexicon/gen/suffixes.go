package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"lurehound"
)

// Shares of the three counts in a suffix's weight. No campaign is among them: what
// campaigns use is counted by package permute, which holds campaigns back to measure itself.
const (
	squatShare = 0.3
	newShare   = 0.4
	cheapShare = 0.3
)

// Suffixes whose new names the first-listed sample takes from whole zone
// lists, so that their counts do not compare with the others'.
var oversampled = map[string]bool{"se": true, "ee": true, "sk": true, "nu": true}

// General second-level domains under which a country's registry sells names.
var secondLevel = map[string]bool{
	"com": true, "co": true, "net": true, "org": true, "info": true, "biz": true, "name": true,
	"web": true, "store": true, "shop": true, "firm": true, "ltd": true, "me": true, "nom": true,
	"gen": true, "ind": true, "or": true, "ne": true, "pp": true, "inf": true, "tm": true,
}

// Suffixes that no private person can register under.
var closed = map[string]bool{"arpa": true, "gov": true, "mil": true, "edu": true, "int": true, "post": true}

// Suffixes of the private section that are sold like those of a registry
// (CentralNic and others), as against free hosts.
var sold = []string{
	"ae.org", "br.com", "cn.com", "co.com", "com.de", "com.se", "de.com", "eu.com", "gb.net", "gr.com",
	"hu.net", "in.net", "it.com", "jp.net", "jpn.com", "mex.com", "ru.com", "sa.com", "se.net",
	"uk.com", "uk.net", "us.com", "us.org", "za.bz", "za.com",
}

func writeSuffixes(corpus, rulesFile, out string) error {
	rules, every, err := listRules(rulesFile)
	if err != nil {
		return err
	}
	squats, err := gzipCounts(filepath.Join(corpus, "squatphi/squatting.csv.gz"), func(row []string) string {
		if len(row) == 3 && row[2] == "wrongTLD" {
			return row[1]
		}
		return ""
	})
	if err != nil {
		return err
	}
	news, err := gzipCounts(filepath.Join(corpus, "nrd/first-listed.csv.gz"), func(row []string) string { return row[0] })
	if err != nil {
		return err
	}
	cheap, err := gzipCounts(filepath.Join(corpus, "nrd/one-day-2026-08-17.list.gz"), func(row []string) string { return row[0] })
	if err != nil {
		return err
	}
	for s := range oversampled {
		delete(news, s)
	}
	var buf bytes.Buffer
	buf.WriteString(suffixHeader)
	type row struct {
		suffix string
		weight int
	}
	var rows []row
	for _, s := range append(rules, sold...) {
		share := squatShare*squats.share(s) + newShare*news.share(s) + cheapShare*cheap.share(s)
		label, _, second := strings.Cut(s, ".")
		if closed[s] || second && !secondLevel[label] && squats[s] == 0 && !slices.Contains(sold, s) {
			continue
		}
		rows = append(rows, row{s, max(1, int(math.Round(share*1e5)))})
	}
	slices.SortFunc(rows, func(a, b row) int {
		if a.weight != b.weight {
			return b.weight - a.weight
		}
		return strings.Compare(a.suffix, b.suffix)
	})
	for _, r := range rows {
		fmt.Fprintf(&buf, "%s %d\n", r.suffix, r.weight)
	}
	listed := map[string]bool{}
	for _, r := range rows {
		listed[r.suffix] = true
	}
	return errors.Join(os.WriteFile(out, buf.Bytes(), 0o644), writeSuffixLabels(every, listed, filepath.Join(filepath.Dir(out), "suffix_labels.txt")))
}

const suffixHeader = `# Public suffixes under which names are sold, the likeliest first, with a weight in 1/100000.
# The list: ICANN section of the public suffix list as in golang.org/x/net v0.62.0 (top-level domains and general
# second-level domains, without government, military and school ones), and second-level domains that private registries sell.
# The weight: 0.3 x share among 34,773 registered wrong-TLD look-alikes (SquatPhi, 2017), 0.4 x share among 2.2 M new
# names listed 2024-02 to 2026-05 (shreshta-labs, without .se .ee .sk .nu), 0.3 x share among 69,867 new names of one day
# in the newer suffixes (accomplist, 2026-08-17). At least 1. No campaign is among them.
# Written by gen; do not edit.
`

// listRules reads the plain rules of the ICANN section, and all rules of both sections.
func listRules(file string) (icann, every []string, err error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, nil, err
	}
	n := 0
	if m := regexp.MustCompile(`numICANNRules = (\d+)`).FindSubmatch(b); m != nil {
		fmt.Sscan(string(m[1]), &n)
	}
	all := regexp.MustCompile(`(?m)^\t"([^"]*)",`).FindAllSubmatch(b, -1)
	if n == 0 || len(all) < n {
		return nil, nil, fmt.Errorf("%s has %d rules, %d of ICANN", file, len(all), n)
	}
	for i, m := range all {
		r := string(m[1])
		every = append(every, r)
		if i < n && !strings.ContainsAny(r, "*!") {
			icann = append(icann, r)
		}
	}
	return icann, every, nil
}

// writeSuffixLabels lists the labels that are a suffix themselves under one of the suffixes.
func writeSuffixLabels(rules []string, listed map[string]bool, out string) error {
	set := map[string]bool{}
	for _, r := range rules {
		label, parent, ok := strings.Cut(r, ".")
		if !ok || !listed[parent] || strings.HasPrefix(r, "!") {
			continue
		}
		if label == "*" {
			return fmt.Errorf("all names under %s are suffixes; suffixes.txt may not have it", parent)
		}
		set[label] = true
	}
	text := suffixLabelHeader + strings.Join(slices.Sorted(maps.Keys(set)), "\n") + "\n"
	return os.WriteFile(out, []byte(text), 0o644)
}

const suffixLabelHeader = `# Labels that make a public suffix in front of one of suffixes.txt ("co" of co.uk, "github" of github.io), by the
# public suffix list as in golang.org/x/net v0.62.0, both sections. Written by gen; do not edit.
`

type counts map[string]int

func (c counts) share(s string) float64 {
	sum := 0
	for _, n := range c {
		sum += n
	}
	return float64(c[s]) / float64(sum)
}

func (c counts) add(host string) {
	if d, err := lurehound.ParseDomain(host); err == nil && d.Label() != "" {
		c[d.Suffix()]++
	}
}

func gzipCounts(file string, host func(row []string) string) (counts, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	c := counts{}
	lines := bufio.NewScanner(io.Reader(z))
	lines.Scan() // header
	for lines.Scan() {
		if h := host(strings.Split(lines.Text(), ",")); h != "" {
			c.add(h)
		}
	}
	return c, lines.Err()
}
