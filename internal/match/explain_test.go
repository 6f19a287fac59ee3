package match

import (
	"slices"
	"strings"
	"testing"

	"lurehound"
	"lurehound/internal/permute"
)

// written is an explanation's columns as two lines.
func written(e Explanation) (brand, name string) {
	for _, c := range e.Columns {
		brand += c.Brand
		name += c.Name
	}
	return brand, name
}

func TestExplainStaysInTheLabel(t *testing.T) {
	ix := testIndex(t, testBrand(t, "advanced-ip-scanner.com", "advanced-ip-scanner.com"))
	for _, name := range []string{"advanced-ip-scanz.net", "advanced-ip-scanz.co.uk"} {
		d := domain(t, name)
		e := ix.Explain(d)[0]
		if got, want := e.Match.Techniques, []string{"tld-swap"}; !slices.Contains(got, want[0]) || slices.Contains(got, "dot-insertion") || slices.Contains(got, "subdomain-impersonation") {
			t.Errorf("%s: %v", name, got)
		}
		if !strings.HasSuffix(e.Match.Why, ".com→."+d.Suffix()) || strings.Contains(e.Match.Why, "below") {
			t.Errorf("%s: %s", name, e.Match.Why)
		}
		if brand, got := written(e); brand != e.Match.Word+".com" || got != name {
			t.Errorf("%s over %s", brand, got)
		}
	}
}

func TestFurtherReasons(t *testing.T) {
	for _, tt := range []struct {
		name, domain, word string
		why                string
		techniques         string
	}{
		{"hetflix-instal.store", "netflix.com", "", `n→h at position 1, "instal" added behind netflix, .com→.store`, ""},
		{"httpps-wvw-roblox.com", "roblox.com", "", "", "combosquatting"},
		{"putty-download.top", "chiark.greenend.org.uk", "PuTTY", "", "product-word combosquatting tld-swap faux-tld"},
		{"7zip2024.shop", "7-zip.org", "", "", "hyphenation combosquatting tld-swap omission"}, // permute may drop the hyphen so
		{"microdicom.us.com", "microdicom.com", "", "", "hosted tld-swap"},                     // permute knows no hosts
		{"bravebroker.com", "brave.com", "Brave Browser", `"broker" added behind brave`, ""},
	} {
		var words []string
		if tt.word != "" {
			words = append(words, tt.word)
		}
		ix := testIndex(t, testBrand(t, tt.domain, tt.domain, words...))
		m := ix.Explain(domain(t, tt.name))[0].Match
		if tt.why != "" && m.Why != tt.why {
			t.Errorf("%s: %s, want %s", tt.name, m.Why, tt.why)
		}
		if got := strings.Join(m.Techniques, " "); tt.techniques != "" && got != tt.techniques {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.techniques)
		}
	}
}

// Names that have nothing in common are not written above each other.
func TestExplainOfNothing(t *testing.T) {
	ix := testIndex(t, testBrand(t, "MicroDicom", "microdicom.com"))
	e := ix.Explain(domain(t, "zzyzxtopia.org"))[0]
	if len(e.Columns) > 0 || e.Match.Why != "nothing of the brand was recognised; product names (--words) may help" {
		t.Errorf("got %+v, %s", e.Columns, e.Match.Why)
	}
	if e := ix.Explain(domain(t, "microdicom.com"))[0]; len(e.Columns) == 0 {
		t.Error("the brand's own name has no columns")
	}
}

// BenchmarkDescribe says why names resemble brands that are known to: hosts of
// campaigns, for the brands of those. Finding and rating them is not counted.
func BenchmarkDescribe(b *testing.B) {
	var names []string
	for _, file := range []string{"gold/dev/campaigns-a.csv", "gold/dev/campaigns-b.csv"} {
		for _, row := range corpusCSV(b, file) {
			if row[1] != "" {
				names = append(names, row[0])
			}
		}
	}
	ix := testIndex(b, goldBrands(b)...)
	type hit struct {
		s *scratch
		d lurehound.Domain
		f finding
	}
	var hits []hit
	for _, n := range names {
		s := new(scratch)
		if s.view.read(n, ix.fold) {
			s.min = DefaultMinScore
			ix.find(s)
			for _, f := range ix.best(s) {
				hits = append(hits, hit{s, domain(b, n), f})
			}
		}
	}
	if len(hits) == 0 {
		b.Fatal("no hits")
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		h := &hits[i%len(hits)]
		a := ix.anatomy(h.s, h.d, h.f)
		ix.describe(h.s, h.d, &a, h.f.score)
		i++
	}
}

