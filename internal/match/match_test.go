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

func TestSimplestExplanation(t *testing.T) {
	micro := testIndex(t, testBrand(t, "MicroDicom", "microdicom.com", "MicroDicom", "DICOM Viewer"))
	scanner := testIndex(t, testBrand(t, "Advanced IP Scanner", "advanced-ip-scanner.com", "Advanced IP Scanner"))
	putty := testIndex(t, testBrand(t, "PuTTY", "chiark.greenend.org.uk", "PuTTY"))
	play := testIndex(t, testBrand(t, "Google Play", "play.google.com"))
	winscp := testIndex(t, testBrand(t, "WinSCP", "winscp.net"))
	suffix := func(from, to string) lurehound.Edit {
		return lurehound.Edit{From: from, To: to, At: lurehound.SuffixEdit}
	}
	for _, tt := range []struct {
		ix         *Index
		name       string
		word       string
		techniques []string
		edits      []lurehound.Edit
		why        string
	}{
		{micro, "mlcrodicom.info", "microdicom", []string{"homoglyph", "tld-swap"}, []lurehound.Edit{{From: "i", To: "l", At: 1}, suffix("com", "info")}, "i→l at position 2, .com→.info"},
		{micro, "microdicom.net", "microdicom", []string{"tld-swap"}, []lurehound.Edit{suffix("com", "net")}, ".com→.net"},
		{micro, "MICRODICOM-download.com.", "microdicom", []string{"combosquatting"}, []lurehound.Edit{{To: "-download", At: 10}}, `"download" added behind microdicom`},
		{micro, "micrdicom.com", "microdicom", []string{"omission"}, []lurehound.Edit{{From: "o", At: 4}}, `"o" dropped at position 5`},
		{micro, "micro-dicom.org", "microdicom", []string{"hyphenation", "tld-swap"}, []lurehound.Edit{{To: "-", At: 5}, suffix("com", "org")}, `"-" added at position 6, .com→.org`},
		{micro, "microdicomcom.info", "microdicom", []string{"faux-tld", "tld-swap"}, []lurehound.Edit{{To: "com", At: 10}, suffix("com", "info")}, `"com" added behind microdicom, .com→.info`},
		{micro, "microdicomv.com", "microdicom", []string{"addition"}, []lurehound.Edit{{To: "v", At: 10}}, `"v" added at position 11`},
		{micro, "microdicom-app.com", "microdicom", []string{"combosquatting"}, nil, `"app" added behind microdicom`},
		{scanner, "advancedd-ip-scunner.com", "advanced-ip-scanner", []string{"repetition", "vowel-swap"}, []lurehound.Edit{{To: "d", At: 8}, {From: "a", To: "u", At: 14}}, ""},
		{micro, "mıcrodıcom.com", "microdicom", []string{"idn-homograph"}, nil, "i→ı at position 2, i→ı at position 7"},
		{micro, "dicom-viewer-download.org", "dicom-viewer", []string{"product-word", "combosquatting", "tld-swap"}, nil, ""},
		{micro, "microdicom.com.viewer-download.net", "microdicom", []string{"subdomain-impersonation"}, nil, "microdicom stands in a name below viewer-download.net"},
		{micro, "micro.dicom.com", "microdicom", []string{"dot-insertion"}, []lurehound.Edit{{To: ".", At: 5}}, ""},
		{micro, "microdicom.duckdns.org", "microdicom", []string{"hosted"}, []lurehound.Edit{suffix("com", "duckdns.org")}, ".com→.duckdns.org"},
		{scanner, "advancedipscanner.com", "advanced-ip-scanner", []string{"hyphenation"}, []lurehound.Edit{{From: "-", At: 8}, {From: "-", At: 11}}, ""},
		{scanner, "adlvanced-lp-scanner.com", "advanced-ip-scanner", []string{"insertion", "homoglyph"}, nil, `"l" added at position 3, i→l at position 10`},
		{micro, domain(t, "mıcrodıcom.com").String(), "microdicom", []string{"idn-homograph"}, nil, ""},
		{play, "googleplysport.com", "googleplay", nil, nil, ""}, // not google with something behind it
		{winscp, "downloadwinsscp.net", "winscp", []string{"repetition", "combosquatting"}, nil, ""},
		{winscp, "winsscpdownload.net", "winscp", []string{"repetition", "combosquatting"}, nil, ""},
		{putty, "putty.org.uk", "putty", []string{"product-word"}, nil, "product putty instead of greenend"},
		{putty, "puttty-download.org", "putty", []string{"product-word", "repetition", "combosquatting", "tld-swap"}, nil, ""},
	} {
		h, ok := tt.ix.Match(tt.name, 0)
		if !ok || len(h.Matches) != 1 {
			t.Errorf("%s: got %v, %v", tt.name, h, ok)
			continue
		}
		m := h.Matches[0]
		if d := cmp.Diff(tt.techniques, m.Main()); tt.techniques != nil && d != "" || m.Word != tt.word {
			t.Errorf("%s is explained from %s by %v of %v: -want +got\n%s", tt.name, m.Word, m.Main(), m.Techniques, d)
		}
		if d := cmp.Diff(tt.edits, m.Edits); tt.edits != nil && d != "" {
			t.Errorf("%s: -want +got\n%s", tt.name, d)
		}
		if tt.why != "" && tt.why != m.Why {
			t.Errorf("%s: got why %q, want %q", tt.name, m.Why, tt.why)
		}
	}
}

// The last label is of the public suffix, which imitates nobody, also where
// nothing stands in front of that.
func TestSuffixImitatesNobody(t *testing.T) {
	ix := testIndex(t, testBrand(t, "CNN", "cnn.com"))
	for _, name := range []string{"ac.cn", "example.cn", "example.com.cn"} {
		if h, ok := ix.Match(name, 0); ok {
			t.Errorf("%s: %+v", name, h.Matches)
		}
	}
	if _, ok := ix.Match("cn.com", 0); !ok { // a private suffix with a label of its own
		t.Error("cn.com is not found")
	}
}

// TestDigitsAsBorders: digits border on a word where a label has room for a
// number; within random characters they are random too.
func TestDigitsAsBorders(t *testing.T) {
	ix := testIndex(t, testBrand(t, "CNN", "cnn.com"), testBrand(t, "i4", "i4.cn"))
	for name, want := range map[string]bool{
		"cnn24.top":                     true,
		"2024-cnn.net":                  true,
		"cnn2024-live.com":              true,
		"m8cnn3dhs0ghlpr29ikedtpp8.com": false,
		"qxqtz4i47t.xyz":                false,
		"i47do415cmd.shop":              false,
	} {
		if _, got := ix.Match(name, DefaultMinScore); got != want {
			t.Errorf("%s matches: %v, want %v", name, got, want)
		}
	}
}

// TestEditBesideLookalikes: one edit in a word with wide look-alikes is found
// whatever stands beside it, an r before the dot of .net and a doubled class included.
func TestEditBesideLookalikes(t *testing.T) {
	ix := testIndex(t, testBrand(t, "WinMTR", "winmtr.net"))
	for _, name := range []string{"vviinmtr.net", "wiinrntr.net", "wunrntr.com", "vvinnmtr.net", "winrntr.ng"} {
		if _, ok := ix.Match(name, 0); !ok {
			t.Errorf("%s is not found", name)
		}
	}
}
