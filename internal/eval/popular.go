package eval

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"lurehound"
	"lurehound/internal/match"
)

// popular finds what popular names of other people raise when all brands are
// looked for at once, and the thresholds that follow.
func (r *run) popular(ctx context.Context) ([]Row, error) {
	own, err := r.owners()
	if err != nil {
		return nil, err
	}
	names, unseen, err := r.popularNames()
	if err != nil {
		return nil, err
	}
	out, err := r.dump("popular", "name", "brand", "judged", "score", "techniques", "why")
	if err != nil {
		return nil, err
	}
	byID := map[string]lurehound.Brand{}
	for _, b := range r.gold.brands {
		byID[b.ID()] = b
	}
	undecidable, owned, open := alarms{}, alarms{}, map[string]float64{}
	counts, err := r.index.Stream(ctx, names, 0, func(h match.Hit) error {
		judged, best := judge(own, byID, h)
		switch judged {
		case isAlarm:
			r.alarms.scores = append(r.alarms.scores, best.Score)
			if !match.Sampled(h.Domain.Registrable()) {
				unseen.scores = append(unseen.scores, best.Score)
			}
		case isUndecidable:
			undecidable.scores = append(undecidable.scores, best.Score)
			open[h.Domain.String()] = best.Score
		case isOwned:
			owned.scores = append(owned.scores, best.Score)
		}
		if best.Score >= dumpFrom {
			out.row(append([]string{h.Domain.String(), byID[best.Brand].Name, string(judged)}, columns(best)...)...)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	unseen.sort()
	for _, a := range []*alarms{&r.alarms, &undecidable, &owned} {
		a.names = counts.Read
		a.sort()
	}
	rows := []Row{{What: "names", Value: float64(counts.Read), Unit: Amount, Remark: fmt.Sprintf("%d brands at once", len(byID))}}
	for i, n := range rates {
		min := r.alarms.at[i]
		rows = append(rows, Row{What: fmt.Sprintf("threshold for %d", n), Value: min, Unit: Score,
			Remark: fmt.Sprintf("%d false alarms; besides %d undecidable and %d of the owners'",
				above(r.alarms.scores, min), above(undecidable.scores, min), above(owned.scores, min))})
	}
	for _, min := range []float64{0.5, 0.6, 0.7, 0.8, 0.9} {
		rows = append(rows, r.alarmsFrom(min, unseen))
	}
	byDefault := r.alarmsFrom(match.DefaultMinScore, unseen)
	byDefault.What += ", the default"
	return slices.Concat(rows, []Row{byDefault}, undecidableRows(open, r.alarms.at[1])), out.close()
}

func (r *run) alarmsFrom(min float64, unseen alarms) Row {
	return Row{What: fmt.Sprintf("false alarms from %.2f", min), Value: r.alarms.rate(min), Unit: Rate, Of: r.alarms.names,
		Remark: fmt.Sprintf("%.1f among the half of the names that the index does not know", unseen.rate(min))}
}

// undecidableRows count the undecidable names of at least min, and list them, a few a line.
func undecidableRows(open map[string]float64, min float64) []Row {
	var names []string
	for _, n := range slices.Sorted(maps.Keys(open)) {
		if open[n] >= min {
			names = append(names, n)
		}
	}
	rows := []Row{{What: "undecidable at 50", Value: float64(len(names)), Unit: Amount}}
	for few := range slices.Chunk(names, 4) {
		last := &rows[len(rows)-1]
		if last.Remark != "" {
			rows = append(rows, Row{})
			last = &rows[len(rows)-1]
		}
		last.Remark = strings.Join(few, " ")
	}
	return rows
}

// dumpFrom is the score from which popular names are dumped: below it there are tens of thousands.
const dumpFrom = 0.1

// popularNames reads the popular names. unseen counts those whose labels are not in the sample
// that the index judges by.
func (r *run) popularNames() (names *bytes.Buffer, unseen alarms, err error) {
	names = new(bytes.Buffer)
	err = eachLine(r.corpus("benign/top.list.gz"), func(line string) error {
		if d, err := lurehound.ParseDomain(line); err == nil && !match.Sampled(d.Registrable()) {
			unseen.names++
		}
		names.WriteString(line + "\n")
		return nil
	})
	return names, unseen, err
}

// judged is what a popular name that matches is.
type judged string

const (
	isAlarm       judged = "alarm"
	isUndecidable judged = "undecidable"
	isOwned       judged = "owned"
)

// judge says what a popular name is, by the best match that speaks against it: an
// alarm when some brand neither owns it nor leaves it open, else undecidable, else owned.
func judge(own owners, byID map[string]lurehound.Brand, h match.Hit) (judged, lurehound.Match) {
	var open *lurehound.Match
	for _, m := range h.Matches { // the highest score first
		b := byID[m.Brand]
		switch {
		case own.owns(b, h.Domain):
		case !own.undecidable(b, h.Domain):
			return isAlarm, m
		case open == nil:
			open = &m
		}
	}
	if open != nil {
		return isUndecidable, *open
	}
	return isOwned, h.Matches[0]
}
