package page

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func sketchOf(set map[uint32]bool) []uint32 {
	var s sketch
	for h := range set {
		s.add(h)
		s.add(h)
	}
	return s.hashes()
}

func TestJaccard(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		gen := rapid.SliceOfN(rapid.Uint32Range(0, 400), 0, SketchSize/2)
		a, b := map[uint32]bool{}, map[uint32]bool{}
		for _, v := range gen.Draw(t, "a") {
			a[v] = true
		}
		for _, v := range gen.Draw(t, "b") {
			b[v] = true
		}
		both := 0
		for v := range a {
			if b[v] {
				both++
			}
		}
		want := 1.0
		if union := len(a) + len(b) - both; union > 0 {
			want = float64(both) / float64(union)
		}
		if got := Jaccard(sketchOf(a), sketchOf(b)); math.Abs(got-want) > 1e-9 {
			t.Fatalf("small sets: %v, want exactly %v", got, want)
		}
		if Jaccard(sketchOf(a), sketchOf(b)) != Jaccard(sketchOf(b), sketchOf(a)) || Jaccard(sketchOf(a), sketchOf(a)) != 1 {
			t.Fatal("not symmetric, or not 1 for itself")
		}
	})
}

func TestJaccardOfLargeSets(t *testing.T) {
	for _, want := range []float64{0, 0.1, 0.5, 0.9, 1} {
		const n = 20_000
		var a, b sketch
		// Of the union of n, a share is common and the rest is split.
		for i := range n {
			h := uint32(mix(uint64(i+1)) >> 32)
			common := float64(i) < want*n
			if common || i%2 == 0 {
				a.add(h)
			}
			if common || i%2 == 1 {
				b.add(h)
			}
		}
		x, y := a.hashes(), b.hashes()
		if len(x) != SketchSize || !slices.IsSorted(x) {
			t.Fatalf("sketch of %d, sorted %v", len(x), slices.IsSorted(x))
		}
		if got := Jaccard(x, y); math.Abs(got-want) > 0.1 { // three standard errors
			t.Errorf("estimate %v, want about %v", got, want)
		}
	}
}
