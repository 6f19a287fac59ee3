package storetest

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"lurehound"
	"lurehound/internal/hunt"
)

// crashDir is set for the process that is going to be killed.
const crashDir = "LUREHOUND_STORETEST_CRASH"

// What the killed process works on: many small transactions, so that a kill
// most often hits one.
const (
	crashBatches = 250
	crashEach    = 6
	crashKey     = "crash"
)

// Crash kills a process that saves batches and settles candidates, again and
// again at random points, each time going on with the same database. What the
// process said was saved has to be there, nothing may be there twice, and fsck
// has to be content. It runs the test that calls it in another process, so it
// has to be called by a test that does nothing else.
func Crash(t *testing.T, open Open) {
	if dir := os.Getenv(crashDir); dir != "" {
		crashWork(dir, open)
		return
	}
	const kills = 24
	dir := t.TempDir()
	rnd := rand.New(rand.NewPCG(3, 5))
	said := &acknowledged{settled: make(map[string]bool)}
	for kill := range kills {
		lines := rnd.IntN(90) // all kills together do not get through the work
		crashOnce(t, dir, lines, time.Duration(rnd.IntN(3000))*time.Microsecond, said)
		f := &fixture{t: t, open: open, dir: dir}
		f.reopen()
		said.check(f, kill)
		f.sound()
		f.must(f.Close())
		if t.Failed() {
			return
		}
	}
	if len(said.settled) < kills {
		t.Fatalf("only %d candidates were settled before the kills: the test tests too little", len(said.settled))
	}
	f := &fixture{t: t, open: open, dir: dir}
	f.reopen()
	defer f.Close()
	run := f.begin(crashKey)
	f.must(crashSteps(t.Context(), f.Store, run, func(string) {}))
	got := f.tally(run)
	if got.Findings != crashBatches*crashEach || got.Candidates != got.Findings || got.Feeds[0].Read != crashBatches*(2*crashEach+1) {
		t.Errorf("in the end: %+v", got)
	}
	said.check(f, kills)
	f.finish(run)
	f.sound()
	t.Logf("%d kills, %d batches and %d settlements acknowledged before them", kills, said.batches, len(said.settled))
}

// acknowledged is what the killed processes said was durable.
type acknowledged struct {
	batches int // 0 … batches-1
	settled map[string]bool
}

func (a *acknowledged) check(f *fixture, kill int) {
	run := f.begin(crashKey)
	cursor, err := f.Cursor(f.t.Context(), run, "isc")
	f.must(err)
	saved := 0
	if cursor != "" {
		if _, err := fmt.Sscan(cursor, &saved); err != nil {
			f.t.Fatal(err)
		}
		saved++
	}
	if saved < a.batches {
		f.t.Errorf("kill %d: %d batches are stored, %d were acknowledged", kill, saved, a.batches)
	}
	t := f.tally(run)
	if t.Candidates != saved*crashEach {
		f.t.Errorf("kill %d: %d candidates of %d batches, want %d", kill, t.Candidates, saved, saved*crashEach)
	}
	stored := make(map[string]bool)
	for _, g := range f.findings(run) {
		stored[g.Candidate.Domain.String()] = true
		if len(g.Observations) != 2 {
			f.t.Errorf("kill %d: %s has %d observations, want 2", kill, g.Candidate.Domain, len(g.Observations))
		}
	}
	for name := range a.settled {
		if !stored[name] {
			f.t.Errorf("kill %d: the finding of %s is lost", kill, name)
		}
	}
	alerts, err := f.Alerts(f.t.Context())
	f.must(err)
	if len(alerts) != len(stored) || t.Findings != len(stored) || t.Pending != t.Candidates-len(stored) {
		f.t.Errorf("kill %d: %d alerts, %d findings, %d candidates done, %d pending of %d", kill, len(alerts), len(stored), t.Findings, t.Pending, t.Candidates)
	}
}

// crashOnce starts a process, waits for so many lines from it and a little
// longer, and kills it.
func crashOnce(t *testing.T, dir string, lines int, longer time.Duration, said *acknowledged) {
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), crashDir+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	killed := make(chan struct{})
	kill := func() {
		time.Sleep(longer)
		cmd.Process.Kill() // SIGKILL where there is one
		close(killed)
	}
	sc := bufio.NewScanner(out)
	for n := 0; sc.Scan(); n++ {
		if n == lines {
			go kill()
		}
		var batch int
		switch word, rest, _ := strings.Cut(sc.Text(), " "); word {
		case "saved":
			fmt.Sscan(rest, &batch)
			said.batches = max(said.batches, batch+1)
		case "settled":
			said.settled[rest] = true
		case "failed":
			t.Error(rest)
		}
	}
	select {
	case <-killed:
	case <-time.After(5 * time.Second):
		cmd.Process.Kill()
		t.Fatal("the process ended before it was killed")
	}
	cmd.Wait() // it was killed, the error says so
}

// crashWork is what the killed process does.
func crashWork(dir string, open Open) {
	ctx := context.Background()
	say := func(s string) { os.Stdout.WriteString(s + "\n") } // one write, no buffer
	s, err := open(ctx, dir)
	if err != nil {
		say("failed " + err.Error())
		return
	}
	run, _, err := s.Begin(ctx, crashKey, at(0), false)
	if err == nil {
		say("begun")
		err = crashSteps(ctx, s, run, say)
	}
	if err != nil {
		say("failed " + err.Error())
	}
	time.Sleep(time.Minute) // done too early: the parent kills or gives up
}

// crashSteps goes on where the database says that the work stopped: a batch,
// then its candidates, then the next batch.
func crashSteps(ctx context.Context, s Store, run int64, say func(string)) error {
	cursor, err := s.Cursor(ctx, run, "isc")
	if err != nil {
		return err
	}
	next := 0
	if cursor != "" {
		fmt.Sscan(cursor, &next)
		next++
	}
	for {
		pending, err := s.Pending(ctx, run, "", crashEach)
		if err != nil {
			return err
		}
		for _, c := range pending {
			if err := s.Settle(ctx, run, found(c, lurehound.Malicious), at(1)); err != nil {
				return err
			}
			say("settled " + c.Domain.String())
		}
		if next == crashBatches {
			return nil
		}
		if err := s.SaveBatch(ctx, run, crashBatch(next)); err != nil {
			return err
		}
		say(fmt.Sprintf("saved %d", next))
		next++
	}
}

func crashBatch(n int) hunt.Batch {
	var names []string
	for i := range crashEach {
		names = append(names, fmt.Sprintf("microdicom-%d-%d.info", n, i))
	}
	return batch(fmt.Sprint(n), names...)
}
