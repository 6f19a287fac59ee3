package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"lurehound"
	"lurehound/internal/hunt"
	"lurehound/internal/lexicon"
	"lurehound/internal/match"
	"lurehound/internal/report"
)

type huntCmd struct {
	Domain    []string `arg:"" optional:"" help:"Domains of the brands to protect; each is a brand of its own."`
	Brands    string   `help:"File of brands: TOML, CSV (brand,domain[,words]) or a plain list." placeholder:"FILE" type:"path"`
	Name      string   `help:"Name of the brand, when one domain is given." placeholder:"NAME"`
	Words     []string `help:"Product names, comma-separated." placeholder:"W,…"`
	OwnDomain []string `help:"A further own domain of the brand; repeatable." placeholder:"DOMAIN"`
	Feed      []string `help:"Where new names come from: isc, list=FILE, zone=FILE; repeatable (default: isc)." placeholder:"KIND=ARG"`
	Days      int      `help:"Days of the feeds, today included." default:"31"`
	Budget    int      `help:"Permutations to resolve per brand; 0 is none, feeds only." default:"20000"`
	MinScore  float64  `help:"Names of feeds with a lower score are left out." default:"${minscore}"`
	Own       bool     `help:"Visit the brand's own sites as many visitors, too: is any of them given something else?"`
	Passive   bool     `help:"Feeds, DNS and registration data only: no packet to a candidate's web server."`
	Advisory  []string `help:"CSAF advisory to line the campaigns up with; repeatable." placeholder:"FILE" type:"path"`
	FailOn    string   `help:"Exit with 3 from this verdict on: ${verdicts}." default:"suspicious" placeholder:"VERDICT"`
	OnlyNew   bool     `help:"Show findings in the state new only."`
	Fresh     bool     `help:"Begin anew where an unfinished hunt would be gone on with."`
	visitFlags
	payloadFlags
	pictureFlags
}

func (huntCmd) Help() string {
	return `Makes look-alike names and asks which exist, matches names from feeds, visits what was found,
holds it against the brand's own site, and groups it into campaigns. Ctrl-C keeps what is done;
the same command goes on.

Examples:
  lurehound hunt microdicom.com --lab
  lurehound hunt microdicom.com --words "MicroDicom DICOM Viewer" --passive
  lurehound hunt microdicom.com --payloads --known-bad hashes.txt --lab
  lurehound hunt microdicom.com --own --lab --scenario cloaks
  lurehound hunt --brands brands.toml --feed list=new-names.csv.gz --format json > hunt.json`
}

// Run carries out the hunt and prints it.
func (c *huntCmd) Run(ctx context.Context, con *console, g *Globals) error {
	format, err := g.format(con.stdout, "table", "json", "jsonl", "csv")
	if err != nil {
		return err
	}
	failOn, err := parseVerdict(c.FailOn)
	if err != nil {
		return err
	}
	if err := c.check(); err != nil {
		return err
	}
	g.profiles = c.Profiles
	w, err := g.open(ctx, con)
	if err != nil {
		return err
	}
	defer w.Close()
	brands, err := c.brands(w)
	if err != nil {
		return err
	}
	store, err := w.store(ctx)
	if err != nil {
		return err
	}
	bar := newProgress(con)
	defer bar.Close()
	plan, err := c.plan(w, brands, bar)
	if err != nil {
		return err
	}
	if !c.Passive {
		if err := w.look(&c.payloadFlags); err != nil {
			return err
		}
	}
	kit := hunt.Kit{Store: store, Clock: w.clock, Probes: w.probes(), Web: w.web, Progress: bar, Workers: visitors}
	if err := w.lockHunt(ctx, plan); err != nil {
		return err
	}
	plan.Problems, plan.Advice = w.preflight(ctx)
	plan.Advice = append(plan.Advice, c.payloadFlags.advice(c.Passive)...)
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
	if c.OnlyNew {
		h.Findings = slices.DeleteFunc(h.Findings, func(f lurehound.Finding) bool { return f.State != lurehound.New })
	}
	if err := report.Write(con.stdout, format, h, reportOptions(con)); err != nil {
		return err
	}
	return outcome(h, failOn)
}

// check refuses numbers that make no sense.
func (c *huntCmd) check() error {
	switch {
	case c.Own && c.Passive:
		return misuse("--own visits the brand's own sites, and --passive visits nothing: leave one of them out")
	case c.Budget < 0 || c.Budget > maxBudget:
		return misuse("--budget is between 0 (feeds only) and %d", maxBudget)
	case c.Days < 1:
		return misuse("--days is 1 or more")
	case c.MinScore < 0 || c.MinScore > 1:
		return misuse("--min-score is between 0 and 1")
	}
	if err := c.payloadFlags.check(c.Passive); err != nil {
		return err
	}
	return c.pictureFlags.check(c.Passive)
}

// lockHunt keeps two processes from the same hunt on the same data: they would
// visit every site twice.
func (w *world) lockHunt(ctx context.Context, p hunt.Plan) error {
	dir, err := w.globals.dataDir(w.con.env)
	if err != nil {
		return err
	}
	key, err := p.Key()
	if err != nil {
		return err
	}
	return w.lock(ctx, filepath.Join(dir, "locks", key), "another lurehound is at this very hunt; waiting for it to end")
}

