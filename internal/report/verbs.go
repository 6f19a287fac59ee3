package report

import (
	"io"
	"net/netip"

	"lurehound"
)

// Permutations writes what permute makes.
func Permutations(w io.Writer, format string, opt Options) (*Rows[lurehound.Permutation], error) {
	type row = lurehound.Permutation
	return NewRows(w, format, opt,
		Column[row]{"domain", func(p *row) Cell { return Name(p.Domain.String()) }},
		Column[row]{"unicode", func(p *row) Cell { return Unicode(p.Domain) }},
		Column[row]{"techniques", func(p *row) Cell { return List(p.Techniques) }},
		Column[row]{"score", func(p *row) Cell { return Number(p.Score) }},
	)
}

// Matched is a name and why it resembles a brand.
type Matched struct {
	Domain lurehound.Domain
	Match  lurehound.Match
}

// Matches writes what match recognises.
func Matches(w io.Writer, format string, opt Options) (*Rows[Matched], error) {
	type row = Matched
	return NewRows(w, format, opt,
		Column[row]{"domain", func(m *row) Cell { return Name(m.Domain.String()) }},
		Column[row]{"brand", func(m *row) Cell { return Name(m.Match.Brand) }},
		Column[row]{"techniques", func(m *row) Cell { return List(m.Match.Techniques) }},
		Column[row]{"score", func(m *row) Cell { return Number(m.Match.Score) }},
		Column[row]{"why", func(m *row) Cell { return Text(m.Match.Why) }},
	)
}

// Resolved is a name as it was given and what DNS says of it.
type Resolved struct {
	Name string
	DNS  lurehound.DNSFacts
}

// Resolutions writes what resolve answers.
func Resolutions(w io.Writer, format string, opt Options) (*Rows[Resolved], error) {
	type row = Resolved
	return NewRows(w, format, opt,
		Column[row]{"domain", func(r *row) Cell { return Name(r.Name) }},
		Column[row]{"outcome", func(r *row) Cell { return Text(string(r.DNS.Resolution)) }},
		Column[row]{"reason", func(r *row) Cell { return Text(r.DNS.Reason) }},
		Column[row]{"wildcard", func(r *row) Cell { return Flag(r.DNS.Wildcard) }},
		Column[row]{"a", func(r *row) Cell { return List(addrs(r.DNS.A)) }},
		Column[row]{"aaaa", func(r *row) Cell { return List(addrs(r.DNS.AAAA)) }},
		Column[row]{"ns", func(r *row) Cell { return Names(r.DNS.NS) }},
		Column[row]{"mx", func(r *row) Cell { return Names(r.DNS.MX) }},
		Column[row]{"txt", func(r *row) Cell { return List(r.DNS.TXT) }},
		Column[row]{"cname", func(r *row) Cell { return Names(r.DNS.CNAME) }},
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
