package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"lurehound"
	"lurehound/internal/egress"
	"lurehound/internal/hunt"
	"lurehound/internal/lexicon"
	"lurehound/internal/match"
	"lurehound/internal/report"
)

type checkCmd struct {
	Name     []string `arg:"" name:"domain|url" help:"Names or links, defanged or not; - reads them from stdin."`
	Brands   string   `help:"File of brands that may be imitated (default: those of earlier hunts)." placeholder:"FILE" type:"path"`
	Passive  bool     `help:"DNS and registration data only: no packet to the web server."`
	Advisory []string `help:"CSAF advisory to line the finding up with; repeatable." placeholder:"FILE" type:"path"`
	FailOn   string   `help:"Exit with 3 from this verdict on: ${verdicts}." default:"suspicious" placeholder:"VERDICT"`
}

func (checkCmd) Help() string {
	return `Looks at single names or links with the same eyes as hunt. The brand that is imitated is guessed.

Examples:
  lurehound check hxxps://mlcrodicom[.]info/ --lab
  lurehound check --brands brands.toml - < suspects.txt`
}

// Run looks at the names and prints one finding each.
func (c *checkCmd) Run(ctx context.Context, con *console, g *Globals) error {
	format, err := g.format(con.stdout, "table", "json", "jsonl", "csv")
	if err != nil {
		return err
	}
	failOn, err := parseVerdict(c.FailOn)
	if err != nil {
		return err
	}
	links, err := c.links(con)
	if err != nil {
		return err
	}
	w, store, err := g.openStored(ctx, con)
	if err != nil {
		return err
	}
	defer w.Close()
	brands, err := c.brands(ctx, w, store)
	if err != nil {
		return err
	}
	candidates, used, err := guess(links, brands)
	if err != nil {
		return err
	}
	advisories, err := w.advisories(c.Advisory)
	if err != nil {
		return err
	}
	bar := newProgress(con)
	defer bar.Close()
	plan := hunt.Plan{Verb: "check", Brands: used, Sources: []hunt.Source{&hunt.Given{Candidates: candidates}},
		Profile: egress.DefaultProfile(), Passive: c.Passive, Advisories: advisories, Fresh: true}
	plan.Problems = w.preflight(ctx)
	kit := hunt.Kit{Store: store, Clock: w.clock, Probes: w.probes(), Web: w.web, Progress: bar, Workers: visitors}
	h, err := hunt.Run(ctx, kit, plan)
	bar.Close()
	if err != nil {
		return err
	}
	if err := report.Write(con.stdout, format, h, reportOptions(con)); err != nil {
		return err
	}
	return outcome(h, failOn)
}

// maxLinks bounds what one check reads from stdin.
const maxLinks = 10_000

func (c *checkCmd) links(con *console) ([]lurehound.Link, error) {
	var links []lurehound.Link
	add := func(s string) error {
		l, err := lurehound.ParseLink(s)
		if err != nil {
			return misuse("%v; type a name such as example[.]com or a link such as hxxps://example[.]com/", err)
		}
		links = append(links, l)
		return nil
	}
	for _, n := range c.Name {
		if n != "-" {
			if err := add(n); err != nil {
				return nil, err
			}
			continue
		}
		sc := bufio.NewScanner(io.LimitReader(con.stdin, maxLinks*4096))
		for sc.Scan() {
			if line := strings.TrimSpace(sc.Text()); line != "" && line[0] != '#' {
				if err := add(line); err != nil {
					return nil, err
				}
			}
		}
		if err := sc.Err(); err != nil {
			return nil, fmt.Errorf("reading names: %w", err)
		}
	}
	if len(links) == 0 || len(links) > maxLinks {
		return nil, misuse("check takes 1 to %d names, %d were given", maxLinks, len(links))
	}
	return links, nil
}

// brands are those that may be imitated: of the file, else of the laboratory and
// of earlier hunts.
func (c *checkCmd) brands(ctx context.Context, w *world, known interface {
	Brands(context.Context) ([]lurehound.Brand, error)
}) ([]lurehound.Brand, error) {
	if c.Brands != "" {
		return w.loadBrands(c.Brands, nil)
	}
	brands, err := known.Brands(ctx)
	if err != nil {
		return nil, err
	}
	if w.lab != nil {
		for _, b := range w.lab.Brands() {
			if !slices.ContainsFunc(brands, func(o lurehound.Brand) bool { return o.ID() == b.ID() }) {
				brands = append(brands, b)
			}
		}
	}
	return brands, nil
}

// guess says whom each name imitates; nobody, when it resembles no brand. used
// are the brands that are needed to judge.
func guess(links []lurehound.Link, brands []lurehound.Brand) (list []lurehound.Candidate, used []lurehound.Brand, err error) {
	ix, err := match.NewIndex(brands, lexicon.Default())
	if err != nil {
		return nil, nil, err
	}
	for _, l := range links {
		c := lurehound.Candidate{Domain: l.Domain, Sightings: []lurehound.Sighting{{Feed: hunt.GivenFeed}}}
		if l.URL != "" {
			c.Links = []string{l.URL}
		}
		for _, b := range brands {
			if b.Owns(l.Domain) {
				return nil, nil, misuse("%s is %s's own: nothing is imitated there. To find its look-alikes, type lurehound hunt %s", l.Domain.Defanged(), b.Name, b.ID())
			}
		}
		if hit, ok := ix.Match(l.Domain.String(), 0); ok {
			c.Brand, c.Matches = hit.Matches[0].Brand, hit.Matches[:1]
		}
		for _, b := range brands {
			if b.ID() == c.Brand && !slices.ContainsFunc(used, func(o lurehound.Brand) bool { return o.ID() == b.ID() }) {
				used = append(used, b)
			}
		}
		list = append(list, c)
	}
	return list, used, nil
}
