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
// an LDH label under a public suffix.
//
// The score of a name is the likelihood that look-alikes are made that way, relative to the first:
//
//	share of the base (site label or product)
//	× share of the label technique × weight of the edit among the technique's
//	× share of the suffix among look-alikes
//
// with the shares of weights.go and the weights that each technique's Doc tells.
// Unknown names in opt.Techniques are ignored; Named finds them.
func Permutations(t Target, x *lexicon.Tables, opt Options) iter.Seq[lurehound.Permutation] {
	return func(yield func(lurehound.Permutation) bool) {
		techs := Techniques()
		if len(opt.Techniques) > 0 {
			techs = slices.DeleteFunc(techs, func(tech Technique) bool { return !slices.Contains(opt.Techniques, tech.Name) })
		}
		stream := newLabels(t, techs, x)
		defer stream.stop()
		rows := &stream.rows
		cols := suffixes(t, techs, x)
		g := newGrid(
			func(i int) (float64, bool) {
				r, ok := rows.at(i)
				if !ok {
					return 0, false
				}
				return r.p, true
			},
			func(j int) (float64, bool) {
				if j >= len(cols) {
					return 0, false
				}
				return cols[j].p, true
			})
		whole := newWholeNames(t, techs, x)
		defer whole.stop()
		best, n := 0.0, 0
		give := func(p lurehound.Permutation) bool {
			if best == 0 {
				best = p.Score
			}
			n++
			p.Score /= best
			return yield(p)
		}
		for opt.Budget <= 0 || n < opt.Budget {
			if q, ok := whole.peek(); ok {
				if p, more := g.peek(); !more || q > p {
					if p, ok := whole.next(); ok && !give(p) {
						return
					}
					continue
				}
			}
			i, j, p, ok := g.next()
			if !ok {
				return
			}
			r, s := &rows.items[i], &cols[j]
			d, ok := t.domain(r.label, s.name, x)
			if !ok || s.technique == "" && len(whole.apex) > 0 && !whole.first(d) {
				continue
			}
			if !give(r.permutation(d, s, p)) {
				return
			}
		}
	}
}

func (r *labelEdit) permutation(d lurehound.Domain, s *suffixEdit, score float64) lurehound.Permutation {
	p := lurehound.Permutation{Domain: d, Word: r.from.word, Techniques: r.from.techniques, Edits: r.changes(), Score: score}
	if s.technique == "" {
		return p
	}
	p.Techniques = r.from.with(s.technique)
	if len(p.Edits) == 0 {
		p.Edits = s.changes
		return p
	}
	p.Edits = append(p.Edits, s.changes...)
	return p
}

// domain makes the name when it can be registered and is none of the brand's.
// ParseDomain decides on the suffix: "com" under "br" is one itself. Labels beyond
// ASCII must be such as the suffix's registry takes.
func (t Target) domain(label, suffix string, x *lexicon.Tables) (lurehound.Domain, bool) {
	if !x.Admits(suffix, label) {
		return lurehound.Domain{}, false
	}
	d, err := lurehound.ParseDomain(label + "." + suffix)
	if err != nil || d.Problem() != "" || d.Suffix() != suffix || isALabel(label) && !x.Admits(suffix, d.UnicodeLabel()) {
		return lurehound.Domain{}, false
	}
	for _, own := range t.Own {
		if d.Within(own) || d.String() == own.Registrable() {
			return lurehound.Domain{}, false
		}
	}
	return d, true
}

// suffixEdit is a suffix that the name may get.
type suffixEdit struct {
	name      string
	technique string // "" for the brand's own suffix
	changes   []lurehound.Edit
	p         float64
}

// suffixes are the brand's own and those of the suffix techniques, the
// likeliest first, each once.
func suffixes(t Target, techs []Technique, x *lexicon.Tables) []suffixEdit {
	out := []suffixEdit{{name: t.Suffix, p: 1 - shareOtherSuffix}}
	seen := map[string]int{t.Suffix: 0} // place in out
	for _, tech := range techs {
		if tech.On != OnSuffix {
			continue
		}
		list, stop := edits(tech, t, x)
		for i := 0; ; i++ {
			e, ok := list.at(i)
			if !ok {
				break
			}
			at, again := seen[e.Suffix]
			if !again {
				seen[e.Suffix] = len(out)
				out = append(out, suffixEdit{e.Suffix, tech.Name, e.Changes, e.Weight})
			} else if at > 0 { // named after the first technique, which says most
				out[at].p = max(out[at].p, e.Weight)
			}
		}
		stop()
	}
	slices.SortStableFunc(out, func(a, b suffixEdit) int {
		switch {
		case a.p > b.p:
			return -1
		case a.p < b.p:
			return 1
		}
		return 0
	})
	return out
}
