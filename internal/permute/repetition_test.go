package permute

import "testing"

func TestRepetition(t *testing.T) {
	check(t, repetition(), "microdicom", "mmicrodicom miicrodicom microdicomm", "microdicom miiicrodicom")
}
