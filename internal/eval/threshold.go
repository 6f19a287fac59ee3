package eval

import (
	"math"
	"slices"
)

// rates are the false alarms in 100,000 names at which recall is read.
var rates = [...]int{10, 50, 500}

const per = 100_000

// alarms are what popular names raise.
type alarms struct {
	names  int       // looked at
	scores []float64 // one for each name that raises an alarm, the highest first
	at     [len(rates)]float64
}

func (a *alarms) sort() {
	slices.SortFunc(a.scores, func(x, y float64) int {
		switch {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	for i, r := range rates {
		a.at[i] = threshold(a.scores, r*a.names/per)
	}
}

// threshold is the lowest score that at most most of the scores, highest first, reach.
func threshold(scores []float64, most int) float64 {
	if most >= len(scores) {
		return 0
	}
	return math.Nextafter(scores[most], math.Inf(1))
}

// above counts the scores, highest first, of at least min.
func above(scores []float64, min float64) int {
	n := 0
	for n < len(scores) && scores[n] >= min {
		n++
	}
	return n
}

func (a *alarms) rate(min float64) float64 {
	return rate(above(a.scores, min), a.names)
}

// rate is n of total, in 100,000.
func rate(n, total int) float64 { return float64(n) * per / float64(max(total, 1)) }
