package match

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"lurehound"
	"lurehound/internal/lexicon"
)

func domain(t testing.TB, s string) lurehound.Domain {
	t.Helper()
	d, err := lurehound.ParseDomain(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func testBrand(t testing.TB, name, dom string, words ...string) lurehound.Brand {
	t.Helper()
	return lurehound.Brand{Name: name, Domains: []lurehound.Domain{domain(t, dom)}, Words: words}
}

func testIndex(t testing.TB, brands ...lurehound.Brand) *Index {
	t.Helper()
	ix, err := NewIndex(brands, lexicon.Default())
	if err != nil {
		t.Fatal(err)
	}
	return ix
}

func TestMatch(t *testing.T) {
	ix := testIndex(t, testBrand(t, "MicroDicom", "microdicom.com", "MicroDicom DICOM Viewer"))
	for _, tt := range []struct {
		name string
		want lurehound.Match
	}{
		{"mlcrodicom.info", lurehound.Match{Brand: "microdicom.com", Word: "microdicom", Techniques: []string{"homoglyph"},
			Edits: []lurehound.Edit{{From: "i", To: "l", At: 1}, {From: "com", To: "info", At: -1}}, Why: "i→l at position 2, .com→.info"}},
		{"MICRODICOM-download.com.", lurehound.Match{Brand: "microdicom.com", Word: "microdicom", Techniques: []string{"combosquatting"},
			Edits: []lurehound.Edit{{To: "-download", At: 10}}, Why: `"download" added behind microdicom`}},
	} {
		h, ok := ix.Match(tt.name, DefaultMinScore)
		if !ok || len(h.Matches) != 1 {
			t.Errorf("%s: got %v, %v", tt.name, h, ok)
			continue
		}
		got := h.Matches[0]
		got.Score = 0
		t.Log(got.Techniques, h.Matches[0].Score)
		got.Techniques, tt.want.Techniques = nil, nil
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Errorf("%s: -want +got\n%s", tt.name, d)
		}
	}
}
