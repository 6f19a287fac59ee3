package permute

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lurehound"
	"lurehound/internal/lexicon"
)

func TestCombosquatting(t *testing.T) {
	check(t, combosquatting(), "microdicom", "microdicom-download microdicomdownload download-microdicom getmicrodicom microdicompc microdicom-viewer", "microdicom download")
	tg := target(t, "MicroDicom", "microdicom.com", "MicroDicom DICOM Viewer")
	var changes []lurehound.Edit
	for _, e := range NewExplainer(lexicon.Default()).Label(nil, tg, "free-microdicom-zzz9", nil, 1) {
		if slices.Equal(e.Techniques, []string{"combosquatting"}) {
			changes = e.Changes
		}
	}
	want := []lurehound.Edit{{To: "free-", At: 0}, {To: "-zzz9", At: 10}}
	if diff := cmp.Diff(want, changes); diff != "" {
		t.Errorf("words that no table holds (-want +got):\n%s", diff)
	}
}
