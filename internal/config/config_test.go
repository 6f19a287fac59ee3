package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lurehound"
)

func write(t *testing.T, text string) string {
	t.Helper()
	p := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestRead(t *testing.T) {
	f, err := Read(write(t, "contact = \"a@example.org\"\nresolvers = [\"192.0.2.1\"]\n"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(File{Contact: "a@example.org", Resolvers: []string{"192.0.2.1"}}, f); diff != "" {
		t.Error(diff)
	}
}

func TestReadRefuses(t *testing.T) {
	for _, tt := range []struct{ text, says string }{
		{"contcat = \"a\"\n", "contcat"},
		{"contact = 1\n", "contact"},
		{"contact = \"a\n", "line 1"},
	} {
		_, err := Read(write(t, tt.text))
		if !errors.Is(err, ErrConfig) || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("Read(%q) = %v, want it to say %q", tt.text, err, tt.says)
		}
	}
	if _, err := Read(filepath.Join(t.TempDir(), "none")); !errors.Is(err, ErrConfig) {
		t.Errorf("a missing file: %v", err)
	}
}

func TestParseBrands(t *testing.T) {
	d := func(s string) lurehound.Domain {
		d, err := lurehound.ParseDomain(s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	eq := cmp.Comparer(func(a, b lurehound.Domain) bool { return a == b })
	for _, tt := range []struct {
		name, text string
		want       []lurehound.Brand
	}{
		{"toml", "# ours\n[[brand]]\nname=\"PuTTY\"\ndomains=[\"chiark.greenend.org.uk\"]\nwords=[\"putty\"]\nreferences=[{url=\"https://x.org/\", sha256=\"AB\"}]\n",
			[]lurehound.Brand{{Name: "PuTTY", Domains: []lurehound.Domain{d("chiark.greenend.org.uk")}, Words: []string{"putty"},
				References: []lurehound.Reference{{URL: "https://x.org/", SHA256: "ab"}}}}},
		{"csv", "brand,domain,words\n7-Zip,7-zip.org,7zip|seven zip\n7-Zip,7zip.com,7zip\nAIMP,aimp.ru\n",
			[]lurehound.Brand{
				{Name: "7-Zip", Domains: []lurehound.Domain{d("7-zip.org"), d("7zip.com")}, Words: []string{"7zip", "seven zip"}},
				{Name: "AIMP", Domains: []lurehound.Domain{d("aimp.ru")}}}},
		{"list", "\ufeff# mine\nmicrodicom[.]com\n\nPutty.org\n",
			[]lurehound.Brand{{Name: "microdicom.com", Domains: []lurehound.Domain{d("microdicom.com")}},
				{Name: "putty.org", Domains: []lurehound.Domain{d("putty.org")}}}},
	} {
		got, err := ParseBrands([]byte(tt.text))
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if diff := cmp.Diff(tt.want, got, eq); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
	for _, tt := range []struct{ text, says string }{
		{"", "no brand"},
		{"[[brand]]\nname=\"x\"\n", "no domain"},
		{"[[brand]]\nnmae=\"x\"\n", "nmae"},
		{"brand,domain\nx\n", "line 2"},
		{"brand,domain\nx,1.2.3.4\n", "line 2"},
		{"co.uk\n", "public suffix"},
	} {
		if _, err := ParseBrands([]byte(tt.text)); err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("ParseBrands(%q) = %v, want it to say %q", tt.text, err, tt.says)
		}
	}
}

func TestCorpusBrands(t *testing.T) {
	root := os.Getenv("LUREHOUND_CORPUS")
	if root == "" {
		t.Skip("LUREHOUND_CORPUS is not set")
	}
	brands, err := ReadBrands(filepath.Join(root, "gold/dev/brands.csv"))
	if err != nil || len(brands) < 80 {
		t.Fatalf("%d brands, %v", len(brands), err)
	}
}

func FuzzParseBrands(f *testing.F) {
	f.Add([]byte("[[brand]]\nname=\"x\"\ndomains=[\"a.com\"]\n"))
	f.Add([]byte("brand,domain\n\"x,a.com\n"))
	f.Add([]byte("a.com\n\x00\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		brands, err := ParseBrands(b)
		if err != nil {
			return
		}
		for _, br := range brands {
			if br.ID() == "" {
				t.Fatalf("accepted a brand without a domain: %+v", br)
			}
		}
	})
}
