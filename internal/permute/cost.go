package permute

import "math"

// A likelihood is counted as a cost: its binary logarithm, negated, in eighths, rounded.
// Weights that were counted from a few hundred names are not known any better than to
// 9 %, and whole numbers let names be ranked without comparing any two of them: what
// costs the same is kept together, in the order in which it was made.
const (
	costUnit = 8
	maxCost  = 60 * costUnit // no brand has names enough to get there
)

func costOf(p float64) int {
	if !(p > 0) {
		return maxCost
	}
	return max(0, min(maxCost, int(math.Round(-math.Log2(p)*costUnit))))
}

func likelihood(cost int) float64 { return math.Exp2(-float64(cost) / costUnit) }

// levels is a list in rising order of cost that is filled one cost after the other.
type levels[T any] struct {
	items []T
	ends  []int32 // ends[c] is where the items of cost c end
}

// filled is the first cost that items may still be added for.
func (l *levels[T]) filled() int { return len(l.ends) }

// close ends the cost that was being filled.
func (l *levels[T]) close() { l.ends = append(l.ends, int32(len(l.items))) }

// span is where the items of a cost lie; none do behind what is filled.
func (l *levels[T]) span(c int) (from, to int) {
	if c < 0 || c >= len(l.ends) {
		return 0, 0
	}
	if c > 0 {
		from = int(l.ends[c-1])
	}
	return from, int(l.ends[c])
}

// sortByCost orders items by cost, and leaves those of the same cost as they are.
func sortByCost[T any](items []T, cost func(*T) int) []T {
	var starts [maxCost + 2]int32
	for i := range items {
		starts[cost(&items[i])+1]++
	}
	for c := range maxCost {
		starts[c+1] += starts[c]
	}
	out := make([]T, len(items))
	for i := range items {
		c := cost(&items[i])
		out[starts[c]] = items[i]
		starts[c]++
	}
	return out
}
