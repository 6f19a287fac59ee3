package lexicon

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/publicsuffix"
	"pgregory.net/rapid"
)

func TestAdmits(t *testing.T) {
	x := Default()
	for _, c := range []struct {
		suffix, label string
		want          bool
	}{
		{"com", "microdicom", true},
		{"com", "mıcrodıcom", true},
		{"com", "ɑpple", true},    // any Latin letter of IDNA2008
		{"com", "аррӏе", true},    // all Cyrillic
		{"com", "аpple", false},   // Cyrillic and Latin
		{"com", "αpple", false},   // Greek and Latin
		{"com", "日本app", true},    // written together
		{"com", "日本а", false},     // not with Cyrillic
		{"com", "а-123", true},    // digits are of all scripts
		{"com", "microーd", false}, // of several scripts
		{"org", "mıcrodıcom", true},
		{"org", "ɑpple", false}, // not recommended for identifiers
		{"org", "аррӏе", true},
		{"de", "mícrodicom", true},
		{"de", "mıcrodicom", false}, // not in the table
		{"de", "аррӏе", false},
		{"de", "mücrodicom", true},
		{"com.br", "mícrodicom", true}, // as br
		{"com.br", "mìcrodicom", false},
		{"uk", "mícrodicom", false},
		{"co.uk", "mícrodicom", false},
		{"co.uk", "microdicom", true},
		{"jp", "mícrodicom", false},
		{"se", "mícrodicom", true},
		{"app", "microdicöm", true},
		{"app", "mícrodicom", false},
		{"xn--p1ai", "аррӏе", true},
		{"xn--p1ai", "mícrodicom", false},
		{"xn--p1ai", "日本", false},
		{"github.io", "mícrodicom", false},
		{"us.com", "mícrodicom", false}, // private, though com takes it
	} {
		if got := x.Admits(c.suffix, c.label); got != c.want {
			t.Errorf("%s.%s is admitted: %v, want %v", c.label, c.suffix, got, c.want)
		}
	}
}

func TestRegistries(t *testing.T) {
	lines := 0
	for line := range strings.Lines(registryFile) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(line, "|")
		if len(f) != 3 {
			t.Errorf("bad line %q", line)
			continue
		}
		suffixes, script, letters := strings.Fields(f[0]), strings.TrimSpace(f[1]), strings.TrimSpace(f[2])
		lines += len(suffixes)
		for _, s := range suffixes {
			if p, icann := publicsuffix.PublicSuffix(s); p != s || !icann {
				t.Errorf("%s is no public suffix", s)
			}
		}
		if script == "one" || script == "none" {
			if letters != "" {
				t.Errorf("%q lists letters", line)
			}
			continue
		}
		seen := map[rune]bool{}
		for _, r := range letters {
			if seen[r] || r < utf8.RuneSelf || ScriptOf(r) != script {
				t.Errorf("%s lists %c twice, or it is not of script %s", f[0], r, script)
			}
			seen[r] = true
		}
	}
	if rules := Default().registries; len(rules) != lines {
		t.Errorf("%d rules for %d suffixes", len(rules), lines)
	}
}

// TestNoRegistryMixesScripts: whatever is drawn, Latin never stands with Cyrillic, Greek or Armenian.
func TestNoRegistryMixesScripts(t *testing.T) {
	x := Default()
	var suffixes []string
	for _, s := range append(x.Suffixes[:300:300], Suffix{Name: "xn--p1ai"}, Suffix{Name: "de"}, Suffix{Name: "github.io"}) {
		suffixes = append(suffixes, s.Name)
	}
	rapid.Check(t, func(t *rapid.T) {
		label := rapid.StringOfN(rapid.SampledFrom([]rune("abcх-1оορінոçıäʒ日")), 1, 8, -1).Draw(t, "label")
		suffix := rapid.SampledFrom(suffixes).Draw(t, "suffix")
		scripts := map[string]bool{}
		for _, r := range label {
			if s := ScriptOf(r); s != "Common" {
				scripts[s] = true
			}
		}
		if mixed := scripts["Cyrillic"] || scripts["Greek"] || scripts["Armenian"]; mixed && len(scripts) > 1 && x.Admits(suffix, label) {
			t.Fatalf("%s.%s is admitted", label, suffix)
		}
	})
}

func BenchmarkAdmits(b *testing.B) {
	x := Default()
	for _, c := range []struct{ name, label string }{{"ascii", "microdicom"}, {"latin", "mıcrodıcom"}, {"cyrillic", "аррӏе"}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				x.Admits("org", c.label)
			}
		})
	}
}
