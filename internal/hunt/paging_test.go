package hunt_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"lurehound"
	"lurehound/internal/hunt"
	"lurehound/internal/probe"
)

// looks counts how often each name is looked at.
type looks struct {
	mu sync.Mutex
	n  map[string]int
}

func (l *looks) at(d lurehound.Domain) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.n[d.String()]++
}

// TestManyCandidates: candidates are handed out by the page while others of the
// page are settled. Each is looked at once; after a failure, those that were
// settled are not looked at again.
func TestManyCandidates(t *testing.T) {
	const candidates, workers = 620, 8 // two pages
	var list []string
	for i := range candidates {
		list = append(list, fmt.Sprintf("n%04d.example.com", i*7919%candidates)) // in no order
	}
	p, probes := given(t, list...)
	seen := looks{n: map[string]int{}}
	look := probes[0].Observe
	probes[0].Observe = func(ctx context.Context, s probe.Subject) []lurehound.Observation {
		seen.at(s.Domain)
		return look(ctx, s)
	}
	s := newStore(t)
	settled := candidates * 9 / 10                      // on the second page
	frail := &frail{Store: s, fail: int64(settled + 2)} // the first write is the batch
	k := hunt.Kit{Store: frail, Clock: still{}, Probes: probes, Progress: silent{}, Workers: workers}
	if _, err := hunt.Run(t.Context(), k, p); !errors.Is(err, errDisk) {
		t.Fatal(err)
	}
	if n := len(seen.n); n < settled || n > settled+workers+1 {
		t.Errorf("%d candidates were looked at before the store failed at the %dth", n, settled+1)
	}
	for name, n := range seen.n {
		if n > 1 {
			t.Errorf("%s was looked at %d times in one run", name, n)
		}
	}
	k.Store = s
	h, err := hunt.Run(t.Context(), k, p)
	if err != nil {
		t.Fatal(err)
	}
	twice := 0
	for name, n := range seen.n {
		if n > 1 {
			twice++
		}
		if n > 2 {
			t.Errorf("%s was looked at %d times", name, n)
		}
	}
	if len(seen.n) != candidates || twice > workers+1 {
		t.Errorf("%d of %d candidates were looked at, %d of them twice", len(seen.n), candidates, twice)
	}
	if len(h.Findings) != candidates {
		t.Errorf("%d findings", len(h.Findings))
	}
	addsUp(t, s, 1, h)
}

// blind is a store that cannot be read any more after some pages.
type blind struct {
	hunt.Store
	pages int
}

func (s *blind) Pending(ctx context.Context, run int64, after string, limit int) ([]lurehound.Candidate, error) {
	if s.pages--; s.pages < 0 {
		return nil, errDisk
	}
	return s.Store.Pending(ctx, run, after, limit)
}

// TestStoreGoesBlind: when the store fails while hosts are slow, the hunt ends at
// once and with the store's error.
func TestStoreGoesBlind(t *testing.T) {
	var list []string
	for i := range 501 {
		list = append(list, fmt.Sprintf("n%04d.example.com", i))
	}
	p, probes := given(t, list...)
	look := probes[0].Observe
	probes[0].Observe = func(ctx context.Context, s probe.Subject) []lurehound.Observation {
		if s.Domain.String() == "n0499.example.com" {
			select { // slow, until somebody says stop
			case <-ctx.Done():
			case <-time.After(time.Minute):
				t.Error("nobody told the slow probe that the store is gone")
			}
		}
		return look(ctx, s)
	}
	s := newStore(t)
	k := hunt.Kit{Store: &blind{Store: s, pages: 1}, Clock: still{}, Probes: probes, Progress: silent{}, Workers: 4}
	if _, err := hunt.Run(t.Context(), k, p); !errors.Is(err, errDisk) {
		t.Errorf("error %v", err)
	}
	sound(t, s)
}

// TestInterruptedAndFailed: Ctrl-C does not hide that the store failed.
func TestInterruptedAndFailed(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	p, probes := given(t, "a.example.com")
	s := &stopping{Store: newStore(t), stop: cancel}
	if h, err := hunt.Run(ctx, hunt.Kit{Store: s, Clock: still{}, Probes: probes, Progress: silent{}, Workers: 1}, p); !errors.Is(err, errDisk) {
		t.Errorf("error %v, problems %q", err, h.Problems)
	}
}

// stopping is a store that fails while somebody presses Ctrl-C.
type stopping struct {
	hunt.Store
	stop func()
}

func (s *stopping) Settle(context.Context, int64, hunt.Settlement, time.Time) error {
	s.stop()
	return errDisk
}
