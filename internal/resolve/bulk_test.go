package resolve

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"

	"lurehound"
)

// half is a world of n names x0.com …, of which every other one is registered.
func half(t testing.TB, n int) (w world, names []string) {
	w = world{}
	for i := range n {
		name := fmt.Sprintf("x%d.com", i)
		names = append(names, name)
		if i%2 == 0 {
			hdr := dns.RR_Header{Name: name + ".", Class: dns.ClassINET}
			ns, a := hdr, hdr
			ns.Rrtype, a.Rrtype = dns.TypeNS, dns.TypeA
			w[name+"."] = []dns.RR{&dns.NS{Hdr: ns, Ns: "ns1.host.net."}, &dns.A{Hdr: a, A: []byte{203, 0, 113, byte(i)}}}
		}
	}
	return w, names
}

// lossy loses that share of the packets each way, UDP only, the same ones in
// every run.
func lossy(share float64, seed uint64, b behaviour) behaviour {
	var mu sync.Mutex
	r := rand.New(rand.NewPCG(seed, 2))
	lost := func() bool {
		mu.Lock()
		defer mu.Unlock()
		return r.Float64() < share
	}
	return func(network string, query []byte, send func([]byte)) {
		if network == "tcp" {
			b(network, query, send)
			return
		}
		if lost() {
			return
		}
		b(network, query, func(p []byte) {
			if !lost() {
				send(p)
			}
		})
	}
}

// withoutTCP refuses streams.
type withoutTCP struct{ rig }

func (r withoutTCP) DialNamed(ctx context.Context, network, address string) (net.Conn, error) {
	if network == "tcp" {
		return nil, errRefused
	}
	return r.rig.DialNamed(ctx, network, address)
}

// TestLossNeverMakesAbsent is the law that matters most: what is registered is
// found, and never called absent, whatever share of the packets is lost.
func TestLossNeverMakesAbsent(t *testing.T) {
	t.Parallel()
	n := 4000
	if testing.Short() || raceEnabled {
		n = 1000
	}
	w, names := half(t, n)
	for _, tc := range []struct {
		share float64
		tcp   bool
		only  int // servers
	}{{0.05, true, 2}, {0.10, true, 2}, {0.20, true, 2}, {0.20, false, 2}, {0.20, true, 1}} {
		t.Run(fmt.Sprintf("%.0f%% tcp %v servers %d", 100*tc.share, tc.tcp, tc.only), func(t *testing.T) {
			r := rig{s1: lossy(tc.share, 1, w.honest(t)), s2: lossy(tc.share, 2, w.honest(t))}
			c := clientWith(t, r, Config{Timeout: 200 * time.Millisecond, Concurrency: 256}, []string{s1, s2}[:tc.only]...)
			if !tc.tcp {
				c.dialer = withoutTCP{r}
			}
			found, absent, wrong := 0, 0, 0
			err := c.LookupAll(t.Context(), slices.Values(names), nil, 0, func(i int, name string, f lurehound.DNSFacts) bool {
				switch registered := i%2 == 0; {
				case f.Resolution == lurehound.Exists && registered:
					found++
				case f.Resolution.Outcome() == lurehound.Absent && !registered:
					absent++
				case f.Resolution != lurehound.NotResolvable:
					wrong++
					t.Errorf("%s (registered: %v) is called %s (%s)", name, registered, f.Resolution, f.Reason)
				default:
					t.Logf("%s (registered: %v) stays unknown: %s", name, registered, f.Reason)
				}
				return wrong < 5
			})
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%d of %d registered names found, %d of %d others denied", found, n/2, absent, n/2)
			if raceEnabled {
				return // slow enough for answers to come too late: what counts here is that none is wrong
			}
			if float64(found) < 0.9999*float64(n/2) || float64(absent) < 0.9999*float64(n/2) {
				t.Errorf("found %d, denied %d, want at least 99.99 %% of %d each", found, absent, n/2)
			}
		})
	}
}

