// Package storetest is the contract of the stores that hunt declares, as tests
// that every implementation has to pass, killed processes included. It knows no
// database: it opens one by the directory that it is to live in.
package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"lurehound"
	"lurehound/internal/hunt"
)

// Store is everything that hunt asks of a store.
type Store interface {
	hunt.Runs
	hunt.Intake
	hunt.Work
	hunt.Results
	hunt.Triage
	hunt.Check
	// Alerts are the messages that have not left the outbox, the oldest first.
	Alerts(ctx context.Context) ([]hunt.Alert, error)
	Close() error
}

// Open opens the database of a directory, the same one each time. It is called
// in several processes one after another.
type Open func(ctx context.Context, dir string) (Store, error)

// Run runs the whole suite.
func Run(t *testing.T, open Open) {
	for _, c := range []struct {
		name string
		test func(*testing.T, *fixture)
	}{
		{"runs", testRuns},
		{"run ended", testRunEnded},
		{"brands", testBrands},
		{"batch twice", testBatchTwice},
		{"batch refused", testBatchRefused},
		{"merge", testMerge},
		{"pending order", testPendingOrder},
		{"settle", testSettle},
		{"settle twice", testSettleTwice},
		{"earlier verdict", testEarlier},
		{"triage stays", testTriage},
		{"undecided", testUndecided},
		{"odd names", testOddNames},
		{"cancelled", testCancelled},
		{"together", testTogether},
		{"random", testRandom},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := &fixture{t: t, open: open, dir: t.TempDir()}
			f.reopen()
			defer func() { f.Close() }()
			c.test(t, f)
			f.sound()
		})
	}
}

// fixture is an open store and short ways to use it that fail the test.
type fixture struct {
	Store
	t    *testing.T
	open Open
	dir  string
}

func (f *fixture) reopen() {
	f.t.Helper()
	if f.Store != nil {
		f.must(f.Close())
	}
	s, err := f.open(f.t.Context(), f.dir)
	f.must(err)
	f.Store = s
}

func (f *fixture) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

// sound fails the test where fsck finds something.
func (f *fixture) sound() {
	f.t.Helper()
	problems, err := f.Fsck(context.Background())
	f.must(err)
	for _, p := range problems {
		f.t.Errorf("fsck: %s", p)
	}
}

func (f *fixture) begin(key string) int64 {
	f.t.Helper()
	run, _, err := f.Begin(f.t.Context(), key, at(0), false)
	f.must(err)
	return run
}

func (f *fixture) save(run int64, b hunt.Batch) {
	f.t.Helper()
	f.must(f.SaveBatch(f.t.Context(), run, b))
}

func (f *fixture) settle(run int64, s hunt.Settlement) {
	f.t.Helper()
	f.must(f.Settle(f.t.Context(), run, s, at(1)))
}

func (f *fixture) finish(run int64) {
	f.t.Helper()
	f.must(f.Finish(f.t.Context(), run, at(2)))
}

func (f *fixture) pending(run int64) []lurehound.Candidate {
	f.t.Helper()
	cs, err := f.Pending(f.t.Context(), run, "", 1_000_000)
	f.must(err)
	return cs
}

func (f *fixture) findings(run int64) []lurehound.Finding {
	f.t.Helper()
	fs, err := f.Findings(f.t.Context(), run)
	f.must(err)
	return fs
}

func (f *fixture) tally(run int64) hunt.Tally {
	f.t.Helper()
	t, err := f.Tally(f.t.Context(), run)
	f.must(err)
	return t
}

// at is a moment, hours after a fixed day.
func at(hours int) time.Time {
	return time.Date(2024, 7, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(hours) * time.Hour)
}

const brand = "microdicom.com"

func domain(s string) lurehound.Domain {
	d, err := lurehound.ParseDomain(s)
	if err != nil {
		panic(fmt.Sprintf("storetest: %v", err))
	}
	return d
}

// candidate is one as a feed brings it.
func candidate(name string) lurehound.Candidate {
	return lurehound.Candidate{
		Domain: domain(name), Brand: brand,
		Matches: []lurehound.Match{{
			Brand: brand, Word: "microdicom", Techniques: []string{"homoglyph", "tld-swap"},
			Edits: []lurehound.Edit{{From: "i", To: "l", At: 1}, {From: "com", To: "info", At: lurehound.SuffixEdit}},
			Score: 0.9, Why: "one letter looks like another",
		}},
		Sightings: []lurehound.Sighting{{Feed: "isc", FirstSeen: at(-24), IP: "192.0.2.1"}},
	}
}

// batch is one that holds those names and as many that match nothing.
func batch(cursor string, names ...string) hunt.Batch {
	b := hunt.Batch{
		Feed: "isc", Cursor: cursor, Read: 2*len(names) + 1, Matched: len(names), Unmatched: len(names), Malformed: 1,
		Report: lurehound.FeedReport{Feed: "isc", Days: 1, Names: 2*len(names) + 1, Newest: at(0), Problems: []string{}},
	}
	for _, n := range names {
		b.Candidates = append(b.Candidates, candidate(n))
	}
	return b
}

// found is a settlement with a finding, an observation and an alert.
func found(c lurehound.Candidate, v lurehound.Verdict) hunt.Settlement {
	similarity := 0.98
	return hunt.Settlement{
		Candidate: c, Outcome: lurehound.Found,
		Observations: []lurehound.Observation{
			{Domain: c.Domain, Probe: "dns", At: at(1), Took: 12 * time.Millisecond, Outcome: lurehound.Found,
				DNS: &lurehound.DNSFacts{Resolution: lurehound.Exists, NS: []string{"ns1.example"}}},
			{Domain: c.Domain, Probe: "http", Profile: "desktop", At: at(1), Outcome: lurehound.Unknown, Reason: "timeout"},
		},
		Finding: &lurehound.Finding{
			Comparison: lurehound.Comparison{Reference: "https://microdicom.com/", Similarity: &similarity},
			Signals:    []lurehound.Signal{{Rule: "clone", Points: 3, Direct: true, Why: "the page is a copy"}},
			Score:      0.97, Verdict: v, Judged: at(1),
		},
		Alert: &hunt.Alert{Key: "finding:" + c.ID(), Body: []byte(`{"candidate":"` + c.ID() + `"}`)},
	}
}
