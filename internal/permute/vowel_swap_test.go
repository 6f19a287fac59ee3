package permute

import "testing"

func TestVowelSwap(t *testing.T) {
	// One place at a time, not all equal vowels at once.
	check(t, vowelSwap(), "microdicom", "microdicum macrodicom microdacom", "macrodacom mocrodocom microdicom")
	if n := len(results(vowelSwap(), "aba")); n != 8 {
		t.Errorf("%d vowel swaps of two vowels, want 8", n)
	}
}