// TestDeadResolversEndSoon: names against black holes stay unknown and do not
// wait each for itself.
func TestDeadResolversEndSoon(t *testing.T) {
	_, names := half(t, 20000)
	c := clientWith(t, rig{}, Config{Timeout: 50 * time.Millisecond}, s1, s2)
	began := time.Now()
	why := map[string]int{}
	err := c.LookupAll(t.Context(), slices.Values(names), nil, 0, func(_ int, name string, f lurehound.DNSFacts) bool {
		if f.Resolution != lurehound.NotResolvable {
			t.Errorf("%s is called %s", name, f.Resolution)
			return false
		}
		why[f.Reason]++
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	took := time.Since(began)
	t.Logf("%v in %v", why, took)
	if why["no-resolver"] < 19000 || why["no-resolver"]+why["timeout"]+why["unreachable"] != 20000 {
		t.Errorf("%v in %v, want 20000 unknown within seconds, most of them for want of a resolver", why, took)
	}
}

// TestResolverThatComesBack is asked again when its time is over.
func TestResolverThatComesBack(t *testing.T) {
	w := fixture(t)
	r := rig{}
	c := clientWith(t, r, Config{Timeout: 20 * time.Millisecond}, s1)
	if f := c.Lookup(t.Context(), "evil.com"); f.Resolution != lurehound.NotResolvable {
		t.Fatalf("got %s", f.Resolution)
	}
	r[s1] = w.honest(t)
	if f := c.Lookup(t.Context(), "evil.com"); f.Reason != "no-resolver" {
		t.Fatalf("got %s (%s), want it put aside", f.Resolution, f.Reason)
	}
	if err := c.clock.Sleep(t.Context(), asideFor); err != nil {
		t.Fatal(err)
	}
	if f := c.Lookup(t.Context(), "evil.com"); f.Resolution != lurehound.Exists {
		t.Errorf("got %s (%s) from a resolver that came back", f.Resolution, f.Reason)
	}
}

// TestLameZoneIsNoDeadResolver: silence about many names in a row does not put
// a resolver aside that answers for others.
func TestLameZoneIsNoDeadResolver(t *testing.T) {
	t.Parallel()
	w := fixture(t)
	honest := w.honest(t)
	r := rig{s1: func(network string, query []byte, send func([]byte)) {
		q := new(dns.Msg)
		if q.Unpack(query) == nil && dns.IsSubDomain("lame.com.", q.Question[0].Name) {
			return
		}
		honest(network, query, send)
	}}
	c := clientWith(t, r, Config{Timeout: 40 * time.Millisecond, Tries: 4}, s1)
	c.Check(t.Context())
	var names []string
	for i := range 40 {
		names = append(names, fmt.Sprintf("n%d.lame.com", i))
	}
	names = append(names, "evil.com")
	last := lurehound.DNSFacts{}
	if err := c.LookupAll(t.Context(), slices.Values(names), nil, 1, func(_ int, _ string, f lurehound.DNSFacts) bool { last = f; return true }); err != nil {
		t.Fatal(err)
	}
	if last.Resolution != lurehound.Exists {
		t.Errorf("after a lame zone: %s (%s)", last.Resolution, last.Reason)
	}
}

func TestLookupAllKeepsOrderAndCount(t *testing.T) {
	w, names := half(t, 3000)
	names[7], names[11] = "not a..name", ""
	honest := w.honest(t)
	slow := func(network string, q []byte, send func([]byte)) { // every 50th answer comes late
		honest(network, q, func(p []byte) {
			if q[0] < 5 {
				time.AfterFunc(5*time.Millisecond, func() { send(p) })
				return
			}
			send(p)
		})
	}
	c := client(t, rig{s1: slow, s2: slow}, s1, s2)
	next := 0
	err := c.LookupAll(t.Context(), slices.Values(names), nil, 16, func(i int, name string, f lurehound.DNSFacts) bool {
		if i != next || name != names[i] {
			t.Fatalf("result %d is number %d, %q", next, i, name)
		}
		want := lurehound.Exists
		switch {
		case i == 7 || i == 11:
			want = lurehound.NotResolvable
		case i%2 == 1:
			want = lurehound.NXDomain
		}
		if f.Resolution != want {
			t.Errorf("%s: %s (%s), want %s", name, f.Resolution, f.Reason, want)
		}
		next++
		return true
	})
	if err != nil || next != len(names) {
		t.Errorf("%d of %d names came out, %v", next, len(names), err)
	}
}

func TestLookupAllStops(t *testing.T) {
	w, names := half(t, 1000)
	c := client(t, rig{s1: w.honest(t)}, s1)
	seen := 0
	if err := c.LookupAll(t.Context(), slices.Values(names), nil, 8, func(int, string, lurehound.DNSFacts) bool { seen++; return seen < 10 }); err != nil || seen != 10 {
		t.Errorf("stopped after %d names with %v, want 10 and no error", seen, err)
	}

	ctx, cancel := context.WithCancel(t.Context())
	taken, yielded, unknown := 0, 0, 0
	var forever iter.Seq[string] = func(yield func(string) bool) {
		for yield(fmt.Sprintf("y%d.com", taken)) {
			taken++
		}
		taken++
	}
	err := client(t, rig{}, s1).LookupAll(ctx, forever, nil, 8, func(_ int, _ string, f lurehound.DNSFacts) bool {
		cancel()
		yielded++
		if f.Resolution == lurehound.NotResolvable {
			unknown++
		}
		return true
	})
	if err == nil || yielded != unknown || yielded == 0 || taken-yielded > 1 {
		t.Errorf("cancelled: took %d names, yielded %d, %d of them unknown, error %v", taken, yielded, unknown, err)
	}
}

func BenchmarkLookupAll(b *testing.B) {
	const n = 20000
	w, names := half(b, n)
	wire := canned(b, w, names)
	c := clientWith(b, rig{s1: wire, s2: wire}, Config{Rate: 1e9}, s1, s2)
	b.ReportAllocs()
	for b.Loop() {
		left := n
		_ = c.LookupAll(b.Context(), slices.Values(names), nil, 0, func(_ int, _ string, f lurehound.DNSFacts) bool {
			if f.Resolution == lurehound.NotResolvable {
				b.Fatal(f.Reason)
			}
			left--
			return true
		})
		if left != 0 {
			b.Fatalf("%d names are missing", left)
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "names/s")
}

// canned answers from ready bytes, so that the benchmark measures the client.
func canned(b *testing.B, w world, names []string) behaviour {
	tails := map[string][]byte{} // by question: flags and counts, then what follows it
	for _, name := range names {
		for _, t := range []uint16{dns.TypeNS, dns.TypeA} {
			q := new(dns.Msg).SetQuestion(name+".", t)
			m := w.answer(q)
			m.Compress = true
			p := packed(b, m)
			end := headerLen + len(name) + 2 + 4
			tails[string(p[headerLen:end])] = append(slices.Clone(p[2:headerLen]), p[end:]...)
		}
	}
	nx := w.honest(b)
	return func(network string, query []byte, send func([]byte)) {
		end := len(query) - 11
		key := slices.Clone(query[headerLen:end])
		for i, ch := range key {
			if 'A' <= ch && ch <= 'Z' {
				key[i] |= 0x20
			}
		}
		tail, ok := tails[string(key)]
		if !ok {
			nx(network, query, send)
			return
		}
		p := make([]byte, 0, 256)
		p = append(p, query[:2]...)
		p = append(p, tail[:10]...)
		p = append(p, query[headerLen:end]...)
		send(append(p, tail[10:]...))
	}
}
