package resolve

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"

	"lurehound"
)

// alone answers as the servers of a zone: with authority, without recursion.
func (w world) alone(t testing.TB) behaviour {
	return says(t, func(_ string, q *dns.Msg) *dns.Msg {
		m := w.answer(q)
		m.Authoritative, m.RecursionAvailable = true, false
		return m
	})
}

// later answers after a while.
func later(d time.Duration, b behaviour) behaviour {
	return func(network string, query []byte, send func([]byte)) {
		query = slices.Clone(query)
		time.AfterFunc(d, func() { b(network, query, send) })
	}
}

// narrow is a server whose socket keeps so many questions that wait and whose
// process takes one each interval. More are lost, as by the kernel.
func narrow(room int, interval time.Duration, b behaviour) behaviour {
	var mu sync.Mutex
	waiting, free := 0, time.Time{}
	return func(network string, query []byte, send func([]byte)) {
		mu.Lock()
		defer mu.Unlock()
		if waiting == room {
			return
		}
		waiting++
		if now := time.Now(); free.Before(now) {
			free = now
		}
		free = free.Add(interval)
		query = slices.Clone(query)
		time.AfterFunc(time.Until(free), func() {
			mu.Lock()
			waiting--
			mu.Unlock()
			b(network, query, send)
		})
	}
}

// tallied is what LookupAll said of half's names.
func tallied(t *testing.T, c *Client, names []string) (found, absent, unknown int) {
	t.Helper()
	// What waits for the vetting of a server holds a lock, by which a bubble's time stands still.
	c.Check(t.Context())
	err := c.LookupAll(t.Context(), slices.Values(names), nil, 0, func(i int, name string, f lurehound.DNSFacts) bool {
		switch registered := i%2 == 0; {
		case f.Resolution == lurehound.Exists && registered:
			found++
		case f.Resolution == lurehound.NXDomain && !registered:
			absent++
		case f.Resolution == lurehound.NotResolvable:
			unknown++
		default:
			t.Errorf("%s (registered: %v) is called %s (%s)", name, registered, f.Resolution, f.Reason)
		}
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	return found, absent, unknown
}

// TestLossCostsRoundTripsOnly: with a twentieth of the packets lost each way on a path of
// 20 ms, 15,000 questions take about as long as they would without loss at half the widest
// window, not a timeout for each that is lost, and none stays open.
func TestLossCostsRoundTripsOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 10000
		w, names := half(t, n)
		r := rig{s1: lossy(0.05, 1, later(20*time.Millisecond, w.alone(t)))}
		c := clientWith(t, r, Config{Rate: -1}, s1)
		c.Check(t.Context())
		began := time.Now()
		found, absent, _ := tallied(t, c, names)
		if took := time.Since(began); found != n/2 || absent != n/2 || took > 3*time.Second {
			t.Errorf("%d found, %d absent of %d each in %v (of simulated time), window %+v", found, absent, n/2, took, c.Windows())
		}
	})
}

// TestWindowAdapts: a server that keeps 100 questions is asked as many as that at a time,
// and answers nearly all at once.
func TestWindowAdapts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 20000
		w, names := half(t, n)
		c := clientWith(t, rig{s1: narrow(100, 50*time.Microsecond, w.alone(t))}, Config{Rate: -1}, s1)
		found, absent, _ := tallied(t, c, names)
		s := c.Windows()[0]
		t.Logf("%+v", s)
		if found != n/2 || absent != n/2 {
			t.Errorf("%d found, %d absent of %d each", found, absent, n/2)
		}
		if s.Cuts == 0 || s.Size > 200 || s.Most <= 100 || s.Lost*10 > s.Sent {
			t.Errorf("%+v: want a window that went beyond 100, was cut, and lost less than a tenth", s)
		}
	})
}

// TestWindowForgivesThePath: loss that no cut lessens does not keep the window small.
func TestWindowForgivesThePath(t *testing.T) {
	w, now := newWindow(), time.Second
	r := rand.New(rand.NewPCG(1, 2))
	var overdue []time.Duration // of the round before
	for range 400 {
		n := w.take(mostWindow)
		w.report(now, n, overdue, 50*time.Millisecond)
		overdue = nil
		for range n {
			if r.Float64() < 0.3 {
				overdue = append(overdue, now)
			}
		}
		w.release(n)
		now += 50 * time.Millisecond
	}
	if s := w.snapshot(); s.Size < mostWindow/4 || s.Takebacks == 0 {
		t.Errorf("%+v after 400 rounds with 30 %% loss", s)
	}
}

