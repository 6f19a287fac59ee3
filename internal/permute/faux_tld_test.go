package permute

import "testing"

func TestFauxTLD(t *testing.T) {
	check(t, fauxTLD(), "microdicom", "microdicomcom microdicom-com microdicomorg microdicom-co-uk microdicomcouk", "microdicom.com microdicom- microdicomxn--p1ai")
}
