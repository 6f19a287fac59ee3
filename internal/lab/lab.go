// Package lab is a whole Internet in one process: DNS, web sites, TLS, RDAP,
// WHOIS, the SANS ISC feed and proxies, with its own clock and CA. It is told
// by the data files of a scenario, and used by tests and by --lab. It opens no
// socket: every connection is two buffers in memory. It knows nothing of how
// Lurehound hunts, and judges nothing.
package lab

import (
	"context"
	"crypto/x509"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"slices"

	"lurehound"
)

//go:embed all:scenarios
var scenarios embed.FS

// DefaultScenario is the founding case.
const DefaultScenario = "microdicom"

// Scenarios lists the bundled scenarios by name.
func Scenarios() []string {
	entries, err := scenarios.ReadDir("scenarios")
	if err != nil {
		return nil
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// Lab is one running laboratory. Its methods may be called concurrently.
type Lab struct {
	scenario   *scenario
	advisories fs.FS
	clock      *clock
	authority  *authority
	journal    journal
	network    network
}

// Open starts a bundled scenario. Close ends it.
func Open(name string) (*Lab, error) {
	if !slices.Contains(Scenarios(), name) {
		return nil, fmt.Errorf("opening the laboratory: there is no scenario %q; there are %q", name, Scenarios())
	}
	files, err := fs.Sub(scenarios, "scenarios/"+name)
	if err != nil {
		return nil, fmt.Errorf("opening the laboratory: %w", err)
	}
	if name != DefaultScenario {
		world, err := fs.Sub(scenarios, "scenarios/"+DefaultScenario)
		if err != nil {
			return nil, fmt.Errorf("opening the laboratory: %w", err)
		}
		files = over{files, world}
	}
	return OpenFS(files)
}

// over is a folder of which what is missing is taken from another one: the
// scenarios share the world of the default one.
type over struct{ own, below fs.FS }

func (o over) Open(name string) (fs.File, error) {
	f, err := o.own.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return o.below.Open(name)
	}
	return f, err
}

// OpenFS starts a scenario from its folder, for those that are not bundled.
func OpenFS(files fs.FS) (*Lab, error) {
	sc, err := readScenario(files)
	if err != nil {
		return nil, fmt.Errorf("opening the laboratory: %w", err)
	}
	advisories, err := fs.Sub(files, "advisories")
	if err != nil {
		return nil, fmt.Errorf("opening the laboratory: %w", err)
	}
	authority, err := newAuthority(sc.Date)
	if err != nil {
		return nil, fmt.Errorf("opening the laboratory: %w", err)
	}
	l := &Lab{scenario: sc, advisories: advisories, clock: newClock(sc.Date), authority: authority}
	if err := l.start(files); err != nil {
		return nil, fmt.Errorf("opening the laboratory: %w", err)
	}
	return l, nil
}

// Dial connects the analyst's machine to an address (IP:port) of the
// laboratory. Nothing is ever dialled outside the process: over TCP an address
// where nothing listens refuses at once, over UDP it is silent.
func (l *Lab) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	return l.network.dial(ctx, network, l.scenario.Vantage, address)
}

// Clock starts at the scenario's date. It stands still but for Sleep, which
// moves it on at once.
func (l *Lab) Clock() lurehound.Clock { return l.clock }

// Roots holds the CA that signed every trusted certificate of the laboratory.
func (l *Lab) Roots() *x509.CertPool { return l.authority.pool() }

// Resolvers are recursive resolvers of different operators.
func (l *Lab) Resolvers() []netip.AddrPort {
	var rs []netip.AddrPort
	for _, r := range l.scenario.Resolvers {
		rs = append(rs, netip.AddrPortFrom(r.Address, 53))
	}
	return rs
}

// Contact is the mail address that the ISC feed is told.
func (l *Lab) Contact() string { return l.scenario.Contact }

// Brand is what the scenario knows of the brand with this own domain.
func (l *Lab) Brand(d lurehound.Domain) (lurehound.Brand, bool) {
	for _, b := range l.scenario.brands {
		if slices.Contains(b.Domains, d) {
			b.Domains, b.Words = slices.Clone(b.Domains), slices.Clone(b.Words)
			b.References = slices.Clone(b.References)
			b.Signers = slices.Clone(b.Signers)
			return b, true
		}
	}
	return lurehound.Brand{}, false
}

// Advisories holds the CSAF documents of the scenario, one file each.
func (l *Lab) Advisories() fs.FS { return l.advisories }

// ProxyServer is a way to look from elsewhere.
type ProxyServer struct {
	Name    string // "us-socks5"
	Kind    string // "socks5" or "http"
	Address netip.AddrPort
	Country string // ISO 3166-1 alpha-2, where its visits seem to come from
}

// Proxies lists the proxies of the laboratory.
func (l *Lab) Proxies() []ProxyServer {
	var ps []ProxyServer
	for _, p := range l.scenario.Proxies {
		ps = append(ps, ProxyServer{Name: p.Name, Kind: p.Kind, Address: p.Address, Country: l.scenario.country(p.Address.Addr())})
	}
	return ps
}

// Requests is what all servers of the laboratory were asked, in the order of
// their answers.
func (l *Lab) Requests() []Request { return l.journal.all() }

// Close ends every connection and waits for all goroutines.
func (l *Lab) Close() error { return l.network.close() }
