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
	out, err := r.dump("own", "name", "brand", "score", "techniques", "why")
	if err != nil {
		return nil, err
	}
	results := make([]clearance, len(entities))
	err = each(ctx, len(entities), func(i int) error {
		b := lurehound.Brand{Name: entities[i]}
		for _, s := range domains[entities[i]] {
			d, err := lurehound.ParseDomain(s)
			if err != nil || d.Problem() != "" {
				results[i].unusable++
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
			results[i].look(ix, d.String())
			results[i].look(ix, "www."+d.String())
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, res := range results {
		for _, h := range res.accused {
			out.row(append([]string{h.Domain.String(), h.Matches[0].Brand}, columns(h.Matches[0])...)...)
		}
	}
	return []Row{cleared(results)}, out.close()
}

// clearance is what the owner check makes of one entity's names.
type clearance struct {
	names    int
	unusable int // rows that cannot be a brand's domains
	accused  []match.Hit
}

func (c *clearance) look(ix *match.Index, name string) {
	c.names++
	if h, ok := ix.Match(name, 0); ok {
		c.accused = append(c.accused, h)
	}
}

func cleared(entities []clearance) Row {
	names, accused, unusable := 0, 0, 0
	for _, e := range entities {
		names, accused, unusable = names+e.names, accused+len(e.accused), unusable+e.unusable
	}
	row := share("cleared by the owner check", names-accused, names)
	row.Remark = fmt.Sprintf("%d entities, each domain and www. in front of it; %d rows are public suffixes or no registrable names", len(entities), unusable)
	return row
}