// TestWindowWaits: who waits for room gets it in turn, and who gives up leaves none taken.
func TestWindowWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWindow()
		if got := w.take(1000); got != firstWindow {
			t.Fatalf("took %d", got)
		}
		ctx, cancel := context.WithCancel(t.Context())
		got := make([]error, 3)
		var wg sync.WaitGroup
		for i := range got {
			ctx := ctx
			if i != 1 {
				ctx = t.Context()
			}
			wg.Go(func() { got[i] = w.acquire(ctx) })
			synctest.Wait()
		}
		cancel()
		synctest.Wait()
		if n := w.take(1); n != 0 {
			t.Error("somebody overtakes those who wait")
		}
		w.release(2)
		wg.Wait()
		if got[0] != nil || !errors.Is(got[1], context.Canceled) || got[2] != nil {
			t.Errorf("%v", got)
		}
		w.release(firstWindow)
		if w.inFlight != 0 || len(w.waiting) != 0 {
			t.Errorf("%d are under way, %d wait", w.inFlight, len(w.waiting))
		}
	})
}

// TestTiming follows RFC 6298, 2.2 and 2.3, above its own minimum; where the path loses packets by
// itself, the back-off begins a sending later.
func TestTiming(t *testing.T) {
	var e timing
	if e.resendAfter(1, false) != 0 {
		t.Error("it knows what nobody measured")
	}
	e.measured(100 * time.Millisecond) // SRTT 100, RTTVAR 50
	if got := e.resendAfter(1, false); got != 300*time.Millisecond {
		t.Errorf("after the first: %v", got)
	}
	e.measured(180 * time.Millisecond) // RTTVAR 3/4·50 + 1/4·80 = 57.5, SRTT 7/8·100 + 1/8·180 = 110
	if got := e.resendAfter(1, false); got != 340*time.Millisecond {
		t.Errorf("after the second: %v", got)
	}
	for sends, times := range map[int]time.Duration{1: 1, 2: 2, 3: 4} {
		if got := e.resendAfter(sends, false); got != times*340*time.Millisecond {
			t.Errorf("after %d sendings: %v", sends, got)
		}
		if got, want := e.resendAfter(sends, true), max(times/2, 1)*340*time.Millisecond; got != want {
			t.Errorf("after %d sendings on a path that loses packets: %v", sends, got)
		}
	}
	for range 100 {
		e.measured(time.Millisecond)
	}
	if got := e.resendAfter(1, false); got != minRTO {
		t.Errorf("of a fast server: %v", got)
	}
}

// spied is a network that shows what is sent over UDP.
type spied struct {
	rig
	mu    sync.Mutex
	conns int
	sent  [][]byte
}

func (s *spied) DialNamed(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := s.rig.DialNamed(ctx, network, address)
	if network == "udp" {
		s.mu.Lock()
		s.conns++
		s.mu.Unlock()
		return &spiedConn{c.(*memConn), s}, err
	}
	return c, err
}

type spiedConn struct {
	*memConn
	spy *spied
}

func (c *spiedConn) Write(p []byte) (int, error) {
	c.spy.mu.Lock()
	c.spy.sent = append(c.spy.sent, slices.Clone(p))
	c.spy.mu.Unlock()
	return c.memConn.Write(p)
}

