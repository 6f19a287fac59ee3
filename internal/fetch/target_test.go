package fetch

import (
	"net/url"
	"strings"
	"testing"
)

func TestParseTarget(t *testing.T) {
	base, _ := url.Parse("https://lure.example/dir/page?q=1")
	for _, c := range []struct{ in, want string }{
		{"http://lure.example", "http://lure.example/"},
		{"HTTP://LURE.Example.:80/A", "http://lure.example/A"},
		{"https://lure.example:443/#x", "https://lure.example/"},
		{"https://lure.example:8443/", "https://lure.example:8443/"},
		{"/a", "https://lure.example/a"},
		{"b", "https://lure.example/dir/b"},
		{"?r=2", "https://lure.example/dir/page?r=2"},
		{"//other.example/x", "https://other.example/x"},
		{`\\other.example\x`, "https://other.example/x"},
		{`https:\\other.example/?a=\b`, `https://other.example/?a=\b`},
		{"  /trim \r\n", "https://lure.example/trim"},
		{"/100%", "https://lure.example/100%25"},
		{"?a b=é\"<", "https://lure.example/dir/page?a%20b=%C3%A9%22%3C"},
		{"/a%2fb", "https://lure.example/a%2fb"},
		{"http://münchen.example/", "http://xn--mnchen-3ya.example/"},
		{"http://2130706433/", "http://127.0.0.1/"},
		{"http://0x7f.1/", "http://127.0.0.1/"},
		{"http://0300.0250.1/", "http://192.168.0.1/"},
		{"http://[::FFFF:7f00:1]:8080/", "http://[::ffff:127.0.0.1]:8080/"},
		{"http://[::1]/", "http://[::1]/"},
		{"http://a_b.example/", "http://a_b.example/"},
	} {
		got, err := parseTarget(base, c.in)
		if err != nil || got.String() != c.want {
			t.Errorf("%q: got %v, %v, want %s", c.in, got.url, err, c.want)
		}
	}
	for _, in := range []string{
		"http://", "http:///x", "mailto:a@b", "http://a:b@c/", "http://256.256.256.256/", "http://1.2.3.4.5/", "http://0x100000000/", "http://08/",
		"http://a..b/", "http://[::1%25eth0]/", "http://[1.2.3.4]/", "http://a:0/", "http://a:43/", "http://a:65536/", "/\x7f", "http://" + strings.Repeat("a.", 200) + "example/",
		"http://exa mple/", "http://%31%32%37.0.0.1/", "about:blank", "http:/", "://",
	} {
		if got, err := parseTarget(nil, in); err == nil {
			t.Errorf("%q is followed to %s", in, got)
		}
	}
}

func TestRefreshTarget(t *testing.T) {
	for in, want := range map[string]string{
		"0; url=/next": "/next", "5;URL='/a b'": "/a b", `0; url="http://x.example/"`: "http://x.example/", "0;/bare": "/bare",
		"0, url=/comma": "/comma", "  3 ;  url = /spaces": "/spaces", "5": "", "": "", "url=/x": "", "x; url=/y": "", "0.5; url=/half": "/half",
		"0; url=": "", "0;url='": "", "0;urlish": "urlish",
	} {
		if got := refreshTarget(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func FuzzParseTarget(f *testing.F) {
	for _, s := range []string{"http://a.example/", "//b", `\\c`, "http://0x7f.1", "http://[::1]:80/%", "data:x", "http://①.②", "/\xff%zz", "http://a(.)b", "?#", "http://xn--a.example"} {
		f.Add(s)
	}
	base, _ := url.Parse("https://lure.example/dir/")
	f.Fuzz(func(t *testing.T, s string) {
		got, err := parseTarget(base, s)
		if err != nil {
			if len(err.Error()) > 200 {
				t.Fatalf("a reason of %d bytes", len(err.Error()))
			}
			return
		}
		u := got.url
		if u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.Fragment != "" || u.Hostname() != got.host || got.host == "" {
			t.Fatalf("%q gives %+v, host %q", s, u, got.host)
		}
		if strings.ContainsAny(got.String(), "\r\n\x00 ") {
			t.Fatalf("%q gives %q", s, got)
		}
		again, err := parseTarget(nil, got.String())
		if err != nil && len(got.String()) <= maxTarget || err == nil && again.String() != got.String() {
			t.Fatalf("%q gives %q, and that %v, %v", s, got, again.url, err)
		}
	})
}

func FuzzRefreshTarget(f *testing.F) {
	for _, s := range []string{"0; url=/x", "5", "0;url='a", ";", "1.2.3,,,url==\"\""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got := refreshTarget(s); len(got) > len(s) || !strings.Contains(s, got) {
			t.Fatalf("%q gives %q", s, got)
		}
	})
}

func FuzzVisible(f *testing.F) {
	for _, s := range []string{"plain", "a\x00b", "\x1b[2J", "\u202egnp.exe", "\xff\xfe", "é", "漢字", strings.Repeat("é", 200)} {
		f.Add(s, 10)
	}
	f.Fuzz(func(t *testing.T, s string, most int) {
		if most < 0 || most > 1<<10 {
			return
		}
		got := visible(s, most)
		if strings.ContainsAny(got, "\x00\x1b\r\n\u202e\u200b\u2028") || len(got) > 8*most+8 {
			t.Fatalf("%q gives %q", s, got)
		}
		if got != strings.ToValidUTF8(got, "?") {
			t.Fatalf("%q gives invalid UTF-8", s)
		}
	})
}
