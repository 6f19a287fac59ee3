package eval

import (
	"context"
	"fmt"
	"path/filepath"

	"lurehound"
	"lurehound/internal/match"
)

// popular finds what popular names of other people raise when all brands are
// looked for at once, and the thresholds that follow.
func (r *run) popular(ctx context.Context) (rows []Row, err error) {
	if r.gold, err = readGold(filepath.Join(r.opt.Corpus, filepath.FromSlash(r.opt.Gold))); err != nil {
		return nil, err
	}
	if r.index, err = match.NewIndex(r.gold.brands, r.x); err != nil {
		return nil, err
	}
	own, err := r.owners()
	if err != nil {
		return nil, err
	}
	f, err := open(r.corpus("benign/top.list.gz"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	out, err := r.dump("popular", "name", "brand", "judged", "score", "techniques", "why")
	if err != nil {
		return nil, err
	}
	byID := map[string]lurehound.Brand{}
	for _, b := range r.gold.brands {
		byID[b.ID()] = b
	}
	undecidable, owned := alarms{}, alarms{}
	counts, err := r.index.Stream(ctx, f, 0, func(h match.Hit) error {
		verdict, best := judge(own, byID, h)
		switch verdict {
		case "alarm":
			r.alarms.scores = append(r.alarms.scores, best.Score)
		case "undecidable":
			undecidable.scores = append(undecidable.scores, best.Score)
		case "owned":
			owned.scores = append(owned.scores, best.Score)
		}
		if best.Score >= dumpFrom {
			out.row(append([]string{h.Domain.String(), byID[best.Brand].Name, verdict}, columns(best)...)...)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, a := range []*alarms{&r.alarms, &undecidable, &owned} {
		a.names = counts.Read
		a.sort()
	}
	rows = append(rows, Row{What: "names", Value: float64(counts.Read), Unit: Amount, Remark: fmt.Sprintf("%d brands at once", len(byID))})
	for i, n := range rates {
		rows = append(rows, Row{What: fmt.Sprintf("threshold for %d", n), Value: r.alarms.at[i], Unit: Score,
			Remark: fmt.Sprintf("%d false alarms; besides %d undecidable and %d of the owners'",
				above(r.alarms.scores, r.alarms.at[i]), above(undecidable.scores, r.alarms.at[i]), above(owned.scores, r.alarms.at[i]))})
	}
	for _, min := range []float64{0.5, 0.6, match.DefaultMinScore, 0.7, 0.8, 0.9} {
		row := Row{What: fmt.Sprintf("false alarms from %.2f", min), Value: r.alarms.rate(min), Unit: Rate, Of: counts.Read,
			Remark: fmt.Sprintf("besides %d undecidable", above(undecidable.scores, min))}
		if min == match.DefaultMinScore {
			row.Remark += "; the default threshold"
		}
		rows = append(rows, row)
	}
	return rows, out.close()
}

// dumpFrom is the score from which popular names are dumped: below it there are thousands.
const dumpFrom = 0.3

// judge says what a popular name is, by the best match that speaks against it: an
// alarm when some brand neither owns it nor leaves it open, else undecidable, else owned.
func judge(own owners, byID map[string]lurehound.Brand, h match.Hit) (string, lurehound.Match) {
	var open *lurehound.Match
	for _, m := range h.Matches { // the highest score first
		b := byID[m.Brand]
		switch {
		case own.owns(b, h.Domain):
		case !own.undecidable(b, h.Domain):
			return "alarm", m
		case open == nil:
			open = &m
		}
	}
	if open != nil {
		return "undecidable", *open
	}
	return "owned", h.Matches[0]
}
