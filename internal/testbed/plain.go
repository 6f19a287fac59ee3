package testbed

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/miekg/dns"
)

// Plain asks for one type of every name in the way that a first program with
// miekg/dns does: goroutines that each call Exchange, which opens a socket for
// every question; what has no answer is asked once more. It returns how many
// names were answered for, and how many of those without NXDOMAIN.
func Plain(ctx context.Context, server netip.AddrPort, names []string, goroutines int, qtype uint16) (answered, existing int, err error) {
	if !server.Addr().IsLoopback() {
		return 0, 0, errors.New("the plain client speaks to loopback only")
	}
	var next, heard, there atomic.Int64
	var wg sync.WaitGroup
	for range goroutines {
		wg.Go(func() {
			client := dns.Client{Timeout: 2 * time.Second}
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(names) {
					return
				}
				m := new(dns.Msg).SetQuestion(dns.Fqdn(names[i]), qtype)
				for range 2 {
					r, _, err := client.ExchangeContext(ctx, m, server.String())
					if err != nil {
						continue
					}
					heard.Add(1)
					if r.Rcode == dns.RcodeSuccess {
						there.Add(1)
					}
					break
				}
			}
		})
	}
	wg.Wait()
	return int(heard.Load()), int(there.Load()), ctx.Err()
}
