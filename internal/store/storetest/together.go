package storetest

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lurehound"
	"lurehound/internal/hunt"
)

// testTogether has several goroutines and a second opening of the same
// database write at once; settlements of one candidate compete.
func testTogether(t *testing.T, f *fixture) {
	ctx := t.Context()
	run := f.begin("a")
	second, err := f.open(ctx, f.dir)
	f.must(err)
	defer second.Close()
	const batches, each = 8, 5
	var wg sync.WaitGroup
	fail := make(chan error, batches*2)
	for i := range batches {
		wg.Go(func() {
			s := f.Store
			if i%2 == 1 {
				s = second
			}
			var names []string
			for j := range each {
				names = append(names, fmt.Sprintf("microdicom-%d-%d.info", i, j))
			}
			b := batch("1", names...)
			b.Feed = fmt.Sprintf("list:%d", i)
			if err := s.SaveBatch(ctx, run, b); err != nil {
				fail <- err
				return
			}
			for _, c := range b.Candidates {
				for _, s := range []Store{f.Store, second} {
					if err := s.Settle(ctx, run, found(c, lurehound.Malicious), at(1)); err != nil {
						fail <- err
						return
					}
				}
			}
		})
	}
	wg.Wait()
	close(fail)
	for err := range fail {
		t.Error(err)
	}
	fs := f.findings(run)
	if len(fs) != batches*each {
		t.Errorf("%d findings, want %d", len(fs), batches*each)
	}
	for _, g := range fs {
		if len(g.Observations) != 2 {
			t.Errorf("%s has %d observations, want 2: it was settled twice", g.Candidate.Domain, len(g.Observations))
		}
	}
}

// testRandom does many random steps to the store and to a model of it, with
// repetitions and reopenings, and expects both to say the same.
func testRandom(t *testing.T, f *fixture) {
	const steps = 300
	rnd := rand.New(rand.NewPCG(1, 2))
	run := f.begin("a")
	state := make(map[string]string) // of names in the run
	sightings := make(map[string]map[string]bool)
	cursors := make(map[string]bool)
	read := make(map[string]int)
	for i := range steps {
		name := fmt.Sprintf("microdicom-%d.info", rnd.IntN(60))
		switch rnd.IntN(8) {
		case 0, 1, 2:
			feed := fmt.Sprintf("list:%d", rnd.IntN(3))
			cursor := fmt.Sprint(rnd.IntN(60))
			b := batch(cursor, name)
			b.Feed, b.Report.Feed = feed, feed
			b.Candidates[0].Sightings[0].Feed = feed
			f.save(run, b)
			if cursors[feed+" "+cursor] {
				break
			}
			cursors[feed+" "+cursor] = true
			read[feed] += b.Read
			if state[name] == "" {
				state[name] = "pending"
				sightings[name] = make(map[string]bool)
			}
			sightings[name][feed] = true
		case 3, 4, 5, 6:
			if state[name] == "" {
				break
			}
			s := hunt.Settlement{Candidate: candidate(name), Outcome: lurehound.Absent}
			next := "absent"
			switch rnd.IntN(3) {
			case 0:
				s, next = found(candidate(name), lurehound.Suspicious), "finding"
			case 1:
				s.Outcome, next = lurehound.Unknown, "undecided"
				s.Undecided = &lurehound.Undecided{Domain: name, Outcome: lurehound.NotResolvable, Reason: "timeout"}
			}
			f.settle(run, s)
			if state[name] == "pending" {
				state[name] = next
			}
		case 7:
			if i%20 == 0 {
				f.reopen()
			}
		}
	}
	want := hunt.Tally{Candidates: len(state)}
	for _, s := range state {
		switch s {
		case "pending":
			want.Pending++
		case "absent":
			want.Absent++
		case "undecided":
			want.Undecided++
		case "finding":
			want.Findings++
		}
	}
	got := f.tally(run)
	for _, feed := range got.Feeds {
		if feed.Read != read[feed.Report.Feed] {
			t.Errorf("feed %s read %d, want %d", feed.Report.Feed, feed.Read, read[feed.Report.Feed])
		}
	}
	got.Feeds = nil
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("want, got:\n%s", d)
	}
	for _, c := range f.pending(run) {
		if len(c.Sightings) != len(sightings[c.Domain.String()]) {
			t.Errorf("%s: %d sightings, want %d", c.Domain, len(c.Sightings), len(sightings[c.Domain.String()]))
		}
	}
}
