package permute

import (
	"testing"

	"lurehound/internal/lexicon"
)

func TestSubstitution(t *testing.T) {
	check(t, substitution(), "microdicom", "macrodicom microhicom zicrodicom microdico9", "microdicom microdicoms micrdicom")
	check(t, substitution(), "7-zip", "8-zip a-zip 7-yip", "7azip 7zip")
	if n := len(results(substitution(), "abc")); n != 3*35 {
		t.Errorf("%d substitutions in three letters, want every other letter and digit at each place", n)
	}
	for _, no := range []string{"abc", "abd-", "ab-", "xyc", "abü"} {
		if got, ok := substituted(Target{Label: "abc"}, no, lexicon.Default()); ok {
			t.Errorf("abc to %s is explained by %v", no, got)
		}
	}
}
