package eval

import (
	"context"
	"fmt"
)

// bin is what scored within a tenth.
type bin struct {
	lures, others int
	lureScores    float64 // their sums
	otherScores   float64
}

// row holds the bin against what a score promises: the share of campaigns' hosts when each of
// them counts weight and each popular name 1.
func (b bin) row(what string, weight float64) Row {
	row := share(what, b.lures, b.lures+b.others)
	if row.Of == 0 {
		return row
	}
	all := weight*float64(b.lures) + float64(b.others)
	row.Value = weight * float64(b.lures) / all
	row.Remark = fmt.Sprintf("%d labelled hosts, %d popular false alarms; their mean score is %.3f, weighed alike",
		b.lures, b.others, (weight*b.lureScores+b.otherScores)/all)
	return row
}

// calibration counts, by score, labelled hosts and false alarms: what a score is worth. The hosts
// count as if there were one to 20 popular names, which is what the score is fitted to.
func (r *run) calibration(context.Context) ([]Row, error) {
	const bins = 10
	var all [bins]bin
	at := func(score float64) *bin { return &all[min(int(score*bins), bins-1)] }
	for _, s := range r.lures {
		if s > 0 {
			b := at(s)
			b.lures, b.lureScores = b.lures+1, b.lureScores+s
		}
	}
	for _, s := range r.alarms.scores {
		b := at(s)
		b.others, b.otherScores = b.others+1, b.otherScores+s
	}
	weight := lureShare * float64(r.alarms.names) / float64(max(len(r.lures), 1))
	var rows []Row
	for i := bins - 1; i >= 0; i-- {
		rows = append(rows, all[i].row(fmt.Sprintf("campaign hosts in %.1f–%.1f, one to 20 names", float64(i)/bins, float64(i+1)/bins), weight))
	}
	return rows, nil
}
