package cli

import (
	"context"
	"fmt"

	"lurehound"
	"lurehound/internal/cloak"
	"lurehound/internal/egress"
	"lurehound/internal/probe"
	"lurehound/internal/report"
)

type captureCmd struct {
	URL    string `arg:"" name:"url" help:"A link or name, defanged or not."`
	Visits int    `help:"Visits at most." default:"40"`
	visitFlags
}

func (captureCmd) Help() string {
	return `Visits one page under many profiles, one part of the profile changed at a time, and says what
differs, which part decides it, and how far a "no" reaches. Visits are made one after the other, each with
cookies and connections of its own.

A profile is a route, a browser, a first language and a way to arrive: by a search result, typed, by an
advertisement (with a fresh click parameter), from web mail.

Exit status: 0 when nothing differs and something was shown; 3 when visitors are told apart; 4 when it is
inconclusive.

Examples:
  lurehound capture hxxps://microdicom-viewer[.]com/ --lab
  lurehound capture example.com --visits 12 --format json
  lurehound capture example.com --profiles proxies.toml`
}

// Run visits and prints the matrix.
func (c *captureCmd) Run(ctx context.Context, con *console, g *Globals) error {
	format, err := g.format(con.stdout, "table", "json", "jsonl")
	if err != nil {
		return err
	}
	if c.Visits < 1 {
		return misuse("--visits is 1 or more")
	}
	l, err := link(c.URL)
	if err != nil {
		return misuse("%v; type a link such as hxxps://example[.]com/ or a name such as example[.]com", err)
	}
	if l.URL == "" {
		l.URL = "https://" + l.Domain.String() + "/"
	}
	g.profiles = c.Profiles
	w, err := g.open(ctx, con)
	if err != nil {
		return err
	}
	defer w.Close()
	w.warn(ctx)
	space := w.space()
	space.Budget = c.Visits
	bar := newProgress(con)
	defer bar.Close()
	bar.Stage("visiting", c.Visits)
	out := report.Captured{Link: l.URL}
	kit := probe.Kit{DNS: w.dns, Services: w.web, Web: w.web, Clock: w.clock}
	_, out.Cloaking = cloak.Investigate(ctx, space, l.URL, nil, func(ctx context.Context, p egress.Profile) cloak.Look {
		o := probe.Look(ctx, kit, probe.Subject{Domain: l.Domain, Profile: p}, l.URL)
		bar.Advance(1)
		if ctx.Err() == nil {
			out.Observations = append(out.Observations, o)
		}
		return cloak.Look{Profile: p, Outcome: o.Outcome, Reason: o.Reason, Visit: o.Visit}
	})
	bar.Close()
	if err := report.Capture(con.stdout, format, out, reportOptions(con)); err != nil {
		return err
	}
	switch {
	case ctx.Err() != nil:
		fmt.Fprintf(con.stderr, "interrupted after %s: what is above rests on these\n", counted(len(out.Observations), "visit"))
		return exitError(exitIncomplete)
	case out.Cloaking.Verdict == lurehound.Cloaked:
		return exitError(exitFindings)
	case out.Cloaking.Verdict == lurehound.CloakUnsure:
		return exitError(exitIncomplete)
	}
	return nil
}
