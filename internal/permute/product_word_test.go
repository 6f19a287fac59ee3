package permute

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"lurehound/internal/lexicon"
)

func TestProductWord(t *testing.T) {
	tg := target(t, "PuTTY", "chiark.greenend.org.uk", "PuTTY", "Advanced IP Scanner", "viewer")
	var got []string
	for e := range productWord().Apply(tg, lexicon.Default()) {
		got = append(got, e.Label)
	}
	// A word as ordinary as "viewer" stands for no product.
	if diff := cmp.Diff([]string{"putty", "advancedipscanner", "advanced-ip-scanner", "advanced"}, got); diff != "" {
		t.Errorf("products (-want +got):\n%s", diff)
	}
	for p := range Permutations(tg, lexicon.Default(), Options{Budget: 5000}) {
		if p.Domain.String() == "putty.top" {
			return
		}
	}
	t.Error("putty.top is not among 5000 permutations of chiark.greenend.org.uk")
}
