package cli

import (
	"context"
	"fmt"
	"os"

	"lurehound"
	"lurehound/internal/examine"
	"lurehound/internal/payload"
)

// sandboxReports are what --sandbox-report names, until the file that each is about turns up.
type sandboxReports []*sandboxReport

type sandboxReport struct {
	path string
	payload.SandboxReport
	used bool
}

// reports reads them. One that does not say which file ran is taken only where there is one file.
func (c *triageCmd) reports(ctx context.Context, con *console, x examine.Examiner) (all sandboxReports, err error) {
	for _, path := range c.SandboxReport {
		r, err := readReport(ctx, x, path)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil:
			return nil, misuse("--sandbox-report %v; type a report.json of a CAPE sandbox", oneLine(err))
		case r.SHA256 == "" && len(c.File) > 1:
			return nil, misuse("--sandbox-report %s does not say which file ran: give it with that file alone", path)
		}
		all = append(all, &sandboxReport{path: path, SandboxReport: r})
	}
	return all, nil
}

func readReport(ctx context.Context, x examine.Examiner, path string) (r payload.SandboxReport, err error) {
	f, err := os.Open(path)
	if err != nil {
		return r, pathless(path, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return r, pathless(path, err)
	}
	if !info.Mode().IsRegular() {
		return r, fmt.Errorf("%s: it is no ordinary file", path)
	}
	if r, err = x.Report(ctx, f, info.Size()); err != nil {
		return r, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

// join adds to a file's facts what was seen when it ran.
func (l sandboxReports) join(p *lurehound.PayloadFacts) {
	for _, r := range l {
		if r.SHA256 == "" || r.SHA256 == p.SHA256 {
			payload.AddReport(p, r.SandboxReport)
			r.used = true
		}
	}
}

func (l sandboxReports) unused() (paths []string) {
	for _, r := range l {
		if !r.used {
			paths = append(paths, r.path)
		}
	}
	return paths
}
