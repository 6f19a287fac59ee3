package fetch

import (
	"context"
	"errors"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"lurehound/internal/egress"
)

// TestFiftyHostileServersFitIntoMemory visits fifty servers at once that send
// as much as they can, with the caps of a real hunt.
func TestFiftyHostileServersFitIntoMemory(t *testing.T) {
	if raceDetector {
		t.Skip("the memory of the race detector is not ours")
	}
	flood := serve(t, afterRequest(then(write("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"), endless(strings.Repeat("<p>flood</p>", 100)))))
	bomb := serve(t, once(page("Content-Encoding: gzip\r\n", packed(t, 12<<20))))
	c := local(t, Config{Limits: Limits{Total: 20 * time.Second}})
	before := runtime.NumGoroutine()

	var peak atomic.Uint64
	done := make(chan struct{})
	var sampler sync.WaitGroup
	sampler.Go(func() {
		var m runtime.MemStats
		for {
			runtime.ReadMemStats(&m)
			peak.Store(max(peak.Load(), m.HeapInuse+m.StackInuse))
			select {
			case <-done:
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	})
	var visitors sync.WaitGroup
	for i := range 50 {
		visitors.Go(func() {
			url := "http://" + flood
			want := tooLarge
			if i%5 == 0 {
				url, want = "http://"+bomb, tooPacked
			}
			if got := visitOnce(t, c, url); got.err != nil || got.facts.Truncated != want {
				t.Errorf("%v, truncated %q, want %q", got.err, got.facts.Truncated, want)
			}
		})
	}
	visitors.Wait()
	close(done)
	sampler.Wait()
	if mib := peak.Load() >> 20; mib >= 256 {
		t.Errorf("%d MiB in use, the bound is 256", mib)
	} else {
		t.Logf("%d MiB in use at most", mib)
	}
	after := runtime.NumGoroutine()
	for end := time.Now().Add(2 * time.Second); after > before+2 && time.Now().Before(end); after = runtime.NumGoroutine() {
		time.Sleep(10 * time.Millisecond)
	}
	if after > before+2 {
		t.Errorf("%d goroutines before, %d after", before, after)
	}
}

// TestWaitingForTheBudgetCostsNoTime lets one visitor hold the large share for
// longer than another one's whole deadline.
func TestWaitingForTheBudgetCostsNoTime(t *testing.T) {
	lim := hasty()
	lim.Total, lim.Budget = 500*time.Millisecond, 1 // room for one large body
	url := web(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 600<<10)) })
	c := local(t, Config{Limits: lim})
	holder := c.Session(egress.DefaultProfile())
	if _, body, err := holder.Visit(t.Context(), url); err != nil || len(body) != 600<<10 {
		t.Fatal(err, len(body))
	}
	waited := make(chan result)
	go func() { waited <- visitOnce(t, c, url) }()
	select {
	case r := <-waited:
		t.Errorf("the budget was not waited for: %v, %q", r.err, r.facts.Truncated)
	case <-time.After(2 * lim.Total):
	}
	holder.Close()
	if r := <-waited; r.err != nil || r.facts.Truncated != "" || r.facts.Size != 600<<10 {
		t.Errorf("%v, truncated %q, %d bytes", r.err, r.facts.Truncated, r.facts.Size)
	}
}

func TestBudgetIsGivenBack(t *testing.T) {
	url := web(t, func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write(make([]byte, 900<<10)) })
	c := local(t, Config{})
	for range 60 {
		s := c.Session(egress.DefaultProfile())
		for range 2 {
			if _, _, err := s.Visit(t.Context(), url); err != nil {
				t.Fatal(err)
			}
		}
		s.Close()
		s.Close()
	}
	if !c.budget.large.TryAcquire(c.limits.Budget-c.limits.Budget/6) || !c.budget.small.TryAcquire(c.limits.Budget/6) {
		t.Error("something is still held")
	}
}

func TestCancelledVisit(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c := local(t, Config{})
	s := c.Session(egress.DefaultProfile())
	defer s.Close()
	url := "http://" + serve(t, func(conn net.Conn) { cancel(); stall(conn) })
	_, _, err := s.Visit(ctx, url)
	var e *Error
	if !errors.As(err, &e) || e.Reason != "cancelled" || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestCloseEndsAVisit(t *testing.T) {
	asked := make(chan struct{})
	url := "http://" + serve(t, afterRequest(func(conn net.Conn) { close(asked); stall(conn) }))
	lim := hasty()
	lim.Header, lim.Total = time.Minute, time.Minute
	s := local(t, Config{Limits: lim}).Session(egress.DefaultProfile())
	ended := make(chan error)
	go func() {
		_, _, err := s.Visit(t.Context(), url)
		ended <- err
	}()
	<-asked
	s.Close()
	if err := <-ended; err == nil {
		t.Error("the visit found something")
	}
	if _, _, err := s.Visit(t.Context(), url); err == nil {
		t.Error("a closed session visits")
	}
}

func BenchmarkVisit(b *testing.B) {
	url := web(b, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 30<<10)) })
	c := local(b, Config{})
	s := c.Session(egress.DefaultProfile())
	defer s.Close()
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := s.Visit(b.Context(), url); err != nil {
			b.Fatal(err)
		}
	}
}
