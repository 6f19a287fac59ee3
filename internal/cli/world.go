package cli

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"lurehound"
	"lurehound/internal/advisory"
	"lurehound/internal/cloak"
	"lurehound/internal/config"
	"lurehound/internal/egress"
	"lurehound/internal/fetch"
	"lurehound/internal/lab"
	"lurehound/internal/page"
	"lurehound/internal/probe"
	"lurehound/internal/resolve"
	"lurehound/internal/store/sqlite"
	"lurehound/internal/vault"
)

// world is what a verb works in: the Internet as seen from here, or the
// laboratory. What it needs from outside is opened when it is asked for.
type world struct {
	globals  *Globals
	con      *console
	clock    lurehound.Clock
	lab      *lab.Lab // nil outside the laboratory
	ways     ways     // out, for visits
	gateway  *egress.Gateway
	dns      *resolve.Client
	web      *fetch.Client
	vault    *vault.Vault    // opened by who needs it
	payloads *probe.Payloads // nil: nobody looks at offered files
	closers  []func() error
}

// open wires the way out, the resolver and the web client.
func (g *Globals) open(ctx context.Context, con *console) (*world, error) {
	if err := g.load(con.env); err != nil {
		return nil, err
	}
	w := &world{globals: g, con: con, clock: egress.SystemClock{}}
	cfg := egress.Config{}
	var roots *x509.CertPool
	if g.Lab {
		l, err := lab.Open(g.Scenario)
		if err != nil {
			return nil, misuse("--scenario %s: %v; type one of %s", g.Scenario, err, join(lab.Scenarios()))
		}
		w.lab, w.clock, roots, cfg.Lab = l, l.Clock(), l.Roots(), l.Dial
		w.closers = append(w.closers, l.Close)
	}
	for _, s := range append(g.AllowNet, g.file.AllowNet...) {
		a, err := egress.ParseAllowance(s)
		if err != nil {
			return nil, misuse("--allow-net %s: %v", s, err)
		}
		cfg.Allow = append(cfg.Allow, a)
	}
	servers, err := w.resolvers()
	if err != nil {
		return nil, errors.Join(err, w.Close())
	}
	for _, u := range servers {
		cfg.Named = append(cfg.Named, u.Addr)
	}
	if w.ways, err = w.readWays(g.profiles); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	cfg.Routes, cfg.Clock = w.ways.Routes, w.clock
	w.gateway = egress.New(cfg)
	asking, err := w.questions(resolve.Config{Dialer: w.gateway, Learnt: w.gateway, Upstreams: servers, Roots: roots, Clock: w.clock, Rate: g.rate})
	if err != nil {
		return nil, errors.Join(err, w.Close())
	}
	if w.dns, err = resolve.New(asking); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	w.closers = append(w.closers, func() error { w.dns.Close(); return nil })
	w.locate(ctx)
	w.web = fetch.New(fetch.Config{Gateway: w.gateway, Resolver: w.dns, Clock: w.clock, Roots: roots, Refresh: page.Refresh})
	w.closers = append(w.closers, func() error { w.web.Close(); return nil })
	return w, nil
}

// openStored opens the world and the database that is in its data folder.
func (g *Globals) openStored(ctx context.Context, con *console) (*world, *sqlite.Store, error) {
	w, err := g.open(ctx, con)
	if err != nil {
		return nil, nil, err
	}
	if dir, err := g.dataDir(con.env); err != nil {
		return nil, nil, errors.Join(err, w.Close())
	} else if _, err := os.Stat(databasePath(dir)); errors.Is(err, fs.ErrNotExist) && !g.begins() {
		return nil, nil, errors.Join(misuse("there is no database in %s yet: lurehound hunt makes one, --data DIR names another", dir), w.Close())
	}
	s, err := w.store(ctx)
	if err != nil {
		return nil, nil, errors.Join(err, w.Close())
	}
	return w, s, nil
}

// Close ends what was opened, the last first.
func (w *world) Close() error {
	var errs []error
	for i := len(w.closers) - 1; i >= 0; i-- {
		errs = append(errs, w.closers[i]())
	}
	w.closers = nil
	return errors.Join(errs...)
}

