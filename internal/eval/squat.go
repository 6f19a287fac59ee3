package eval

import (
	"context"
	"fmt"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"slices"

	"lurehound"
	"lurehound/internal/match"
)

const (
	squatSample  = 2000 // rows of each type: the share is known to about ±0.005
	squatLeast   = 1000 // rows that a type must have to be one; the rest are slips of the file
	squatLetters = 5    // letters of a target's label from which recall at the threshold is told
)

// squat is a registered look-alike of a target.
type squat struct{ target, host string }

// squatting measures how many registered look-alikes the index of their target finds.
func (r *run) squatting(ctx context.Context) ([]Row, error) {
	samples := map[string]*sample{}
	unusable := map[string]bool{}
	err := eachRecord(r.corpus("squatphi/squatting.csv.gz"), []string{"target", "host", "type"}, func(c []string) error {
		bad, known := unusable[c[0]]
		if !known {
			d, err := lurehound.ParseDomain(c[0])
			bad = err != nil || d.Problem() != ""
			unusable[c[0]] = bad
		}
		if bad {
			return nil
		}
		s := samples[c[2]]
		if s == nil {
			s = newSample(c[2])
			samples[c[2]] = s
		}
		s.offer(c[0], c[1])
		return nil
	})
	if err != nil {
		return nil, err
	}
	maps.DeleteFunc(samples, func(_ string, s *sample) bool { return s.seen < squatLeast })
	types := slices.Sorted(maps.Keys(samples))
	of := map[string][]place{} // by target
	for _, t := range types {
		for i, s := range samples[t].rows {
			of[s.target] = append(of[s.target], place{t, i})
		}
	}
	targets := slices.Sorted(maps.Keys(of))
	scores := map[string][]lurehound.Match{}
	for _, t := range types {
		scores[t] = make([]lurehound.Match, len(samples[t].rows))
	}
	err = each(ctx, len(targets), func(i int) error {
		d, err := lurehound.ParseDomain(targets[i])
		if err != nil {
			return err
		}
		ix, err := match.NewIndex([]lurehound.Brand{{Name: targets[i], Domains: []lurehound.Domain{d}}}, r.x)
		if err != nil {
			return err
		}
		for _, p := range of[targets[i]] {
			if h, ok := ix.Match(samples[p.kind].rows[p.i].host, 0); ok {
				scores[p.kind][p.i] = h.Matches[0]
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return r.squatRows(types, samples, scores)
}

// place is where a row stands: the i-th of the sample of its type.
type place struct {
	kind string
	i    int
}

func (r *run) squatRows(types []string, samples map[string]*sample, scores map[string][]lurehound.Match) ([]Row, error) {
	out, err := r.dump("squat", "host", "target", "type", "score", "techniques", "why")
	if err != nil {
		return nil, err
	}
	var rows []Row
	for _, t := range types {
		all, long, longFound := 0, 0, 0
		for i, s := range samples[t].rows {
			m := scores[t][i]
			if m.Brand != "" {
				all++
			}
			if d, err := lurehound.ParseDomain(s.target); err == nil && len(d.Label()) >= squatLetters {
				long++
				if m.Brand != "" && m.Score >= r.alarms.at[1] {
					longFound++
				}
			}
			if m.Brand == "" || m.Score < r.alarms.at[1] {
				out.row(append([]string{s.host, s.target, t}, columns(m)...)...)
			}
		}
		any := share(t+", recall at any score", all, len(samples[t].rows))
		any.Remark = fmt.Sprintf("a sample of %d", samples[t].seen)
		rows = append(rows, any, share(fmt.Sprintf("%s, recall at 50, labels of %d letters and more", t, squatLetters), longFound, long))
	}
	return rows, out.close()
}

// sample keeps squatSample of the rows offered, each with the same chance
// (Vitter's algorithm R), and the same ones in every run.
type sample struct {
	rows []squat
	seen int
	rand *rand.Rand
}

func newSample(kind string) *sample {
	h := fnv.New64a()
	h.Write([]byte(kind))
	return &sample{rand: rand.New(rand.NewPCG(h.Sum64(), 1))} // 1 is any fixed seed
}

func (s *sample) offer(target, host string) {
	s.seen++
	i := len(s.rows)
	if i < squatSample {
		s.rows = append(s.rows, squat{})
	} else if i = s.rand.IntN(s.seen); i >= squatSample {
		return
	}
	s.rows[i] = squat{target, host}
}
