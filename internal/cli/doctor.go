package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"

	"lurehound/internal/browser"
	"lurehound/internal/egress"
	"lurehound/internal/sandbox"
)

type doctorCmd struct {
	visitFlags
}

func (doctorCmd) Help() string {
	return `Asks the resolvers whether they can be relied on, greets the proxies, and says what is set up and what leaves
from where. Sends DNS questions, and nothing through a proxy.

Examples:
  lurehound doctor --resolver 192.0.2.1
  lurehound doctor --profiles profiles.toml`
}

// Run prints a line for each thing that a hunt needs. Exit status 4 when
// something is missing.
func (c *doctorCmd) Run(ctx context.Context, con *console, g *Globals) error {
	if err := g.noFormat(); err != nil {
		return err
	}
	g.profiles = c.Profiles
	w, err := g.open(ctx, con)
	if err != nil {
		return err
	}
	defer w.Close()
	missing := 0
	say := func(ok bool, what, state string) {
		mark := "ok     "
		if !ok {
			mark, missing = "missing", missing+1
		}
		fmt.Fprintf(con.stdout, "%s  %-12s %s\n", mark, what, state)
	}
	health := w.dns.Check(ctx)
	for _, s := range health.Servers {
		state := "answers, and says of random names that they do not exist"
		if s.Problem != "" {
			state = s.Problem
		}
		say(s.Problem == "", "resolver", fmt.Sprintf("%s %s", s.Server, state))
	}
	say(health.Usable > 0, "absence", absence(health.Usable))
	first, err := w.ways.first()
	if err != nil {
		return err
	}
	say(true, "questions", w.asked())
	say(true, "visits", fmt.Sprintf("come first as %s by route %s: %s (%s)", first.Name, first.Route, seenAs(w.ways.Routes[0]), first.UserAgent))
	for i, problem := range w.greet(ctx) {
		r := w.ways.Routes[i]
		say(problem == "", "route", place(r)+" "+cmp.Or(problem, w.greeted(r)))
	}
	dir, err := g.dataDir(con.env)
	if err == nil {
		err = writable(dir)
	}
	say(err == nil, "data", either(err == nil, dir, fmt.Sprint(err)))
	held, lacking := sandboxed(ctx)
	if held == "" {
		say(false, "sandbox", lacking)
	} else { // less than all is no reason to refuse work: other systems have less
		fmt.Fprintf(con.stdout, "%s  %-12s %s\n", either(lacking == "", "ok     ", "weaker "), "sandbox", held+lacking)
	}
	if program, err := browser.Find(); err == nil {
		say(true, "pictures", "by "+program)
	} else { // everything else works without
		fmt.Fprintf(con.stdout, "weaker  %-12s %s\n", "pictures", err)
	}
	contact := w.contact()
	say(contact != "", "isc feed", either(contact != "", "contact "+contact, "no contact: set LUREHOUND_CONTACT to your mail address, or contact in the configuration"))
	if missing > 0 {
		return exitError(exitIncomplete)
	}
	return nil
}

// asked says from where questions leave.
func (w *world) asked() string {
	if w.ways.DNS == "" || w.ways.DNS == egress.DirectName {
		return "to resolvers, feeds and registries leave from this machine, also about what is visited by proxies"
	}
	return fmt.Sprintf("to resolvers and suffixes' name servers leave by route %s, over TCP; to feeds and registries from this machine", w.ways.DNS)
}

// greet goes to every proxy, side by side, and says by route what is wrong with it, "" when nothing is.
func (w *world) greet(ctx context.Context) []string {
	problems := make([]string, len(w.ways.Routes))
	var wg sync.WaitGroup
	for i, r := range w.ways.Routes {
		wg.Go(func() {
			err := w.gateway.Greet(ctx, r.Name)
			var p *egress.ProxyError
			switch {
			case errors.As(err, &p):
				problems[i] = fmt.Sprintf("is blocked: its proxy %s %s; nothing goes another way in its place", r.At(), p.Reason)
			case err != nil:
				problems[i] = err.Error()
			}
		})
	}
	wg.Wait()
	return problems
}

// greeted says what is known of a route that has nothing wrong.
func (w *world) greeted(r egress.Route) string {
	how, at := "", r.At()
	if r.Host != "" {
		var addrs []string
		for _, ap := range w.gateway.ProxyAddrs(r.Name) {
			addrs = append(addrs, ap.Addr().String())
		}
		at += " (" + strings.Join(addrs, ", ") + ")"
	}
	switch r.Kind {
	case egress.SOCKS5:
		how = fmt.Sprintf("by SOCKS 5 at %s, which lets us in: ", at)
	case egress.Connect:
		how = fmt.Sprintf("by HTTP at %s, which can be reached (whether it takes us shows at the first visit): ", at)
	case egress.Secure:
		how = fmt.Sprintf("by HTTP inside TLS at %s, whose certificate is right (whether it takes us shows at the first visit): ", at)
	}
	return how + seenAs(r)
}

// sandboxed says what holds the children that take files apart, and what of it this system lacks, "" for nothing.
func sandboxed(ctx context.Context) (held, lacking string) {
	m, err := sandbox.Strength(ctx)
	switch {
	case err != nil:
		return "", fmt.Sprintf("files cannot be taken apart: %v", err)
	case len(m.Missing) > 0:
		lacking = "; what this system lacks or refuses: " + join(m.Missing)
	}
	return "files are taken apart with: " + join(m.Held), lacking
}

func absence(usable int) string {
	switch usable {
	case 0:
		return "no resolver can be relied on: every name that does not exist stays unknown; type --resolver ADDR"
	case 1:
		return "one usable resolver: absence rests on it alone; a second --resolver of another operator confirms it"
	}
	return fmt.Sprintf("%d usable resolvers confirm each other", usable)
}

func writable(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".doctor-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	return f.Close()
}

func either(cond bool, yes, no string) string {
	if cond {
		return yes
	}
	return no
}
