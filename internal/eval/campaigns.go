package eval

import (
	"context"
	"fmt"

	"lurehound"
	"lurehound/internal/match"
)

// found is how one labelled host is matched by the brand that it imitates.
type found struct {
	host, registrable lurehound.Match
}

// campaigns measures how many labelled hosts the brand that they imitate finds.
func (r *run) campaigns(ctx context.Context) ([]Row, error) {
	out, err := r.dump("gold", "host", "brand", "registrable score", "missed at 50", "score", "techniques", "why")
	if err != nil {
		return nil, err
	}
	scores := make([]found, len(r.gold.rows))
	err = each(ctx, len(scores), func(i int) error {
		l := r.gold.rows[i]
		scores[i] = found{
			host:        r.of(l.host.String(), r.gold.brands[l.brand]),
			registrable: r.of(registrable(l.host), r.gold.brands[l.brand]),
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i, l := range r.gold.rows {
		missed := ""
		if scores[i].host.Score < r.alarms.at[1] {
			missed = "missed"
		}
		out.row(append([]string{l.host.String(), r.gold.brands[l.brand].Name, fmt.Sprintf("%.4f", scores[i].registrable.Score), missed},
			columns(scores[i].host)...)...)
	}
	var rows []Row
	for _, on := range []struct {
		what  string
		score func(found) float64
	}{
		{"host", func(f found) float64 { return f.host.Score }},
		{"registrable domain", func(f found) float64 { return f.registrable.Score }},
	} {
		from := func(what string, min float64) Row {
			hit := make([]bool, len(scores))
			for j, f := range scores {
				s := on.score(f)
				hit[j] = s > 0 && s >= min
			}
			return r.recall(fmt.Sprintf("recall %s, %s", what, on.what), hit)
		}
		for i, n := range rates {
			rows = append(rows, from(fmt.Sprintf("at %d", n), r.alarms.at[i]))
		}
		rows = append(rows, from(fmt.Sprintf("from %.2f, the default", match.DefaultMinScore), match.DefaultMinScore))
	}
	for _, s := range scores {
		r.lures = append(r.lures, s.host.Score)
	}
	return rows, out.close()
}

// of is the match of one brand with a name; the zero Match when there is none.
func (r *run) of(name string, b lurehound.Brand) lurehound.Match {
	h, _ := r.index.Match(name, 0)
	for _, m := range h.Matches {
		if m.Brand == b.ID() {
			return m
		}
	}
	return lurehound.Match{}
}

// registrable is the registrable domain, or the name itself where there is none.
func registrable(d lurehound.Domain) string {
	if s := d.Registrable(); s != "" {
		return s
	}
	return d.String()
}

// recall is the share of the labelled rows that are hit; the mean over brands is in the remark.
func (r *run) recall(what string, hit []bool) Row {
	n := 0
	of, hits := make([]int, len(r.gold.brands)), make([]int, len(r.gold.brands))
	for i, l := range r.gold.rows {
		of[l.brand]++
		if hit[i] {
			n++
			hits[l.brand]++
		}
	}
	row := share(what, n, len(hit))
	sum, brands := 0.0, 0
	for i := range of {
		if of[i] > 0 {
			sum += float64(hits[i]) / float64(of[i])
			brands++
		}
	}
	if brands > 0 {
		row.Remark = fmt.Sprintf("%.3f as the mean over %d brands", sum/float64(brands), brands)
	}
	return row
}
