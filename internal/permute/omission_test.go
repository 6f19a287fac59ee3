package permute

import "testing"

func TestOmission(t *testing.T) {
	check(t, omission(), "microdicom", "icrodicom micodicom microdico", "microdicom microdiom2")
	check(t, omission(), "scanner", "scaner", "scanner")
}
