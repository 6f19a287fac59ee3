package permute

import (
	"strings"

	"golang.org/x/net/publicsuffix"

	"lurehound"
	"lurehound/internal/lexicon"
)

// column is a suffix that the name may get.
type column struct {
	name      string
	id        int16 // place in the table of suffixes; -1 for one that a brand's own techniques make
	cost      int16
	technique int8 // in the list of techniques; ownSuffix or swapped
	section   section
	parse     bool // an IDN: names under it have another form for people
}

// section is that of the public suffix list which a suffix is in. The list is
// asked about the suffixes that a name is made with: of the hundreds, few are.
type section uint32

const (
	unasked section = iota
	icannSection
	privateSection
)

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

// sharedColumns are the suffixes of the table in rising order of cost.
func sharedColumns(all []lexicon.Suffix, costs []int16) *levels[column] {
	out := make([]column, 0, len(all))
	for i := range all {
		if isIDN(all[i].Name) {
			continue // registries of IDN suffixes take labels of their script; an LDH label is mostly refused
		}
		out = append(out, column{name: all[i].Name, id: int16(i), cost: costs[i], technique: swapped})
	}
	return byCost(out)
}

func byCost(all []column) *levels[column] {
	l := &levels[column]{items: sortByCost(nil, all, func(c *column) int { return int(c.cost) })}
	for i, c := range l.items {
		for l.filled() < int(c.cost) {
			l.ends = append(l.ends, int32(i))
		}
	}
	l.close()
	return l
}

func isIDN(suffix string) bool { return strings.Contains(suffix, "xn--") }

// sectionOf asks the list. A suffix of one label is of the ICANN section: nobody else has one.
func sectionOf(suffix string) section {
	if strings.Contains(suffix, ".") {
		if _, icann := publicsuffix.PublicSuffix(suffix); !icann {
			return privateSection
		}
	}
	return icannSection
}

// private reports whether the suffix of a column is of the private section.
func (m *model) private(c *column) bool {
	if c.id < 0 {
		if c.section == unasked {
			known, ok := m.others.Load(c.name)
			if !ok {
				known = sectionOf(c.name)
				m.others.Store(c.name, known)
			}
			c.section = known.(section)
		}
		return c.section == privateSection
	}
	known := section(m.sections[c.id].Load())
	if known == unasked {
		known = sectionOf(c.name)
		m.sections[c.id].Store(uint32(known))
	}
	return known == privateSection
}

// suffixes are those of all targets under one suffix: that itself, those of suffix techniques, and the table.
type suffixes struct {
	of      string
	hosted  bool // of is of the private section
	columns [kinds]columns
	masked  []bool // suffixes of the table that are passed over
	least   int    // of what columns cost
	swap    int    // the technique that takes those of the table; -1 when it was not asked for
}

func newSuffixes(target Target, techs []Technique, m *model) *suffixes {
	s := &suffixes{of: target.Suffix, hosted: target.Domain.Hosted(), swap: -1, least: maxCost}
	s.masked = make([]bool, len(m.tables.Suffixes))
	var made []madeColumn // in the order of the techniques
	var weights []float64
	target.passing = new([]lurehound.Edit)
	at := make(map[string]bool, len(m.tables.Hosts)+1)
	at[target.Suffix] = true
	for i := range techs {
		tech := &techs[i]
		if tech.On != OnSuffix {
			continue
		}
		if tech.Name == swapName {
			s.swap = i
			continue
		}
		from, sum := len(made), 0.0
		weights = weights[:0]
		for e := range tech.Apply(target, m.tables) {
			if !at[e.Suffix] {
				at[e.Suffix] = true
				made = append(made, madeColumn{column{name: e.Suffix, id: -1, technique: int8(i), parse: isIDN(e.Suffix)}, -1})
				weights = append(weights, e.Weight)
			}
			sum += e.Weight
		}
		for k, w := range weights {
			made[from+k].cost = int16(costOf(w / sum * tech.Weight))
		}
	}
	if id, ok := m.suffixID[target.Suffix]; ok {
		s.masked[id] = true
	}
	for i := range made {
		if id, ok := m.suffixID[made[i].name]; ok {
			s.masked[id] = true
			made[i].listed = id
		}
	}
	own := column{name: target.Suffix, id: -1, technique: ownSuffix, section: icannSection, parse: isIDN(target.Suffix)}
	if s.hosted {
		own.section = privateSection
	}
	list := make([]column, 0, len(made)+1)
	for k := range s.columns {
		own.cost = int16(costOf(m.own[k]))
		list = append(list[:0], own)
		other := costOf(1 - m.own[k])
		for i := range made {
			c := made[i].column
			c.cost = int16(min(maxCost, int(c.cost)+other))
			if id := made[i].listed; id >= 0 && s.swap >= 0 { // likelier by the table; named after what says most
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
	return s
}

// madeColumn is a suffix that a brand's own technique makes, with the cost of that edit
// alone, and its place in the table of suffixes, -1 for none.
type madeColumn struct {
	column
	listed int16
}
