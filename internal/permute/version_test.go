package permute

import (
	"testing"

	"lurehound/internal/lexicon"
)

func TestVersion(t *testing.T) {
	check(t, version(), "microdicom", "microdicom2024 2025-microdicom microdicom-2026 microdicomx64 microdicom-v2 microdicompro 2024microdicom", "microdicom x64microdicom")
	check(t, version(), "7zip", "7zip2024 7zip-1508", "8zip")
}

func TestVersioned(t *testing.T) {
	for _, c := range []struct {
		from, to string
		want     bool
	}{
		{"7zip", "7zip1507", true}, {"7zip", "7zip-15-08", true}, {"7zip", "7zip-v15", true}, {"7zip", "1997-7zip", true},
		{"7zip", "7zip15a", false}, {"7zip", "7zip--1", false}, {"7zip", "7zip-", false}, {"7zip", "7zip", false}, {"7zip", "7zipv", false},
		{"7zip", "7zip123456789", false}, {"sora2", "sora3", false}, {"sora", "sora3", true}, {"2", "3", false},
		{"zip", "x64zip", false}, {"zip", "zipx64", true}, {"", "2024", false},
	} {
		got, ok := versioned(Target{Label: c.from}, c.to, lexicon.Default())
		if ok != c.want || ok && rewrite(c.from, got) != c.to {
			t.Errorf("%s to %s: %v, %v", c.from, c.to, got, ok)
		}
	}
}
