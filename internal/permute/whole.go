package permute

import (
	"strings"

	"lurehound"
	"lurehound/internal/lexicon"
)

// wholeNames merges what the techniques of whole names make, the likeliest first.
// They compose with nothing.
type wholeNames struct {
	t    Target
	heap heap[*nameSource]
	apex map[string]bool // names without subdomain: whether they were given. Label edits make such too
}

// nameSource is the edits of one technique.
type nameSource struct {
	technique []string
	list      *ranked[Edit]
	i         int
}

func newWholeNames(t Target, techs []Technique, x *lexicon.Tables) *wholeNames {
	n := &wholeNames{t: t, apex: map[string]bool{}}
	for _, tech := range techs {
		if tech.On != OnName {
			continue
		}
		list := edits(tech, t, x)
		if tech.BestFirst == nil { // one that is makes names with subdomains only
			for _, e := range list.items {
				if label, ok := strings.CutSuffix(e.Name, "."+t.Suffix); ok && !strings.Contains(label, ".") {
					n.apex[e.Name] = false
				}
			}
		}
		if e, ok := list.at(0); ok {
			n.heap.push(e.Weight, &nameSource{technique: []string{tech.Name}, list: list})
		}
	}
	return n
}

// peek is the likelihood of what next would give.
func (n *wholeNames) peek() (p float64, ok bool) {
	if n.heap.len() == 0 {
		return 0, false
	}
	return n.heap.top(), true
}

// next is the likeliest name; ok is false for one that nobody can register, that
// is the brand's own, or that was given already.
func (n *wholeNames) next() (p lurehound.Permutation, ok bool) {
	s := n.heap.nodes[0].v
	e, _ := s.list.at(s.i)
	s.i++
	if more, ok := s.list.at(s.i); ok {
		n.heap.replaceTop(more.Weight, s)
	} else {
		n.heap.pop()
	}
	d, ok := n.t.name(e.Name)
	if !ok || !n.first(d) {
		return p, false
	}
	return lurehound.Permutation{Domain: d, Word: n.t.Label, Techniques: s.technique, Changes: e.Changes, Score: e.Weight}, true
}

// first reports whether a name is given for the first time, as far as names
// without subdomain are among those of whole names.
func (n *wholeNames) first(d lurehound.Domain) bool {
	given, ok := n.apex[d.String()]
	if ok && !given {
		n.apex[d.String()] = true
	}
	return !given
}

// name parses a whole name. Nobody but the owner makes names below one of the
// brand's own registrable domains.
func (t Target) name(name string) (lurehound.Domain, bool) {
	d, err := lurehound.ParseDomain(name)
	if err != nil || d.Problem() != "" || d.Label() == "" {
		return lurehound.Domain{}, false
	}
	for _, own := range t.Own {
		if d.Within(own) || d.Registrable() == own.Registrable() {
			return lurehound.Domain{}, false
		}
	}
	return d, true
}
