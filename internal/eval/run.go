package eval

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"runtime"
	"time"

	"golang.org/x/sync/errgroup"

	"lurehound/internal/lexicon"
	"lurehound/internal/match"
)

// run is what the parts share. The parts run one after the other, each on all processors.
type run struct {
	opt    Options
	x      *lexicon.Tables
	gold   gold
	index  *match.Index // of the gold brands
	alarms alarms       // of the popular names
	lures  []float64    // scores of the labelled hosts, in their order
}

// prepare reads the campaigns and builds the index of their brands.
func (r *run) prepare() (err error) {
	r.x = lexicon.Default()
	if r.gold, err = readGold(r.corpus(r.opt.Gold)); err != nil {
		return err
	}
	r.index, err = match.NewIndex(r.gold.brands, r.x)
	return err
}

// Run measures everything and says on progress how long each part took. A part
// whose data is missing is skipped with a row that says so.
func Run(ctx context.Context, opt Options, progress io.Writer) ([]Row, error) {
	r := &run{opt: opt}
	if err := r.prepare(); err != nil {
		return nil, err
	}
	var rows []Row
	for _, p := range []struct {
		name string
		do   func(context.Context) ([]Row, error)
	}{
		{"popular names", r.popular},
		{"campaigns", r.campaigns},
		{"calibration", r.calibration},
		{"openSquat's rule", r.openSquat},
		{"own domains", r.ownDomains},
		{"squatting", r.squatting},
		{"permutations", r.permutations},
		{"new names", r.newNames},
		{"clones", r.clones},
	} {
		start := time.Now()
		part, err := p.do(ctx)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			part = []Row{{What: "skipped", Remark: err.Error()}}
		case err != nil:
			return nil, fmt.Errorf("%s: %w", p.name, err)
		}
		for _, row := range part {
			row.Part = p.name
			rows = append(rows, row)
		}
		fmt.Fprintf(progress, "%s: %.1f s\n", p.name, time.Since(start).Seconds())
	}
	return rows, nil
}

// each calls do for 0 … n-1 on all processors. do may write to what belongs to i only.
func each(ctx context.Context, n int, do func(i int) error) error {
	g, inner := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i := range n {
		if inner.Err() != nil {
			break
		}
		g.Go(func() error { return do(i) })
	}
	return errors.Join(g.Wait(), ctx.Err())
}
