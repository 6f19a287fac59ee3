package page

import (
	"net/url"
	"strings"
	"testing"
)

func TestRefresh(t *testing.T) {
	const at = "https://a.example/x/y.html"
	tests := []struct{ name, body, want string }{
		{"meta", `<meta http-equiv="Refresh" content="0; url=/next">`, "https://a.example/next"},
		{"meta quoted", `<META HTTP-EQUIV=refresh CONTENT=" 3 ;URL = 'http://b.example/?a=1;b' ">`, "http://b.example/?a=1;b"},
		{"meta without url=", `<meta http-equiv=refresh content="0;z.html">`, "https://a.example/x/z.html"},
		{"meta to itself", `<meta http-equiv=refresh content="300">`, ""},
		{"meta relative to base", `<base href="//c.example/d/"><meta http-equiv=refresh content="0;url=e">`, "https://c.example/d/e"},
		{"meta to a script", `<meta http-equiv=refresh content="0;url=javascript:alert(1)">`, ""},
		{"meta to data", `<meta http-equiv=refresh content="0;url=data:text/html,x">`, ""},
		{"meta to a download", `<meta http-equiv=refresh content="3;url=/setup.exe">`, ""},
		{"meta within a comment", `<!-- <meta http-equiv=refresh content="0;url=/next"> -->`, ""},
		{"meta without scripts", `<noscript><meta http-equiv=refresh content="0;url=/nojs"></noscript>`, ""},
		{"location", `<script>window.location = "/next?a=b"</script>`, "https://a.example/next?a=b"},
		{"location.href", `<script>top.location.href='https:\/\/b.example\/q'</script>`, "https://b.example/q"},
		{"replace", `<html><body><script>document.location.replace ( "http://b.example/" );</script>`, "http://b.example/"},
		{"bare", `<script>location="//b.example"</script>`, "https://b.example"},
		{"no assignment", `<script>if (location.href == "http://b.example/") x()</script>`, ""},
		{"another name", `<script>mylocation = "http://b.example/"</script>`, ""},
		{"in a page with text", strings.Repeat("<p>many words stand here</p>", 20) + `<script>location="/next"</script>`, ""},
		{"in a long script", `<script>` + strings.Repeat("f();", 2000) + `location="/next"</script>`, ""},
		{"script to a download", `<script>location="/setup.exe"</script>`, ""},
		{"empty", "", ""},
	}
	for _, tt := range tests {
		if got := Refresh([]byte(tt.body), at); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestFeaturesRefresh(t *testing.T) {
	f := Features([]byte(`<meta http-equiv=refresh content="3;url=/setup.exe">`), "http://a.example/", "")
	if f.Refresh != "http://a.example/setup.exe" || len(f.Downloads) != 1 {
		t.Errorf("refresh %q, downloads %v", f.Refresh, f.Downloads)
	}
}

func FuzzRefresh(f *testing.F) {
	for _, s := range []string{`<meta http-equiv=refresh content="0;url='">`, `<script>location='x'</script>`, "<base href=%zz><meta http-equiv=refresh content=1;url=//>"} {
		f.Add([]byte(s), "http://a.example/")
	}
	f.Fuzz(func(t *testing.T, body []byte, base string) {
		got := Refresh(body, base)
		if got == "" {
			return
		}
		if u, err := url.Parse(got); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			t.Fatalf("Refresh gives %q, which is no http(s) URL", got)
		}
	})
}
