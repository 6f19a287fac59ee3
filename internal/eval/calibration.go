package eval

import (
	"context"
	"fmt"
)

// calibration counts, by score, labelled hosts and false alarms: what a score is worth.
func (r *run) calibration(context.Context) ([]Row, error) {
	const bins = 10
	var lures, others [bins]int
	bin := func(score float64) int { return min(int(score*bins), bins-1) }
	for _, s := range r.lures {
		if s > 0 {
			lures[bin(s)]++
		}
	}
	for _, s := range r.alarms.scores {
		others[bin(s)]++
	}
	var rows []Row
	for i := bins - 1; i >= 0; i-- {
		row := share(fmt.Sprintf("campaign hosts in %.1f–%.1f", float64(i)/bins, float64(i+1)/bins), lures[i], lures[i]+others[i])
		row.Remark = fmt.Sprintf("%d labelled hosts, %d popular false alarms", lures[i], others[i])
		rows = append(rows, row)
	}
	return rows, nil
}
