package feed

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"lurehound"
)

func brand(t testing.TB, name string, words []string, domains ...string) lurehound.Brand {
	t.Helper()
	b := lurehound.Brand{Name: name, Words: words}
	for _, d := range domains {
		p, err := lurehound.ParseDomain(d)
		if err != nil {
			t.Fatal(err)
		}
		b.Domains = append(b.Domains, p)
	}
	return b
}

func holdsOne(name string, fragments []string) bool {
	return slices.ContainsFunc(fragments, func(f string) bool { return strings.Contains(name, f) })
}

func TestFragments(t *testing.T) {
	got := Fragments([]lurehound.Brand{brand(t, "MicroDicom", []string{"MicroDicom DICOM Viewer"}, "microdicom.com")})
	for _, want := range []string{"micro", "dicom", "com.info", "com.com"} {
		if !slices.Contains(got, want) {
			t.Errorf("%q is not in %q", want, got)
		}
	}
	if got[0] != "micro" || got[1] != "dicom" {
		t.Errorf("the best come first: %q", got)
	}
	for _, name := range []string{"mlcrodicom.info", "microdlcom.info", "mlcrodlcom.info", "rnicrodicorn.net", "micrdoicom.org", "microdicom-download.shop"} {
		if !holdsOne(name, got) {
			t.Errorf("no fragment is in %s", name)
		}
	}
	if len(got) > manyFragments/2 {
		t.Errorf("%d fragments for one brand", len(got))
	}
}

func TestFragmentsOfOtherBrands(t *testing.T) {
	for _, test := range []struct {
		brand lurehound.Brand
		names []string
	}{
		{brand(t, "PuTTY", []string{"PuTTY"}, "chiark.greenend.org.uk"), []string{"putty-download.net", "greenend.org"}},
		{brand(t, "Advanced IP Scanner", []string{"Advanced IP Scanner"}, "advanced-ip-scanner.com"), []string{"adlvanced-ip-scanner.net", "advancedipscaner.com"}},
		{brand(t, "OBS", []string{"OBS Studio"}, "obsproject.com"), []string{"obs-studio.site", "obsprojekt.com"}},
		{brand(t, "Bücher", nil, "bücher.example"), []string{"xn--bcher-kva.net"}},
		{brand(t, "X", nil, "x.com"), []string{"x.net"}},
	} {
		got := Fragments([]lurehound.Brand{test.brand})
		for _, name := range test.names {
			if !holdsOne(name, got) {
				t.Errorf("no fragment of %q is in %s", got, name)
			}
		}
	}
	if got := Fragments(nil); len(got) != 0 {
		t.Errorf("no brands, and %q", got)
	}
}

// TestFragmentsOneEdit is the law: whatever one edit a label of six characters
// or more has, and whatever suffix, a fragment is in it.
func TestFragmentsOneEdit(t *testing.T) {
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789"
	rapid.Check(t, func(t *rapid.T) {
		label := rapid.StringMatching(`[a-z][a-z0-9]{4,12}[a-z0-9]`).Draw(t, "label")
		pieces := labelPieces(label)
		at := rapid.IntRange(0, len(label)-1).Draw(t, "at")
		c := string(letters[rapid.IntRange(0, len(letters)-1).Draw(t, "c")])
		edits := map[string]string{
			"none":         label,
			"omission":     label[:at] + label[at+1:],
			"insertion":    label[:at] + c + label[at:],
			"substitution": label[:at] + c + label[at+1:],
		}
		if at+1 < len(label) {
			edits["transposition"] = label[:at] + label[at+1:at+2] + label[at:at+1] + label[at+2:]
		}
		for edit, name := range edits {
			if !holdsOne(name, pieces) {
				t.Fatalf("%s of %s: no piece of %q is in %s", edit, label, pieces, name)
			}
		}
	})
}

func TestFragmentsHoldNoOther(t *testing.T) {
	got := Fragments([]lurehound.Brand{
		brand(t, "a", []string{"micro", "viewer"}, "microdicom.com", "dicom.net"),
		brand(t, "b", []string{"com.info"}, "dicomviewer.org", "dicom-view.info"),
	})
	for i, a := range got {
		for j, b := range got {
			if i != j && strings.Contains(a, b) {
				t.Errorf("%q holds %q", a, b)
			}
		}
	}
}
