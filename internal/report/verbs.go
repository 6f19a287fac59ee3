package report

import (
	"cmp"
	"io"
	"net/netip"
	"strings"

	"lurehound"
)

// Permutations writes what permute makes.
func Permutations(w io.Writer, format string, opt Options) (*Rows[lurehound.Permutation], error) {
	type row = lurehound.Permutation
	return NewRows(w, format, opt,
		Column[row]{"domain", func(p *row) Cell { return Name(p.Domain.String()) }, wraps},
		Column[row]{"unicode", func(p *row) Cell { return Unicode(p.Domain) }, wraps},
		Column[row]{"techniques", func(p *row) Cell { return List(p.Techniques) }, wraps},
		Column[row]{"score", func(p *row) Cell { return Number(p.Score) }, wraps},
	)
}

// Matched is a name and why it resembles a brand.
type Matched struct {
	Domain lurehound.Domain
	Match  lurehound.Match
}

// Matches writes what match recognises. A table has the techniques of the simplest
// explanation only.
func Matches(w io.Writer, format string, opt Options) (*Rows[Matched], error) {
	type row = Matched
	techniques := func(m *row) Cell { return List(m.Match.Techniques) }
	if format == "table" {
		techniques = func(m *row) Cell { return Text(strings.Join(m.Match.Main(), " + ")) }
	}
	return NewRows(w, format, opt,
		Column[row]{"domain", func(m *row) Cell { return Name(m.Domain.String()) }, wraps},
		Column[row]{"brand", func(m *row) Cell { return Name(m.Match.Brand) }, wraps},
		Column[row]{"techniques", techniques, wraps},
		Column[row]{"score", func(m *row) Cell { return Number(m.Match.Score) }, wraps},
		Column[row]{"why", func(m *row) Cell { return Text(m.Match.Why) }, prose},
	)
}

// Resolved is a name as it was given and what DNS says of it.
type Resolved struct {
	Name string
	DNS  lurehound.DNSFacts
}

// Resolutions writes what resolve answers. A table has both kinds of addresses
// in one column, and of the records as many columns as there is room for.
func Resolutions(w io.Writer, format string, opt Options) (*Rows[Resolved], error) {
	type row = Resolved
	if format == "table" {
		return NewRows(w, format, opt,
			Column[row]{"domain", func(r *row) Cell { return Name(cmp.Or(r.Name, "(blank)")) }, wraps},
			Column[row]{"outcome", func(r *row) Cell { return Text(string(r.DNS.Resolution)) }, wraps},
			Column[row]{"reason", func(r *row) Cell { return Text(r.DNS.Reason) }, wraps},
			Column[row]{"addresses", func(r *row) Cell { return List(addrs(r.DNS.Addrs())) }, spare},
			Column[row]{"ns", func(r *row) Cell { return Names(r.DNS.NS) }, spare},
			Column[row]{"wildcard", func(r *row) Cell { return Flag(r.DNS.Wildcard) }, spare},
			Column[row]{"mx", func(r *row) Cell { return Names(r.DNS.MX) }, spare},
			Column[row]{"txt", func(r *row) Cell { return List(r.DNS.TXT) }, spare},
			Column[row]{"cname", func(r *row) Cell { return Names(r.DNS.CNAME) }, spare},
		)
	}
	return NewRows(w, format, opt,
		Column[row]{"domain", func(r *row) Cell { return Name(r.Name) }, wraps},
		Column[row]{"outcome", func(r *row) Cell { return Text(string(r.DNS.Resolution)) }, wraps},
		Column[row]{"reason", func(r *row) Cell { return Text(r.DNS.Reason) }, wraps},
		Column[row]{"wildcard", func(r *row) Cell { return Flag(r.DNS.Wildcard) }, wraps},
		Column[row]{"a", func(r *row) Cell { return List(addrs(r.DNS.A)) }, wraps},
		Column[row]{"aaaa", func(r *row) Cell { return List(addrs(r.DNS.AAAA)) }, wraps},
		Column[row]{"ns", func(r *row) Cell { return Names(r.DNS.NS) }, wraps},
		Column[row]{"mx", func(r *row) Cell { return Names(r.DNS.MX) }, wraps},
		Column[row]{"txt", func(r *row) Cell { return List(r.DNS.TXT) }, wraps},
		Column[row]{"cname", func(r *row) Cell { return Names(r.DNS.CNAME) }, wraps},
	)
}

func addrs(as []netip.Addr) []string {
	if len(as) == 0 {
		return nil
	}
	out := make([]string, len(as))
	for i, a := range as {
		out[i] = a.String()
	}
	return out
}