// resolvers are those named by flags, else in the configuration, else the
// laboratory's or the system's.
func (w *world) resolvers() ([]resolve.Upstream, error) {
	names := w.globals.Resolver
	if w.globals.Resolvers != "" {
		b, err := os.ReadFile(w.globals.Resolvers)
		if err != nil {
			return nil, misuse("--resolvers: %v", err)
		}
		before := len(names)
		for line := range strings.Lines(string(b)) {
			if line = uncommented(line); line != "" {
				names = append(names, line)
			}
		}
		if len(names) == before { // the system's are never asked in their place
			return nil, misuse("--resolvers %s names no server: write one ADDR[:PORT], tls://ADDR#NAME or https://HOST/PATH#ADDR a line", w.globals.Resolvers)
		}
	}
	if len(names) == 0 && w.lab == nil {
		names = w.globals.file.Resolvers
	}
	if len(names) == 0 {
		if w.lab != nil {
			return plain(w.lab.Resolvers()), nil
		}
		servers, err := resolve.SystemServers()
		if err != nil || len(servers) == 0 {
			return nil, misuse("no DNS server is known here (%v): type --resolver ADDR", err)
		}
		return plain(servers), nil
	}
	var servers []resolve.Upstream
	for _, n := range names {
		s, err := resolve.ParseUpstream(n)
		if err != nil {
			return nil, misuse("--resolver %s: %v", n, err)
		}
		servers = append(servers, s)
	}
	return servers, nil
}

// uncommented is a line without what follows a # at its beginning or after a
// space: the # of tls://ADDR#NAME is part of the resolver.
func uncommented(line string) string {
	line = strings.TrimSpace(line)
	for i := range len(line) {
		if line[i] == '#' && (i == 0 || line[i-1] == ' ' || line[i-1] == '\t') {
			return strings.TrimSpace(line[:i])
		}
	}
	return line
}

// plain are resolvers asked over UDP and TCP.
func plain(addrs []netip.AddrPort) []resolve.Upstream {
	var out []resolve.Upstream
	for _, a := range addrs {
		out = append(out, resolve.Upstream{Addr: a})
	}
	return out
}

// patient asks once more for names that no resolver had an answer for. A hunt
// waits for that after every batch, so shortly.
func (w *world) patient() resolve.Patient {
	return resolve.Patient{Client: w.dns, Rounds: 1, Pause: 300 * time.Millisecond}
}

// probes is the table of probes in this world.
func (w *world) probes() []probe.Probe {
	return probe.Table(probe.Kit{DNS: w.dns, Services: w.web, Web: w.web, Clock: w.clock, Visitors: w.visitors(), Payloads: w.payloads})
}

// visitsEach is how many visits a hunt makes at most to one candidate under other profiles.
const visitsEach = 20

// visitors are as whom a candidate is visited.
func (w *world) visitors() cloak.Space {
	s := w.space()
	s.Budget, s.Few = visitsEach, true
	return s
}

// space is what visitors are made of: what --profiles says, else the usual.
func (w *world) space() cloak.Space {
	s := cloak.DefaultSpace(w.routes())
	if len(w.ways.Browsers) > 0 {
		s.Browsers = w.ways.Browsers
	}
	if len(w.ways.Languages) > 0 {
		s.Languages = w.ways.Languages
	}
	if len(w.ways.Arrivals) > 0 {
		s.Arrivals = w.ways.Arrivals
	}
	return s
}

// store opens the database in the data folder. The laboratory's own folder is
// emptied first: its hunts begin anew each time.
func (w *world) store(ctx context.Context) (*sqlite.Store, error) {
	dir, err := w.globals.dataDir(w.con.env)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("the data folder: %w (--data DIR names another)", err)
	}
	path := databasePath(dir)
	if w.lab != nil && w.globals.Data == "" {
		err := w.lock(ctx, filepath.Join(dir, "lock"), "another lurehound is in the laboratory; waiting for it to end (--data DIR works beside it)")
		if err != nil {
			return nil, err
		}
	}
	if w.lab != nil && w.globals.Data == "" && w.globals.begins() {
		for _, p := range []string{path, path + "-wal", path + "-shm"} {
			if err := os.Remove(p); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return nil, fmt.Errorf("emptying the laboratory's data: %w", err)
			}
		}
		if err := os.RemoveAll(vaultDir(dir)); err != nil {
			return nil, fmt.Errorf("emptying the laboratory's data: %w", err)
		}
	}
	s, err := sqlite.Open(ctx, path)
	if err != nil {
		return nil, err
	}
	w.closers = append(w.closers, s.Close)
	return s, nil
}

