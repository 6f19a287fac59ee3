package bench

import (
	"compress/gzip"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"lurehound"
)

const (
	manyLabels  = 10_000 // as many brands as anybody watches
	shortest    = 4      // letters of a label that is looked for: shorter ones stand everywhere
	makeBrands  = 1_000
	makeBudget  = 10_000 // the default of lurehound permute
	startRuns   = 20
	startDomain = "microdicom.com"
)

// reading times what finds labels in a large list of new names.
func (b *bench) reading(ctx context.Context) error {
	if b.corpus == "" {
		fmt.Fprintln(b.out, "LUREHOUND_CORPUS is not set: no list to read and no brands to look for")
		return nil
	}
	names := filepath.Join(b.dir, "names.csv")
	if err := inflate(filepath.Join(b.corpus, "nrd", "first-listed.csv.gz"), names); err != nil {
		return err
	}
	domains, err := ownDomains(filepath.Join(b.corpus, "benign", "own-domains.csv"))
	if err != nil {
		return err
	}
	labels, brands, one := filepath.Join(b.dir, "labels"), filepath.Join(b.dir, "brands"), filepath.Join(b.dir, "one")
	err = errors.Join(
		writeLines(labels, sampleOf(domains, manyLabels), lurehound.Domain.Label),
		writeLines(brands, sampleOf(domains, manyLabels), lurehound.Domain.String),
		writeLines(filepath.Join(b.dir, "make"), sampleOf(domains, makeBrands), lurehound.Domain.String),
		os.WriteFile(one, []byte(startDomain+"\n"), 0o600))
	if err != nil {
		return err
	}
	base, err := b.best(ctx, true, b.self, "read", names)
	if err != nil {
		return err
	}
	if _, err := fmt.Sscan(base.out, &b.lines); err != nil {
		return err
	}
	many := fmt.Sprintf("%d labels", min(manyLabels, len(domains)))
	fmt.Fprintf(b.out, "reading %d lines of new names\t%8s\t%12s\t%8s\t%s\n", b.lines, "seconds", "names/s", "peak", "time / reading loop")
	b.row("reading loop (Go, blocks)", base, base)
	for _, c := range []struct {
		what   string
		toPipe bool
		args   []string
	}{
		{"wc -l", true, []string{"wc", "-l", names}},
		{"grep -F, " + many, true, []string{"grep", "-c", "-F", "-f", labels, names}},
		{"rg -F, " + many, true, []string{"rg", "-c", "-F", "-f", labels, names}},
		{"lurehound match, " + many, false, []string{b.program, "match", "--format", "jsonl", "--brands", brands, names}},
		{"lurehound match, one brand", false, []string{b.program, "match", "--format", "jsonl", "--brands", one, names}},
	} {
		if _, err := exec.LookPath(c.args[0]); err != nil {
			fmt.Fprintf(b.out, "%s\tskipped: %s is not installed\n", c.what, c.args[0])
			continue
		}
		got, err := b.best(ctx, c.toPipe, c.args[0], c.args[1:]...)
		if err != nil {
			return err
		}
		b.row(c.what, got, base)
	}
	for _, f := range []struct{ what, brands string }{{many, brands}, {"one brand", one}} {
		built, err := b.best(ctx, true, b.self, "index", f.brands)
		if err != nil {
			return err
		}
		fmt.Fprintf(b.out, "  building the index alone, %s\t%8s\t\t%8s\t\n", f.what, strings.TrimSpace(built.out), built.memory())
	}
	return nil
}

func (b *bench) row(what string, c, base cost) {
	fmt.Fprintf(b.out, "%s\t%8.3f\t%12.0f\t%8s\t%.1f\n", what, c.took.Seconds(), float64(b.lines)/c.took.Seconds(),
		c.memory(), float64(c.took)/float64(base.took))
}

// making times the generation of permutations.
func (b *bench) making(ctx context.Context) error {
	brands := filepath.Join(b.dir, "make")
	if _, err := os.Stat(brands); err != nil {
		return nil // said above: no corpus
	}
	c, err := b.best(ctx, true, b.self, "generate", brands, fmt.Sprint(makeBudget))
	if err != nil {
		return err
	}
	var n int
	var seconds float64
	if _, err := fmt.Sscan(c.out, &n, &seconds); err != nil {
		return err
	}
	fmt.Fprintf(b.out, "permutations of %d brands, %d each, on %d processors\t%8.3f s\t%.0f names/s\t%s\n", makeBrands, makeBudget, runtime.GOMAXPROCS(0), seconds, float64(n)/seconds, c.memory())
	return nil
}

func inflate(from, to string) (err error) {
	f, err := os.Open(from)
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return err
	}
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, z)
	return errors.Join(err, out.Close())
}

// ownDomains are domains that can be a brand's, one for each label, in the order of the file.
func ownDomains(path string) ([]lurehound.Domain, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out []lurehound.Domain
	seen := map[string]bool{}
	r := csv.NewReader(f)
	for {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		d, err := lurehound.ParseDomain(rec[1])
		if err != nil || d.Problem() != "" || !d.Apex() || seen[d.Label()] || len(d.Label()) < shortest || !strings.ContainsFunc(d.Label(), isLetter) {
			continue // the heading is no domain either
		}
		seen[d.Label()] = true
		out = append(out, d)
	}
}

func isLetter(r rune) bool { return 'a' <= r && r <= 'z' }

// sampleOf are n of the domains, always the same ones.
func sampleOf(domains []lurehound.Domain, n int) []lurehound.Domain {
	r := rand.New(rand.NewPCG(1, 2)) // any fixed seed
	out := make([]lurehound.Domain, 0, n)
	for _, i := range r.Perm(len(domains))[:min(n, len(domains))] {
		out = append(out, domains[i])
	}
	return out
}

func writeLines(path string, domains []lurehound.Domain, text func(lurehound.Domain) string) error {
	var b strings.Builder
	for _, d := range domains {
		b.WriteString(text(d) + "\n")
	}
	return os.WriteFile(path, []byte(b.String()), 0o600)
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f s", d.Seconds()) }
