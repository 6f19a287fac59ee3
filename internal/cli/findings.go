package cli

import (
	"context"
	"fmt"
	"slices"

	"lurehound"
	"lurehound/internal/campaign"
	"lurehound/internal/report"
)

type findingsCmd struct {
	List findingsListCmd `cmd:"" default:"withargs" help:"Show what is known so far."`
	Set  findingsSetCmd  `cmd:"" help:"Note what you decided about a finding."`
}

func (findingsCmd) Help() string {
	return `Examples:
  lurehound findings
  lurehound findings --verdict malicious --format csv
  lurehound findings set mlcrodicom[.]info --state confirmed --note "blocked, ticket 4711"`
}

type findingsListCmd struct {
	Verdict []string `help:"Only these verdicts: ${verdicts}." placeholder:"VERDICT,…"`
	State   []string `help:"Only these states: ${states}." placeholder:"STATE,…"`
}

// Run prints the stored findings.
func (c *findingsListCmd) Run(ctx context.Context, con *console, g *Globals) error {
	format, err := g.format(con.stdout, "table", "json", "jsonl", "csv")
	if err != nil {
		return err
	}
	for _, v := range c.Verdict {
		if _, err := parseVerdict(v); err != nil {
			return misuse("--verdict %s is no verdict; type one of %s", v, verdictNames())
		}
	}
	for _, s := range c.State {
		if _, err := parseState(s); err != nil {
			return err
		}
	}
	w, store, err := g.openStored(ctx, con)
	if err != nil {
		return err
	}
	defer w.Close()
	h := lurehound.Hunt{Complete: true}
	if h.Findings, err = store.AllFindings(ctx); err != nil {
		return err
	}
	h.Campaigns = campaign.Campaigns(h.Findings, nil)
	h.Findings = slices.DeleteFunc(h.Findings, func(f lurehound.Finding) bool {
		return len(c.Verdict) > 0 && !slices.Contains(c.Verdict, string(f.Verdict)) ||
			len(c.State) > 0 && !slices.Contains(c.State, string(f.State))
	})
	h.Counts.Findings = len(h.Findings)
	if len(h.Findings) == 0 {
		fmt.Fprintln(con.stderr, "no such finding; lurehound findings shows all, lurehound hunt makes them")
	}
	h.Sort()
	return report.Write(con.stdout, format, h, reportOptions(con))
}

type findingsSetCmd struct {
	Domain []string `arg:"" help:"Domains of findings, defanged or not."`
	State  string   `required:"" help:"${states}." placeholder:"STATE"`
	Note   string   `help:"Why, in your words." placeholder:"TEXT"`
}

// Run changes the state of findings.
func (c *findingsSetCmd) Run(ctx context.Context, con *console, g *Globals) error {
	state, err := parseState(c.State)
	if err != nil {
		return err
	}
	var domains []lurehound.Domain
	for _, s := range c.Domain {
		d, err := lurehound.ParseDomain(s)
		if err != nil {
			return misuse("%v", err)
		}
		domains = append(domains, d)
	}
	w, store, err := g.openStored(ctx, con)
	if err != nil {
		return err
	}
	defer w.Close()
	for _, d := range domains {
		n, err := store.SetState(ctx, d, state, c.Note)
		if err != nil {
			return err
		}
		if n == 0 {
			return misuse("there is no finding about %s; lurehound findings%s lists them", d.Defanged(), g.flags())
		}
		fmt.Fprintf(con.stderr, "%s is %s\n", d.Defanged(), state)
	}
	return nil
}

func parseState(s string) (lurehound.State, error) {
	if !slices.Contains(lurehound.States(), lurehound.State(s)) {
		return "", misuse("%q is no state; type one of %s", s, stateNames())
	}
	return lurehound.State(s), nil
}

func stateNames() string {
	var names []string
	for _, s := range lurehound.States() {
		names = append(names, string(s))
	}
	return join(names)
}