// What a person accepts as the first explanation, and what the picture shows of it.
func TestFirstExplanation(t *testing.T) {
	for _, tt := range []struct {
		name, domain, word string
		techniques, orElse string
		why                string
		brand, written     string // the picture
	}{
		{"putty.cddwiz.cn", "chiark.greenend.org.uk", "PuTTY", "product-word subdomain-impersonation", "", "product putty instead of greenend, in a name below cddwiz.cn", "putty", "putty.cddwiz.cn"},
		{"microdicom.com.viewer-download.net", "microdicom.com", "", "subdomain-impersonation", "", "", "microdicom.com", "microdicom.com.viewer-download.net"},
		{"advanc3d-1p-scan3r.com", "advanced-ip-scanner.com", "Advanced IP Scanner", "homoglyph omission", "", "", "advanced-ip-scanner.com", "advanc3d-1p-scan3r.com"},
		{"sevenzip.com", "7-zip.org", "", "numeral tld-swap", "", `7→seven at position 1, "-" dropped at position 2, .org→.com`, "7-zip.org", "sevenzip.com"},
		{"seven-zip-download.org", "7-zip.org", "", "numeral combosquatting", "faux-tld", `7→seven at position 1, "download" added behind 7-zip`, "7-zip.org", "seven-zip-download.org"},
		{"adlvanced-ip-scanner.shop", "advanced-ip-scanner.com", "Advanced IP Scanner", "insertion tld-swap", "", "", "advanced-ip-scanner.com", "adlvanced-ip-scanner.shop"},
		{"angry1pscat.com", "angryip.org", "Angry IP Scanner", "homoglyph combosquatting tld-swap", "", "", "angryip.org", "angry1pscat.com"},
		{"creative-cloud.live", "adobe.com", "Creative Cloud", "product-word tld-swap", "", "product creative-cloud instead of adobe, .com→.live", "", ""},
		{"fedral-court.us", "uscourts.gov", "US federal courts", "word-order omission tld-swap", "", "", "federal-courts.gov", "fedral-court.us"},
		{"sapconcur2-24.pro", "concur.com", "SAP Concur", "product-word version tld-swap", "", "", "sapconcur.com", "sapconcur2-24.pro"},
		{"remote-console-vmware.com", "vmware.com", "", "combosquatting", "", `"remote-console" added in front of vmware`, "", ""},
		{"notepadinfo.biz", "notepad-plus-plus.org", "Notepad++", "product-word combosquatting tld-swap", "faux-tld", `only notepad of notepad-plus-plus, "info" added behind notepad, .org→.biz`, "", ""},
		{"rvtools-dell.com", "robware.net", "RVTools", "product-word combosquatting tld-swap", "faux-tld", "", "", ""},
		{"icrodicomm.com", "microdicom.com", "", "move", "", `"m" moved from position 1 to 10`, "microdicom.com", "icrodicomm.com"},
		{"micmrodico.com", "microdicom.com", "", "move", "", `"m" moved from position 10 to 4`, "", ""},
		{"microdicoms.com", "microdicom.com", "", "plural", "", "", "", ""},
		{"rvtool.net", "rvtools.net", "", "plural", "", "", "", ""},
		{"microdicomx.com", "microdicom.com", "", "addition", "", "", "", ""},
		{"microdicom2.com", "microdicom.com", "", "addition", "", "", "", ""},
		{"microdicom2024.com", "microdicom.com", "", "version", "", "", "", ""},
		{"microdicomm.com", "microdicom.com", "", "repetition", "", "", "", ""},
		{"microdicum.com", "microdicom.com", "", "vowel-swap", "", "", "", ""},
		{"www-microdicom.com", "microdicom.com", "", "dot-hyphen", "", "", "", ""},
		{"wwwmicrodicom.com", "microdicom.com", "", "dot-omission", "", "", "", ""},
		{"micro.dicom.com", "microdicom.com", "", "dot-insertion", "", "", "microdicom.com", "micro.dicom.com"},
		{"microdicom.com.br", "microdicom.com", "", "tld-append", "", ".com→.com.br", "", ""},
		{"bbc.org.uk", "bbc.co.uk", "", "wrong-second-level", "", ".co.uk→.org.uk", "", ""},
		{"fotoshop.com", "photoshop.com", "", "homophone", "", "", "photoshop.com", "fotoshop.com"},
	} {
		var words []string
		if tt.word != "" {
			words = append(words, tt.word)
		}
		e := testIndex(t, testBrand(t, tt.domain, tt.domain, words...)).Explain(domain(t, tt.name))[0]
		if got := strings.Join(e.Match.Main(), " "); got != tt.techniques {
			t.Errorf("%s is explained by %s, want %s", tt.name, got, tt.techniques)
		}
		if got := strings.Join(e.OrElse, " "); got != tt.orElse {
			t.Errorf("%s: or else %q, want %q", tt.name, got, tt.orElse)
		}
		if tt.why != "" && e.Match.Why != tt.why {
			t.Errorf("%s: %s, want %s", tt.name, e.Match.Why, tt.why)
		}
		if brand, got := written(e); tt.brand != "" && (brand != tt.brand || got != tt.written) {
			t.Errorf("%s: %s over %s", tt.name, brand, got)
		}
	}
}

// Every technique has its place in the order and changes one part of a name.
func TestTechniquesAreOrdered(t *testing.T) {
	kinds := slices.Concat(changing[:]...)
	for _, tech := range permute.Techniques() {
		if !slices.Contains(efforts[:], tech.Name) || !slices.Contains(kinds, tech.Name) {
			t.Errorf("%s has no place", tech.Name)
		}
	}
	if n := len(permute.Techniques()); len(kinds) != n || len(efforts) != n {
		t.Errorf("%d techniques, %d in order, %d of some kind", n, len(efforts), len(kinds))
	}
}
