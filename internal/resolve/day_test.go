package resolve

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"lurehound"
)

// bubbleClock is the time of a bubble.
type bubbleClock struct{}

func (bubbleClock) Now() time.Time { return time.Now() }

func (bubbleClock) Sleep(ctx context.Context, d time.Duration) error {
	wait := time.NewTimer(d)
	defer wait.Stop()
	select {
	case <-wait.C:
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// TestADay keeps a client busy for 24 simulated hours at two questions a second, with a twentieth of the packets lost each
// way and its resolver tested anew each hour: every hour sends what the rate allows and no more, nothing piles up, and every name comes out.
func TestADay(t *testing.T) {
	if testing.Short() {
		t.Skip("simulates a day")
	}
	const rate, hours = 2, 24
	synctest.Test(t, func(t *testing.T) {
		w, names := half(t, 1000)
		var sent [hours + 2]atomic.Int64
		began := time.Now()
		answer := lossy(0.05, 1, later(20*time.Millisecond, w.alone(t)))
		cfg := Config{Rate: rate, Timeout: 2 * time.Second}
		c := clientWith(t, rig{s1: func(network string, q []byte, send func([]byte)) {
			sent[min(int(time.Since(began)/time.Hour), hours+1)].Add(1)
			answer(network, q, send)
		}}, cfg, s1)
		defer c.Close()
		c.clock, c.pace = bubbleClock{}, newPacer(bubbleClock{}, rate)

		var heap, routines []uint64
		measure := func() {
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			heap, routines = append(heap, m.HeapAlloc), append(routines, uint64(runtime.NumGoroutine()))
		}
		endless := func(yield func(string) bool) {
			for i := 0; time.Since(began) < hours*time.Hour && yield(names[i%len(names)]); i++ {
			}
		}
		lines := 0
		err := c.LookupAll(t.Context(), endless, nil, 0, func(i int, name string, f lurehound.DNSFacts) bool {
			if registered := i%len(names)%2 == 0; registered != (f.Resolution == lurehound.Exists) && f.Resolution != lurehound.NotResolvable {
				t.Errorf("line %d: %s (registered: %v) is called %s (%s)", i, name, registered, f.Resolution, f.Reason)
			}
			lines++
			if int(time.Since(began)/time.Hour) > len(heap) {
				measure()
			}
			return true
		})
		if err != nil {
			t.Fatal(err)
		}
		var perHour []string
		for i := range hours {
			n := sent[i].Load()
			perHour = append(perHour, fmt.Sprint(n))
			if n > rate*3600+rate || i > 0 && n < rate*3600*98/100 {
				t.Errorf("hour %d: %d questions left, want about %d and never more", i, n, rate*3600)
			}
		}
		t.Logf("questions an hour: %v; %d names; heap %d KiB after an hour, %d at the end; goroutines %d and %d",
			perHour, lines, heap[0]>>10, slices.Max(heap[len(heap)-2:])>>10, routines[0], routines[len(routines)-1])
		if last := heap[len(heap)-1]; last > heap[0]+4<<20 {
			t.Errorf("the heap grew from %d to %d KiB", heap[0]>>10, last>>10)
		}
		if last := routines[len(routines)-1]; last > routines[0]+20 {
			t.Errorf("%d goroutines became %d", routines[0], last)
		}
	})
}
