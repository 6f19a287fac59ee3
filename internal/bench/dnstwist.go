package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os/exec"
	"slices"
	"time"

	"lurehound"
	"lurehound/internal/lexicon"
	"lurehound/internal/permute"
)

// starting times a whole process that makes names and ends.
func (b *bench) starting(ctx context.Context) error {
	fmt.Fprintf(b.out, "cold start, %s, median of %d\tseconds\tnames\n", startDomain, startRuns)
	fmt.Fprintf(b.out, "lurehound permute --budget %d\t", makeBudget)
	c, err := b.median(ctx, b.program, "permute", startDomain, "--budget", fmt.Sprint(makeBudget), "--format", "jsonl")
	if err != nil {
		return err
	}
	fmt.Fprintf(b.out, "%s\t%d\n", seconds(c), makeBudget)
	tool, err := exec.LookPath("dnstwist")
	if err != nil {
		fmt.Fprintln(b.out, "dnstwist --format list\tskipped: dnstwist is not installed")
		return nil
	}
	made, err := b.dnstwist(ctx, startDomain)
	if err != nil {
		fmt.Fprintf(b.out, "dnstwist --format list\tskipped: %v\n", err)
		return nil
	}
	// As a list, dnstwist asks no name server.
	if c, err = b.median(ctx, tool, "--format", "list", startDomain); err != nil {
		return err
	}
	fmt.Fprintf(b.out, "dnstwist %s --format list\t%s\t%d\n", made.Version, seconds(c), len(made.Names))
	return nil
}

func (b *bench) median(ctx context.Context, name string, args ...string) (time.Duration, error) {
	var all []time.Duration
	for range startRuns {
		c, err := b.measure(ctx, false, name, args...)
		if err != nil {
			return 0, err
		}
		all = append(all, c.took)
	}
	slices.Sort(all)
	return all[len(all)/2], nil
}

// compared are the domains whose lists are compared: with and without hyphen, short and long.
var compared = [...]string{startDomain, "advanced-ip-scanner.com", "7-zip.org", "qbittorrent.org", "winscp.net"}

// sharing tells how much of dnstwist's list stands among our first names.
func (b *bench) sharing(ctx context.Context) error {
	budgets := [...]int{10_000, 50_000}
	made, shared := map[string]int{}, map[string][len(budgets)]int{}
	version := ""
	for _, domain := range compared {
		theirs, err := b.dnstwist(ctx, domain)
		if err != nil {
			fmt.Fprintf(b.out, "share of dnstwist's names\tskipped: %v\n", err)
			return nil
		}
		version = theirs.Version
		ranks, err := ranksOf(domain, budgets[len(budgets)-1])
		if err != nil {
			return err
		}
		for _, n := range theirs.Names {
			made[n.Fuzzer]++
			s := shared[n.Fuzzer]
			for i, most := range budgets {
				if r := ranks[n.Domain]; r > 0 && r <= most {
					s[i]++
				}
			}
			shared[n.Fuzzer] = s
		}
	}
	fmt.Fprintf(b.out, "names of dnstwist %s for %d domains\t%6s\t%12s\t%12s\n", version, len(compared), "names", "in our 10k", "in our 50k")
	for _, f := range slices.Sorted(maps.Keys(made)) {
		s := shared[f]
		fmt.Fprintf(b.out, "%s\t%6d\t%12.3f\t%12.3f\n", f, made[f], float64(s[0])/float64(made[f]), float64(s[1])/float64(made[f]))
	}
	return nil
}

// ranksOf are the places of the first names that we make of a domain, from 1.
func ranksOf(domain string, budget int) (map[string]int, error) {
	d, err := lurehound.ParseDomain(domain)
	if err != nil {
		return nil, err
	}
	t, err := permute.NewTarget(lurehound.Brand{Name: domain, Domains: []lurehound.Domain{d}})
	if err != nil {
		return nil, err
	}
	ranks := map[string]int{}
	for p := range permute.Permutations(t, lexicon.Default(), permute.Options{Budget: budget}) {
		ranks[p.Domain.String()] = len(ranks) + 1
	}
	return ranks, nil
}

// dnstwistScript prints what the installed dnstwist makes of a domain and by which of its fuzzers.
const dnstwistScript = `
import sys, json, dnstwist
f = dnstwist.Fuzzer(sys.argv[1])
f.generate()
names = [{'fuzzer': p['fuzzer'], 'domain': p['domain']} for p in f.domains if not p['fuzzer'].startswith('*')]
json.dump({'version': dnstwist.__version__, 'names': names}, sys.stdout)
`

// twisted is what dnstwist makes of a domain.
type twisted struct {
	Version string
	Names   []struct{ Fuzzer, Domain string }
}

func (b *bench) dnstwist(ctx context.Context, domain string) (twisted, error) {
	var out twisted
	// The Python that distributions install modules for.
	c, err := b.measure(ctx, true, "/usr/bin/python3", "-c", dnstwistScript, domain)
	if err != nil {
		return out, fmt.Errorf("dnstwist does not run as a module of /usr/bin/python3")
	}
	return out, json.Unmarshal([]byte(c.out), &out)
}
