package permute

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"lurehound"
	"lurehound/internal/lexicon"
)

// TestRegistrableIsWhatIsParsed: names that are put together without parsing are
// those that ParseDomain makes, and no label that it would take for a suffix is left.
func TestRegistrableIsWhatIsParsed(t *testing.T) {
	x := lexicon.Default()
	inSuffix := map[string]bool{}
	for l := range x.SuffixLabels() {
		inSuffix[l] = true
	}
	compare := func(t interface{ Fatalf(string, ...any) }, label, suffix string) {
		name := label + "." + suffix
		d, err := lurehound.ParseDomain(name)
		if got := lurehound.Registrable(name, len(label)+1, (sectionOf(suffix) == privateSection)); err != nil || got != d {
			t.Fatalf("%s is put together as %#v, parsed as %#v, %v", name, got, d, err)
		}
	}
	for _, s := range x.Suffixes {
		if isIDN(s.Name) {
			continue // these are parsed
		}
		compare(t, "microdicom", s.Name)
	}
	label := rapid.StringMatching(`[a-z0-9]{1,3}|[a-z0-9][a-z0-9-]{1,20}[a-z0-9]`)
	lures := rapid.SampledFrom(x.Lures)
	rapid.Check(t, func(t *rapid.T) {
		l := label.Draw(t, "label")
		if rapid.Bool().Draw(t, "word") {
			l = lures.Draw(t, "lure").Word // words are suffixes oftener than chance makes them
		}
		if s := rapid.SampledFrom(x.Suffixes).Draw(t, "suffix").Name; validLabel(l) && !inSuffix[l] && !isIDN(s) {
			compare(t, l, s)
		}
	})
}

// TestSmallBudgetIsABeginning: what a budget gives begins what a larger one gives.
func TestSmallBudgetIsABeginning(t *testing.T) {
	x := lexicon.Default()
	all := brands(t)
	rapid.Check(t, func(t *rapid.T) {
		tg := rapid.SampledFrom(all).Draw(t, "brand")
		small := rapid.IntRange(1, 1000).Draw(t, "budget")
		var names []string
		for p := range Permutations(tg, x, Options{Budget: small}) {
			names = append(names, p.Domain.String())
		}
		i := 0
		for p := range Permutations(tg, x, Options{Budget: 2 * small}) {
			if i < len(names) && names[i] != p.Domain.String() {
				t.Fatalf("name %d is %s of %d, %s of %d", i, names[i], small, p.Domain, 2*small)
			}
			i++
		}
		if i < len(names) {
			t.Fatalf("%d names of %d, %d of %d", len(names), small, i, 2*small)
		}
	})
}

// TestWeightsFile: the default weights are read whole, and written as they were read.
func TestWeightsFile(t *testing.T) {
	w, err := ParseWeights(weightsFile)
	if err != nil {
		t.Fatal(err)
	}
	head, _, _ := strings.Cut(weightsFile, "\n")
	if got := w.Text(strings.TrimPrefix(head, "# ")); got != weightsFile {
		t.Errorf("weights.txt is written as\n%.300s", got)
	}
	if len(w.suffix[worded]) < 10 || len(w.beside) < 50 || len(w.tech[0]) < 5 {
		t.Errorf("%d suffixes, %d words, %d techniques are too few", len(w.suffix[worded]), len(w.beside), len(w.tech[0]))
	}
	for _, bad := range []string{"how short", "suffix worded com", "suffix wordy com 1", "own exact -1", "own exact x", "place insert here 1 1", "letters put a b 1", "what 1", "how short slip NaN"} {
		if _, err := ParseWeights(bad); err == nil {
			t.Errorf("%q is read", bad)
		}
	}
}

// TestLearn: counts move the ranking towards what was seen, and nothing else of it is known.
func TestLearn(t *testing.T) {
	x := lexicon.Default()
	tg := target(t, "Example", "microdicom.com")
	var samples []Sample
	for _, name := range []string{"firstbrand", "otherbrand", "thirdbrand", "fourthbrand", "fifthbrand", "sixthbrand"} {
		own, _ := lurehound.ParseDomain(name + ".com")
		fake, _ := lurehound.ParseDomain(name + "-zorkware.bar")
		samples = append(samples, Sample{lurehound.Brand{Name: name, Domains: []lurehound.Domain{own}}, fake})
	}
	rank := func(w *Weights, name string) int {
		n := 0
		for p := range Permutations(tg, x, Options{Budget: 50_000, Weights: w}) {
			if n++; p.Domain.String() == name {
				return n
			}
		}
		return 1 << 30
	}
	none, learnt := Learn(nil, x), Learn(samples, x)
	for _, name := range []string{"microdicom-zorkware.com", "microdicom.bar", "microdicom-download.bar"} {
		if a, b := rank(none, name), rank(learnt, name); b >= a {
			t.Errorf("%s has rank %d before anything is learnt, %d behind", name, a, b)
		}
	}
}
