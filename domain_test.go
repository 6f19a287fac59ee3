package lurehound

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseDomain(t *testing.T) {
	type parts struct {
		Name, Unicode, Suffix, Label, Registrable string
		Sub                                       []string
		Problem                                   bool
	}
	tests := []struct {
		in   string
		want parts
	}{
		{"microdicom.com", parts{"microdicom.com", "microdicom.com", "com", "microdicom", "microdicom.com", nil, false}},
		{" WWW.MicroDicom.COM. ", parts{"www.microdicom.com", "www.microdicom.com", "com", "microdicom", "microdicom.com", []string{"www"}, false}},
		{"mlcrodicom[.]info", parts{"mlcrodicom.info", "mlcrodicom.info", "info", "mlcrodicom", "mlcrodicom.info", nil, false}},
		{"a(.)b[dot]co{.}uk", parts{"a.b.co.uk", "a.b.co.uk", "co.uk", "b", "b.co.uk", []string{"a"}, false}},
		{"evil.duckdns.org", parts{"evil.duckdns.org", "evil.duckdns.org", "duckdns.org", "evil", "evil.duckdns.org", nil, false}},
		{"mıcrodicom.com", parts{"xn--mcrodicom-vpb.com", "mıcrodicom.com", "com", "xn--mcrodicom-vpb", "xn--mcrodicom-vpb.com", nil, false}},
		{"xn--mcrodicom-vpb.com", parts{"xn--mcrodicom-vpb.com", "mıcrodicom.com", "com", "xn--mcrodicom-vpb", "xn--mcrodicom-vpb.com", nil, false}},
		{"münchen。de", parts{"xn--mnchen-3ya.de", "münchen.de", "de", "xn--mnchen-3ya", "xn--mnchen-3ya.de", nil, false}},
		{"com", parts{"com", "com", "com", "", "", nil, true}},
		{"co.uk", parts{"co.uk", "co.uk", "co.uk", "", "", nil, true}},
		{"localhost", parts{"localhost", "localhost", "localhost", "", "", nil, true}},
		{"x.notasuffix", parts{"x.notasuffix", "x.notasuffix", "notasuffix", "x", "x.notasuffix", nil, true}},
		{"_dmarc.a.com", parts{"_dmarc.a.com", "_dmarc.a.com", "com", "a", "a.com", []string{"_dmarc"}, true}},
		{"-bad.com", parts{"-bad.com", "-bad.com", "com", "-bad", "-bad.com", nil, true}},
		{"xn--.com", parts{"xn--.com", "xn--.com", "com", "xn--", "xn--.com", nil, true}},
		{"a\x00b.com", parts{"a\x00b.com", "a\x00b.com", "com", "a\x00b", "a\x00b.com", nil, true}},
		{"a\xffb.com", parts{"a\xffb.com", "a\xffb.com", "com", "a\xffb", "a\xffb.com", nil, true}},
	}
	for _, tt := range tests {
		d, err := ParseDomain(tt.in)
		if err != nil {
			t.Errorf("ParseDomain(%q): %v", tt.in, err)
			continue
		}
		got := parts{d.String(), d.Unicode(), d.Suffix(), d.Label(), d.Registrable(), d.Subdomains(), d.Problem() != ""}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("ParseDomain(%q) (-want +got):\n%s", tt.in, diff)
		}
	}
}

func TestParseDomainRefuses(t *testing.T) {
	tests := []struct {
		in   string
		want error
		says string
	}{
		{"", ErrNotDomain, "empty"},
		{".", ErrNotDomain, "empty"},
		{"a..com", ErrNotDomain, "empty label"},
		{strings.Repeat("a", 64) + ".com", ErrNotDomain, "the limit is 63"},
		{strings.Repeat("a.", 130) + "com", ErrNotDomain, "the limit is 253"},
		{"192.0.2.1", ErrIsAddress, "192.0.2.1"},
		{"[2001:db8::1]", ErrIsAddress, ""},
		{"[。b", ErrNotDomain, "empty label"},
		{"hxxps://mlcrodicom[.]info/", ErrIsLink, ""},
		{"microdicom.com/downloads", ErrIsLink, ""},
	}
	for _, tt := range tests {
		_, err := ParseDomain(tt.in)
		if !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("ParseDomain(%q) = %v, want %v saying %q", tt.in, err, tt.want, tt.says)
		}
	}
}

