package cli

import (
	"context"
	"errors"
	"fmt"

	"lurehound"
	"lurehound/internal/feed"
)

type nrdCmd struct {
	Search string `arg:"" help:"Part of a name, dots included: com.info finds microdicomcom.info and microdicom.info."`
	Days   int    `help:"Days to search, today included." default:"31"`
	Out    string `help:"File to write (default: SEARCH.csv in this folder)." placeholder:"FILE"`
	Force  bool   `help:"Write the file anew where there is one."`
}

func (nrdCmd) Help() string {
	return `Asks SANS ISC, one question a second, and writes domain,ip,firstseen to stdout and into a file.
"firstseen" is the day on which the feed first saw the name, not the day of its registration.
The feed reaches back about a month; what was kept of older days is read from this computer.
When a day could not be read there is no file, and the exit status is 4.

Examples:
  lurehound nrd com.info --lab
  lurehound nrd microdicom --days 7 --out new.csv`
}

// Run searches and writes both tables.
func (c *nrdCmd) Run(ctx context.Context, con *console, g *Globals) error {
	if g.Format != "" && g.Format != "csv" {
		return misuse("nrd writes csv only; leave --format out")
	}
	if c.Days < 1 {
		return misuse("--days is 1 or more")
	}
	search, err := feed.CheckSearch(c.Search)
	if err != nil {
		return misuse("%v", err)
	}
	path := c.Out
	if path == "" {
		path = feed.FileName(search)
	}
	table, err := feed.CreateTable(path, c.Force) // before anything is asked for
	if err != nil {
		return misuse("%v", err)
	}
	defer table.Discard()
	w, err := g.open(ctx, con)
	if err != nil {
		return err
	}
	defer w.Close()
	w.warn(ctx)
	out, err := feed.NewCSV(con.stdout)
	if err != nil {
		return err
	}
	report, err := c.search(ctx, w, search, out, table)
	var days *feed.DaysError
	switch {
	case errors.As(err, &days):
		for _, p := range report.Problems {
			fmt.Fprintln(con.stderr, p)
		}
		fmt.Fprintf(con.stderr, "%s was not written, since %d of %s could not be read in full; %s\n",
			path, len(days.Days), counted(c.Days, "day"), whatNext(days))
		return exitError(exitIncomplete)
	case errors.Is(err, feed.ErrNoContact):
		return misuse("%v", err)
	case err != nil:
		return err
	}
	if err := table.Commit(); err != nil {
		return err
	}
	fmt.Fprintf(con.stderr, "%s, %s read; written to %s. Source: SANS Internet Storm Center\n",
		counted(report.Days, "day"), counted(report.Names, "name"), path)
	for _, p := range report.Problems {
		fmt.Fprintln(con.stderr, p)
	}
	return nil
}

// search writes every name to both.
func (c *nrdCmd) search(ctx context.Context, w *world, search string, out *feed.CSV, table *feed.Table) (lurehound.FeedReport, error) {
	cfg, err := w.feedConfig(c.Days)
	if err != nil {
		return lurehound.FeedReport{}, err
	}
	report, err := feed.Search(ctx, cfg, search, c.Days, func(n feed.Name) error {
		return errors.Join(out.Row(n), table.Row(n))
	})
	return report, errors.Join(err, out.Flush())
}

func counted(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

// whatNext is what helps: time, or to ask for less.
func whatNext(e *feed.DaysError) string {
	again := fmt.Sprintf("run it with --days %d", feed.Reach)
	switch e.Old {
	case 0:
		return "run it again later"
	case len(e.Days):
		return again
	}
	return again + ", later"
}
