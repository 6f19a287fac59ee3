package report

import (
	"cmp"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"time"

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
	return ResolutionsWith(w, format, opt)
}

// ResolutionsWith has columns for what is not always asked for, too: some of
// "caa", "ptr", "mail" (with spf and dmarc) and "asn".
func ResolutionsWith(w io.Writer, format string, opt Options, also ...string) (*Rows[Resolved], error) {
	type row = Resolved
	more := []Column[row]{
		{"missing", func(r *row) Cell { return List(r.DNS.Missing) }, spare},
		{"hints", func(r *row) Cell { return Names(hints(r.DNS.Hints)) }, spare},
	}
	for _, name := range also {
		more = append(more, moreOfResolved(name)...)
	}
	if format == "table" {
		return NewRows(w, format, opt, append([]Column[row]{
			{"domain", func(r *row) Cell { return Name(cmp.Or(r.Name, "(blank)")) }, wraps},
			{"outcome", func(r *row) Cell { return Text(string(r.DNS.Resolution)) }, wraps},
			{"reason", func(r *row) Cell { return Text(r.DNS.Reason) }, wraps},
			{"addresses", func(r *row) Cell { return List(addrs(r.DNS.Addrs())) }, spare},
			{"ns", func(r *row) Cell { return Names(r.DNS.NS) }, spare},
			{"wildcard", func(r *row) Cell { return Flag(r.DNS.Wildcard) }, spare},
			{"mx", func(r *row) Cell { return Names(r.DNS.MX) }, spare},
			{"txt", func(r *row) Cell { return List(r.DNS.TXT) }, spare},
			{"cname", func(r *row) Cell { return Names(r.DNS.CNAME) }, spare},
		}, more...)...)
	}
	return NewRows(w, format, opt, append([]Column[row]{
		{"domain", func(r *row) Cell { return Name(r.Name) }, wraps},
		{"outcome", func(r *row) Cell { return Text(string(r.DNS.Resolution)) }, wraps},
		{"reason", func(r *row) Cell { return Text(r.DNS.Reason) }, wraps},
		{"wildcard", func(r *row) Cell { return Flag(r.DNS.Wildcard) }, wraps},
		{"a", func(r *row) Cell { return List(addrs(r.DNS.A)) }, wraps},
		{"aaaa", func(r *row) Cell { return List(addrs(r.DNS.AAAA)) }, wraps},
		{"ns", func(r *row) Cell { return Names(r.DNS.NS) }, wraps},
		{"mx", func(r *row) Cell { return Names(r.DNS.MX) }, wraps},
		{"txt", func(r *row) Cell { return List(r.DNS.TXT) }, wraps},
		{"cname", func(r *row) Cell { return Names(r.DNS.CNAME) }, wraps},
	}, more...)...)
}

// moreOfResolved is the columns of one kind of facts.
func moreOfResolved(name string) []Column[Resolved] {
	type row = Resolved
	mail := func(r *row) lurehound.MailFacts {
		if r.DNS.Mail == nil {
			return lurehound.MailFacts{}
		}
		return *r.DNS.Mail
	}
	switch name {
	case "caa":
		return []Column[row]{{"caa", func(r *row) Cell { return List(r.DNS.CAA) }, spare}}
	case "ptr":
		return []Column[row]{{"ptr", func(r *row) Cell { return Names(pointers(r.DNS.PTR)) }, spare}}
	case "mail":
		return []Column[row]{
			{"mail", func(r *row) Cell { return Text(string(mail(r).Receives)) }, spare},
			{"spf", func(r *row) Cell { return Text(mail(r).SPF) }, spare},
			{"dmarc", func(r *row) Cell { return Text(mail(r).DMARC) }, spare},
		}
	case "asn":
		return []Column[row]{{"asn", func(r *row) Cell { return List(origins(r.DNS.ASN)) }, spare}}
	}
	return nil
}

func hints(list []lurehound.Hint) []string {
	var out []string
	for _, h := range list {
		out = append(out, h.Kind+" "+h.By)
	}
	return out
}

func pointers(list []lurehound.PTRFacts) []string {
	var out []string
	for _, p := range list {
		for _, n := range p.Names {
			out = append(out, p.Addr.String()+" "+n)
		}
	}
	return out
}

func origins(list []lurehound.ASNFacts) []string {
	var out []string
	for _, o := range list {
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s AS%d %s", o.Addr, o.Number, strings.TrimSpace(o.Country+" "+o.Name))))
	}
	return out
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

// Kept is a file in the vault, and where it came from.
type Kept struct {
	SHA256, Name, URL string
	Size, Sealed      int64 // bytes that came, and bytes that are kept
	Fetched           time.Time
}

// Vault writes what the vault keeps. In a table hashes are as long as one has to type, and sizes are for people.
func Vault(w io.Writer, format string, opt Options) (*Rows[Kept], error) {
	type row = Kept
	if format == "table" {
		return NewRows(w, format, opt,
			Column[row]{"sha256", func(k *row) Cell { return Text(k.SHA256[:min(len(k.SHA256), 12)]) }, wraps},
			Column[row]{"size", func(k *row) Cell { return Text(sizeKept(k)) }, wraps},
			Column[row]{"fetched", func(k *row) Cell { return Text(minute(k.Fetched)) }, wraps},
			Column[row]{"name", func(k *row) Cell { return Text(k.Name) }, wraps},
			Column[row]{"url", func(k *row) Cell { return Name(k.URL) }, spare})
	}
	return NewRows(w, format, opt,
		Column[row]{"sha256", func(k *row) Cell { return Text(k.SHA256) }, wraps},
		Column[row]{"size", func(k *row) Cell { return Count(k.Size) }, wraps},
		Column[row]{"kept", func(k *row) Cell { return Count(k.Sealed) }, wraps},
		Column[row]{"fetched", func(k *row) Cell { return Text(stamp(k.Fetched)) }, wraps},
		Column[row]{"name", func(k *row) Cell { return Text(k.Name) }, wraps},
		Column[row]{"url", func(k *row) Cell { return Name(k.URL) }, spare})
}

func sizeKept(k *Kept) string {
	if k.Sealed < k.Size {
		return megabytes(k.Size) + ", the first " + megabytes(k.Sealed) + " kept"
	}
	return megabytes(k.Size)
}

// minute is a moment as people read it, or nothing.
func minute(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04")
}

// stamp is a moment as machines read it, or nothing.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
