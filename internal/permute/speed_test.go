package permute

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"lurehound"
	"lurehound/internal/lexicon"
)

// manyBrands makes brands with names of two ordinary words, each with a product.
func manyBrands(b testing.TB, n int) []Target {
	words := lexicon.Default().Lures
	out := make([]Target, n)
	for i := range out {
		first, second := words[(7*i)%len(words)].Word, words[(13*i+5)%len(words)].Word
		d, err := lurehound.ParseDomain(first + second + ".com")
		if err != nil {
			b.Fatal(err)
		}
		brand := lurehound.Brand{Name: first + " " + second, Domains: []lurehound.Domain{d}, Words: []string{first + " " + second}}
		if out[i], err = NewTarget(brand); err != nil {
			b.Fatal(err)
		}
	}
	return out
}

// BenchmarkThousandBrands ranks names of many brands on all cores.
func BenchmarkThousandBrands(b *testing.B) {
	x := lexicon.Default()
	targets := manyBrands(b, 1000)
	for _, budget := range []int{10_000, 50_000} {
		b.Run(fmt.Sprint(budget), func(b *testing.B) {
			b.ReportAllocs()
			var names atomic.Int64
			for b.Loop() {
				var next atomic.Int64
				var wg sync.WaitGroup
				for range runtime.GOMAXPROCS(0) {
					wg.Go(func() {
						for i := next.Add(1) - 1; i < int64(len(targets)); i = next.Add(1) - 1 {
							n := 0
							for range Permutations(targets[i], x, Options{Budget: budget}) {
								n++
							}
							names.Add(int64(n))
						}
					})
				}
				wg.Wait()
			}
			b.ReportMetric(float64(names.Load())/b.Elapsed().Seconds(), "names/s")
		})
	}
}

// BenchmarkOneBrand ranks names of one brand.
func BenchmarkOneBrand(b *testing.B) {
	x := lexicon.Default()
	t := target(b, "", "microdicom.com")
	for _, budget := range []int{10_000, 50_000} {
		b.Run(fmt.Sprint(budget), func(b *testing.B) {
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				for range Permutations(t, x, Options{Budget: budget}) {
					n++
				}
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "names/s")
		})
	}
}
