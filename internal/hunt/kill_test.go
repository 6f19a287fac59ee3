package hunt_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"lurehound/internal/hunt"
	"lurehound/internal/store/sqlite"
)

// told is a store that says on stdout what is about to be written, so that
// another process knows how far this one is.
type told struct{ hunt.Store }

func (s told) SaveBatch(ctx context.Context, run int64, b hunt.Batch) error {
	fmt.Println("batch", b.Feed)
	return s.Store.SaveBatch(ctx, run, b)
}

func (s told) Settle(ctx context.Context, run int64, st hunt.Settlement, at time.Time) error {
	fmt.Println("settle", st.Candidate.Domain)
	return s.Store.Settle(ctx, run, st, at)
}

// victim is the other process: it hunts on a database until it is killed, or
// to the end.
func victim(path string) int {
	err := func() error {
		w, err := openWorld()
		if err != nil {
			return err
		}
		defer w.Close()
		s, err := sqlite.Open(context.Background(), path)
		if err != nil {
			return err
		}
		defer s.Close()
		p, err := w.plan(few)
		if err != nil {
			return err
		}
		_, err = hunt.Run(context.Background(), w.kit(told{s}), p)
		return err
	}()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// Finish marks where the hunt may be over although its process still runs.
func (s told) Finish(ctx context.Context, run int64, at time.Time) error {
	fmt.Println(finishing)
	return s.Store.Finish(ctx, run, at)
}

const finishing = "finish"

// TestKilled: a process that is killed without warning, at any time, leaves a
// database from which the next one goes on to the same result. Where it is
// killed is chance: after a random write, some random time later.
func TestKilled(t *testing.T) {
	want, writes, _ := unbroken(t)
	const longestWrite = 8 * time.Millisecond // with the disk's part; some kills fall into it, some behind
	var killed atomic.Int64
	t.Run("points", func(t *testing.T) {
		for i := range points() {
			after, pause := 1+rand.IntN(int(writes)), rand.N(longestWrite)
			t.Run(fmt.Sprintf("%d: %v after write %d of %d", i, pause, after, writes), func(t *testing.T) {
				t.Parallel()
				path := filepath.Join(t.TempDir(), "lurehound.db")
				died, finished := kill(t, path, after, pause)
				s, err := sqlite.Open(t.Context(), path)
				if err != nil {
					t.Fatal(err)
				}
				defer s.Close()
				sound(t, s)
				if !died {
					return
				}
				killed.Add(1)
				finishes(t, newWorld(t), s, want)
				if !finished {
					oneRun(t, s)
				}
			})
		}
	})
	if n := int(killed.Load()); n < points()/2 {
		t.Errorf("only %d of %d were killed before they were done", n, points())
	}
}

// kill starts a victim on the database and kills it some time after it began
// that many writes. It reports whether the victim died of it, and whether it
// had come to the end of its hunt.
func kill(t *testing.T, path string, writes int, pause time.Duration) (died, finished bool) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), victimEnv+"="+path)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	sc := bufio.NewScanner(out)
	for range writes {
		if !sc.Scan() {
			break
		}
	}
	time.Sleep(pause)
	if err := cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Error(err)
	}
	for sc.Scan() {
		finished = finished || sc.Text() == finishing
	}
	err = cmd.Wait()
	if stderr.Len() > 0 {
		t.Fatalf("the victim failed by itself: %v: %s", err, stderr.String())
	}
	return err != nil, finished
}