// TestSocketsAreSharedAndReplaced: a few sockets carry many questions, and none carries
// them for ever.
func TestSocketsAreSharedAndReplaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := portUses*portsPerServer + 1000
		w, _ := half(t, 0)
		net := &spied{rig: rig{s1: w.alone(t)}}
		c := clientWith(t, net.rig, Config{Rate: -1}, s1)
		c.dialer = net
		names := func(yield func(string) bool) {
			for i := range n {
				if !yield(fmt.Sprintf("y%d.com", i)) {
					return
				}
			}
		}
		left := n
		if err := c.LookupAll(t.Context(), names, nil, 0, func(_ int, _ string, f lurehound.DNSFacts) bool {
			if f.Resolution == lurehound.NXDomain {
				left--
			}
			return true
		}); err != nil || left != 0 {
			t.Errorf("%d names are missing, %v", left, err)
		}
		if net.conns <= portsPerServer || net.conns > 3*portsPerServer {
			t.Errorf("%d sockets for %d questions", net.conns, n)
		}
		if len(net.sent) != n {
			t.Errorf("%d packets for %d questions of which none was lost", len(net.sent), n)
		}
	})
}

// TestQuestionsCannotBeGuessed: IDs, and the case of letters, look random, and IDs on one
// socket differ as long as both are under way.
func TestQuestionsCannotBeGuessed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		net := &spied{rig: rig{s1: func(string, []byte, func([]byte)) {}}}
		c := clientWith(t, net.rig, Config{Rate: -1, Tries: 1, Timeout: 50 * time.Millisecond}, s1)
		c.dialer = net
		names := make([]string, 300)
		for i := range names {
			names[i] = "samename.com"
		}
		if err := c.LookupAll(t.Context(), slices.Values(names), nil, 0, func(int, string, lurehound.DNSFacts) bool { return true }); err != nil {
			t.Fatal(err)
		}
		ids, spellings, high := map[[2]byte]bool{}, map[string]bool{}, 0
		for _, p := range net.sent[:firstWindow] {
			ids[[2]byte(p)] = true
			spellings[string(p[headerLen:headerLen+14])] = true
			if p[0] >= 0x80 {
				high++
			}
		}
		if len(ids) < firstWindow-1 || len(spellings) < firstWindow-2 || high == 0 || high == firstWindow {
			t.Errorf("%d IDs, %d spellings, %d high IDs in %d packets", len(ids), len(spellings), high, firstWindow)
		}
	})
}

// TestOneAnswerSettlesAbsence: where there is one authority, a name that is not there
// costs one packet; where an operator could contradict, it is asked.
func TestOneAnswerSettlesAbsence(t *testing.T) {
	for _, tc := range []struct {
		servers []string
		most    int // packets a name
	}{{[]string{s1}, 1}, {[]string{s1, s3}, 1}, {[]string{s1, s2}, 2}} {
		synctest.Test(t, func(t *testing.T) {
			w, _ := half(t, 0)
			net := &spied{rig: rig{s1: w.alone(t), s2: w.alone(t), s3: w.alone(t)}}
			c := clientWith(t, net.rig, Config{Rate: -1}, tc.servers...)
			c.dialer = net
			var names []string
			for i := range 500 {
				names = append(names, fmt.Sprintf("y%d.com", i))
			}
			_ = c.LookupAll(t.Context(), slices.Values(names), nil, 0, func(_ int, name string, f lurehound.DNSFacts) bool {
				if f.Resolution != lurehound.NXDomain || f.Reason != "" {
					t.Errorf("%s: %s (%s)", name, f.Resolution, f.Reason)
				}
				return true
			})
			if got := len(net.sent); got != tc.most*len(names) {
				t.Errorf("servers %v: %d packets for %d names", tc.servers, got, len(names))
			}
		})
	}
}

// TestCancelEndsAtOnce: with everything in the air, the end of the context is the end, in no
// time, and every name that was taken comes out.
func TestCancelEndsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _ := half(t, 0)
		slow := later(300*time.Millisecond, w.honest(t))
		c := clientWith(t, rig{s1: slow, s2: slow}, Config{Rate: -1}, s1, s2)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		taken, yielded := 0, 0
		names := func(yield func(string) bool) {
			for yield(fmt.Sprintf("y%d.com", taken)) {
				taken++
			}
			taken++
		}
		began := time.Now()
		err := c.LookupAll(ctx, names, nil, 0, func(int, string, lurehound.DNSFacts) bool { yielded++; return true })
		if took := time.Since(began); !errors.Is(err, context.Canceled) || took > time.Second+20*time.Millisecond || taken-yielded > 1 {
			t.Errorf("%v, after %v; %d names taken, %d yielded", err, took, taken, yielded)
		}
	})
}
