package permute

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"lurehound"
	"lurehound/internal/lexicon"
)

// Options bound what Permutations yields.
type Options struct {
	Budget     int      // most names; 0 is no limit
	Techniques []string // names of Techniques; none is all. They compose among themselves only
	Weights    *Weights // nil is DefaultWeights
}

// Named gives the techniques of these names in the order of the table, all
// when there is no name. The error names those that exist.
func Named(names []string) ([]Technique, error) {
	all := Techniques()
	if len(names) == 0 {
		return all, nil
	}
	var known []string
	for _, tech := range all {
		known = append(known, tech.Name)
	}
	for _, n := range names {
		if !slices.Contains(known, n) {
			return nil, fmt.Errorf("no technique is called %q; there are %s", n, strings.Join(known, ", "))
		}
	}
	return slices.DeleteFunc(all, func(tech Technique) bool { return !slices.Contains(names, tech.Name) }), nil
}

// Permutations yields names that could be mistaken for the target's, the
// likeliest first, each once and none of the target's own. Every name is registrable:
// a valid label under a public suffix. A smaller budget gives the beginning of what a larger one gives.
//
// The score of a name is the likelihood that look-alikes are made that way, relative to the first:
//
//	share of the base (site label or product)
//	× share of the label technique × weight of the edit among the technique's
//	× share of the suffix among look-alikes made like that
//
// with the shares of opt.Weights, rounded as cost.go says.
// Unknown names in opt.Techniques are ignored; Named finds them.
func Permutations(t Target, x *lexicon.Tables, opt Options) iter.Seq[lurehound.Permutation] {
	return func(yield func(lurehound.Permutation) bool) {
		s := newStream(t, x, opt, yield)
		defer s.rows.stop()
		for cost := 0; cost <= 2*maxCost && s.level(cost); cost++ {
		}
	}
}
