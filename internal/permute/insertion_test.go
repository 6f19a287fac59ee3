package permute

import "testing"

func TestInsertion(t *testing.T) {
	check(t, insertion(), "microdicom", "mkicrodicom xmicrodicom microdicoms microdicom7 miicrodicom", "microdicom micro-dicom microdicomss")
	check(t, insertion(), "advanced-ip-scanner", "adlvanced-ip-scanner advanced-ip-scanners", "")
	if n := len(results(insertion(), "abc")); n != 4*36 {
		t.Errorf("%d insertions into three letters, want every letter and digit at each of four places", n)
	}
}
