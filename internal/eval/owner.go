package eval

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"lurehound"
)

// owners know which names are a brand owner's, whether the brand was told of them or not.
type owners struct {
	entities  map[string][]string // domain → who owns it
	tlds      map[string]string   // top-level domain → a domain of the one who runs it for itself
	listed    map[claim]bool      // reviewed by hand
	undecided map[claim]bool      // reviewed by hand: the name alone does not tell
}

// claim is a name held against a brand.
type claim struct{ name, brand string }

func (r *run) owners() (owners, error) {
	o := owners{entities: map[string][]string{}, tlds: map[string]string{}, listed: map[claim]bool{}, undecided: map[claim]bool{}}
	err := eachRecord(r.corpus("benign/own-domains.csv"), []string{"entity", "domain"}, func(c []string) error {
		o.entities[c[1]] = append(o.entities[c[1]], c[0])
		return nil
	})
	if err != nil {
		return o, err
	}
	lists := []struct {
		file    string
		columns []string
		take    func([]string)
	}{
		{"brand-tlds.csv", []string{"tld", "domain"}, func(c []string) { o.tlds[c[0]] = c[1] }},
		{"owned.csv", []string{"name", "brand"}, func(c []string) { o.listed[claim{c[0], c[1]}] = true }},
		{"undecidable.csv", []string{"name", "brand"}, func(c []string) { o.undecided[claim{c[0], c[1]}] = true }},
	}
	for _, l := range lists {
		err := eachRecord(filepath.Join(r.opt.Lists, l.file), l.columns, func(c []string) error {
			l.take(c)
			return nil
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // another set of brands may have no lists
			return o, err
		}
	}
	return o, nil
}

// ancestors are the name and all names above it, the name first.
func ancestors(name string) []string {
	out := []string{name}
	for {
		_, rest, ok := strings.Cut(name, ".")
		if !ok {
			return out
		}
		out, name = append(out, rest), rest
	}
}

// owns reports whether d belongs to the owner of b: it is below a domain of b, below a
// domain of the same entity, in a top-level domain of it, or below a name that the
// reviewed list gives it.
func (o owners) owns(b lurehound.Brand, d lurehound.Domain) bool {
	up := ancestors(d.String())
	for _, own := range b.Domains {
		if p, err := lurehound.ParseDomain(own.Registrable()); d.Within(own) || err == nil && d.Within(p) {
			return true
		}
		if of, ok := o.tlds[up[len(up)-1]]; ok && o.same(ancestors(of), ancestors(own.String())) {
			return true
		}
		if o.same(up, ancestors(own.String())) {
			return true
		}
	}
	return slices.ContainsFunc(up, func(n string) bool { return o.listed[claim{n, b.Name}] })
}

// same reports whether one entity owns a name of each, or they share a name of two labels or more
// that some entity owns.
func (o owners) same(a, b []string) bool {
	for _, x := range a {
		for _, y := range b {
			if slices.ContainsFunc(o.entities[x], func(e string) bool { return slices.Contains(o.entities[y], e) }) {
				return true
			}
		}
	}
	return false
}

// undecidable reports whether people cannot tell by the name whether d is the brand owner's.
func (o owners) undecidable(b lurehound.Brand, d lurehound.Domain) bool {
	return slices.ContainsFunc(ancestors(d.String()), func(n string) bool { return o.undecided[claim{n, b.Name}] })
}
