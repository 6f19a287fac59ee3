package permute

import "testing"

func TestTLDAppend(t *testing.T) {
	check(t, tldAppend(), "microdicom", "com.br com.au com.kz com.de", "com co.uk org.br us.com")
	got := results(tldAppend(), "microdicom", func(t *Target) { t.Suffix = "org" })
	if len(got) == 0 || got[0][:4] != "org." {
		t.Errorf("behind .org stand %v", got)
	}
	for suffix, want := range map[string]bool{"com.br": true, "com": false, "com.example": false, "community": false, "br": false} {
		if _, ok := tldAppend().Explain(Target{Label: "x", Suffix: "com"}, suffix, nil); ok != want {
			t.Errorf("%s is .com with more behind it: %v", suffix, ok)
		}
	}
}
