package permute

import (
	"strings"

	"golang.org/x/net/publicsuffix"

	"lurehound/internal/lexicon"
)

// column is a suffix that the name may get.
type column struct {
	name      string
	id        int16 // place in the table of suffixes; -1 for one that a brand's own techniques make
	cost      int16
	technique int8 // in the list of techniques; ownSuffix or swapped
	private   bool // of the private section of the public suffix list
	parse     bool // an IDN: names under it have another form for people
}

// Columns that belong to no brand alone.
const (
	ownSuffix = -1
	swapped   = -2 // any other suffix of the table
)

const swapName = "tld-swap"

// columns are the suffixes for one kind of label: those of the table, which all
// brands share, and those that are a brand's own. A suffix that is among the latter
// is passed over in the former.
type columns struct {
	table *levels[column]
	own   levels[column]
}

// sharedColumns are the suffixes of the table in rising order of cost. private
// says of each whether it is of the private section.
func sharedColumns(all []lexicon.Suffix, private []bool, scale float64) *levels[column] {
	out := make([]column, 0, len(all))
	for i, s := range all {
		if isIDN(s.Name) {
			continue // registries of IDN suffixes take labels of their script; an LDH label is mostly refused
		}
		out = append(out, column{name: s.Name, id: int16(i), cost: int16(costOf(s.Weight * scale)), technique: swapped, private: private[i]})
	}
	return byCost(out)
}

func byCost(all []column) *levels[column] {
	l := &levels[column]{items: sortByCost(all, func(c *column) int { return int(c.cost) })}
	for i, c := range l.items {
		for l.filled() < int(c.cost) {
			l.ends = append(l.ends, int32(i))
		}
	}
	l.close()
	return l
}

func isIDN(suffix string) bool { return strings.Contains(suffix, "xn--") }

// isPrivate asks the list. A suffix of one label is of the ICANN section: nobody else has one.
func isPrivate(suffix string) bool {
	if !strings.Contains(suffix, ".") {
		return false
	}
	_, icann := publicsuffix.PublicSuffix(suffix)
	return !icann
}

// setColumns works out the suffixes of the target: its own, and those of suffix techniques.
func (s *stream) setColumns() {
	m := s.rows.model
	s.masked = make([]bool, len(m.tables.Suffixes))
	s.swap, s.least = -1, maxCost
	var made []column // in the order of the techniques; cost is that of the edit alone
	at := map[string]int{s.target.Suffix: -1}
	for i := range s.techs {
		tech := &s.techs[i]
		if tech.On != OnSuffix {
			continue
		}
		if tech.Name == swapName {
			s.swap = i
			continue
		}
		from, sum := len(made), 0.0
		var weights []float64
		for e := range tech.Apply(s.target, m.tables) {
			if _, again := at[e.Suffix]; !again {
				at[e.Suffix] = len(made)
				made = append(made, column{name: e.Suffix, id: -1, technique: int8(i)})
				weights = append(weights, e.Weight)
			}
			sum += e.Weight
		}
		for k, w := range weights {
			made[from+k].cost = int16(costOf(w / sum * tech.Weight))
			made[from+k].private, made[from+k].parse = isPrivate(made[from+k].name), isIDN(made[from+k].name)
		}
	}
	for name := range at {
		if id, ok := m.suffixID[name]; ok {
			s.masked[id] = true
		}
	}
	for k := range s.columns {
		list := []column{{name: s.target.Suffix, id: -1, technique: ownSuffix, cost: int16(costOf(m.own[k])), private: s.target.Domain.Hosted(), parse: isIDN(s.target.Suffix)}}
		other := costOf(1 - m.own[k])
		for _, c := range made {
			c.cost = int16(min(maxCost, int(c.cost)+other))
			if id, ok := m.suffixID[c.name]; ok && s.swap >= 0 { // likelier by the table; named after what says most
				c.cost = min(c.cost, m.tableCost[k][id])
			}
			list = append(list, c)
		}
		s.columns[k].own = *byCost(list)
		if s.swap >= 0 {
			s.columns[k].table = m.suffixes[k]
		} else {
			s.columns[k].table = &levels[column]{}
		}
		for _, l := range [2]*levels[column]{&s.columns[k].own, s.columns[k].table} {
			if len(l.items) > 0 {
				s.least = min(s.least, int(l.items[0].cost))
			}
		}
	}
}
