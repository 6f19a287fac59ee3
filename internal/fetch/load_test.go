package fetch

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"lurehound"
	"lurehound/internal/egress"
	pages "lurehound/internal/page"
)

// memory samples what this process holds of the machine until stop is called,
// which gives the peaks in bytes: resident is what the runtime has taken and not
// given back, used is the part of it in heap and stacks, garbage included. The
// servers of a test are in it as well.
func memory() (stop func() (resident, used uint64)) {
	debug.FreeOSMemory()
	done := make(chan struct{})
	var sampler sync.WaitGroup
	var resident, used uint64
	sampler.Go(func() {
		samples := []metrics.Sample{
			{Name: "/memory/classes/total:bytes"},
			{Name: "/memory/classes/heap/released:bytes"},
			{Name: "/memory/classes/heap/objects:bytes"},
			{Name: "/memory/classes/heap/stacks:bytes"},
		}
		for {
			metrics.Read(samples)
			resident = max(resident, samples[0].Value.Uint64()-samples[1].Value.Uint64())
			used = max(used, samples[2].Value.Uint64()+samples[3].Value.Uint64())
			select {
			case <-done:
				return
			case <-time.After(2 * time.Millisecond):
			}
		}
	})
	return func() (uint64, uint64) {
		close(done)
		sampler.Wait()
		return resident, used
	}
}

// fits checks both bounds of a run of fifty at a time: memory, and goroutines
// that stay behind.
func fits(t *testing.T, before int, stop func() (resident, used uint64)) {
	const bound = 256 << 20
	resident, used := stop()
	after := runtime.NumGoroutine()
	for end := time.Now().Add(5 * time.Second); after > before+2 && time.Now().Before(end); after = runtime.NumGoroutine() {
		time.Sleep(10 * time.Millisecond)
	}
	t.Logf("at most %d MiB resident, %d MiB in use; %d goroutines before, %d after", resident>>20, used>>20, before, after)
	if resident >= bound {
		t.Errorf("%d MiB resident, the bound is %d", resident>>20, bound>>20)
	}
	if after > before+2 {
		t.Errorf("%d goroutines before, %d after", before, after)
	}
}

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
	stop := memory()
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
	fits(t, before, stop)
}

type door struct{ name, url string }

// hostileDoors opens every behaviour, A01 to A40, and every bomb.
func hostileDoors(t testing.TB) []door {
	doors := []door{{"A05 endless HTTP/2", endlessH2(t)}}
	for _, h := range slices.Concat(hostileAnswers(t), hostileTrails()) {
		doors = append(doors, door{h.name, "http://" + serve(t, h.talk)})
	}
	ca := newAuthority(t)
	for _, f := range h2Floods() {
		doors = append(doors, door{f.name, "https://" + serve(t, f.talk(t, ca))})
	}
	for _, b := range bombs(t) {
		doors = append(doors, door{b.name, "http://" + serve(t, once(page(b.header, b.packed)))})
	}
	return doors
}

// TestEveryBehaviourIsTried counts the numbers of the list.
func TestEveryBehaviourIsTried(t *testing.T) {
	doors := hostileDoors(t)
	for i := range 40 {
		number := fmt.Sprintf("A%02d ", i+1)
		if !slices.ContainsFunc(doors, func(d door) bool { return strings.HasPrefix(d.name, number) }) {
			t.Errorf("no server behaves like %s", number)
		}
	}
}

// TestAllBehavioursFiftyAtATime visits all of them, fifty at a time, with the
// sizes of a hunt and short deadlines.
func TestAllBehavioursFiftyAtATime(t *testing.T) {
	if raceDetector {
		t.Skip("the memory of the race detector is not ours")
	}
	lim := hasty()
	lim.Body = DefaultLimits().Body
	c := local(t, Config{Limits: lim, Refresh: pages.Refresh}, trailHosts...)
	doors := hostileDoors(t)
	before := runtime.NumGoroutine()
	stop := memory()
	var ended atomic.Int64
	var visitors errgroup.Group
	visitors.SetLimit(50)
	for _, d := range doors {
		visitors.Go(func() error {
			got := visitOnce(t, c, d.url)
			ended.Add(1)
			if got.err != nil && (got.err.Outcome != lurehound.Unknown || got.err.Reason == "") {
				t.Errorf("%s: %v", d.name, got.err)
			}
			if got.err == nil && (got.facts.Status == 0 || got.facts.Size > lim.Body) {
				t.Errorf("%s: %+v", d.name, got.facts)
			}
			return nil
		})
	}
	_ = visitors.Wait()
	if n := int(ended.Load()); n != len(doors) {
		t.Errorf("%d of %d visits ended", n, len(doors))
	}
	fits(t, before, stop)
	t.Logf("%d visits", len(doors))
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
	if !c.budget.large.TryAcquire(c.limits.Budget-2*(c.limits.Budget/6)) || !c.budget.small.TryAcquire(c.limits.Budget/6) || !c.budget.reading.TryAcquire(c.limits.Budget/6) {
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

// TestFiftyPagesAreReadWithinMemory visits fifty servers at once that send as much as they can of what is converted and taken apart at
// the greatest cost, and reads the pages, as a hunt does.
func TestFiftyPagesAreReadWithinMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("it reads 500 MiB")
	}
	if raceDetector {
		t.Skip("the memory of the race detector is not ours")
	}
	var text strings.Builder
	for i := 0; text.Len() < 1<<20; i++ {
		fmt.Fprintf(&text, "<p class=c%d><a href=/f%d.exe>\xcf\xf0\xe8\xe2\xe5\xf2 \xee\xf2 %x</a><img src=//h%d.example/%d>", i, i, i*7919, i, i)
	}
	flood := serve(t, afterRequest(then(write("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=windows-1251\r\n\r\n"), endless(text.String()))))
	c := local(t, Config{Limits: Limits{Total: 60 * time.Second}, Refresh: pages.Refresh})
	before := runtime.NumGoroutine()
	stop := memory()
	var visitors sync.WaitGroup
	for range 50 {
		visitors.Go(func() {
			s := c.Session(egress.DefaultProfile())
			defer s.Close()
			facts, body, err := s.Visit(t.Context(), "http://"+flood)
			if err != nil || facts.Truncated != tooLarge {
				t.Errorf("%v, truncated %q", err, facts.Truncated)
				return
			}
			s.Read(body, func() {
				if p := pages.Features(body, facts.URL, facts.ContentType); p.ParseError == "" {
					t.Errorf("all of it was read: %+v", p)
				}
			})
		})
	}
	visitors.Wait()
	fits(t, before, stop)
}
