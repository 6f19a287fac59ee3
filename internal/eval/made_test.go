package eval

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"lurehound"
)

func TestImitationsAreCountedOnce(t *testing.T) {
	g := gold{brands: []lurehound.Brand{brand(t, "A", "a.com"), brand(t, "B", "b.com")}}
	for _, l := range []struct {
		host     string
		brand    int
		campaign string
	}{
		{"a-b.net", 0, "one"}, {"www.a-b.net", 0, "two"}, {"a-b.net", 1, "two"}, {"x.a-c.net", 0, "two"},
	} {
		g.rows = append(g.rows, lure{domain(t, l.host), l.brand, l.campaign})
	}
	all, err := imitations(g)
	if err != nil {
		t.Fatal(err)
	}
	want := []imitation{{domain(t, "a-b.net"), 0, "one"}, {domain(t, "a-b.net"), 1, "two"}, {domain(t, "a-c.net"), 0, "two"}}
	if diff := cmp.Diff(want, all, cmp.AllowUnexported(imitation{}), cmp.Comparer(func(a, b lurehound.Domain) bool { return a == b })); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRecallRows(t *testing.T) {
	var got []float64
	for _, r := range recallRows([]int{0, 1, 1000, 1001, 50_000, 50_001, 7000, 0}, "", "") {
		got = append(got, r.Value*8)
	}
	if diff := cmp.Diff([]float64{2, 3, 4, 5}, got); diff != "" {
		t.Error(diff)
	}
}
