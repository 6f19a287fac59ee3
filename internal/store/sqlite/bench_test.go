package sqlite_test

import (
	"fmt"
	"testing"
	"time"

	"lurehound"
	"lurehound/internal/hunt"
	"lurehound/internal/store/sqlite"
)

func benchStore(b *testing.B) (*sqlite.Store, int64) {
	s, err := sqlite.Open(b.Context(), b.TempDir()+"/hunt.db")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	run, _, err := s.Begin(b.Context(), "bench", time.Unix(0, 0), false)
	if err != nil {
		b.Fatal(err)
	}
	return s, run
}

func benchBatch(b *testing.B, n, size int) hunt.Batch {
	batch := hunt.Batch{Feed: "permute", Cursor: fmt.Sprint(n), Read: size, Matched: size}
	for i := range size {
		d, err := lurehound.ParseDomain(fmt.Sprintf("mlcrodicom-%d-%d.info", n, i))
		if err != nil {
			b.Fatal(err)
		}
		batch.Candidates = append(batch.Candidates, lurehound.Candidate{
			Domain: d, Brand: "microdicom.com",
			Matches: []lurehound.Match{{Brand: "microdicom.com", Word: "microdicom", Techniques: []string{"homoglyph", "tld-swap"},
				Edits: []lurehound.Edit{{From: "i", To: "l", At: 1}}, Score: 0.9, Why: "one letter looks like another"}},
			Sightings: []lurehound.Sighting{{Feed: "permute"}},
		})
	}
	return batch
}

// BenchmarkSaveBatch saves 1,000 new candidates a batch.
func BenchmarkSaveBatch(b *testing.B) {
	const size = 1000
	s, run := benchStore(b)
	b.ReportAllocs()
	var n int
	var spent time.Duration
	for b.Loop() {
		b.StopTimer()
		batch := benchBatch(b, n, size)
		n++
		b.StartTimer()
		start := time.Now()
		if err := s.SaveBatch(b.Context(), run, batch); err != nil {
			b.Fatal(err)
		}
		spent += time.Since(start)
	}
	b.ReportMetric(float64(n*size)/spent.Seconds(), "candidates/s")
}

// BenchmarkMerge shows 1,000 known candidates in another feed.
func BenchmarkMerge(b *testing.B) {
	const size = 1000
	s, run := benchStore(b)
	batch := benchBatch(b, 0, size)
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		batch.Cursor = fmt.Sprint("merge ", n)
		for i := range batch.Candidates {
			batch.Candidates[i].Sightings[0].Score = fmt.Sprint(n % 2)
		}
		if err := s.SaveBatch(b.Context(), run, batch); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*size)/b.Elapsed().Seconds(), "candidates/s")
}

// BenchmarkSettle is one durable commit each.
func BenchmarkSettle(b *testing.B) {
	const size = 1000
	s, run := benchStore(b)
	b.ReportAllocs()
	var left []lurehound.Candidate
	n := 0
	for b.Loop() {
		if len(left) == 0 {
			b.StopTimer()
			batch := benchBatch(b, n, size)
			if err := s.SaveBatch(b.Context(), run, batch); err != nil {
				b.Fatal(err)
			}
			left = batch.Candidates
			n++
			b.StartTimer()
		}
		c := left[0]
		left = left[1:]
		err := s.Settle(b.Context(), run, hunt.Settlement{
			Candidate: c, Outcome: lurehound.Found,
			Observations: []lurehound.Observation{
				{Domain: c.Domain, Probe: "dns", Outcome: lurehound.Found, DNS: &lurehound.DNSFacts{Resolution: lurehound.Exists}},
				{Domain: c.Domain, Probe: "http", Outcome: lurehound.Found, Visit: &lurehound.VisitFacts{Status: 200,
					Page: &lurehound.PageFacts{Title: "MicroDicom", Structure: make([]uint32, 128), TextHash: make([]uint32, 128)}}},
			},
			Finding: &lurehound.Finding{Verdict: lurehound.Suspicious},
		}, time.Unix(0, 0))
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "settled/s")
}
