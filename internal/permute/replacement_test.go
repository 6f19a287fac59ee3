package permute

import (
	"testing"

	"lurehound/internal/lexicon"
)

func TestReplacement(t *testing.T) {
	// The key itself has the neighbours, not the key that follows it.
	check(t, replacement(), "microdicom", "nicrodicom mucrodicom microdicon microdicim", "microdicom mivrodixom macrodicom qicrodicom")
	check(t, replacement(), "netflix", "hetflix", "")
	check(t, replacement(), "az", "zz qz at", "") // azerty and qwertz
	check(t, replacement(), "oh", "ph", "eh")     // dvorak is rare
	best := map[string]float64{}
	for e := range replacement().Apply(Target{Label: "at"}, lexicon.Default()) {
		best[e.Label] = e.Weight
	}
	if best["ar"] <= best["az"] || best["ar"] <= best["a5"] {
		t.Errorf("slips on keyboards that fewer have, or to digits, are not less likely: %v", best)
	}
}
