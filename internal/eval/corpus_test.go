package eval

import (
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lurehound"
)

// write makes a file of the corpus, with gzip when it is called so.
func write(t testing.TB, dir, name, text string) {
	t.Helper()
	p := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(p), 0o700); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(p)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if !strings.HasSuffix(name, ".gz") {
		if _, err := f.WriteString(text); err != nil {
			t.Fatal(err)
		}
		return
	}
	z := gzip.NewWriter(f)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestReadRecords(t *testing.T) {
	for _, tt := range []struct {
		text string
		want []string
		rows [][]string
		says string
	}{
		{"\ufeffa,b\n1,2\n\"3,3\",4\n", []string{"b", "a"}, [][]string{{"2", "1"}, {"4", "3,3"}}, ""},
		{"a,b\n1\n# c\n1,2,3\n", []string{"b"}, [][]string{{""}, {"2"}}, ""},
		{"a,file\n1,f\n", []string{"a", "trail|file|"}, [][]string{{"1", "f"}}, ""},
		{"a,trail,file\n1,t,f\n", []string{"trail|file|"}, [][]string{{"t"}}, ""},
		{"a\n1\n", []string{"a", "trail|file|"}, [][]string{{"1", ""}}, ""},
		{"a\n1\n", []string{"trail|file"}, nil, "no column"},
		{"", []string{"a"}, nil, "heading"},
	} {
		var rows [][]string
		err := readRecords(strings.NewReader(tt.text), tt.want, func(c []string) error {
			rows = append(rows, append([]string(nil), c...))
			return nil
		})
		if tt.says == "" && err != nil || tt.says != "" && (err == nil || !strings.Contains(err.Error(), tt.says)) {
			t.Errorf("%q: %v, want %q", tt.text, err, tt.says)
		}
		if diff := cmp.Diff(tt.rows, rows); diff != "" {
			t.Errorf("%q (-want +got):\n%s", tt.text, diff)
		}
	}
}

func TestReadGold(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "brands.csv", "brand,domain\nPuTTY,chiark.greenend.org.uk\nBrave,brave.com\n")
	write(t, dir, "campaigns-a.csv", "host,brand,brand_domain,trail\nputty.click,PuTTY,chiark.greenend.org.uk,vidar\nc2.example.com,,,vidar\n")
	write(t, dir, "campaigns-b.csv", "host,brand,brand_domain,date,file\nbrave.top,Brave,brave.com,2024-01-01,x.txt\n")
	g, err := readGold(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := []lure{{domain(t, "putty.click"), 0, "vidar"}, {domain(t, "brave.top"), 1, "x.txt"}}
	if diff := cmp.Diff(want, g.rows, cmp.AllowUnexported(lure{}), cmp.Comparer(func(a, b lurehound.Domain) bool { return a == b })); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	write(t, dir, "campaigns-c.csv", "host,brand,brand_domain\nx.com,X,x.org\n")
	if _, err := readGold(dir); err == nil || !strings.Contains(err.Error(), "x.org") {
		t.Errorf("a brand that is not listed: %v", err)
	}
}

func TestMedicalVendors(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "vendors.csv", `vendor,icsma,reference_hosts
Siemens,0,www.siemens.com(3)
MicroDicom,2,www.microdicom.com(2) raw.githubusercontent.com(2)
"B. Braun, Inc.",1,raw.githubusercontent.com(1) www.fda.gov(1) x.custhelp.com(1)
`)
	got, err := medicalVendors(filepath.Join(dir, "vendors.csv"))
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, b := range got {
		ids = append(ids, b.Name+" "+b.ID())
	}
	if diff := cmp.Diff([]string{"MicroDicom microdicom.com", "B. Braun, Inc. bbraun.com"}, ids); diff != "" {
		t.Error(diff)
	}
}
