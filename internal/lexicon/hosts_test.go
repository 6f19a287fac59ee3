package lexicon

import (
	"strings"
	"testing"

	"lurehound"
)

func TestHosts(t *testing.T) {
	x := Default()
	if n := strings.Count(hostFile, "\n") - strings.Count(hostFile, "#"); len(x.Hosts) != n {
		t.Errorf("%d hosts of %d lines", len(x.Hosts), n)
	}
	seen := map[string]bool{}
	last := 1.0
	for _, h := range x.Hosts {
		d, err := lurehound.ParseDomain("name." + h.Name)
		if err != nil || !d.Hosted() || d.Suffix() != h.Name {
			t.Errorf("%s is no suffix of the private section", h.Name)
		}
		if seen[h.Name] || h.Weight <= 0 || h.Weight > last {
			t.Errorf("%s comes twice or out of order (%g after %g)", h.Name, h.Weight, last)
		}
		if seen[h.Name], last = true, h.Weight; x.SuffixWeight(h.Name) != 0 {
			t.Errorf("%s is sold and given away", h.Name)
		}
	}
	for _, want := range []string{"duckdns.org", "pages.dev", "github.io", "ddns.net"} {
		if !seen[want] {
			t.Errorf("%s is missing", want)
		}
	}
}

func TestIsSecondLevel(t *testing.T) {
	for s, want := range map[string]bool{"co.uk": true, "org.uk": true, "com.br": true, "uk": false, "github.io": false, "us.com": false, "example.com": false, "": false} {
		if IsSecondLevel(s) != want {
			t.Errorf("IsSecondLevel(%s) is not %v", s, want)
		}
	}
}

func TestHostWords(t *testing.T) {
	seen := map[string]bool{}
	for _, w := range Default().HostWords {
		if seen[w] || strings.Trim(w, "abcdefghijklmnopqrstuvwxyz") != "" {
			t.Errorf("bad word %q", w)
		}
		seen[w] = true
	}
}
