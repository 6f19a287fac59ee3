package probe

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"lurehound"
	"lurehound/internal/cloak"
	"lurehound/internal/egress"
	"lurehound/internal/fetch"
)

// BenchmarkCandidates visits 1,000 candidates as four profiles each, sixteen side by side, at
// servers of which every answer takes 50 ms. It tells the memory of the whole process, servers included.
func BenchmarkCandidates(b *testing.B) {
	const candidates, side, latency = 1000, 16, 50 * time.Millisecond
	page := "<html><head><title>Shop</title></head><body>" + strings.Repeat("<p>many words about things that somebody sells here</p>", 400) + "</body></html>"
	var asked atomic.Int64
	answer := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		time.Sleep(latency)
		_, _ = io.WriteString(w, page)
	})
	secure := httptest.NewUnstartedServer(answer)
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	defer secure.Close()
	gateway := egress.New(egress.Config{Lab: func(ctx context.Context, _, address string) (net.Conn, error) {
		if _, port, _ := net.SplitHostPort(address); port != "443" {
			return nil, fmt.Errorf("nothing listens at %s", address)
		}
		return net.Dial("tcp", secure.Listener.Addr().String())
	}})
	web := fetch.New(fetch.Config{Gateway: gateway, Resolver: everywhere{}, Clock: egress.SystemClock{}})
	defer web.Close()
	kit := Kit{DNS: everywhere{}, Web: web, Clock: egress.SystemClock{}, Visitors: cloak.Space{
		Routes: []egress.Route{egress.Direct()}, Browsers: []string{"chrome-windows", "safari-iphone"},
		Languages: []string{"en-US"}, Arrivals: []egress.Arrival{egress.Search, egress.Ad, egress.Typed}, Budget: 8}}
	probe := httpProbe(kit)
	b.ResetTimer()
	for range b.N {
		asked.Store(0)
		jobs := make(chan int)
		var all sync.WaitGroup
		for range side {
			all.Go(func() {
				for i := range jobs {
					d, err := lurehound.ParseDomain(fmt.Sprintf("candidate-%d.com", i))
					if err != nil {
						panic(err)
					}
					obs := probe.Observe(b.Context(), Subject{Domain: d, Profile: kit.Visitors.Base()})
					if c := obs[len(obs)-1].Cloaking; c == nil || c.Tried.Profiles != 4 {
						b.Errorf("%s: %+v", d, c)
					}
				}
			})
		}
		for i := range candidates {
			jobs <- i
		}
		close(jobs)
		all.Wait()
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/1000-candidates")
	b.ReportMetric(float64(asked.Load())/candidates, "requests/candidate")
	b.ReportMetric(peakMiB(), "peak-MiB")
}

// everywhere resolves every name to the same address.
type everywhere struct{}

func (everywhere) Addrs(context.Context, string) ([]netip.Addr, error) {
	return []netip.Addr{netip.MustParseAddr("203.0.113.9")}, nil
}

func (e everywhere) Lookup(ctx context.Context, name string, _ ...uint16) lurehound.DNSFacts {
	a, _ := e.Addrs(ctx, name)
	return lurehound.DNSFacts{Resolution: lurehound.Exists, A: a}
}

// peakMiB is the most memory that the process had resident; 0 where the system does not say.
func peakMiB() float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return kib / 1024
		}
	}
	return 0
}
