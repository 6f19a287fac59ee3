package lexicon

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/publicsuffix"
)

func TestSuffixes(t *testing.T) {
	x := Default()
	if n := strings.Count(suffixFile, "\n") - strings.Count(suffixFile, "#"); len(x.Suffixes) != n {
		t.Errorf("%d suffixes of %d lines", len(x.Suffixes), n)
	}
	seen := map[string]bool{}
	last := 1.0
	for _, s := range x.Suffixes {
		if got, _ := publicsuffix.PublicSuffix(s.Name); got != s.Name {
			t.Errorf("%s is no public suffix, but in %s", s.Name, got)
		}
		if seen[s.Name] || s.Weight <= 0 || s.Weight > last {
			t.Errorf("%s comes twice or out of order (%g after %g)", s.Name, s.Weight, last)
		}
		seen[s.Name], last = true, s.Weight
		if x.SuffixWeight(s.Name) != s.Weight {
			t.Errorf("SuffixWeight(%s) is %g, listed is %g", s.Name, x.SuffixWeight(s.Name), s.Weight)
		}
	}
	for _, want := range []string{"com", "info", "top", "cam", "co.uk", "com.br", "us.com", "xn--p1ai", "zip"} {
		if !seen[want] {
			t.Errorf("%s is missing", want)
		}
	}
	for _, not := range []string{"gov", "arpa", "duckdns.org", "github.io"} {
		if seen[not] {
			t.Errorf("%s is listed, but nobody can buy a name there", not)
		}
	}
}

func TestAffixes(t *testing.T) {
	x := Default()
	if n := strings.Count(affixFile, "\n") - strings.Count(affixFile, "#"); len(x.Affixes) != n {
		t.Errorf("%d affixes of %d lines", len(x.Affixes), n)
	}
	seen := map[string]bool{}
	for _, a := range x.Affixes {
		if seen[a.Word] || a.Before < 0 || a.After < 0 || a.Before > 1 || a.After > 1 || a.Before+a.After == 0 {
			t.Errorf("bad affix %+v", a)
		}
		seen[a.Word] = true
	}
	for _, want := range strings.Fields("download install viewer login secure app pc eng pro official setup free get my 2024") {
		if !x.IsAffix(want) {
			t.Errorf("%s is missing", want)
		}
	}
	if x.IsAffix("microdicom") {
		t.Error("microdicom is no affix")
	}
}

func TestGlyphsGoBothWays(t *testing.T) {
	x := Default()
	for _, g := range x.Glyphs {
		if g.Weight <= 0 || g.Weight > 1 || g.From == g.To {
			t.Errorf("bad pair %+v", g)
		}
		if !slices.Contains(x.Glyphs, Glyph{g.To, g.From, g.Weight}) {
			t.Errorf("%s→%s has no way back", g.From, g.To)
		}
	}
}

func TestNeighbors(t *testing.T) {
	x := Default()
	for _, c := range []struct {
		a, b byte
		want bool
	}{
		{'g', 'h', true}, {'g', 't', true}, {'g', 'b', true}, {'a', 'q', true}, {'t', 'z', true}, {'z', 'e', true},
		{'p', 'o', true}, {'0', '-', true}, {'1', 'q', true}, {'g', 'm', false}, {'q', 'p', false}, {'a', 'a', false},
	} {
		if x.Near(c.a, c.b) != c.want || x.Near(c.b, c.a) != c.want {
			t.Errorf("Near(%c, %c) is not %v both ways", c.a, c.b, c.want)
		}
	}
	for k, v := range x.Neighbors {
		for i := range len(v) {
			if v[i] == k || v[i] == '_' {
				t.Errorf("%q is a neighbour of %c", v[i], k)
			}
			if got, back := x.NearShare(k, v[i]), x.NearShare(v[i], k); got != back || got <= 0 || got > 1.001 || i > 0 && got > x.NearShare(k, v[i-1]) {
				t.Errorf("%c and %c touch for %g, the other way round for %g", k, v[i], got, back)
			}
		}
	}
	if x.NearShare('g', 'h') < 0.9 || x.NearShare('t', 'z') > 0.2 || x.NearShare('o', 'e') >= commonShare || x.NearShare('\xe9', 'e') != 0 {
		t.Error("shares are not those of the layouts")
	}
}

func TestLayouts(t *testing.T) {
	all := layouts(layoutFile)
	if n := strings.Count(layoutFile, "\n") - strings.Count(layoutFile, "#"); len(all) != n || n < 12 {
		t.Errorf("%d layouts of %d lines", len(all), n)
	}
	sum := 0.0
	for _, l := range all {
		sum += l.share
		keys := strings.Join(l.rows[:], "")
		for c := byte('a'); c <= 'z'; c++ {
			if n := strings.Count(keys, string(c)); n != 1 {
				t.Errorf("%s has %c %d times", l.name, c, n)
			}
		}
	}
	if sum < 0.999 || sum > 1.001 {
		t.Errorf("the shares add up to %g", sum)
	}
}

func TestDrawnIn(t *testing.T) {
	x := Default()
	for _, s := range []string{"com", "couk", "co-uk", "info"} {
		if !x.DrawnIn(s) {
			t.Errorf("%s is a suffix drawn in", s)
		}
	}
	if x.DrawnIn("co.uk") || x.DrawnIn("") || x.DrawnIn("viewer") {
		t.Error("what is no suffix in a label is taken for one")
	}
}
