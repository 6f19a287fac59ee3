package eval

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestRegressFindsWeights draws names from known weights and finds these again.
func TestRegressFindsWeights(t *testing.T) {
	want := []float64{-1, 2, -3, 0}
	r := rand.New(rand.NewPCG(1, 2))
	var all []witness
	for range 40_000 {
		x := []float64{1, r.Float64(), r.Float64(), r.Float64()}
		z := 0.0
		for i := range x {
			z += x[i] * want[i]
		}
		all = append(all, witness{x, 1, r.Float64() < 1/(1+math.Exp(-z))})
	}
	got, err := regress(all, len(want), func(int) sign { return either })
	if err != nil {
		t.Fatal(err)
	}
	for i := range want {
		if math.Abs(got[i]-want[i]) > 0.15 {
			t.Errorf("weight %d is %.3f, want %.3f", i, got[i], want[i])
		}
	}
	// The second may only speak against: it is left out and the others make the best of it.
	held, err := regress(all, len(want), func(i int) sign { return []sign{either, against, either, either}[i] })
	if err != nil {
		t.Fatal(err)
	}
	if held[1] != 0 || held[0] < got[0]+0.5 {
		t.Errorf("held to speak against: %.3f", held)
	}
}

func TestSolve(t *testing.T) {
	x, err := solve([][]float64{{0, 2}, {1, 1}}, []float64{4, 5})
	if err != nil || x[0] != 3 || x[1] != 2 {
		t.Errorf("%v, %v", x, err)
	}
	if _, err := solve([][]float64{{1, 1}, {1, 1}}, []float64{1, 2}); err == nil {
		t.Error("a system without one solution was solved")
	}
}
