package permute

import "testing"

func TestHyphenation(t *testing.T) {
	check(t, hyphenation(), "microdicom", "micro-dicom m-icrodicom microdico-m", "-microdicom microdicom- microdicom")
	check(t, hyphenation(), "advanced-ip-scanner", "advancedip-scanner advanced-ipscanner advancedipscanner", "advanced-ip-scanner")
	best, weight := "", 0.0
	for e := range hyphenation().Apply(Target{Label: "microdicom", Parts: []string{"micro", "dicom"}}, nil) {
		if e.Weight > weight {
			best, weight = e.Label, e.Weight
		}
	}
	if best != "micro-dicom" {
		t.Errorf("the likeliest hyphen gives %s, want it between the words", best)
	}
}
