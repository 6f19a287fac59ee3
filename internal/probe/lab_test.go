package probe

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"lurehound"
	"lurehound/internal/egress"
	"lurehound/internal/examine"
	"lurehound/internal/fetch"
	"lurehound/internal/lab"
	"lurehound/internal/page"
	"lurehound/internal/resolve"
	"lurehound/internal/sandbox"
)

func TestMain(m *testing.M) {
	if sandbox.Main(examine.Parsers()) {
		return
	}
	code := m.Run()
	if code == 0 {
		if err := goleak.Find(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// moreNames are names beside those of the scenario, for what only probes ask.
const moreNames = `
[[name]]
domain     = "leads-on.com"
what       = "its start page leads to www"
registrar  = "harbour"
registered = 2024-06-20T16:03:55Z
expires    = 2025-06-20T16:03:55Z
operator   = "plain"
a          = ["198.51.100.201"]
[name.site]
pages  = "leads-on"
issued = 2024-06-20T17:30:10Z
days   = 90

[[name]]
domain     = "icon-elsewhere.com"
what       = "its icon lies on somebody else's host"
registrar  = "harbour"
registered = 2024-06-20T16:03:55Z
expires    = 2025-06-20T16:03:55Z
operator   = "plain"
a          = ["198.51.100.202"]
[name.site]
pages  = "icon-elsewhere"
issued = 2024-06-20T17:30:10Z
days   = 90

[[name]]
domain     = "nobody-listens.com"
what       = "an address where nothing listens"
registrar  = "harbour"
registered = 2024-06-20T16:03:55Z
expires    = 2025-06-20T16:03:55Z
operator   = "plain"
a          = ["198.51.100.203"]
`

// labNet is the laboratory with more names, and the probes in it.
type labNet struct {
	lab    *lab.Lab
	kit    Kit
	probes map[string]Probe
}

func openLab(t *testing.T) *labNet {
	t.Helper()
	files := fstest.MapFS{}
	base := os.DirFS("../lab/scenarios/microdicom")
	err := fs.WalkDir(base, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(base, p)
		files[p] = &fstest.MapFile{Data: b}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	files["names.toml"].Data = append(files["names.toml"].Data, moreNames...)
	files["pages/leads-on/index.html"] = &fstest.MapFile{Data: []byte(`<html><head><meta http-equiv="refresh" content="0; url=https://www.leads-on.com/"></head><body>wait</body></html>`)}
	files["pages/icon-elsewhere/index.html"] = &fstest.MapFile{Data: []byte(`<html><head><title>hello</title><link rel="icon" href="https://mlcrodicom.info/favicon.ico"></head><body>hello</body></html>`)}
	files["pages/leads-on/notfound.html"] = &fstest.MapFile{Data: []byte("nothing")}
	l, err := lab.OpenFS(files)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	gateway := egress.New(egress.Config{Named: l.Resolvers(), Lab: l.Dial})
	dns, err := resolve.New(resolve.Config{Dialer: gateway, Servers: l.Resolvers(), Clock: l.Clock()})
	if err != nil {
		t.Fatal(err)
	}
	web := fetch.New(fetch.Config{Gateway: gateway, Resolver: dns, Clock: l.Clock(), Roots: l.Roots(), Refresh: page.Refresh})
	t.Cleanup(web.Close)
	n := &labNet{lab: l, kit: Kit{DNS: dns, Services: web, Web: web, Clock: l.Clock()}}
	n.wire()
	return n
}

func (n *labNet) wire() {
	n.probes = map[string]Probe{}
	for _, p := range Table(n.kit) {
		n.probes[p.Name] = p
	}
}

// subject is a name after the dns probe saw it.
func (n *labNet) subject(t *testing.T, name string) Subject {
	t.Helper()
	d, err := lurehound.ParseDomain(name)
	if err != nil {
		t.Fatal(err)
	}
	s := Subject{Domain: d, Profile: egress.DefaultProfile()}
	obs := n.probes["dns"].Observe(t.Context(), s)
	if len(obs) != 1 || obs[0].DNS == nil || obs[0].Probe != "dns" || obs[0].Domain != d {
		t.Fatalf("dns probe: %+v", obs)
	}
	s.DNS = obs[0].DNS
	return s
}

// pages are the requests to web sites, as "scheme host path".
func (n *labNet) pages() (list []string) {
	for _, r := range n.lab.Requests() {
		if r.Service == lab.HTTP || r.Service == lab.HTTPS {
			list = append(list, string(r.Service)+" "+r.Host+" "+r.Path)
		}
	}
	return list
}

// TestHTTP: which pages are asked for, in which order, and what is seen.
func TestHTTP(t *testing.T) {
	for _, tt := range []struct {
		name, domain string
		links, paths []string
		want         []string // pages asked for
		seen         []string // start: status, or outcome
	}{
		{"a clone: https, apex and www, each path, each icon once", "mlcrodicom.info", nil, []string{"/downloads.html"},
			[]string{"https mlcrodicom.info /", "https mlcrodicom.info /downloads.html",
				"https www.mlcrodicom.info /", "https www.mlcrodicom.info /downloads.html",
				"https mlcrodicom.info /favicon.ico", "https www.mlcrodicom.info /favicon.ico"},
			[]string{"https://mlcrodicom.info/ 200", "https://mlcrodicom.info/downloads.html 200",
				"https://www.mlcrodicom.info/ 200", "https://www.mlcrodicom.info/downloads.html 200"}},
		{"links that somebody gave come first, and stand for no start page", "mlcrodicom.info", []string{"http://www.mlcrodicom.info/company.html?x=1"}, nil,
			[]string{"http www.mlcrodicom.info /company.html?x=1", "https mlcrodicom.info /", "https www.mlcrodicom.info /",
				"http www.mlcrodicom.info /favicon.ico", "https mlcrodicom.info /favicon.ico", "https www.mlcrodicom.info /favicon.ico"},
			[]string{"http://www.mlcrodicom.info/company.html?x=1 200", "https://mlcrodicom.info/ 200", "https://www.mlcrodicom.info/ 200"}},
		{"parked: nothing but port 80", "microdicom.net", nil, []string{"/downloads.html"},
			[]string{"http microdicom.net /", "http microdicom.net /downloads.html", "http www.microdicom.net /", "http www.microdicom.net /downloads.html",
				"http microdicom.net /favicon.ico", "http www.microdicom.net /favicon.ico"},
			[]string{"http://microdicom.net/ 200", "http://microdicom.net/downloads.html 200", "http://www.microdicom.net/ 200", "http://www.microdicom.net/downloads.html 200"}},
		{"leads to www, which is not visited again", "leads-on.com", nil, nil,
			[]string{"https leads-on.com /", "https www.leads-on.com /", "https www.leads-on.com /favicon.ico"},
			[]string{"https://leads-on.com/ 200"}},
		{"an icon elsewhere", "icon-elsewhere.com", nil, nil,
			[]string{"https icon-elsewhere.com /", "https www.icon-elsewhere.com /"},
			[]string{"https://icon-elsewhere.com/ 200", "https://www.icon-elsewhere.com/ 200"}},
		{"nothing listens", "nobody-listens.com", nil, []string{"/downloads.html"}, nil,
			[]string{"https://nobody-listens.com/ unknown: connection refused", "https://www.nobody-listens.com/ unknown: connection refused"}},
		{"no address", "micro-dicom.me", nil, []string{"/downloads.html"}, nil, []string{"skipped: the name has no address"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			n := openLab(t)
			s := n.subject(t, tt.domain)
			s.Links, s.Paths = tt.links, tt.paths
			obs := n.probes["http"].Observe(t.Context(), s)
			if diff := cmp.Diff(tt.want, n.pages()); diff != "" {
				t.Errorf("asked for (-want +got):\n%s", diff)
			}
			var seen []string
			for _, o := range obs {
				if o.Probe != "http" || o.Domain != s.Domain || o.Profile != s.Profile.Name || o.At.IsZero() {
					t.Errorf("observation of %q, probe %q, profile %q at %v", o.Domain, o.Probe, o.Profile, o.At)
				}
				switch {
				case o.Visit == nil:
					seen = append(seen, string(o.Outcome)+": "+o.Reason)
				case o.Outcome != lurehound.Found:
					seen = append(seen, o.Visit.Start+" "+string(o.Outcome)+": "+o.Reason)
				default:
					seen = append(seen, fmt.Sprint(o.Visit.Start, " ", o.Visit.Status))
				}
			}
			if diff := cmp.Diff(tt.seen, seen); diff != "" {
				t.Errorf("seen (-want +got):\n%s", diff)
			}
			referrers(t, n)
		})
	}
}

// referrers: no page is come to from an icon, as no browser does.
func referrers(t *testing.T, n *labNet) {
	t.Helper()
	for _, r := range n.lab.Requests() {
		if ref := r.Header.Get("Referer"); strings.HasSuffix(ref, ".ico") {
			t.Errorf("%s%s is come to from %s", r.Host, r.Path, ref)
		}
	}
}

// TestHTTPFacts: what is kept of a clone, and of a page on port 80 only.
func TestHTTPFacts(t *testing.T) {
	n := openLab(t)
	s := n.subject(t, "mlcrodicom.info")
	s.Paths = []string{"/downloads.html"}
	visits := n.probes["http"].Observe(t.Context(), s)
	clone, downloads := visits[0].Visit, visits[1].Visit.Page.Downloads
	genuine := n.probes["http"].Observe(t.Context(), n.subject(t, "microdicom.com"))[0].Visit
	p, g := clone.Page, genuine.Page
	if p == nil || g == nil {
		t.Fatal("no page facts")
	}
	if p.Title == "" || p.Title != g.Title || len(downloads) != 1 || downloads[0].Name != "MicroDicom-2024-Setup-x64.exe" {
		t.Errorf("page %q, downloads %+v", p.Title, downloads)
	}
	if p.Favicon.SHA256 == "" || p.Favicon.Murmur == 0 || p.Favicon.SHA256 != g.Favicon.SHA256 || p.Favicon.URL == g.Favicon.URL {
		t.Errorf("icons %+v and %+v", p.Favicon, g.Favicon)
	}
	if c := clone.Certificate; c == nil || !c.Trusted || clone.Body.SHA256 == "" || len(clone.Hops) != 1 || len(clone.Tried) != 0 {
		t.Errorf("visit %+v", clone)
	}
	parked := n.probes["http"].Observe(t.Context(), n.subject(t, "microdicom.net"))[0].Visit
	want := []lurehound.Attempt{{URL: "https://microdicom.net/", Result: lurehound.Unknown, Reason: "connection refused"}}
	if diff := cmp.Diff(want, parked.Tried); diff != "" || parked.Certificate != nil || parked.Page == nil || parked.Page.Favicon.SHA256 != "" {
		t.Errorf("parked: certificate %v, page %v, no icon or one that is a page; tried (-want +got):\n%s", parked.Certificate, parked.Page, diff)
	}
	dead := n.probes["http"].Observe(t.Context(), n.subject(t, "nobody-listens.com"))[0].Visit
	if len(dead.Tried) != 2 || dead.Status != 0 || dead.Page != nil {
		t.Errorf("nobody listens: %+v", dead)
	}
	strange := n.probes["http"].Observe(t.Context(), n.subject(t, "icon-elsewhere.com"))[0].Visit
	if f := strange.Page.Favicon; f.URL != "https://mlcrodicom.info/favicon.ico" || f.SHA256 != "" {
		t.Errorf("an icon elsewhere: %+v", f)
	}
}

// withoutWWW is DNS that says a fixed thing of every www.
type withoutWWW struct {
	DNS
	says lurehound.DNSFacts
}

func (d withoutWWW) Lookup(ctx context.Context, name string, types ...uint16) lurehound.DNSFacts {
	if strings.HasPrefix(name, "www.") {
		return d.says
	}
	return d.DNS.Lookup(ctx, name, types...)
}

// TestHosts: a host is left out only where DNS is certain that it has no address.
func TestHosts(t *testing.T) {
	n := openLab(t)
	for _, tt := range []struct {
		name, domain string
		www          lurehound.DNSFacts
		want         []string
	}{
		{"www is not there", "microdico.com", lurehound.DNSFacts{Resolution: lurehound.NXDomain}, []string{"microdico.com"}},
		{"www has no address", "microdico.com", lurehound.DNSFacts{Resolution: lurehound.Exists}, []string{"microdico.com"}},
		{"of www nobody knows", "microdico.com", lurehound.DNSFacts{Resolution: lurehound.NotResolvable}, []string{"microdico.com", "www.microdico.com"}},
		{"of www's addresses nobody knows", "microdico.com", lurehound.DNSFacts{Resolution: lurehound.Exists, Missing: []string{"A"}}, []string{"microdico.com", "www.microdico.com"}},
		{"below the registrable name no www is added", "shop.microdico.com", lurehound.DNSFacts{Resolution: lurehound.NotResolvable}, nil},
		{"name servers only", "micro-dicom.me", lurehound.DNSFacts{Resolution: lurehound.NXDomain}, nil},
	} {
		k := n.kit
		k.DNS = withoutWWW{n.kit.DNS, tt.www}
		if diff := cmp.Diff(tt.want, hostsOf(t.Context(), k, n.subject(t, tt.domain))); diff != "" {
			t.Errorf("%s: hosts (-want +got):\n%s", tt.name, diff)
		}
	}
	d, _ := lurehound.ParseDomain("microdico.com")
	k := n.kit
	k.DNS = withoutWWW{n.kit.DNS, lurehound.DNSFacts{Resolution: lurehound.NXDomain}}
	if got := hostsOf(t.Context(), k, Subject{Domain: d}); !slices.Equal(got, []string{"microdico.com"}) {
		t.Errorf("before the dns probe ran: %v", got)
	}
}

// TestVisitInterrupted: an interrupted visit is unknown, whatever was under way.
func TestVisitInterrupted(t *testing.T) {
	n := openLab(t)
	s := n.subject(t, "mlcrodicom.info")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, p := range Table(n.kit) {
		for _, o := range p.Observe(ctx, s) {
			if o.Outcome != lurehound.Unknown || o.Reason == "" {
				t.Errorf("%s: %s (%s)", p.Name, o.Outcome, o.Reason)
			}
		}
	}
}

// countdown is a clock that breaks at the nth look.
type countdown struct {
	lurehound.Clock
	left int
}

func (c *countdown) Now() time.Time {
	if c.left--; c.left == 0 {
		panic("a hostile page")
	}
	return c.Clock.Now()
}

// TestVisitPanics: what was seen before something broke is kept.
func TestVisitPanics(t *testing.T) {
	n := openLab(t)
	s := n.subject(t, "mlcrodicom.info")
	n.kit.Clock = &countdown{Clock: n.lab.Clock(), left: 2} // at the visit of www
	n.wire()
	obs := n.probes["http"].Observe(t.Context(), s)
	if len(obs) != 2 || obs[0].Outcome != lurehound.Found || obs[0].Visit.Page == nil ||
		obs[1].Outcome != lurehound.Unknown || !strings.Contains(obs[1].Reason, "a hostile page") {
		t.Errorf("%d observations: %+v", len(obs), obs)
	}
}

// TestRegistration: what the laboratory's registries say, by RDAP and by WHOIS.
func TestRegistration(t *testing.T) {
	n := openLab(t)
	at := func(s string) time.Time { d, _ := time.Parse(time.RFC3339, s); return d }
	for _, tt := range []struct {
		domain  string
		outcome lurehound.Outcome
		reason  string
		want    *lurehound.RegistrationFacts
	}{
		{"micro-dicom.me", lurehound.Found, "", &lurehound.RegistrationFacts{Source: "whois whois.lab-registry.example",
			Registered: at("2024-07-09T13:20:02Z"), Changed: at("2024-07-09T13:20:02Z"), Expires: at("2025-07-09T13:20:02Z"),
			Status: []string{"client transfer prohibited", "add period"}, Registrar: "Harbour Domains B.V.", Abuse: "abuse@harbour-domains.example",
			NS: []string{"dns1.side-street.example", "dns2.side-street.example"}}},
		{"nobody-has-this.me", lurehound.Absent, "not registered", nil},
		{"microdicom-download.com", lurehound.Found, "", &lurehound.RegistrationFacts{Source: "rdap rdap.lab-registry.example",
			Registered: at("2024-06-25T19:08:03Z"), Changed: at("2024-07-02T10:00:00Z"), Expires: at("2025-06-25T19:08:03Z"),
			Status: []string{"server hold", "client transfer prohibited"}, Registrar: "CheapNames Online LLC", Abuse: "abuse@cheapnames.example",
			NS: []string{"ns1.quiet-harbour.example", "ns2.quiet-harbour.example"}}},
		{"www.micro-dicom.me", lurehound.Found, "", nil}, // asked by its registrable name
		{"nobody-has-this.com", lurehound.Absent, "not registered", nil},
		{"nobody-has-this.ws", lurehound.Unknown, "the registry has neither RDAP nor WHOIS", nil},
		{"someone.duckdns.org", lurehound.Skipped, "given by the host duckdns.org, no registry knows it", nil},
		{"co.uk", lurehound.Skipped, "nothing is registered under this name", nil},
	} {
		d, err := lurehound.ParseDomain(tt.domain)
		if err != nil {
			t.Fatal(err)
		}
		obs := n.probes["rdap"].Observe(t.Context(), Subject{Domain: d})
		if len(obs) != 1 || obs[0].Outcome != tt.outcome || obs[0].Reason != tt.reason || (obs[0].Registration != nil) != (tt.outcome == lurehound.Found) {
			t.Errorf("%s: %+v", tt.domain, obs)
			continue
		}
		if tt.want != nil {
			if diff := cmp.Diff(tt.want, obs[0].Registration); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.domain, diff)
			}
		}
	}
}

// TestDates: every date that a registry or host can write is one that JSON can hold.
func TestDates(t *testing.T) {
	var facts lurehound.RegistrationFacts
	setTime(&facts.Expires, "9999-12-31T23:59:59-12:00")
	setTime(&facts.Registered, "0000-01-01T00:00:00+12:00")
	if _, err := json.Marshal(facts); err != nil {
		t.Error(err)
	}
	for _, y := range []int{-5, 0, 1, 1970, 9999, 10_000, 292_277_026_596} {
		in := time.Date(y, 6, 1, 0, 0, 0, 0, time.UTC)
		got := datable(in)
		if _, err := got.MarshalJSON(); err != nil {
			t.Error(err)
		}
		if y >= 1 && y <= 9999 && !got.Equal(in) {
			t.Errorf("%v became %v", in, got)
		}
	}
}
