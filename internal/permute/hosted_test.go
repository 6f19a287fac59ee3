package permute

import "testing"

func TestHosted(t *testing.T) {
	check(t, hosted(), "microdicom", "duckdns.org pages.dev github.io ddns.net web.app", "com us.com co.uk")
	for suffix, want := range map[string]bool{"duckdns.org": true, "us.com": true, "com.br": false, "org": false, "com": false, "no.such.suffix": false} {
		if _, ok := hosted().Explain(Target{Label: "x", Suffix: "com"}, suffix, nil); ok != want {
			t.Errorf("%s is a host: %v", suffix, ok)
		}
	}
}
