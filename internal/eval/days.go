package eval

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"

	"lurehound"
	"lurehound/internal/match"
)

// newNames counts what somebody who watches new names has to look at in a day: the
// gold brands on one day, and medical vendors in the month of the founding case.
func (r *run) newNames(ctx context.Context) ([]Row, error) {
	f, err := open(r.corpus("nrd/one-day-2026-08-17.list.gz"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := r.watch(ctx, "new-names", "2026-08-17", r.index, f, 1, nil)
	if err != nil {
		return nil, err
	}
	vendors, err := medicalVendors(r.corpus("advisories/vendors.csv"))
	if err != nil {
		return nil, err
	}
	ix, err := match.NewIndex(vendors, r.x)
	if err != nil {
		return nil, err
	}
	labels, err := readLooks(filepath.Join(r.opt.Lists, "medical-june-2024.csv"))
	if err != nil {
		return nil, err
	}
	const days = 30
	var june bytes.Buffer
	err = eachRecord(r.corpus("nrd/first-listed.csv.gz"), []string{"domain", "first_listed"}, func(c []string) error {
		if strings.HasPrefix(c[1], measuredMonth) {
			june.WriteString(c[0] + "\n")
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	more, err := r.watch(ctx, "new-names-medical", fmt.Sprintf("June 2024, %d medical vendors", len(vendors)), ix, &june, days, labels)
	return append(rows, more...), err
}

// measuredMonth is that of the founding case. Nothing is learnt from it.
const measuredMonth = "2024-06-"

// watch matches names and counts those that reach the default threshold and the threshold for 50.
func (r *run) watch(ctx context.Context, file, what string, ix *match.Index, names io.Reader, days int, looks map[string]bool) ([]Row, error) {
	out, err := r.dump(file, "name", "brand", "score", "techniques", "why")
	if err != nil {
		return nil, err
	}
	type level struct {
		name string
		min  float64
		hits []string
	}
	levels := []*level{
		{name: fmt.Sprintf("from %.2f, the default", match.DefaultMinScore), min: match.DefaultMinScore},
		{name: "at 50", min: r.alarms.at[1]},
	}
	counts, err := ix.Stream(ctx, names, min(levels[0].min, levels[1].min), func(h match.Hit) error {
		best := h.Matches[0]
		for _, l := range levels {
			if best.Score >= l.min {
				l.hits = append(l.hits, h.Domain.String())
			}
		}
		out.row(append([]string{h.Domain.String(), best.Brand}, columns(best)...)...)
		return nil
	})
	if err != nil {
		return nil, err
	}
	var rows []Row
	for _, l := range levels {
		rows = append(rows, Row{What: fmt.Sprintf("%s, %s", what, l.name), Value: float64(len(l.hits)) / float64(days), Unit: Daily,
			Of: counts.Read, Remark: fmt.Sprintf("%d names in %d days", len(l.hits), days)})
		if looks == nil {
			continue
		}
		yes, no := 0, 0
		for _, h := range l.hits {
			switch look, known := looks[h]; {
			case known && look:
				yes++
			case known:
				no++
			}
		}
		row := share("… of them worth a look", yes, yes+no)
		row.Remark = strings.TrimPrefix(fmt.Sprintf("%s; %d not labelled yet", row.Remark, len(l.hits)-yes-no), "; ")
		rows = append(rows, row)
	}
	return rows, out.close()
}

// readLooks reads which names people found worth a look; no file, no names.
func readLooks(path string) (map[string]bool, error) {
	looks := map[string]bool{}
	err := eachRecord(path, []string{"domain", "look"}, func(c []string) error {
		if c[1] != "yes" && c[1] != "no" {
			return fmt.Errorf("%s: look is %q, neither yes nor no", c[0], c[1])
		}
		looks[c[0]] = c[1] == "yes"
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return looks, err
}

// othersHosts are hosts that advisories refer to and that are no vendor's own.
var othersHosts = [...]string{"raw.githubusercontent.com", "fda.gov", "sourceforge.net", "microsoft.com", "custhelp.com"}

// medicalVendors are the vendors that medical advisories (ICSMA) name, with the hosts of
// their own that the advisories refer to. Where there is none, the name with .com stands for it.
func medicalVendors(path string) ([]lurehound.Brand, error) {
	var brands []lurehound.Brand
	err := eachRecord(path, []string{"vendor", "icsma", "reference_hosts"}, func(c []string) error {
		if c[1] == "0" {
			return nil
		}
		name := strings.TrimSpace(c[0])
		b := lurehound.Brand{Name: name, Words: []string{name}}
		for _, h := range strings.Fields(c[2]) {
			h, _, _ = strings.Cut(h, "(")
			d, err := lurehound.ParseDomain(strings.TrimPrefix(h, "www."))
			if err == nil && d.Problem() == "" && !othersHost(d) {
				b.Domains = append(b.Domains, d)
			}
		}
		if len(b.Domains) == 0 {
			d, err := lurehound.ParseDomain(squeeze(lurehound.WithoutLegalForm(name)) + ".com")
			if err != nil {
				return err
			}
			b.Domains = append(b.Domains, d)
		}
		brands = append(brands, b)
		return nil
	})
	return brands, err
}

func othersHost(d lurehound.Domain) bool {
	for _, o := range othersHosts {
		if s := d.String(); s == o || strings.HasSuffix(s, "."+o) {
			return true
		}
	}
	return false
}