// visitors is how many candidates are looked at side by side: each has one
// visitor, and most of the time is waiting for slow hosts.
const visitors = 16

// brands are those of the file and of the command line.
func (c *huntCmd) brands(w *world) ([]lurehound.Brand, error) {
	if len(c.Domain) == 0 && c.Brands == "" {
		return nil, misuse("hunt needs a brand: type lurehound hunt microdicom.com, or --brands FILE")
	}
	brands, err := w.loadBrands(c.Brands, c.Domain)
	if err != nil {
		return nil, err
	}
	if single := c.Name != "" || len(c.Words) > 0 || len(c.OwnDomain) > 0; single && len(brands) != 1 {
		return nil, misuse("--name, --words and --own-domain are about one brand; %d are given: write them into a file for --brands", len(brands))
	}
	if c.Name != "" {
		brands[0].Name = c.Name
	}
	for _, word := range c.Words {
		if word = strings.TrimSpace(word); word != "" && !slices.Contains(brands[0].Words, word) {
			brands[0].Words = append(brands[0].Words, word)
		}
	}
	for _, s := range c.OwnDomain {
		d, err := lurehound.ParseDomain(s)
		if err != nil {
			return nil, misuse("--own-domain: %v", err)
		}
		brands[0].Domains = append(brands[0].Domains, d)
	}
	for _, b := range brands {
		if err := w.refuseLookalike(b); err != nil {
			return nil, err
		}
	}
	return brands, nil
}

// refuseLookalike keeps a look-alike of a known brand from being protected.
func (w *world) refuseLookalike(b lurehound.Brand) error {
	if w.lab == nil {
		return nil
	}
	known := w.lab.Brands()
	ix, err := match.NewIndex(known, lexicon.Default())
	if err != nil {
		return err
	}
	if hit, ok := ix.Match(b.ID(), match.DefaultMinScore); ok {
		m := hit.Matches[0]
		return misuse("%s resembles %s (%s): to look at it, type lurehound check %s", b.Domains[0].Defanged(), m.Brand, m.Why, b.ID())
	}
	return nil
}

// plan wires the sources: permutations first, then the feeds.
func (c *huntCmd) plan(w *world, brands []lurehound.Brand, bar *progress) (hunt.Plan, error) {
	tables := lexicon.Default()
	ix, err := match.NewIndex(brands, tables)
	if err != nil {
		return hunt.Plan{}, err
	}
	advisories, err := w.advisories(c.Advisory)
	if err != nil {
		return hunt.Plan{}, err
	}
	first, err := w.ways.first()
	if err != nil {
		return hunt.Plan{}, err
	}
	known, err := c.known()
	if err != nil {
		return hunt.Plan{}, err
	}
	p := hunt.Plan{Verb: "hunt", KnownBad: known, Brands: brands, Profile: first, Passive: c.Passive, Advisories: advisories, Fresh: c.Fresh,
		Flags: w.globals.flags(), VisitFlags: w.globals.visitFlags(), Routes: w.ways.names(), DNS: w.ways.DNS}
	if c.Own {
		p.Sources = append(p.Sources, hunt.OwnSites(brands))
	}
	if c.Budget > 0 {
		p.Sources = append(p.Sources, &hunt.Permutations{Brands: brands, Budget: c.Budget, Resolver: w.patient(), Index: ix, Tables: tables, Progress: bar})
	}
	feeds := c.Feed
	if len(feeds) == 0 {
		feeds = []string{"isc"}
	}
	for _, f := range feeds {
		s, err := w.feed(f, c.Days, brands)
		if err != nil {
			return hunt.Plan{}, err
		}
		p.Sources = append(p.Sources, &hunt.FeedNames{Label: f, Feed: s, Index: ix, MinScore: c.MinScore, Progress: bar})
	}
	p.Identity = append([]string{strconv.FormatBool(c.Own), strconv.Itoa(c.Budget), strconv.Itoa(c.Days), fmt.Sprint(c.MinScore), version(), c.payloadFlags.identity(), fmt.Sprint("pictures ", c.Screenshots)}, feeds...)
	return p, nil
}

func parseVerdict(s string) (lurehound.Verdict, error) {
	v := lurehound.Verdict(s)
	if !slices.Contains(lurehound.Verdicts(), v) {
		return "", misuse("--fail-on %s is no verdict; type one of %s", s, verdictNames())
	}
	return v, nil
}

func verdictNames() string {
	var names []string
	for _, v := range lurehound.Verdicts() {
		names = append(names, string(v))
	}
	return join(names)
}

// outcome is the exit status that a hunt or check ends with.
func outcome(h lurehound.Hunt, failOn lurehound.Verdict) error {
	for _, f := range h.Findings {
		if f.State != lurehound.Ignored && f.State != lurehound.Resolved && f.Verdict.Rank() <= failOn.Rank() {
			return exitError(exitFindings)
		}
	}
	if !h.Complete {
		return exitError(exitIncomplete)
	}
	return nil
}
