package permute

import "testing"

func TestTransposition(t *testing.T) {
	check(t, transposition(), "microdicom", "imcrodicom mircodicom microdicmo", "microdicom rcimodicom")
	check(t, transposition(), "aab", "aba", "aab") // a swap of equals changes nothing
}
