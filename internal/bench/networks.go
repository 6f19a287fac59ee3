package bench

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"lurehound/internal/testbed"
)

// networks looks names up through relays that lose and delay packets, asks again for what stays unknown, and
// counts what is found and what is said that is not so.
func (d *look) networks(ctx context.Context) error {
	fmt.Fprintf(d.out, "%-58s%9s %8s %8s %8s %8s %6s\n", "through a network", "names", "seconds", "found", "of", "unknown", "wrong")
	whole := d.bench.names
	authority, resolver := []*testbed.Server{d.authority}, []*testbed.Server{d.resolver}
	three := []*testbed.Server{d.resolver, d.resolver, d.resolver}
	for _, r := range []struct {
		what    string
		servers []*testbed.Server
		names   int
		rate    string
		net     testbed.Network
	}{
		{"knot, 5 % of the queries dropped, 20 ms", authority, 10_000, unhurried, testbed.Network{Queries: 0.05, Delay: 10 * time.Millisecond, Seed: 1}},
		{"knot, nothing lost", authority, whole, unhurried, testbed.BothWays(0, 0)},
		{"knot, 5 % lost each way", authority, whole, unhurried, testbed.BothWays(0.05, 0)},
		{"knot, 10 % lost each way", authority, whole, unhurried, testbed.BothWays(0.10, 0)},
		{"knot, 20 % lost each way", authority, whole, unhurried, testbed.BothWays(0.20, 0)},
		{"unbound, nothing lost", resolver, whole, unhurried, testbed.BothWays(0, 0)},
		{"unbound, 5 % lost each way", resolver, whole, unhurried, testbed.BothWays(0.05, 0)},
		{"unbound, 10 % lost each way", resolver, whole, unhurried, testbed.BothWays(0.10, 0)},
		{"unbound, 20 % lost each way", resolver, whole, unhurried, testbed.BothWays(0.20, 0)},
		{"a hunt: unbound, 1 ms", resolver, 20_000, unhurried, testbed.BothWays(0, 500*time.Microsecond)},
		{"a hunt: three resolvers, 30 ms, 2 % lost, 1,000/s each", three, 20_000, "3000", testbed.BothWays(0.01, 15*time.Millisecond)},
	} {
		if r.servers[0] == nil || !strings.Contains(r.what, d.bench.only) {
			continue
		}
		var doors []netip.AddrPort
		var relays []*testbed.Relay
		for i, s := range r.servers {
			r.net.Seed = uint64(1 + 2*i)
			relay, err := testbed.NewRelay(s.Addr, r.net)
			if err != nil {
				return err
			}
			relays, doors = append(relays, relay), append(doors, relay.Addr)
		}
		err := d.through(ctx, r.what, min(r.names, whole), r.rate, doors)
		for _, relay := range relays {
			relay.Close()
		}
		if err != nil {
			return err
		}
	}
	if d.bench.only != "" {
		return nil
	}
	return d.nobody(ctx)
}

// again is how often what stays unknown is asked for in a new run.
const again = 3

func (d *look) through(ctx context.Context, what string, names int, rate string, doors []netip.AddrPort) error {
	list, c, err := d.list(names)
	if err != nil {
		return err
	}
	k, v, err := d.ours(ctx, 1, c, list, "A", rate, doors...)
	if err != nil {
		return err
	}
	first := v.unknown
	for round := 0; len(v.asked) > 0 && round < again; round++ {
		rest := filepath.Join(d.dir, "rest")
		if err := os.WriteFile(rest, []byte(strings.Join(v.asked, "\n")+"\n"), 0o600); err != nil {
			return err
		}
		more, w, err := d.ours(ctx, 1, c, rest, "A", rate, doors...)
		if err != nil {
			return err
		}
		k.took += more.took
		v.found, v.denied, v.wrong, v.unknown, v.asked = v.found+w.found, v.denied+w.denied, v.wrong+w.wrong, w.unknown, w.asked
	}
	if v.lines != names {
		what += fmt.Sprintf(" (%d lines!)", v.lines)
	}
	if first > 0 {
		what += fmt.Sprintf(" (%d asked again)", first)
	}
	fmt.Fprintf(d.out, "%-58s%9d %8.2f %8d %8d %8d %6d\n", what, names, k.took.Seconds(), v.found, c.Existing(), v.unknown, v.wrong)
	return d.out.Flush()
}

// nobody asks a port where nobody listens.
func (d *look) nobody(ctx context.Context) error {
	relay, err := testbed.NewRelay(d.authority.Addr, testbed.Network{})
	if err != nil {
		return err
	}
	relay.Close()
	list, c, err := d.list(d.bench.names)
	if err != nil {
		return err
	}
	k, v, err := d.ours(ctx, 1, c, list, "A", unhurried, relay.Addr)
	if err != nil {
		return err
	}
	fmt.Fprintf(d.out, "%-58s%9d %8.2f %8d %8d %8d %6d\n", "no server", c.Names, k.took.Seconds(), v.found, c.Existing(), v.unknown, v.wrong)
	return d.out.Flush()
}
