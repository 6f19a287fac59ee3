package permute

import "testing"

func TestBitsquatting(t *testing.T) {
	// c is 0x63: its eight flips are b a g k s C # and one outside ASCII.
	check(t, bitsquatting(), "c", "b a g k s", "c C # d")
	check(t, bitsquatting(), "microdicom", "mikrodicom oicrodicom microdicoe", "mmicrodicom microdico-m")
	if n := len(results(bitsquatting(), "c")); n != 5 {
		t.Errorf("%d bitsquats of c, want 5", n)
	}
}
