package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"time"

	"lurehound/internal/testbed"
)

// share is one name in so many that exists, as in a hunt.
const share = 20

// unhurried is the rate that no run reaches, so that speed is the program's.
const unhurried = "100000000"

// resolving measures look-ups: speed against a name server on this machine, then what is found through bad networks.
func (b *bench) resolving(ctx context.Context) error {
	dir, err := os.MkdirTemp(b.dir, "knot-")
	if err != nil {
		return err
	}
	c := testbed.Campaign{Names: b.names, Share: share}
	authority, err := testbed.Knot(ctx, dir, c.Zones())
	if errors.Is(err, exec.ErrNotFound) {
		fmt.Fprintln(b.out, "skipped: knotd is not installed (Debian: knot)")
		return nil
	}
	if err != nil {
		return err
	}
	defer authority.Stop()
	if dir, err = os.MkdirTemp(b.dir, "unbound-"); err != nil {
		return err
	}
	resolver, err := testbed.Unbound(ctx, dir, authority.Addr, c.Zones(), "")
	if errors.Is(err, exec.ErrNotFound) {
		fmt.Fprintln(b.out, "rows with a resolver are skipped: unbound is not installed")
	} else if err != nil {
		return err
	} else {
		defer resolver.Stop()
	}
	d := &look{bench: b, campaign: c, authority: authority, resolver: resolver}
	if b.only != "" {
		return d.networks(ctx)
	}
	if err := d.speed(ctx); err != nil {
		return err
	}
	fmt.Fprintln(b.out)
	return d.networks(ctx)
}

// look is the look-ups against two servers.
type look struct {
	*bench
	campaign  testbed.Campaign
	authority *testbed.Server
	resolver  *testbed.Server // nil when Unbound is not installed
}

// list writes the first names of the campaign into a file.
func (d *look) list(names int) (string, testbed.Campaign, error) {
	c := testbed.Campaign{Names: names, Share: share}
	path := filepath.Join(d.dir, fmt.Sprintf("names-%d", names))
	f, err := os.Create(path)
	if err != nil {
		return "", c, err
	}
	return path, c, errors.Join(c.WriteNames(f), f.Close())
}

// verdict is what was said of a campaign.
type verdict struct {
	lines, found, denied, unknown int
	wrong                         int // called absent and there, or there and absent
	asked                         []string
}

func (v verdict) String() string {
	return fmt.Sprintf("%d lines, %d found, %d unknown, %d wrong", v.lines, v.found, v.unknown, v.wrong)
}

// ours runs lurehound resolve over a list and holds its lines against what is; the best of so many runs counts.
func (d *look) ours(ctx context.Context, times int, c testbed.Campaign, list, types, rate string, servers ...netip.AddrPort) (cost, verdict, error) {
	args := []string{"resolve", list, "--type", types, "--rate", rate, "--format", "jsonl"}
	for _, s := range servers {
		args = append(args, "--resolver", s.String())
	}
	var best cost
	var v verdict
	for i := range times {
		path := filepath.Join(d.dir, "answers")
		k, err := d.intoFile(ctx, path, d.program, args...)
		if err != nil {
			return k, v, err
		}
		if i == 0 || k.took < best.took {
			best = k
			if v, err = judge(path, c); err != nil {
				return k, v, err
			}
		}
	}
	return best, v, nil
}

// judge reads lines of answers in the order of the campaign's names.
func judge(path string, c testbed.Campaign) (verdict, error) {
	var v verdict
	f, err := os.Open(path)
	if err != nil {
		return v, err
	}
	defer f.Close()
	index := map[string]bool{} // names that exist
	for i := range c.Names {
		if c.Exists(i) {
			index[c.Name(i)] = true
		}
	}
	for dec := json.NewDecoder(bufio.NewReader(f)); ; v.lines++ {
		var line struct{ Domain, Outcome string }
		if err := dec.Decode(&line); errors.Is(err, io.EOF) {
			return v, nil
		} else if err != nil {
			return v, err
		}
		switch there := index[line.Domain]; {
		case line.Outcome == "exists" && there:
			v.found++
		case line.Outcome == "nxdomain" && !there:
			v.denied++
		case line.Outcome == "unknown":
			v.unknown++
			v.asked = append(v.asked, line.Domain)
		default:
			v.wrong++
		}
	}
}

// row prints one line of the table of speeds; base is our time for a name.
func (d *look) row(what string, names int, c cost, base time.Duration, said string) {
	each := c.took / time.Duration(names)
	fmt.Fprintf(d.out, "%-58s%9.0f %6.2f %7.1f %7s  %s\n", what, float64(names)/c.took.Seconds(), float64(base)/float64(each),
		float64(c.cpu.Microseconds())/float64(names), c.memory(), said)
	_ = d.out.Flush()
}