func databasePath(dir string) string { return filepath.Join(dir, "lurehound.db") }

// begins reports whether the verb begins work of its own; the others look at
// what there is.
func (g *Globals) begins() bool {
	return strings.HasPrefix(g.command, "hunt") || strings.HasPrefix(g.command, "check")
}

// preflight asks the resolvers for names that nobody registered, and says what
// is wrong with them, a line each, and what would make their word surer.
func (w *world) preflight(ctx context.Context) (problems, advice []string) {
	h := w.dns.Check(ctx)
	if h.Usable == 1 {
		advice = []string{"what is not there rests on the word of one resolver: a second --resolver of another operator would confirm it"}
	}
	return h.Problems, advice
}

// warn says what is wrong with the resolvers, for verbs whose output has no
// place for it.
func (w *world) warn(ctx context.Context) {
	problems, _ := w.preflight(ctx)
	for _, p := range problems {
		fmt.Fprintln(w.con.stderr, p)
	}
}

// flags are those that another command needs to see the same. --data is left
// out: a result says the same wherever it is kept.
func (g *Globals) flags() string {
	if g.Lab {
		return " --lab"
	}
	return ""
}

// contact is the mail address for SANS ISC; "" when nobody gave one.
func (w *world) contact() string {
	if w.lab != nil {
		return w.lab.Contact()
	}
	if c := w.con.env["LUREHOUND_CONTACT"]; c != "" {
		return c
	}
	return w.globals.file.Contact
}

// brand is what is known of the brand that a user names by its domain.
func (w *world) brand(d lurehound.Domain) lurehound.Brand {
	if w.lab != nil {
		if b, ok := w.lab.Brand(d); ok {
			return b
		}
	}
	return lurehound.Brand{Name: d.Registrable(), Domains: []lurehound.Domain{d}}
}

// advisories reads those that the user names, and the laboratory's own.
func (w *world) advisories(files []string) ([]lurehound.Advisory, error) {
	var list []lurehound.Advisory
	add := func(b []byte, source string) error {
		a, err := advisory.ParseCSAF(b, source)
		if err != nil {
			return misuse("--advisory %s: %v", source, err)
		}
		list = append(list, a)
		return nil
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			return nil, misuse("--advisory: %v", err)
		}
		if err := add(b, f); err != nil {
			return nil, err
		}
	}
	if w.lab == nil {
		return list, nil
	}
	return list, fs.WalkDir(w.lab.Advisories(), ".", func(p string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := fs.ReadFile(w.lab.Advisories(), p)
		if err != nil {
			return err
		}
		return add(b, p)
	})
}

// loadBrands are the brands of the file and of the domains that were typed.
func (w *world) loadBrands(file string, domains []string) ([]lurehound.Brand, error) {
	var brands []lurehound.Brand
	if file != "" {
		list, err := config.ReadBrands(file)
		if err != nil {
			return nil, err
		}
		brands = list
	}
	for _, s := range domains {
		l, err := lurehound.ParseLink(s)
		if err != nil {
			return nil, misuse("%v; type a domain such as microdicom.com", err)
		}
		d := l.Domain
		if host, ok := strings.CutPrefix(d.String(), "www."); ok && host == d.Registrable() {
			if d, err = lurehound.ParseDomain(host); err != nil { // what people copy from the browser
				return nil, err
			}
		}
		brands = append(brands, w.brand(d))
	}
	for _, b := range brands {
		if err := b.Check(); err != nil {
			return nil, err
		}
	}
	return brands, nil
}
