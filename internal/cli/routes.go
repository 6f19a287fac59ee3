package cli

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"

	"lurehound"
	"lurehound/internal/config"
	"lurehound/internal/egress"
	"lurehound/internal/resolve"
)

// visitFlags are the flags of verbs that visit.
type visitFlags struct {
	Profiles string `help:"Ways out for visits and questions (proxies), and what visitors are made of; TOML." placeholder:"FILE" type:"path"`
}

// ways are the ways out, and what visitors are made of.
type ways struct {
	DNS    string         // the route of DNS questions; "" is from here
	Routes []egress.Route // never empty; the first is the one that is taken first
	// What visitors are made of, the first of each first. Empty: nobody said.
	Browsers, Languages []string
	Arrivals            []egress.Arrival
}

// readWays reads --profiles, or gives what holds without: the direct route, and in the laboratory its proxies
// too. A file that names routes names all of them: whoever looks through proxies does not want to be seen by chance.
func (w *world) readWays(path string) (ways, error) {
	out := ways{Routes: []egress.Route{egress.Direct()}}
	if w.lab != nil {
		for _, p := range w.lab.Proxies() {
			kind := egress.Connect
			if p.Kind == "socks5" {
				kind = egress.SOCKS5
			}
			out.Routes = append(out.Routes, egress.Route{Name: p.Name, Region: p.Country, Kind: kind, Proxy: p.Address})
		}
	}
	if path == "" {
		return out, nil
	}
	file, err := config.ReadProfiles(path)
	if err != nil {
		return ways{}, err
	}
	if len(file.Routes) > 0 {
		out.Routes = nil
	}
	for _, in := range file.Routes {
		r := egress.Route{Name: in.Name, Region: in.Region, Kind: egress.RouteKind(in.Kind), Proxy: in.Proxy, Host: in.Host, Port: in.Port, User: in.User}
		if w.lab != nil && r.Kind == egress.Secure {
			r.Roots = w.lab.Roots()
		}
		if in.CA != "" {
			if r.Roots, err = authorities(in.CA); err != nil {
				return ways{}, misuse("--profiles %s: route %s: ca: %v", path, r.Name, err)
			}
		}
		if in.Password != "" {
			if r.Password, err = egress.ReadSecret(in.Password, w.con.env.lookup); err != nil {
				return ways{}, misuse("--profiles %s: route %s: %v", path, r.Name, err)
			}
		}
		if err := r.Check(); err != nil {
			return ways{}, misuse("--profiles %s: %v", path, err)
		}
		out.Routes = append(out.Routes, r)
	}
	out.DNS = file.DNS
	out.Browsers, out.Languages = file.Browsers, file.Languages
	for _, a := range file.Arrivals {
		out.Arrivals = append(out.Arrivals, egress.Arrival(a))
	}
	return out, out.check(path)
}

// authorities are the certificates of a PEM file.
func authorities(path string) (*x509.CertPool, error) {
	const most = 4 << 20 // octets; all that browsers trust are a quarter of it
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, most))
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(b) {
		return nil, fmt.Errorf("%s holds no certificate in PEM", path)
	}
	return pool, nil
}

// streamTimeout is how long an answer by a proxy is waited for: the proxy, its connection to the resolver, and TLS inside.
const streamTimeout = 6 * time.Second

// questions makes DNS questions leave by the route of --profiles, where it names one. What only this machine reaches is no resolver there.
func (w *world) questions(cfg resolve.Config) (resolve.Config, error) {
	if w.ways.DNS == "" || w.ways.DNS == egress.DirectName {
		return cfg, nil
	}
	named := len(w.globals.Resolver) > 0 || w.globals.Resolvers != "" || len(w.globals.file.Resolvers) > 0
	if w.lab == nil && !named {
		return cfg, misuse("--profiles %s sends questions by route %s, which does not lead to this system's resolvers: type --resolver ADDR, tls://ADDR#NAME or https://HOST/PATH#ADDR", w.globals.profiles, w.ways.DNS)
	}
	way := w.gateway.Questions(w.ways.DNS)
	cfg.Dialer, cfg.Learnt, cfg.Streams, cfg.Timeout = way, way, true, streamTimeout
	return cfg, nil
}

// proxyNames is how long the names of proxies are looked up at the start; what is not known by then is said by its route.
const proxyNames = 15 * time.Second

// locate looks up the proxies that are given by name, through the user's resolvers.
func (w *world) locate(ctx context.Context) {
	if !slices.ContainsFunc(w.ways.Routes, func(r egress.Route) bool { return r.Host != "" }) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, proxyNames)
	defer cancel()
	w.gateway.Locate(ctx, func(ctx context.Context, host string) ([]netip.Addr, error) {
		addrs, err := w.dns.Addrs(ctx, host)
		var e *resolve.Error
		switch {
		case !errors.As(err, &e):
			return addrs, err
		case e.Resolution == lurehound.NXDomain, e.Resolution == lurehound.NoData, e.Resolution == lurehound.Exists:
			return nil, nil
		}
		return nil, errors.New(strings.TrimSpace(string(e.Resolution) + " " + e.Reason))
	})
}

// check says which browser, language or arrival there is not.
func (w ways) check(path string) error {
	try := func(browser, language string, arrival egress.Arrival) error {
		if _, err := egress.NewProfile(egress.Direct(), browser, language, arrival); err != nil {
			return misuse("--profiles %s: %v", path, err)
		}
		return nil
	}
	usual := egress.DefaultProfile()
	var errs []error
	for _, b := range w.Browsers {
		errs = append(errs, try(b, usual.Language, usual.Arrival))
	}
	for _, l := range w.Languages {
		errs = append(errs, try(usual.Agent, l, usual.Arrival))
	}
	for _, a := range w.Arrivals {
		errs = append(errs, try(usual.Agent, usual.Language, a))
	}
	return cmp.Or(errs...)
}

// first is the visitor that comes first: the usual one, but for what --profiles names first.
func (w ways) first() (egress.Profile, error) {
	p := egress.DefaultProfile()
	browsers, languages, arrivals := append(slices.Clip(w.Browsers), p.Agent), append(slices.Clip(w.Languages), p.Language), append(slices.Clip(w.Arrivals), p.Arrival)
	return egress.NewProfile(w.Routes[0], browsers[0], languages[0], arrivals[0])
}

// routes are the ways out for visits, never none; the first is the one that is taken first.
func (w *world) routes() []egress.Route { return slices.Clone(w.ways.Routes) }

// seenAs says what the sites that are visited by a route see of us.
func seenAs(r egress.Route) string {
	if r.Kind == egress.StraightOut {
		return "sites see this machine's address"
	}
	return "sites see the proxy's address, not this machine's"
}

// place is a route's name and region, for people.
func place(r egress.Route) string {
	if r.Region == "" {
		return r.Name
	}
	return fmt.Sprintf("%s (%s)", r.Name, r.Region)
}

// names are the routes', for people.
func (w ways) names() []string {
	var names []string
	for _, r := range w.Routes {
		names = append(names, r.Name)
	}
	return names
}

// visitFlags are those that a command needs to leave by the same routes.
func (g *Globals) visitFlags() string {
	if g.profiles == "" {
		return ""
	}
	return " --profiles " + shellWord(g.profiles)
}

// shellWord is s as a shell takes it for one word.
func shellWord(s string) string {
	plain := func(r rune) bool {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("/._-+", r)
	}
	if !strings.ContainsFunc(s, func(r rune) bool { return !plain(r) }) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
