package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"lurehound"
)

// Shares of the three counts in a suffix's weight. Real campaigns say most but
// are few; the other two only order what campaigns did not use.
const (
	campaignShare = 0.7
	squatShare    = 0.15
	newShare      = 0.15
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
	rules, err := icannRules(rulesFile)
	if err != nil {
		return err
	}
	campaigns, err := campaignCounts(corpus)
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
		share := campaignShare*campaigns.share(s) + squatShare*squats.share(s) + newShare*news.share(s)
		label, _, second := strings.Cut(s, ".")
		if closed[s] || second && !secondLevel[label] && campaigns[s] == 0 && squats[s] == 0 && !slices.Contains(sold, s) {
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
	return os.WriteFile(out, buf.Bytes(), 0o644)
}

const suffixHeader = `# Public suffixes under which names are sold, the likeliest first, with a weight in 1/100000.
# The list: ICANN section of the public suffix list as in golang.org/x/net v0.62.0 (top-level domains and general
# second-level domains, without government, military and school ones), and second-level domains that private registries sell.
# The weight: 0.7 x share among the registrable domains of 776 + 120 hosts of real campaigns (maltrail, Unit 42)
# that imitate a brand, 0.15 x share among 34,773 registered wrong-TLD look-alikes (SquatPhi, 2017), 0.15 x share
# among 2.2 M new names listed 2024-02 to 2026-05 (shreshta-labs, without .se .ee .sk .nu). At least 1.
# Written by gen; do not edit.
`

// icannRules reads the plain rules of the ICANN section.
func icannRules(file string) ([]string, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	n := 0
	if m := regexp.MustCompile(`numICANNRules = (\d+)`).FindSubmatch(b); m != nil {
		fmt.Sscan(string(m[1]), &n)
	}
	all := regexp.MustCompile(`(?m)^\t"([^"]*)",`).FindAllSubmatch(b, -1)
	if n == 0 || len(all) < n {
		return nil, fmt.Errorf("%s has %d rules, %d of ICANN", file, len(all), n)
	}
	var rules []string
	for _, m := range all[:n] {
		if r := string(m[1]); !strings.ContainsAny(r, "*!") {
			rules = append(rules, r)
		}
	}
	return rules, nil
}

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

// campaignCounts counts suffixes of hosts that imitate a brand, each registrable domain once.
func campaignCounts(corpus string) (counts, error) {
	c, seen := counts{}, map[string]bool{}
	for _, f := range []string{"campaigns-a.csv", "campaigns-b.csv"} {
		b, err := os.ReadFile(filepath.Join(corpus, "gold/dev", f))
		if err != nil {
			return nil, err
		}
		rows, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
		if err != nil {
			return nil, err
		}
		for _, r := range rows[1:] {
			d, err := lurehound.ParseDomain(r[0])
			if err != nil || r[2] == "" || seen[d.Registrable()] {
				continue
			}
			seen[d.Registrable()] = true
			c.add(r[0])
		}
	}
	return c, nil
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
