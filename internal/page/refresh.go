package page

import (
	"bytes"
	"regexp"
	"strings"

	"golang.org/x/net/html"
)

// refreshTarget reads the content of a meta refresh ("5; url='/x'") as the HTML
// standard does, leniently; "" when it names no target, so reloads itself.
func refreshTarget(content string) string {
	s := strings.TrimLeft(content, " \t\n\r\f0123456789.")
	s = strings.TrimLeft(s, " \t\n\r\f;,")
	if len(s) >= 3 && strings.EqualFold(s[:3], "url") {
		if rest := strings.TrimLeft(s[3:], " \t\n\r\f"); strings.HasPrefix(rest, "=") {
			s = strings.TrimLeft(rest[1:], " \t\n\r\f")
		}
	}
	if s != "" && (s[0] == '"' || s[0] == '\'') {
		quote := s[:1]
		s, _, _ = strings.Cut(s[1:], quote)
	}
	return strings.TrimSpace(s)
}

// A page that is only there to lead on has little text and a short script.
const (
	leadWords  = 40
	leadScript = 4 << 10 // bytes, over all inline scripts
	leadTags   = 60
)

// leadsOn is the assignment of a quoted URL to the location, in the forms that
// one-line redirects have.
var leadsOn = regexp.MustCompile(`(?:^|[;{}\s(,.])location(?:\.href)?(?:\s*=\s*|\.(?:replace|assign)\s*\(\s*)(?:"([^"\s]+)"|'([^'\s]+)')`)

// Refresh is where a page leads on by itself: the target of a meta refresh, or
// of the script of a page that has nothing but a redirect. It is an absolute
// http(s) URL; "" when the page stays. A target that is a download does not
// count: the page is what is seen while it starts.
func Refresh(body []byte, baseURL string) string {
	x := newExtractor(baseURL)
	text, _ := decode(body, "")
	s := newScan(text)
	var scripts bytes.Buffer
	x.onScript = func(b []byte) {
		if scripts.Len() <= leadScript {
			scripts.Write(b[:min(len(b), leadScript+1)])
			scripts.WriteByte('\n')
		}
	}
	x.walk(s)
	if x.refresh != "" {
		if _, isFile := offered(x.refresh); isFile {
			return ""
		}
		return x.base.absolute(x.refresh)
	}
	if scripts.Len() > leadScript || x.words.count > leadWords || s.tags > leadTags {
		return ""
	}
	m := leadsOn.FindSubmatch(scripts.Bytes())
	if m == nil {
		return ""
	}
	target := html.UnescapeString(strings.ReplaceAll(string(m[1])+string(m[2]), `\/`, "/"))
	if _, isFile := offered(target); isFile {
		return ""
	}
	return x.base.absolute(target)
}
