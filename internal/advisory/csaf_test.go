package advisory

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

func TestParseCSAF(t *testing.T) {
	doc := []byte(`{"document":{"title":"Example Viewer","tracking":{"id":"EX-1","initial_release_date":"2024-06-11T06:00:00.000000Z"},
	 "references":[{"url":"https://www.cisa.gov/x"},{"url":"https://www.example.com/a"}]},
	 "product_tree":{"branches":[{"category":"vendor","name":"Example","branches":[{"category":"product_name","name":"Viewer","branches":[{"category":"product_version","name":"<2"}]}]}]},
	 "vulnerabilities":[{"remediations":[{"details":"Get it at (https://downloads.example.org/get)."},{"url":"https://example.org/"}]}]}`)
	a, err := ParseCSAF(doc, "example.json")
	if err != nil {
		t.Fatal(err)
	}
	if got := a.Released.Format(time.DateOnly); a.ID != "EX-1" || got != "2024-06-11" || a.Source != "example.json" {
		t.Errorf("got %s of %s from %s", a.ID, got, a.Source)
	}
	if !slices.Equal(a.Vendors, []string{"Example"}) || !slices.Equal(a.Products, []string{"Viewer"}) {
		t.Errorf("vendors %q, products %q", a.Vendors, a.Products)
	}
	if want := []string{"downloads.example.org", "example.org", "www.example.com"}; !slices.Equal(a.Hosts, want) {
		t.Errorf("hosts %q, want %q: remediations first, no authority", a.Hosts, want)
	}
}

func TestParseCSAFRefuses(t *testing.T) {
	for _, in := range []string{"", "null", "[]", "{}", `{"document":{"tracking":{"id":"x","initial_release_date":"June"}}}`} {
		if _, err := ParseCSAF([]byte(in), ""); !errors.Is(err, ErrNotCSAF) {
			t.Errorf("ParseCSAF(%q): %v", in, err)
		}
	}
}

// TestCorpus reads CISA's own documents.
func TestCorpus(t *testing.T) {
	root := os.Getenv("LUREHOUND_CORPUS")
	if root == "" {
		t.Skip("LUREHOUND_CORPUS is not set")
	}
	files, err := filepath.Glob(filepath.Join(root, "advisories/csaf/*.json"))
	if err != nil || len(files) == 0 {
		t.Skipf("no advisories under %s", root)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		a, err := ParseCSAF(b, f)
		if err != nil {
			t.Errorf("%s: %v", f, err)
			continue
		}
		if len(a.Vendors) == 0 || len(a.Products) == 0 {
			t.Errorf("%s: vendors %q, products %q", f, a.Vendors, a.Products)
		}
		t.Logf("%s %s %v %q %q", a.ID, a.Released.Format(time.DateOnly), a.Vendors, a.Products, a.Hosts)
	}
}

func FuzzParseCSAF(f *testing.F) {
	f.Add([]byte(`{"document":{"tracking":{"id":"x","initial_release_date":"2024-06-11T06:00:00Z"}},"product_tree":{"branches":[{"branches":[{"category":"vendor","name":"\u0000"}]}]}}`))
	f.Add([]byte(`{"document":1}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := ParseCSAF(b, "fuzz")
		if err == nil && a.ID == "" {
			t.Fatalf("accepted without an ID: %+v", a)
		}
		if len(a.Hosts) > maxNames || len(a.Vendors) > maxNames {
			t.Fatalf("%d hosts, %d vendors", len(a.Hosts), len(a.Vendors))
		}
	})
}
