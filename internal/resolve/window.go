package resolve

import (
	"context"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// The window's limits, in questions under way at one server.
const (
	firstWindow = 32
	leastWindow = 16
	mostWindow  = 1024 // at 50 ms of recursion still 20,000 answers a second

	roundTime = 20 * time.Millisecond // between two steps of growth
	tolerated = 0.01                  // share of questions lost that nobody slows down for
	leastSent = 64                    // questions that a share of loss is taken from

	// Loss is counted by when the question was sent. A slice of that time is
	// judged when all that was sent in it is answered or overdue: answers come
	// sooner than their absence shows, and whoever counts what comes in sees no loss at first.
	sliceTime  = 10 * time.Millisecond
	keptSlices = 256 // slices kept: 2.5 s, longer than any try
)

// window bounds the questions under way at one server. It grows while loss is
// low and halves when loss rises. A cut after which as much is lost as before is
// taken back (more than half of it, that is: an overflowing buffer loses hardly anything
// at half the window): that loss is the path's and not of our making.
type window struct {
	mu       sync.Mutex
	size     float64
	inFlight int
	waiting  []chan struct{} // callers of acquire, in order

	grown  time.Duration // when it grew last
	peak   int           // most questions under way since
	steady bool          // it has met its limit: no more doubling
	base   float64       // share of loss that the path has by itself
	lossy  atomic.Bool   // base is more than tolerated
	cut    cut

	sliced     [keptSlices]slice
	judged     int64 // the slice that is judged next
	sent, lost int   // in slices judged since the last decision
	stats      WindowStats
}

// slice is what was sent in sliceTime, and what of it was not answered in time.
type slice struct {
	number     int64
	sent, lost int
}

// cut is the last halving, as long as it is not known whether it helped.
type cut struct {
	open bool
	size float64 // before
	loss float64 // that led to it
	fast bool    // it doubled before
}

// WindowStats is what a server's window did.
type WindowStats struct {
	Size       int // questions that may be under way now
	Most       int // the most that ever could
	Cuts       int // halvings for loss
	Takebacks  int // halvings that changed nothing and were taken back
	Lost, Sent int // first sendings that were not answered in time; all
}

func newWindow() *window { return &window{size: firstWindow} }

// take reserves room for at most n questions and says for how many. Those who
// wait in acquire come first.
func (w *window) take(n int) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.waiting) > 0 {
		return 0
	}
	n = max(0, min(n, int(w.size)-w.inFlight))
	w.add(n)
	return n
}

func (w *window) add(n int) {
	w.inFlight += n
	w.peak = max(w.peak, w.inFlight)
}

// acquire waits for room for one question.
func (w *window) acquire(ctx context.Context) error {
	w.mu.Lock()
	if len(w.waiting) == 0 && w.inFlight < int(w.size) {
		w.add(1)
		w.mu.Unlock()
		return nil
	}
	turn := make(chan struct{})
	w.waiting = append(w.waiting, turn)
	w.mu.Unlock()
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
	}
	w.mu.Lock()
	i := slices.Index(w.waiting, turn)
	if i >= 0 {
		w.waiting = slices.Delete(w.waiting, i, i+1)
	}
	w.mu.Unlock()
	if i < 0 { // the room came at the same moment
		w.release(1)
	}
	return ctx.Err()
}

// release gives the room of n questions back.
func (w *window) release(n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.inFlight -= n
	for len(w.waiting) > 0 && w.inFlight < int(w.size) {
		w.add(1)
		close(w.waiting[0])
		w.waiting = slices.Delete(w.waiting, 0, 1)
	}
}

// report counts questions sent for the first time, now, and the times at which
// those were sent that are overdue now, as they are after the time given.
func (w *window) report(now time.Duration, sent int, overdue []time.Duration, after time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stats.Sent += sent
	w.stats.Lost += len(overdue)
	w.at(now).sent += sent
	for _, t := range overdue {
		if s := &w.sliced[int64(t/sliceTime)%keptSlices]; s.number == int64(t/sliceTime) {
			s.lost++
		}
	}
	ripe := int64((now - after - 2*sliceTime) / sliceTime) // one for the timer's delay
	for w.judged = max(w.judged, ripe-keptSlices+1, 0); w.judged <= ripe; w.judged++ {
		if s := &w.sliced[w.judged%keptSlices]; s.number == w.judged {
			w.sent, w.lost = w.sent+s.sent, w.lost+s.lost
		}
		if w.sent >= leastSent && (!w.cut.open || w.sent >= 2*leastSent) {
			w.judge(now)
		}
	}
	if now-w.grown >= roundTime {
		w.grow(now)
	}
}

// at is the slice of a time that is not long ago.
func (w *window) at(t time.Duration) *slice {
	n := int64(t / sliceTime)
	s := &w.sliced[n%keptSlices]
	if s.number != n {
		*s = slice{number: n}
	}
	return s
}

// judge looks at the share of loss, and cuts the window or takes a cut back.
func (w *window) judge(now time.Duration) {
	n, lost := float64(w.sent), float64(w.lost)
	w.sent, w.lost = 0, 0
	loss := lost / n
	expected := (w.base + tolerated) * n
	switch {
	case w.cut.open && loss >= w.cut.loss/2:
		w.base, w.size, w.steady = max(w.base, loss), w.cut.size, !w.cut.fast
		w.cut.open = false
		w.stats.Takebacks++
	case lost > expected+3*math.Sqrt(expected): // three standard deviations
		w.cut = cut{open: true, size: w.size, loss: loss, fast: !w.steady}
		w.size, w.steady = max(leastWindow, w.size/2), true
		w.stats.Cuts++
		w.judged = int64(now / sliceTime) // what was sent before says nothing about it
	default:
		w.cut.open = false
		w.base += (min(loss, w.base) - w.base) / 32 // slowly: most of the difference is chance
	}
	w.lossy.Store(w.base > tolerated)
}

// grow makes the window wider if it is used and no cut has yet to prove itself.
func (w *window) grow(now time.Duration) {
	if !w.cut.open && w.peak >= int(w.size)/2 {
		if w.steady {
			w.size += w.size / 32
		} else {
			w.size *= 2
		}
		w.size = min(w.size, mostWindow)
		w.stats.Most = max(w.stats.Most, int(w.size))
	}
	w.grown, w.peak = now, w.inFlight
}

func (w *window) snapshot() WindowStats {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stats.Size = int(w.size)
	return w.stats
}
