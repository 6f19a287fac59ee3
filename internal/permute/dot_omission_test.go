package permute

import "testing"

func TestDotOmission(t *testing.T) {
	check(t, dotOmission(), "microdicom", "wwwmicrodicom microdicomcom wwwmicrodicomcom loginmicrodicom", "microdicom www-microdicom")
	list(t, dotOmission(), target(t, "", "bbc.co.uk"), "bbccouk bbcco wwwbbc", "bbcuk bbc")
	own := target(t, "PuTTY", "chiark.greenend.org.uk")
	list(t, dotOmission(), own, "chiarkgreenend greenendorguk wwwgreenend", "greenend")
	list(t, dotHyphen(), own, "chiark-greenend greenend-org-uk www-greenend", "greenend")
}
