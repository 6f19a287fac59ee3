package eval

import (
	"fmt"
	"slices"
	"testing"
)

func TestSampleIsFixed(t *testing.T) {
	const offered = 10 * squatSample
	draw := func(kind string) *sample {
		s := newSample(kind)
		for i := range offered {
			s.offer("t", fmt.Sprint(i))
		}
		return s
	}
	a, b, other := draw("typo"), draw("typo"), draw("bits")
	if !slices.Equal(a.rows, b.rows) {
		t.Error("two runs take different rows")
	}
	if slices.Equal(a.rows, other.rows) {
		t.Error("another type takes the same places")
	}
	if len(a.rows) != squatSample || a.seen != offered {
		t.Errorf("%d rows of %d, want %d of %d", len(a.rows), a.seen, squatSample, offered)
	}
	late, seen := 0, map[squat]bool{}
	for _, r := range a.rows {
		if seen[r] {
			t.Errorf("%v was taken twice", r)
		}
		seen[r] = true
		if len(r.host) == len(fmt.Sprint(offered-1)) { // 10,000 … 19,999: half of what was offered
			late++
		}
	}
	// Ten standard deviations of the binomial distribution: a wrong draw takes all or none.
	if late < squatSample/2-220 || late > squatSample/2+220 {
		t.Errorf("%d of %d rows are of the later half", late, squatSample)
	}
}

func TestSmallSampleIsAll(t *testing.T) {
	s := newSample("typo")
	for i := range 5 {
		s.offer("t", fmt.Sprint(i))
	}
	if len(s.rows) != 5 || s.seen != 5 {
		t.Errorf("%d rows of %d", len(s.rows), s.seen)
	}
}
