package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"lurehound"
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
	visitFlags
	payloadFlags
	pictureFlags
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
	if err := c.payloadFlags.check(c.Passive); err != nil {
		return err
	}
	if err := c.pictureFlags.check(c.Passive); err != nil {
		return err
	}
	known, err := c.known()
	if err != nil {
		return err
	}
	links, problems, err := c.links(con)
	if err != nil {
		return err
	}
	g.profiles = c.Profiles
	w, store, err := g.openStored(ctx, con)
	if err != nil {
		return err
	}
	defer w.Close()
	brands, err := c.brands(ctx, w, store)
	if err != nil {
		return err
	}
	candidates, used, own, err := guess(links, brands)
	if err != nil {
		return err
	}
	if len(own) == len(links) && len(own) > 0 {
		return misuse("%s: nothing is imitated there", join(own))
	}
	problems = append(problems, own...)
	if len(brands) == 0 {
		problems = append(problems, "no brand is known, so nothing says whom a name imitates: type --brands FILE")
	}
	advisories, err := w.advisories(c.Advisory)
	if err != nil {
		return err
	}
	first, err := w.ways.first()
	if err != nil {
		return err
	}
	if !c.Passive {
		if err := w.look(&c.payloadFlags); err != nil {
			return err
		}
	}
	bar := newProgress(con)
	defer bar.Close()
	plan := hunt.Plan{Verb: "check", KnownBad: known, Brands: used, Sources: []hunt.Source{&hunt.Given{Candidates: candidates}},
		Profile: first, Passive: c.Passive, Advisories: advisories, Fresh: true, Flags: g.flags(), VisitFlags: g.visitFlags(), Routes: w.ways.names(), DNS: w.ways.DNS}
	plan.Problems, plan.Advice = w.preflight(ctx)
	plan.Problems = append(problems, plan.Problems...)
	plan.Advice = append(plan.Advice, c.payloadFlags.advice(c.Passive)...)
	kit := hunt.Kit{Store: store, Clock: w.clock, Probes: w.probes(), Web: w.web, Progress: bar, Workers: visitors}
	pictures, problem, err := w.pictures(&c.pictureFlags, &c.payloadFlags)
	if err != nil {
		return err
	}
	if kit.Pictures = pictures; problem != "" {
		plan.Problems = append(plan.Problems, problem)
	}
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

// links are the names asked about. What was typed has to be right; a bad line
// of a list is a problem of the result and stops nothing.
func (c *checkCmd) links(con *console) (links []lurehound.Link, problems []string, err error) {
	for _, n := range c.Name {
		if n != "-" {
			l, err := link(n)
			if err != nil {
				return nil, nil, misuse("%v; type a name such as example[.]com or a link such as hxxps://example[.]com/", err)
			}
			links = append(links, l)
			continue
		}
		sc := bufio.NewScanner(io.LimitReader(con.stdin, maxLinks*4096))
		for i := 1; sc.Scan(); i++ {
			line := strings.TrimSpace(sc.Text())
			if line == "" || line[0] == '#' {
				continue
			}
			if l, err := link(line); err != nil {
				problems = append(problems, fmt.Sprintf("line %d: %v", i, err))
			} else {
				links = append(links, l)
			}
		}
		if err := sc.Err(); err != nil {
			return nil, nil, fmt.Errorf("reading names: %w", err)
		}
	}
	if n := len(links) + len(problems); n == 0 || n > maxLinks {
		return nil, nil, misuse("check takes 1 to %d names, %d were given", maxLinks, n)
	}
	return links, problems, nil
}

// link reads a name or link that a resolver and a web client can be asked for.
func link(s string) (lurehound.Link, error) {
	l, err := lurehound.ParseLink(s)
	if err != nil {
		return l, err
	}
	odd := strings.ContainsFunc(l.Domain.String(), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '_' && r != '.'
	})
	if odd || l.Domain.Registrable() == "" {
		return l, fmt.Errorf("%q is no name that can be registered", s)
	}
	return l, nil
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
// are the brands that are needed to judge; own says which names are a brand's own.
func guess(links []lurehound.Link, brands []lurehound.Brand) (list []lurehound.Candidate, used []lurehound.Brand, own []string, err error) {
	var ix *match.Index
	if len(brands) > 0 {
		if ix, err = match.NewIndex(brands, lexicon.Default()); err != nil {
			return nil, nil, nil, err
		}
	}
	for _, l := range links {
		if i := slices.IndexFunc(brands, func(b lurehound.Brand) bool { return b.Owns(l.Domain) }); i >= 0 {
			own = append(own, fmt.Sprintf("%s is %s's own (to find its look-alikes, type lurehound hunt %s)", l.Domain.Defanged(), brands[i].Name, brands[i].ID()))
			continue
		}
		c := lurehound.Candidate{Domain: l.Domain, Sightings: []lurehound.Sighting{{Feed: hunt.GivenFeed}}}
		if l.URL != "" {
			c.Links = []string{l.URL}
		}
		if ix != nil {
			if hit, ok := ix.Match(l.Domain.String(), 0); ok {
				c.Brand, c.Matches = hit.Matches[0].Brand, hit.Matches[:1]
			}
		}
		for _, b := range brands {
			if b.ID() == c.Brand && !slices.ContainsFunc(used, func(o lurehound.Brand) bool { return o.ID() == b.ID() }) {
				used = append(used, b)
			}
		}
		list = append(list, c)
	}
	return list, used, own, nil
}
