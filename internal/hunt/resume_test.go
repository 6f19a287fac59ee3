package hunt_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lurehound"
	"lurehound/internal/hunt"
	"lurehound/internal/store/sqlite"
)

// points is at how many places a hunt is broken off.
func points() int {
	switch {
	case raceEnabled:
		return 4
	case testing.Short():
		return 6
	}
	return 20
}

var errDisk = errors.New("the disk is gone")

// frail is a store whose writes fail from the one numbered fail on. lost says that
// this one is done nevertheless: only the answer was lost.
type frail struct {
	hunt.Store
	fail   int64 // 0 is never
	lost   bool
	writes atomic.Int64
}

func (s *frail) write(do func() error) error {
	n := s.writes.Add(1)
	if s.fail == 0 || n < s.fail {
		return do()
	}
	if n == s.fail && s.lost {
		return errors.Join(do(), errDisk)
	}
	return errDisk
}

func (s *frail) SaveBatch(ctx context.Context, run int64, b hunt.Batch) error {
	return s.write(func() error { return s.Store.SaveBatch(ctx, run, b) })
}

func (s *frail) Settle(ctx context.Context, run int64, st hunt.Settlement, at time.Time) error {
	return s.write(func() error { return s.Store.Settle(ctx, run, st, at) })
}

// unbroken is the result of a hunt that nothing interrupted, with the number
// of writes and connections it takes.
func unbroken(t *testing.T) (h lurehound.Hunt, writes, dials int64) {
	t.Helper()
	w, s := newWorld(t), &frail{Store: newStore(t)}
	h, err := w.hunts(t.Context(), t, s, few)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(wantVerdicts(), verdicts(h)); diff != "" {
		t.Fatalf("verdicts (-want +got):\n%s", diff)
	}
	return h, s.writes.Load(), w.dials.Load()
}

// finishes goes on with the hunt of a store and holds it against want.
func finishes(t *testing.T, w *world, s *sqlite.Store, want lurehound.Hunt) {
	t.Helper()
	got, err := w.hunts(t.Context(), t, s, few)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, same); diff != "" {
		t.Errorf("not what the uninterrupted hunt says (-want +got):\n%s", diff)
	}
	addsUp(t, s, 1, got)
}

// oneRun checks that a hunt that was gone on with is one run.
func oneRun(t *testing.T, s *sqlite.Store) {
	t.Helper()
	if run, resumed, err := s.Begin(t.Context(), "another hunt", time.Time{}, false); run != 2 || resumed || err != nil {
		t.Errorf("the hunt did not go on with run 1: the next one is run %d, resumed %v, %v", run, resumed, err)
	}
}

// sound checks a database that a hunt left in the middle.
func sound(t *testing.T, s *sqlite.Store) {
	t.Helper()
	if problems, err := s.Fsck(t.Context()); err != nil || len(problems) > 0 {
		t.Errorf("fsck: %q, %v", problems, err)
	}
}

// TestStoreFails: wherever the store dies, the hunt ends with its error, and
// the next one goes on to the same result.
func TestStoreFails(t *testing.T) {
	want, writes, dials := unbroken(t)
	if writes < 20 {
		t.Fatalf("only %d writes", writes)
	}
	n := int64(points())
	for i := range n {
		at := 1 + i*(writes-1)/(n-1) // the first, the last, and between
		t.Run(fmt.Sprintf("write %d of %d", at, writes), func(t *testing.T) {
			t.Parallel()
			w, s := newWorld(t), newStore(t)
			h, err := w.hunts(t.Context(), t, &frail{Store: s, fail: at, lost: i%2 == 1}, few)
			if !errors.Is(err, errDisk) || len(h.Findings) > 0 {
				t.Errorf("error %v, %d findings", err, len(h.Findings))
			}
			sound(t, s)
			before := w.dials.Load()
			finishes(t, w, s, want)
			oneRun(t, s)
			if again := w.dials.Load() - before; at > 2 && again > dials-few {
				t.Errorf("%d of %d connections were made again, though the permutations were done", again, dials)
			}
		})
	}
}

// TestInterrupted: Ctrl-C at any time keeps what is done, says so, and the
// same hunt goes on to the same result.
func TestInterrupted(t *testing.T) {
	want, _, dials := unbroken(t)
	n := int64(points())
	for i := range n {
		at := 1 + i*dials/n
		t.Run(fmt.Sprintf("connection %d of %d", at, dials), func(t *testing.T) {
			t.Parallel()
			w, s := newWorld(t), newStore(t)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			w.onDial = func() {
				if w.dials.Load() >= at {
					cancel()
				}
			}
			h, err := w.hunts(ctx, t, s, few)
			if err != nil || ctx.Err() == nil {
				t.Fatalf("error %v, interrupted: %v", err, ctx.Err())
			}
			if h.Complete || !strings.Contains(strings.Join(h.Problems, "\n"), "interrupted") {
				t.Errorf("complete %v, problems %q", h.Complete, h.Problems)
			}
			for name, v := range verdicts(h) {
				if v != wantVerdicts()[name] {
					t.Errorf("%s is %s", name, v)
				}
			}
			for _, u := range h.Unknown {
				if u.Domain != "microdicorn.com" {
					t.Errorf("what was not asked for counts as undecided: %+v", u)
				}
			}
			if h.Counts.Absent > 0 {
				t.Errorf("%d names are called absent", h.Counts.Absent)
			}
			sound(t, s)
			w.onDial = nil
			finishes(t, w, s, want)
			oneRun(t, s)
		})
	}
}
