package lurehound

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestPlainNamesParseAsOthers: the short way of ParseDomain gives what the long
// one gives, which upper case takes.
func TestPlainNamesParseAsOthers(t *testing.T) {
	label := rapid.SampledFrom([]string{"a", "microdicom", "com", "co", "uk", "github", "io", "x--y", "ab--c", "-a", "a-", "1", "xn--mgba", "", "info", strings.Repeat("a", 63), strings.Repeat("a", 64)})
	plain := 0
	rapid.Check(t, func(t *rapid.T) {
		s := strings.Join(rapid.SliceOfN(label, 1, 5).Draw(t, "labels"), ".")
		if isPlain(s) {
			plain++
		}
		a, errA := ParseDomain(s)
		b, errB := ParseDomain(strings.ToUpper(s))
		if a != b || (errA == nil) != (errB == nil) {
			t.Fatalf("%q gives %+v, %v; in upper case %+v, %v", s, a, errA, b, errB)
		}
	})
	if plain == 0 {
		t.Error("no name was plain")
	}
}

func BenchmarkParseDomain(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseDomain("advanced-lp-scanner.com.br"); err != nil {
			b.Fatal(err)
		}
	}
}
