package permute

import "testing"

func TestReplacement(t *testing.T) {
	// The key itself has the neighbours, not the key that follows it.
	check(t, replacement(), "microdicom", "nicrodicom mucrodicom microdicon microdicim", "microdicom mivrodixom macrodicom oicrodicom")
	check(t, replacement(), "netflix", "hetflix", "")
	check(t, replacement(), "az", "zz qz at", "") // azerty and qwertz
}
