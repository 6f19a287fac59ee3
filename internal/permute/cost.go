package permute

import (
	"math"
	"slices"
)

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
	return max(0, min(maxCost, gainOf(p)))
}

// gainOf is costOf for what may be likelier than 1: then it is negative. It takes
// the exponent as it is stored, and looks the eighths up.
func gainOf(p float64) int {
	bits := math.Float64bits(p)
	exponent := int(bits>>52) - 1023
	mantissa := bits&(1<<52-1) | 1023<<52
	eighths := int(eighthsFrom[mantissa>>46&63])
	if eighths < costUnit && mantissa >= halfway[eighths] {
		eighths++
	}
	return -(exponent*costUnit + eighths)
}

// halfway are 2^(1/16), 2^(3/16) … 2^(15/16), between two eighths each.
var halfway = [costUnit]uint64{
	0x3ff0b5586cf9890f, 0x3ff2387a6e756238, 0x3ff3dea64c123422, 0x3ff5ab07dd485429,
	0x3ff7a11473eb0187, 0x3ff9c49182a3f090, 0x3ffc199bdd85529c, 0x3ffea4afa2a490da,
}

// eighthsFrom is how many of halfway are not above each 64th between 1 and 2. No two are in one.
var eighthsFrom = func() (from [64]uint8) {
	for i := range from {
		for from[i] < costUnit && uint64(1023<<52|i<<46) >= halfway[from[i]] {
			from[i]++
		}
	}
	return from
}()

func likelihood(cost int) float64 { return math.Exp2(-float64(cost) / costUnit) }

// levels is a list in rising order of cost that is filled one cost after the other.
type levels[T any] struct {
	items []T
	ends  []int32 // ends[c] is where the items of cost c end
	first int     // no item costs less
}

// filled is the first cost that items may still be added for.
func (l *levels[T]) filled() int { return len(l.ends) }

// close ends the cost that was being filled.
func (l *levels[T]) close() {
	if len(l.items) == 0 {
		l.first++
	}
	l.ends = append(l.ends, int32(len(l.items)))
}

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

// sortByCost orders items by cost, and leaves those of the same cost as they are. It takes the memory
// of dst where that is large enough.
func sortByCost[T any](dst, items []T, cost func(*T) int) []T {
	var starts [maxCost + 2]int32
	for i := range items {
		starts[cost(&items[i])+1]++
	}
	for c := range maxCost {
		starts[c+1] += starts[c]
	}
	out := slices.Grow(dst[:0], len(items))[:len(items)]
	for i := range items {
		c := cost(&items[i])
		out[starts[c]] = items[i]
		starts[c]++
	}
	return out
}