// speed asks Knot, with one UDP worker, for all names in each way there is.
func (d *look) speed(ctx context.Context) error {
	list, c, err := d.list(d.bench.names)
	if err != nil {
		return err
	}
	fmt.Fprintf(d.out, "%-58s%9s %6s %7s %7s\n",
		fmt.Sprintf("Knot, one UDP worker; %d processors; %d names, %d exist", runtime.NumCPU(), c.Names, c.Existing()), "names/s", "ratio", "CPU µs", "peak")
	k, v, err := d.ours(ctx, runs, c, list, "A", unhurried, d.authority.Addr)
	if err != nil {
		return err
	}
	base := k.took / time.Duration(c.Names)
	d.row("lurehound resolve --type A", c.Names, k, base, v.String())
	if k, v, err = d.ours(ctx, runs, c, list, "A,AAAA,NS,MX", unhurried, d.authority.Addr); err != nil {
		return err
	}
	d.row("lurehound resolve --type A,AAAA,NS,MX", c.Names, k, base, v.String())
	if d.resolver != nil {
		if err := d.two(ctx, list, c, base); err != nil {
			return err
		}
	}
	for _, goroutines := range []int{16, 100} {
		k, err := d.best(ctx, true, d.self, "exchange", d.authority.Addr.String(), list, strconv.Itoa(goroutines))
		if err != nil {
			return err
		}
		var answered, existing int
		if _, err := fmt.Sscan(k.out, &answered, &existing); err != nil {
			return err
		}
		d.row(fmt.Sprintf("miekg/dns Exchange, %d goroutines, A", goroutines), c.Names, k, base,
			fmt.Sprintf("%d lines, %d found, %d without answer", c.Names, existing, c.Names-answered))
	}
	if err := d.dnsperf(ctx, list, c, base); err != nil {
		return err
	}
	return d.twist(ctx, base)
}

// two is the mode with two recursive resolvers, both of which have to deny a name.
func (d *look) two(ctx context.Context, list string, c testbed.Campaign, base time.Duration) error {
	dir, err := os.MkdirTemp(d.dir, "unbound-")
	if err != nil {
		return err
	}
	second, err := testbed.Unbound(ctx, dir, d.authority.Addr, c.Zones(), "")
	if err != nil {
		return err
	}
	defer second.Stop()
	// The first run fills the caches of the resolvers.
	k, v, err := d.ours(ctx, runs, c, list, "A", unhurried, d.resolver.Addr, second.Addr)
	if err != nil {
		return err
	}
	d.row("lurehound resolve --type A, two Unbounds (cached)", c.Names, k, base, v.String())
	return nil
}

// dnsperf is how fast Knot itself is here: what it keeps in flight is tried.
func (d *look) dnsperf(ctx context.Context, list string, c testbed.Campaign, base time.Duration) error {
	tool, err := testbed.Program("dnsperf")
	if err != nil {
		fmt.Fprintln(d.out, "dnsperf: skipped: not installed")
		return nil
	}
	b, err := os.ReadFile(list)
	if err != nil {
		return err
	}
	questions := filepath.Join(d.dir, "questions")
	if err := os.WriteFile(questions, []byte(strings.ReplaceAll(string(b), "\n", " A\n")), 0o600); err != nil {
		return err
	}
	var best cost
	var said string
	for _, inFlight := range []string{"50", "100", "250"} {
		k, err := d.best(ctx, true, tool, "-s", "127.0.0.1", "-p", strconv.Itoa(int(d.authority.Addr.Port())), "-d", questions, "-n", "1", "-t", "1", "-q", inFlight)
		if err != nil {
			return err
		}
		m := regexp.MustCompile(`Run time \(s\): *([0-9.]+)`).FindStringSubmatch(k.out)
		lost := regexp.MustCompile(`Queries lost: *([0-9]+)`).FindStringSubmatch(k.out)
		if m == nil || lost == nil {
			return fmt.Errorf("dnsperf says nothing of its time: %s", k.out)
		}
		seconds, err := strconv.ParseFloat(m[1], 64)
		if err != nil {
			return err
		}
		if k.took = time.Duration(seconds * float64(time.Second)); best.took == 0 || k.took < best.took {
			best, said = k, fmt.Sprintf("-q %s, %s lost", inFlight, lost[1])
		}
	}
	d.row("dnsperf, the server's ceiling", c.Names, best, base, said)
	return nil
}

// twistScript has the scanner of the installed dnstwist look up a list of names. It knows no port, so its resolver is told.
const twistScript = `
import sys, queue, dnstwist
port, path, threads = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
class Resolver(dnstwist.Resolver):
    def __init__(self, *a, **k):
        super().__init__(*a, **k)
        self.port = port
dnstwist.Resolver = Resolver
tasks = [{'domain': line.strip()} for line in open(path)]
jobs, workers = queue.Queue(), []
for t in tasks:
    jobs.put(t)
for _ in range(threads):
    w = dnstwist.Scanner(jobs)
    w.option_extdns, w.nameservers = True, ['127.0.0.1']
    w.start()
    workers.append(w)
for w in workers:
    w.join()
print(dnstwist.__version__, len(tasks), sum(1 for t in tasks if len(t) > 1))
`

const (
	twistNames   = 10_000 // it takes seconds for these
	twistThreads = "6"    // its default
)

// twist has dnstwist look up the same names: a part of them, as it is slow.
func (d *look) twist(ctx context.Context, base time.Duration) error {
	list, c, err := d.list(min(twistNames, d.bench.names))
	if err != nil {
		return err
	}
	k, err := d.measure(ctx, true, "/usr/bin/python3", "-c", twistScript, strconv.Itoa(int(d.authority.Addr.Port())), list, twistThreads)
	if err != nil {
		fmt.Fprintln(d.out, "dnstwist: skipped: it does not run as a module of /usr/bin/python3")
		return nil
	}
	var version string
	var lines, found int
	if _, err := fmt.Sscan(k.out, &version, &lines, &found); err != nil {
		return err
	}
	d.row(fmt.Sprintf("dnstwist %s, %s threads, NS and then A, AAAA", version, twistThreads), c.Names, k, base, fmt.Sprintf("%d lines, %d found", lines, found))
	return nil
}

// intoFile runs a command once with its output in a file.
func (b *bench) intoFile(ctx context.Context, path, name string, args ...string) (cost, error) {
	f, err := os.Create(path)
	if err != nil {
		return cost{}, err
	}
	c, err := b.measureInto(ctx, f, name, args...)
	return c, errors.Join(err, f.Close())
}
