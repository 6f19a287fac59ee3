package resolve

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"

	"lurehound"
)

// moody is a server that fails names beginning with y until somebody asked about
// them in that many look-ups, which the first type of each tells.
func moody(t testing.TB, w world, times int, fail func(string, *dns.Msg) *dns.Msg) behaviour {
	var mu sync.Mutex
	seen, sent := map[string]int{}, map[string]bool{}
	return says(t, func(network string, q *dns.Msg) *dns.Msg {
		m := w.answer(q)
		name := strings.ToLower(q.Question[0].Name)
		if !strings.HasPrefix(name, "y") {
			return m
		}
		mu.Lock()
		defer mu.Unlock()
		if id := fmt.Sprint(name, q.Id); q.Question[0].Qtype == dns.TypeNS && network == "udp" && !sent[id] {
			seen[name]++ // not when it is sent again, as it is where this takes its time
			sent[id] = true
		}
		if seen[name] <= times {
			return fail(network, m)
		}
		return m
	})
}

// mixed is n names, every seventh of which begins with y.
func mixed(t testing.TB, n int) (w world, names []string) {
	w = world{}
	for i := range n {
		name := fmt.Sprintf("x%d.com", i)
		if i%7 == 3 {
			name = fmt.Sprintf("y%d.com", i)
		}
		names = append(names, name)
		rr, err := dns.NewRR(name + ". NS ns1.host.net.")
		if err != nil {
			t.Fatal(err)
		}
		w[name+"."] = []dns.RR{rr}
	}
	return w, names
}

func TestPatient(t *testing.T) {
	w, names := mixed(t, 500)
	servfail := denial(dns.RcodeServerFailure)
	for _, tc := range []struct {
		what      string
		times     int
		rounds    int
		unordered bool
		found     bool // those that fail at first
	}{
		{"never asked again", 1, 0, false, false},
		{"asked again once, fails once", 1, 1, false, true},
		{"asked again once, fails twice", 2, 1, false, false},
		{"asked again thrice, fails thrice", 3, 3, false, true},
		{"in any order", 2, 3, true, true},
	} {
		t.Run(tc.what, func(t *testing.T) {
			// Nothing is silent here; a question that is asked twice for its time would count twice.
			c := clientWith(t, rig{s1: moody(t, w, tc.times, servfail)}, Config{Timeout: 2 * time.Second}, s1)
			before := c.clock.Now()
			p := Patient{Client: c, Rounds: tc.rounds, Pause: time.Second, Unordered: tc.unordered}
			var order []int
			err := p.LookupAll(t.Context(), slices.Values(names), nil, 16, func(i int, name string, f lurehound.DNSFacts) bool {
				order = append(order, i)
				want := lurehound.Exists
				if strings.HasPrefix(name, "y") && !tc.found {
					want = lurehound.NotResolvable
				}
				if name != names[i] || f.Resolution != want {
					t.Errorf("%d %s: %s (%s), want %s", i, name, f.Resolution, f.Reason, want)
				}
				return true
			})
			if err != nil {
				t.Fatal(err)
			}
			if slices.IsSorted(order) == tc.unordered {
				t.Errorf("in order: %v", !tc.unordered)
			}
			slices.Sort(order)
			if order = slices.Compact(order); len(order) != len(names) {
				t.Errorf("%d of %d names came out", len(order), len(names))
			}
			if took := c.clock.Now().Sub(before); tc.rounds > 1 && took < 5*time.Second {
				t.Errorf("the pauses took %v of the clock, 1 s and 4 s are the least", took)
			}
		})
	}
}

// TestPatientAsksAnotherResolver: a resolver that fails a name for good is not
// the first to be asked again.
func TestPatientAsksAnotherResolver(t *testing.T) {
	w := fixture(t)
	var mu sync.Mutex
	var first []string
	note := func(addr string) behaviour {
		return says(t, func(_ string, q *dns.Msg) *dns.Msg {
			if q.Question[0].Qtype == dns.TypeNS {
				mu.Lock()
				first = append(first, addr)
				mu.Unlock()
			}
			return denial(dns.RcodeServerFailure)("", w.answer(q))
		})
	}
	c := client(t, rig{s1: note(s1), s2: note(s2)}, s1, s2)
	p := Patient{Client: c, Rounds: 1, Pause: time.Second}
	err := p.LookupAll(t.Context(), slices.Values([]string{"evil.com"}), []uint16{dns.TypeNS}, 1, func(_ int, _ string, f lurehound.DNSFacts) bool {
		if f.Resolution != lurehound.NotResolvable || f.Reason != "servfail" {
			t.Errorf("%s (%s)", f.Resolution, f.Reason)
		}
		return true
	})
	if err != nil || len(first) < 4 || first[0] == first[2] {
		t.Errorf("asked in the order %v, %v", first, err)
	}
}

// TestPatientWithDeadResolvers does not wait for those who never answered.
func TestPatientWithDeadResolvers(t *testing.T) {
	c := clientWith(t, rig{}, Config{Timeout: 5 * time.Millisecond}, s1)
	p := Patient{Client: c, Rounds: 3, Pause: time.Hour}
	before, n := c.clock.Now(), 0
	err := p.LookupAll(t.Context(), slices.Values([]string{"a.com", "b.com"}), nil, 1, func(_ int, _ string, f lurehound.DNSFacts) bool {
		n++
		return f.Resolution == lurehound.NotResolvable
	})
	if err != nil || n != 2 || c.clock.Now().Sub(before) > time.Minute {
		t.Errorf("%d names, %v, after %v of the clock", n, err, c.clock.Now().Sub(before))
	}
}

// stillClock never wakes a sleeper before its context ends.
type stillClock struct{ *jumpClock }

func (stillClock) Sleep(ctx context.Context, _ time.Duration) error {
	<-ctx.Done()
	return ctx.Err()
}

// TestPatientStops: what waits to be asked again comes out when the caller's
// context ends, and when it wants no more nothing is waited for.
func TestPatientStops(t *testing.T) {
	w, names := mixed(t, 100)
	c := clientWith(t, rig{s1: moody(t, w, 1000, denial(dns.RcodeServerFailure))}, Config{Rate: 1e6}, s1)
	c.clock = stillClock{newJumpClock()}
	p := Patient{Client: c, Rounds: 3, Pause: time.Second}
	ctx, cancel := context.WithCancel(t.Context())
	timer := time.AfterFunc(300*time.Millisecond, cancel)
	defer timer.Stop()
	n := 0
	err := p.LookupAll(ctx, slices.Values(names), nil, 8, func(i int, _ string, _ lurehound.DNSFacts) bool {
		if i != n {
			t.Errorf("number %d came as %d", i, n)
		}
		n++
		return true
	})
	if err == nil || n != len(names) {
		t.Errorf("%d of %d names, %v", n, len(names), err)
	}
	n = 0
	err = p.LookupAll(t.Context(), slices.Values(names), nil, 8, func(int, string, lurehound.DNSFacts) bool { n++; return n < 3 })
	if err != nil || n != 3 {
		t.Errorf("stopped after %d names with %v", n, err)
	}
}
