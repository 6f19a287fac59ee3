package permute

import (
	"testing"

	"lurehound/internal/lexicon"
)

func TestAddition(t *testing.T) {
	check(t, addition(), "microdicom", "microdicoms microdicomx microdicom1", "microdicom smicrodicom miicrodicom microdicom-")
	check(t, addition(), "advanced-ip-scanner", "advancede-ip-scanner advanced-ips-scanner advanced-ip-scanners", "sadvanced-ip-scanner")
	check(t, addition(), "aa-b", "aaa-b", "")
	if n := len(results(addition(), "a-bc")); n != 2*36 {
		t.Errorf("%d additions to two words, want every letter and digit behind each", n)
	}
	for _, no := range []string{"micro-dicom", "micro-dico", "xmicro-dicom", "mmicro-dicom", "micro--dicom", "micro-dicom-", "micro-xdicom", "micro-dicomxy"} {
		if got, ok := added(Target{Label: "micro-dicom"}, no, lexicon.Default()); ok {
			t.Errorf("micro-dicom to %s is explained by %v", no, got)
		}
	}
}
