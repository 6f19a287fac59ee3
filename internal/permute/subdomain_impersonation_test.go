package permute

import (
	"fmt"
	"strings"
	"testing"

	"lurehound/internal/lexicon"
)

func TestSubdomainImpersonation(t *testing.T) {
	tg := target(t, "MicroDicom", "microdicom.com", "MicroDicom DICOM Viewer")
	missing := map[string]bool{"microdicom.com.viewer-download.net": true, "microdicom.viewerdownload.com": true, "microdicomdicomviewer.viewer-install.com": true}
	n := 0
	for e := range subdomainImpersonation().Apply(tg, lexicon.Default()) {
		delete(missing, e.Name)
		if strings.Contains(e.Name, "viewer-viewer") {
			t.Errorf("%s says a word twice", e.Name)
		}
		if n++; n == 50_000 {
			break
		}
	}
	if len(missing) > 0 {
		t.Errorf("not among the first %d: %v", n, missing)
	}
	for _, c := range []struct{ name, want string }{
		{"microdicom.com.viewer-download.net", "[.com→.com.viewer-download.net]"},
		{"www.microdicom.com.anything.example.org", "[.com→.com.anything.example.org]"},
		{"microdicom.evil.com", "[.com→.evil.com]"},
		{"microdicom-dicom-viewer.evil.com", "[microdicom→microdicom-dicom-viewer at position 1 .com→.evil.com]"},
		{"xmicrodicom.evil.com", "[]"},
		{"www.microdicom.com", "[]"},
		{"microdicom.pages.dev", "[]"},
		{"com", "[]"},
	} {
		if got, _ := subdomainImpersonation().ExplainName(tg, parse(t, c.name), lexicon.Default()); fmt.Sprint(got) != c.want {
			t.Errorf("%s is explained by %v, want %s", c.name, got, c.want)
		}
	}
}
