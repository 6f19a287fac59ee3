package permute

import "testing"

func TestHomoglyph(t *testing.T) {
	check(t, homoglyph(), "microdicom", "mlcrodicom mlcrodlcom rnicrodicom microdicorn rn1cr0dlcorn nnicrodicom", "microdicom macrodicom")
	check(t, homoglyph(), "vvow", "wow vvovv", "") // both directions
	check(t, homoglyph(), "modern", "modem moclern", "")
	check(t, homoglyph(), "advanced-ip-scanner", "advanc3d-1p-scann3r aclvanced-lp-scanner", "")
	if got := results(homoglyph(), "x"); len(got) != 0 {
		t.Errorf("x has no look-alike, got %v", got)
	}
}
