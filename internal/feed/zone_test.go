package feed

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// givenNames are what a reader gives behind its heading, without the last line's end.
func givenNames(t testing.TB, r io.Reader) string {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	rest, ok := strings.CutPrefix(string(b), heading)
	if !ok {
		t.Fatalf("%q has no heading", b)
	}
	return strings.TrimSpace(strings.ReplaceAll(rest, "\n", " "))
}

func TestZoneGivesDelegations(t *testing.T) {
	for _, tt := range []struct{ name, zone, want string }{
		{"as ICANN has it", "xyz.\t3600\tin\tsoa\tns0.nic.xyz. h. 1 900 1800 6048000 3600\nxyz.\t3600\tin\tns\tx.nic.xyz.\nxyz.\t3600\tin\trrsig\tNS 8 1 3600 20240101 20231201 1 xyz. AAAA==\n" +
			"a.xyz.\t3600\tin\tns\tns1.a.net.\na.xyz.\t3600\tin\tns\tns2.a.net.\na.xyz.\t3600\tin\tds\t1 8 2 AB\nb.xyz.\t3600\tin\tns\tns1.a.xyz.\nns1.a.xyz.\t3600\tin\ta\t192.0.2.1\n", "a.xyz b.xyz"},
		{"relative names", "$ORIGIN COM.\n$TTL 2D\n@ IN SOA a. b. (1 2 ; serial )\n 3 4 5)\n NS a.gtld-servers.net.\nEXAMPLE NS NS1.EXAMPLE\nEXAMPLE NS NS2\nNS1.EXAMPLE A 192.0.2.1\n900 NS X.\nMLCRODICOM 172800 NS X.\n", "EXAMPLE.COM 900.COM MLCRODICOM.COM"},
		{"class before TTL", "$ORIGIN info.\na IN 1w2d NS x.\n  IN NS y.\n\tNS z.\nb 60 CH NS x.\n", "a.info b.info"},
		{"origins within origins", "$ORIGIN uk.\n$ORIGIN co\na NS x.\n$ORIGIN .\nb.co.uk NS x.\n", "a.co.uk b.co.uk"},
		{"over lines", "com. SOA a. b. 1 2 3 4 5\n(a.com.\n 60 IN ; not yet\n NS\n x.)\nb.com. (NS x.) ; )\n", "a.com b.com"},
		{"quotes and escapes", "$ORIGIN net.\na TXT \"a;b (\" \"\\\"\"\nb\\.c NS x.\n\\100 NS x.\n", `b\.c.net \100.net`},
		{"an origin from the SOA", "org. SOA a. b. 1 2 3 4 5\na NS x.\n", "a.org"},
		{"an owner that comes back", "a.com. NS x.\nb.com. NS x.\na.com. NS y.\n", "a.com b.com a.com"},
		{"what cannot be read counts", "a.com. NS (x.\n)\n)\nb.com.\nc.com. TXT \"open\n$INCLUDE other\n$GENERATE 1-9 a$ NS x.\nd,e.com. NS x.\n#f NS x.\ng.com. NS x.", "a.com .. .. .. .. .. .. .. g.com"},
		{"no end of parentheses", "a.com. NS (\n" + strings.Repeat(" x\n", maxZoneLines) + "b.com. NS x.\n", ".. b.com"},
		{"cut off within parentheses", "a.com. NS x.\nb.com. NS (\n x.", "a.com .."},
		{"long lines and names", strings.Repeat("a", 2*maxLine) + "\n" + strings.Repeat("a", maxNameLen) + ".com. NS x.\nb.com. NS x.\n", ".. .. b.com"},
		{"a name like a heading", "$ORIGIN .\ndomain. NS x.\nname. NS x.\n", "domain name"},
		{"nothing", "", ""},
		{"comments", "; a.com. NS x.\n\n  ; b\n", ""},
	} {
		if d := cmp.Diff(tt.want, givenNames(t, newZoneReader(strings.NewReader(tt.zone)))); d != "" {
			t.Errorf("%s: -want +got\n%s", tt.name, d)
		}
		if d := cmp.Diff(tt.want, givenNames(t, newZoneReader(iotest.OneByteReader(strings.NewReader(tt.zone))))); d != "" {
			t.Errorf("%s, octet by octet: -want +got\n%s", tt.name, d)
		}
	}
}

