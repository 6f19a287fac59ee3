package permute

import (
	"testing"

	"lurehound/internal/lexicon"
)

// TestWholeNamesAreForeign: below the registrable domain of any own name nobody else makes names.
func TestWholeNamesAreForeign(t *testing.T) {
	b := brand(t, "", "microdicom.com")
	b.Domains = append(b.Domains, parse(t, "www.dicom.com"), parse(t, "viewer-download.net"))
	tg, err := NewTarget(b)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for p := range Permutations(tg, lexicon.Default(), Options{Budget: 20_000, Techniques: []string{"dot-insertion", "subdomain-impersonation"}}) {
		n++
		if r := p.Domain.Registrable(); r == "dicom.com" || r == "viewer-download.net" {
			t.Errorf("%s is below the brand's own %s", p.Domain, r)
		}
	}
	if n != 20_000 {
		t.Errorf("%d names", n)
	}
}
