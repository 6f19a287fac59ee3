package permute

import (
	"strings"

	"golang.org/x/net/publicsuffix"

	"lurehound/internal/lexicon"
)

// column is a suffix that the name may get.
type column struct {
	name      string
	technique int8 // in the list of techniques; -1 for the brand's own suffix
	cost      int16
	private   tribool // of the private section of the public suffix list
}

// columns are the brand's own suffix and those of the suffix techniques, in rising
// order of cost, each once. How likely each is depends on how the label was made.
func (m *model) columns(t Target, techs []Technique, k kind) *levels[column] {
	var all []column
	own := m.own[k]
	if own > 0 {
		all = append(all, column{name: t.Suffix, technique: -1, cost: int16(costOf(own))})
	}
	sources := 0
	for i := range techs {
		if techs[i].On != OnSuffix {
			continue
		}
		sources++
		if techs[i].Name == "tld-swap" {
			other := costOf(1 - own)
			for _, c := range m.suffixes[k] {
				if c.name != t.Suffix {
					c.technique, c.cost = int8(i), int16(min(maxCost, int(c.cost)+other))
					all = append(all, c)
				}
			}
			continue
		}
		var list []Edit
		sum := 0.0
		for e := range techs[i].Apply(t, m.tables) {
			if e.Suffix != t.Suffix {
				list = append(list, e)
				sum += e.Weight
			}
		}
		for _, e := range list {
			all = append(all, column{name: e.Suffix, technique: int8(i), cost: int16(costOf((1 - own) * techs[i].Weight * e.Weight / sum))})
		}
	}
	if sources > 1 {
		all = once(all)
	}
	all = sortByCost(all, func(c *column) int { return int(c.cost) })
	l := &levels[column]{items: make([]column, 0, len(all))}
	for _, c := range all {
		for l.filled() < int(c.cost) {
			l.close()
		}
		l.items = append(l.items, c)
	}
	for l.filled() <= maxCost {
		l.close()
	}
	return l
}

// once keeps of columns of the same suffix the first, whose technique says most, with the least cost.
func once(all []column) []column {
	at := make(map[string]int, len(all))
	out := all[:0]
	for _, c := range all {
		if i, again := at[c.name]; again {
			out[i].cost = min(out[i].cost, c.cost)
			continue
		}
		at[c.name] = len(out)
		out = append(out, c)
	}
	return out
}

// tribool is a question that is asked when the answer is needed.
type tribool int8

const (
	unasked tribool = iota
	no
	yes
)

func (c *column) isPrivate() bool {
	if c.private == unasked {
		c.private = no
		// A suffix of one label is of the ICANN section: nobody else has one.
		if strings.Contains(c.name, ".") {
			if _, icann := publicsuffix.PublicSuffix(c.name); !icann {
				c.private = yes
			}
		}
	}
	return c.private == yes
}

func suffixesByCost(all []lexicon.Suffix) []column {
	out := make([]column, len(all))
	for i, s := range all {
		out[i] = column{name: s.Name, cost: int16(costOf(s.Weight))}
	}
	return sortByCost(out, func(c *column) int { return int(c.cost) })
}
