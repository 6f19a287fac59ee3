package resolve

import (
	"context"
	"math"
	"slices"
	"sync"
	"time"
)

// The window's limits, in questions under way at one server.
const (
	firstWindow = 32
	leastWindow = 16
	mostWindow  = 1024 // at 50 ms of recursion still 20,000 answers a second
	leastRound  = 64   // outcomes that a share of loss is taken from
	// roundTime is the shortest round: loss shows only after a question is
	// overdue, so that a window that grew with every loopback round trip would
	// overshoot by far before the first loss is seen.
	roundTime = 20 * time.Millisecond
	tolerated = 0.01 // share of questions lost that nobody slows down for
)

// window bounds the questions under way at one server. It grows while loss is
// low and halves when loss rises. A cut after which as much is lost as before is
// taken back: that loss is the path's and not of our making.
type window struct {
	mu       sync.Mutex
	size     float64
	inFlight int
	waiting  []chan struct{} // callers of acquire, in order

	began          time.Duration // of this round
	answered, lost int           // in this round
	peak           int           // most questions under way in this round
	base           float64       // share of loss that the path has by itself
	steady         bool          // it has met its limit: no more doubling
	cut            cut
	stats          WindowStats
}

// cut is the last halving, as long as it is not known whether it helped.
type cut struct {
	open bool
	at   time.Duration // losses of what was sent before say nothing
	size float64       // before
	fast bool          // it doubled before
	loss float64       // that led to it
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

// report counts outcomes of first sendings: answered, and the times at which
// those were sent that are overdue now.
func (w *window) report(now time.Duration, answered int, overdue []time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stats.Sent += answered + len(overdue)
	w.stats.Lost += len(overdue)
	w.answered += answered
	for _, sent := range overdue {
		if sent >= w.cut.at {
			w.lost++
		}
	}
	if n := w.answered + w.lost; n >= max(leastRound, int(w.size)) && now-w.began >= roundTime {
		w.round(now, n)
	}
}

// round decides, at its end, about the next one.
func (w *window) round(now time.Duration, n int) {
	loss := float64(w.lost) / float64(n)
	// Three standard deviations of what the tolerated share would bring.
	expected := (w.base + tolerated) * float64(n)
	worse := float64(w.lost) > expected+3*math.Sqrt(expected)
	switch {
	case w.cut.open && loss >= 0.75*w.cut.loss:
		w.base, w.size, w.steady = loss, w.cut.size, !w.cut.fast
		w.cut.open = false
		w.stats.Takebacks++
	case worse:
		w.cut = cut{open: true, at: now, size: w.size, loss: loss, fast: !w.steady}
		w.size, w.steady = max(leastWindow, w.size/2), true
		w.stats.Cuts++
	default:
		w.cut.open = false
		w.base += (min(loss, w.base) - w.base) / 4
		if w.peak < int(w.size)/2 {
			break // not even this much is used
		}
		if w.steady {
			w.size += w.size / 32
		} else {
			w.size *= 2
		}
		w.size = min(w.size, mostWindow)
	}
	w.stats.Most = max(w.stats.Most, int(w.size))
	w.began, w.answered, w.lost, w.peak = now, 0, 0, w.inFlight
}

func (w *window) snapshot() WindowStats {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stats.Size = int(w.size)
	return w.stats
}