func TestParseLink(t *testing.T) {
	tests := []struct{ in, domain, url string }{
		{"hxxps://mlcrodicom[.]info/", "mlcrodicom.info", "https://mlcrodicom.info/"},
		{"mlcrodicom[.]info", "mlcrodicom.info", ""},
		{"mlcrodicom[.]info/get.exe?x=1", "mlcrodicom.info", "http://mlcrodicom.info/get.exe?x=1"},
		{"http://user:pass@Example.COM:8080/a", "example.com", "http://example.com:8080/a"},
		{"hxxp[:]//a[.]b[.]com/", "a.b.com", "http://a.b.com/"},
		{"example.com:8080", "example.com", "http://example.com:8080"},
		{"localhost:80/x", "localhost", "http://localhost:80/x"},
	}
	for _, tt := range tests {
		l, err := ParseLink(tt.in)
		if err != nil {
			t.Errorf("ParseLink(%q): %v", tt.in, err)
			continue
		}
		if l.Domain.String() != tt.domain || l.URL != tt.url {
			t.Errorf("ParseLink(%q) = %s, %q; want %s, %q", tt.in, l.Domain, l.URL, tt.domain, tt.url)
		}
	}
	for _, in := range []string{"ftp://a.com/", "javascript://a.com", "javascript:alert(1)", "mailto:a@b.com", "data:text/html,x", "a.com:port", "http://192.0.2.1/", "http://%zz/", "https://"} {
		if l, err := ParseLink(in); err == nil {
			t.Errorf("ParseLink(%q) = %v, want an error", in, l)
		}
	}
}

func TestDefangRoundTrip(t *testing.T) {
	for _, in := range []string{"mlcrodicom.info", "www.a.co.uk", "https://a.com/x.exe?y=1.2", "http://a.com", "localhost"} {
		d := Defang(in)
		if got := Refang(d); got != in {
			t.Errorf("Refang(Defang(%q)) = %q", in, got)
		}
		if strings.Contains(in, ".") && (d == in || strings.HasPrefix(d, "http")) {
			t.Errorf("Defang(%q) = %q is still a link", in, d)
		}
	}
}

func TestWithin(t *testing.T) {
	own, _ := ParseDomain("microdicom.com")
	for in, want := range map[string]bool{
		"microdicom.com": true, "www.microdicom.com": true,
		"xmicrodicom.com": false, "microdicom.com.info": false, "com": false,
	} {
		d, err := ParseDomain(in)
		if err != nil {
			t.Fatal(err)
		}
		if got := d.Within(own); got != want {
			t.Errorf("%s within %s = %v", d, own, got)
		}
	}
	if own.Within(Domain{}) {
		t.Error("a name is within no domain")
	}
}

func TestResolutionOutcome(t *testing.T) {
	want := map[Resolution]Outcome{
		Exists: Found, NXDomain: Absent, NoData: Absent,
		Filtered: Unknown, Hijacked: Unknown, NotResolvable: Unknown, "": Unknown,
	}
	for r, o := range want {
		if r.Outcome() != o {
			t.Errorf("%q.Outcome() = %s, want %s", r, r.Outcome(), o)
		}
	}
}

// FuzzParseDomain holds the laws of the parser: what it accepts fits into DNS,
// parses again to the same value, and its parts make up the whole.
func FuzzParseDomain(f *testing.F) {
	for _, s := range []string{"microdicom.com", "mlcrodicom[.]info", "xn--mcrodicom-vpb.com", "MÜNCHEN.de", "a。b", "\x00.com",
		"=cmd|' /C calc'!A0.com", "\x1b[31m.com", "<script>.com", "xn--a.xn--b", "ß.de", "\u202e.com", "a.b.c.d.duckdns.org", "[::1]", "ａｂ.com", "[。b", "［.］b", "a［。］b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseDomain(s)
		if err != nil {
			return
		}
		a := d.String()
		if a == "" || len(a) > MaxNameLen || strings.HasSuffix(a, ".") {
			t.Fatalf("ParseDomain(%q) accepted as %q", s, a)
		}
		for _, l := range strings.Split(a, ".") {
			if l == "" || len(l) > MaxLabelLen {
				t.Fatalf("ParseDomain(%q) has label %q", s, l)
			}
		}
		whole := append(d.Subdomains(), d.Registrable())
		if d.Registrable() == "" {
			whole = []string{d.Suffix()}
		}
		if got := strings.Join(whole, "."); got != a {
			t.Fatalf("ParseDomain(%q): parts %q make %q, not %q", s, whole, got, a)
		}
		if d.Problem() == "" && !isLDH(strings.ReplaceAll(a, ".", "")) {
			t.Fatalf("ParseDomain(%q) = %q has no problem but is not LDH", s, a)
		}
		again, err := ParseDomain(a)
		if err != nil || again.String() != a {
			t.Fatalf("ParseDomain(%q) = %q, then %v, %v", s, a, again, err)
		}
		if _, err := json.Marshal(d); err != nil {
			t.Fatal(err)
		}
		_, _ = d.UnicodeLabel(), d.Defanged()
	})
}
