package eval

import (
	"context"
	"fmt"

	"lurehound"
	"lurehound/internal/match"
)

// ownDomains makes a brand of every entity with all its domains and looks for
// domains of it, and names below them, that match it all the same.
func (r *run) ownDomains(ctx context.Context) ([]Row, error) {
	var entities []string
	domains := map[string][]string{}
	err := eachRecord(r.corpus("benign/own-domains.csv"), []string{"entity", "domain"}, func(c []string) error {
		e, d := c[0], c[1]
		if domains[e] == nil {
			entities = append(entities, e)
		}
		domains[e] = append(domains[e], d)
		return nil
	})
	if err != nil {
		return nil, err
	}
	out, err := r.dump("own", "name", "entity", "score", "techniques", "why")
	if err != nil {
		return nil, err
	}
	type result struct {
		names, accused, unusable int
		rows                     [][]string
	}
	results := make([]result, len(entities))
	err = each(ctx, len(entities), func(i int) error {
		res := &results[i]
		b := lurehound.Brand{Name: entities[i]}
		for _, s := range domains[entities[i]] {
			d, err := lurehound.ParseDomain(s)
			if err != nil || d.Problem() != "" {
				res.unusable++
				continue
			}
			b.Domains = append(b.Domains, d)
		}
		if len(b.Domains) == 0 {
			return nil
		}
		ix, err := match.NewIndex([]lurehound.Brand{b}, r.x)
		if err != nil {
			return err
		}
		for _, d := range b.Domains {
			for _, name := range []string{d.String(), "www." + d.String()} {
				res.names++
				if h, ok := ix.Match(name, 0); ok {
					res.accused++
					res.rows = append(res.rows, append([]string{name, b.Name}, columns(h.Matches[0])...))
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	names, accused, unusable := 0, 0, 0
	for _, res := range results {
		names, accused, unusable = names+res.names, accused+res.accused, unusable+res.unusable
		for _, row := range res.rows {
			out.row(row...)
		}
	}
	row := share("cleared by the owner check", names-accused, names)
	row.Remark = fmt.Sprintf("%d entities, each domain and www. in front of it; %d rows are public suffixes or no registrable names", len(entities), unusable)
	return []Row{row}, out.close()
}