func TestCertificatesGiveNames(t *testing.T) {
	in := `{"dns_names":["a.com","*.a.com"]}
{"message_type":"heartbeat","timestamp":1}

{"message_type":"certificate_update","data":{"cert_index":1,"leaf_cert":{"all_domains":["b.com","www.b.com"],"subject":{"CN":"x.com"}}}}
{"message_type":"dns_entries","data":["c.com"]}
{"dns_names":[]}
{"domain":"d.com","brand":"x"}
{"dns_names":["e.com f.com","#g","","h.com\ni.com"]}
{"other":1}
no object
{"dns_names":["j.com"]}`
	want := "a.com *.a.com b.com www.b.com c.com d.com .. .. .. .. .. .. j.com"
	if d := cmp.Diff(want, givenNames(t, newCertificateReader(strings.NewReader(in)))); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
	long := `{"dns_names":["` + strings.Repeat("a", maxCertificate) + "\"]}\n{\"dns_names\":[\"a.com\"]}"
	if d := cmp.Diff(".. a.com", givenNames(t, newCertificateReader(strings.NewReader(long)))); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}

func TestFormOfFile(t *testing.T) {
	zone := "xyz. 60 IN SOA a. b. 1 2 3 4 5\na.xyz. 60 IN NS x.\n"
	for _, tt := range []struct {
		name, head string
		want       Form
	}{
		{"xyz.txt.gz", zone, Zone}, {"xyz.zone.gz", "a.xyz. NS", Zone}, {"XYZ.ZONE", "", Zone}, {"names.csv", "domain,seen\na.com,x\n", Lines},
		{"-", "a.com\nb.com\n", Lines}, {"-", "a.com\tNS\n", Lines}, {"-", "\xef\xbb\xbf {\"dns_names\":[]}\n", Certificates}, {"", "", Lines},
		{"rpz", "$TTL 1\n@ SOA a. b. 1 2 3 4 5\n NS x.\na.com CNAME .\nb.com NS x.\nc.com CNAME .\n", Lines},
	} {
		if got := formOf(tt.name, []byte(tt.head)); got != tt.want {
			t.Errorf("%s that begins with %q: got %d, want %d", tt.name, tt.head, got, tt.want)
		}
	}
	for _, wait := range []bool{false, true} {
		r, form := Names(strings.NewReader(zone), "-", Lines, wait)
		if got := givenNames(t, r); form != Zone || got != "a.xyz" {
			t.Errorf("got form %d, %q", form, got)
		}
	}
}

func FuzzZoneReader(f *testing.F) {
	for _, s := range []string{
		"$ORIGIN com.\n@ SOA a. b. (1\n2) \na NS x.\n", "a. NS (", "\"", "\\", ") (", "$ORIGIN", "@ NS @", " NS x", ". NS x.", "a \x00 NS", "a;NS", "$ORIGIN a\n$ORIGIN a\nb NS",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		z := newZoneReader(bytes.NewReader(b))
		out, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimPrefix(string(out), heading), "\n")
		if lines[len(lines)-1] != "" || len(lines)-1 > bytes.Count(b, []byte("\n"))+2 {
			t.Fatalf("%d lines gave %d names", bytes.Count(b, []byte("\n")), len(lines)-1)
		}
		for _, l := range lines[:len(lines)-1] {
			if l == "" || len(l) > maxNameLen || strings.ContainsAny(l, ",;\t #\"") {
				t.Fatalf("gave %q", l)
			}
		}
		isZone(b)
	})
}

func FuzzCertificateReader(f *testing.F) {
	for _, s := range []string{`{"dns_names":["a","\n"]}`, `{"data":{"leaf_cert":{"all_domains":["b"]}}}`, `{"data":["c"]}`, "{", "null", `{"data":null}`, "{}\n\n{}"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		out, err := io.ReadAll(newCertificateReader(bytes.NewReader(b)))
		if err != nil {
			t.Fatal(err)
		}
		for l := range strings.Lines(strings.TrimPrefix(string(out), heading)) {
			if l = strings.TrimSuffix(l, "\n"); l == "" || strings.ContainsAny(l, ",;\t #\"") {
				t.Fatalf("gave %q", l)
			}
		}
	})
}

// BenchmarkZone reads a zone as ICANN gives it, two name servers a name.
func BenchmarkZone(b *testing.B) {
	var zone bytes.Buffer
	zone.WriteString("xyz.\t3600\tin\tsoa\tns0.nic.xyz. h. 1 900 1800 6048000 3600\n")
	const count = 10_000
	for i := range count {
		name := strings.Repeat("a", 5+i%9) + "-" + string(rune('a'+i%26)) + ".xyz."
		zone.WriteString(name + "\t3600\tin\tns\tns1.host.net.\n" + name + "\t3600\tin\tns\tns2.host.net.\n")
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := io.Copy(io.Discard, newZoneReader(bytes.NewReader(zone.Bytes()))); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(count)*float64(b.N)/b.Elapsed().Seconds(), "names/s")
}
