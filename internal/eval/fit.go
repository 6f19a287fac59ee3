package eval

import (
	"bytes"
	"context"
	"fmt"
	"go/format"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"

	"lurehound"
	"lurehound/internal/match"
)

// Fit finds the weights of the score by logistic regression on three kinds of names:
// labelled campaign hosts with the brand that they imitate, popular names with every brand
// that they resemble and that does not own them, and new names with medical vendors (all
// months but June 2024, which newNames measures). It writes weights.go into dir. Which place
// in a name is looked at depends on the weights before: run it until little changes.
func Fit(ctx context.Context, opt Options, dir string, progress io.Writer) error {
	r := &run{opt: opt}
	if err := r.prepare(); err != nil {
		return err
	}
	odds, err := r.suffixOdds()
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "suffix_odds.txt"), odds, 0o644); err != nil {
		return err
	}
	samples, err := r.samples(ctx)
	if err != nil {
		return err
	}
	names := match.EvidenceNames()
	w, err := regress(samples, len(names), func(i int) sign { return signs[names[i]] })
	if err != nil {
		return err
	}
	var b bytes.Buffer
	b.WriteString(weightsHead)
	for i, n := range names {
		fmt.Fprintf(&b, "\t%s: %.2f,\n", n, w[i])
	}
	b.WriteString("}\n")
	fmt.Fprintf(progress, "%d samples, %d weights\n", len(samples), len(names))
	source, err := format.Source(b.Bytes())
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "weights.go"), source, 0o644)
}

const weightsHead = `package match

// Written by the program of package eval (-fit), from hosts of campaigns (maltrail, Unit 42), popular names (MISP's
// warning lists) and new names (shreshta-labs); do not edit.

// weights weigh the evidence, in log-odds.
var weights = evidence{
`

// How much the kinds of names count. Campaign hosts count as if they were one name in
// 20 of the popular ones, which is what a score means; brands count by the root of how many hosts they
// have, so that a much imitated one does not outvote the others. New names count more than popular ones, though
// some are lures: they are what people watch. A higher share finds fewer hosts of campaigns.
const (
	lureShare = 1.0 / 20
	newShare  = 1.5
	ridge     = 1.0 // of every weight but the first: what is rare stays near 0

	// Of the new names every third is read. Of those that score less than faint every twentieth
	// is taken, and counts twenty.
	everyNew, faint, everyFaint = 3, 0.002, 20
)

// signs bound what few names would otherwise decide against all sense.
var signs = map[string]sign{
	"changedGlued": against, "changedWordy": against, "changedScrap": against, "changes": against, "changesShare": against,
	"changedTiny": against, "changedShort": against, "changedFirst": against, "becomesOrdinary": against, "becomesWord": against,
	"looksOrdinary": against, "gluedSides": against, "wordySides": against, "scrapSides": against, "besidesCost": against,
	"shuffled": against, "threeDigits": against, "threeLetters": against, "tinyVariant": against, "listedPart": against, "contract": against, "common": against, "tiny": against, "twoLetters": against,
	"isPart": against, "commonPart": against, "isVariant": against, "isLead": against, "isKnown": against, "isRest": against,
	"rarity": favours, "segmented": favours, "lured": favours, "luredOpen": favours, "family": favours, "suffixOdds": favours,
	"suffixed": favours, "length": favours,
}

func (r *run) samples(ctx context.Context) ([]witness, error) {
	var all []witness
	of := make([]int, len(r.gold.brands))
	for _, l := range r.gold.rows {
		of[l.brand]++
	}
	sum := 0.0
	for _, l := range r.gold.rows {
		for _, j := range r.index.Judge(l.host.String()) {
			if j.Brand == r.gold.brands[l.brand].ID() {
				w := 1 / math.Sqrt(float64(of[l.brand]))
				all, sum = append(all, witness{j.Evidence, w, true}), sum+w
			}
		}
	}
	lures := len(all)
	popular, n, err := r.popularSamples(ctx)
	if err != nil {
		return nil, err
	}
	for i := range all[:lures] {
		all[i].weight *= lureShare * float64(n) / sum
	}
	fresh, err := r.newSamples(ctx)
	return append(append(all, popular...), fresh...), err
}

// popularSamples are the names of others than the owners, and how many names were read.
func (r *run) popularSamples(ctx context.Context) (all []witness, names int, err error) {
	own, err := r.owners()
	if err != nil {
		return nil, 0, err
	}
	byID := map[string]lurehound.Brand{}
	for _, b := range r.gold.brands {
		byID[b.ID()] = b
	}
	var lines []string
	if err := eachLine(r.corpus("benign/top.list.gz"), func(l string) error { lines = append(lines, l); return nil }); err != nil {
		return nil, 0, err
	}
	found := make([][]witness, len(lines))
	err = each(ctx, len(lines), func(i int) error {
		for _, j := range r.index.Judge(lines[i]) {
			d, err := lurehound.ParseDomain(lines[i])
			if b := byID[j.Brand]; err == nil && !own.owns(b, d) && !own.undecidable(b, d) {
				found[i] = append(found[i], witness{j.Evidence, 1, false})
			}
		}
		return nil
	})
	for _, f := range found {
		all = append(all, f...)
	}
	return all, len(lines), err
}

func (r *run) newSamples(ctx context.Context) ([]witness, error) {
	vendors, err := medicalVendors(r.corpus("advisories/vendors.csv"))
	if err != nil {
		return nil, err
	}
	ix, err := match.NewIndex(vendors, r.x)
	if err != nil {
		return nil, err
	}
	var names []string
	n := 0
	err = eachRecord(r.corpus("nrd/first-listed.csv.gz"), []string{"domain", "first_listed"}, func(c []string) error {
		if n++; n%everyNew == 0 && !strings.HasPrefix(c[1], measuredMonth) {
			names = append(names, strings.Clone(c[0]))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	found := make([][]witness, len(names))
	err = each(ctx, len(names), func(i int) error {
		for _, j := range ix.Judge(names[i]) {
			switch {
			case j.Score >= faint:
				found[i] = append(found[i], witness{j.Evidence, newShare, false})
			case i%everyFaint == 0:
				found[i] = append(found[i], witness{j.Evidence, newShare * everyFaint, false})
			}
		}
		return nil
	})
	var all []witness
	for _, f := range found {
		all = append(all, f...)
	}
	return all, err
}
