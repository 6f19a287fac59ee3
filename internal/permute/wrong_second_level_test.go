package permute

import (
	"slices"
	"testing"
)

func TestWrongSecondLevel(t *testing.T) {
	got := results(wrongSecondLevel(), "bbc", func(t *Target) { t.Suffix = "co.uk" })
	for suffix, want := range map[string]bool{"org.uk": true, "me.uk": true, "co.uk": false, "uk": false, "com.br": false, "uk.com": false} {
		if slices.Contains(got, suffix) != want {
			t.Errorf("co.uk becomes %s: not %v", suffix, want)
		}
		if _, ok := wrongSecondLevel().Explain(Target{Label: "bbc", Suffix: "co.uk"}, suffix, nil); ok != want {
			t.Errorf("co.uk became %s: not %v", suffix, want)
		}
	}
	if got := results(wrongSecondLevel(), "microdicom"); len(got) != 0 {
		t.Errorf("com has no second level, got %v", got)
	}
}
