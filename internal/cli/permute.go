package cli

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime/debug"
	"sync/atomic"
	"text/tabwriter"

	"lurehound"
	"lurehound/internal/lexicon"
	"lurehound/internal/permute"
	"lurehound/internal/report"
)

type permuteCmd struct {
	Domain         string   `arg:"" optional:"" help:"The domain to imitate."`
	Technique      []string `help:"Only these techniques and their compositions." placeholder:"T,…"`
	Words          []string `help:"Product names of the brand." placeholder:"W,…"`
	Budget         int      `help:"How many names, at most ${maxbudget}." default:"10000"`
	ListTechniques bool     `help:"List the techniques with an example each."`
}

func (permuteCmd) Help() string {
	return `Valid, registrable names, none twice, the likeliest first.

Examples:
  lurehound permute microdicom.com --budget 100
  lurehound permute microdicom.com --technique homoglyph,tld-swap --format csv
  lurehound permute --list-techniques`
}

// Run prints the permutations.
func (c *permuteCmd) Run(ctx context.Context, con *console, g *Globals) error {
	if c.ListTechniques {
		return c.list(con)
	}
	format, err := g.format(con.stdout, "table", "json", "jsonl", "csv")
	if err != nil {
		return err
	}
	if c.Domain == "" {
		return misuse("permute needs a domain: type lurehound permute microdicom.com")
	}
	if c.Budget < 1 || c.Budget > maxBudget {
		return misuse("--budget is between 1 and %d", maxBudget)
	}
	if _, err := permute.Named(c.Technique); err != nil {
		return misuse("--technique: %v", err)
	}
	brand, err := oneBrand(c.Domain, c.Words)
	if err != nil {
		return err
	}
	t, err := permute.NewTarget(brand)
	if err != nil {
		return misuse("%v", err)
	}
	// Most runs end before there is anything worth reclaiming. Setting this back would begin to, right
	// before the process ends.
	debug.SetMemoryLimit(heapLimit)
	debug.SetGCPercent(-1)
	rows, err := report.Permutations(con.stdout, format, reportOptions(con))
	if err != nil {
		return err
	}
	names := permute.Permutations(t, lexicon.Default(), permute.Options{Budget: c.Budget, Techniques: c.Technique})
	return errors.Join(write(ctx, names, rows), ctx.Err())
}

// write writes the names while others are made, until there are no more, ctx ends or writing
// fails. What was written by then is whole lines.
func write(ctx context.Context, names iter.Seq[lurehound.Permutation], rows *report.Rows[lurehound.Permutation]) error {
	const batch, ahead = 256, 4
	full, free := make(chan []lurehound.Permutation, ahead), make(chan []lurehound.Permutation, ahead)
	for range ahead {
		free <- make([]lurehound.Permutation, 0, batch)
	}
	var failed atomic.Bool
	go func() {
		defer close(full)
		some := <-free
		for p := range names {
			if ctx.Err() != nil || failed.Load() {
				break
			}
			if some = append(some, p); len(some) == batch {
				full <- some
				some = (<-free)[:0]
			}
		}
		full <- some
	}()
	var err error
	for some := range full { // to the end, so that the other side ends
		for i := 0; i < len(some) && err == nil; i++ {
			err = rows.Write(some[i])
		}
		failed.Store(err != nil)
		free <- some
	}
	if err != nil {
		return err
	}
	return rows.Close()
}

// heapLimit is from where on memory is reclaimed, so that a million names fit into
// 64 MiB together with the program itself. It is no hard limit.
const heapLimit = 32 << 20

// maxBudget is far beyond what anybody can resolve; memory grows with it.
const maxBudget = 10_000_000

func (c *permuteCmd) list(con *console) error {
	w := tabwriter.NewWriter(con.stdout, 0, 0, 2, ' ', 0)
	for _, t := range permute.Techniques() {
		fmt.Fprintf(w, "%s\t%s\n", t.Name, t.Doc)
	}
	return w.Flush()
}

// oneBrand is the brand of a domain that was typed.
func oneBrand(domain string, words []string) (lurehound.Brand, error) {
	l, err := lurehound.ParseLink(domain)
	if err != nil {
		return lurehound.Brand{}, misuse("%v; type a domain such as microdicom.com", err)
	}
	b := lurehound.Brand{Name: l.Domain.Registrable(), Domains: []lurehound.Domain{l.Domain}, Words: words}
	return b, b.Check()
}
