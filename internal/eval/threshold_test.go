package eval

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// The threshold lets no more through than allowed, and the next lower score would.
func TestThreshold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := alarms{scores: rapid.SliceOf(rapid.SampledFrom([]float64{0.1, 0.25, 0.5, 0.75, 1})).Draw(t, "scores")}
		a.sort()
		most := rapid.IntRange(0, 20).Draw(t, "most")
		min := threshold(a.scores, most)
		if n := above(a.scores, min); n > most {
			t.Fatalf("threshold(%v, %d) = %v lets %d through", a.scores, most, min, n)
		}
		if below := math.Nextafter(min, -1); min > 0 && above(a.scores, below) <= most {
			t.Fatalf("threshold(%v, %d) = %v, %v would do", a.scores, most, min, below)
		}
	})
}

func TestAlarmsSort(t *testing.T) {
	a := alarms{names: 1000, scores: []float64{0.2, 0.9, 0.5}} // one name is 100 in 100,000
	a.sort()
	if a.at[0] <= 0.9 || a.at[1] <= 0.9 || a.at[2] != 0 {
		t.Errorf("thresholds %v: 10 and 50 allow no name, 500 all", a.at)
	}
	if r := a.rate(0.5); r != 200 {
		t.Errorf("rate(0.5) = %v, want 200", r)
	}
}
