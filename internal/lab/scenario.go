package lab

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"lurehound"
	"lurehound/internal/lab/installer"
)

// The files of a scenario, in its folder. Beside them are advisories/ (CSAF),
// pages/ (one folder a set of pages) and README.md.
const (
	worldFile    = "scenario.toml"
	namesFile    = "names.toml"
	ordinaryFile = "ordinary.csv"
)

// scenario is what the data files tell. It is not changed after reading.
type scenario struct {
	Date       time.Time       `toml:"date"`    // where the clock starts
	Contact    string          `toml:"contact"` // mail address for the ISC feed
	Vantage    netip.Addr      `toml:"vantage"` // the analyst's machine
	Prefixes   []prefixData    `toml:"prefix"`
	Resolvers  []resolverData  `toml:"resolver"`
	Proxies    []proxyData     `toml:"proxy"`
	ISC        iscData         `toml:"isc"`
	Registry   registryData    `toml:"registry"`
	Operators  []operatorData  `toml:"operator"`
	Registrars []registrarData `toml:"registrar"`
	Wildcards  []wildcardData  `toml:"wildcard"`
	Brands     []brandData     `toml:"brand"`
	Hosting    hostingData     `toml:"hosting"`

	names  []nameData // from names.toml, then ordinary.csv
	brands []lurehound.Brand
}

// prefixData says where addresses are. The first prefix that holds one counts.
type prefixData struct {
	CIDR     netip.Prefix `toml:"cidr"`
	Country  string       `toml:"country"` // ISO 3166-1 alpha-2
	Operator string       `toml:"operator"`
}

type resolverData struct {
	Address  netip.Addr `toml:"address"`
	Operator string     `toml:"operator"`
}

type proxyData struct {
	Name    string         `toml:"name"` // "": its country and kind
	Kind    string         `toml:"kind"` // "socks5" or "http"
	Address netip.AddrPort `toml:"address"`
	Host    string         `toml:"host"`   // its machine's name; "" for none
	Secure  uint16         `toml:"secure"` // the port of Host where it speaks the same inside TLS; 0 for none
}

// iscData is how the SANS ISC feed answers.
type iscData struct {
	Host       string     `toml:"host"`
	Address    netip.Addr `toml:"address"`
	Days       int        `toml:"days"`        // how far back search goes, today included
	FileDays   int        `toml:"file_days"`   // closed days that have a file
	OldLimit   int        `toml:"old_limit"`   // records after which the old form cuts off, unsaid
	MaxCount   int        `toml:"max_count"`   // most records of one answer of the new form
	RetryAfter int        `toml:"retry_after"` // seconds, with 429
}

// registryData is who keeps registration data.
type registryData struct {
	Bootstrap bootstrapData `toml:"bootstrap"`
	RDAP      rdapData      `toml:"rdap"`
	WHOIS     []whoisData   `toml:"whois"`
	Root      []netip.Addr  `toml:"root"` // root name servers
	TLD       []hostData    `toml:"tld"`  // name servers of every top-level domain
}

type bootstrapData struct {
	Host         string     `toml:"host"` // of the RDAP bootstrap file
	Address      netip.Addr `toml:"address"`
	WHOISHost    string     `toml:"whois_host"` // answers with a referral
	WHOISAddress netip.Addr `toml:"whois_address"`
}

type rdapData struct {
	Host    string     `toml:"host"`
	Address netip.Addr `toml:"address"`
	Path    string     `toml:"path"`
	TLDs    []string   `toml:"tlds"`
}

type whoisData struct {
	Host    string     `toml:"host"`
	Address netip.Addr `toml:"address"`
	TLDs    []string   `toml:"tlds"`
}

type hostData struct {
	Name    string     `toml:"name"`
	Address netip.Addr `toml:"address"`
}

// operatorData is a DNS operator: its name servers host zones.
type operatorData struct {
	Key     string     `toml:"key"`
	Servers []hostData `toml:"servers"`
	Hosts   []hostData `toml:"hosts"` // its other machines, as mail servers
}

type registrarData struct {
	Key   string `toml:"key"`
	Name  string `toml:"name"`
	Abuse string `toml:"abuse"` // mail address
	Phone string `toml:"phone"`
	IANA  string `toml:"iana"` // registrar ID
}

// wildcardData is a zone that answers for every name below it.
type wildcardData struct {
	Zone string       `toml:"zone"`
	A    []netip.Addr `toml:"a"`
}

type brandData struct {
	Name       string   `toml:"name"`
	Domains    []string `toml:"domains"`
	Words      []string `toml:"words"`
	Signers    []string `toml:"signers"`
	References []string `toml:"references"` // URLs of genuine pages

	Installers []genuineData `toml:"installer"`
}

// genuineData is a genuine installer: hash and signer are those of the file.
type genuineData struct {
	URL     string `toml:"url"`
	File    string `toml:"file"`     // name of an installer
	MinSize int64  `toml:"min_size"` // bytes, of the vendor's releases
	MaxSize int64  `toml:"max_size"`
}

// hostingData is what a web server says of hosts that it does not know.
type hostingData struct {
	Addresses []netip.Addr `toml:"addresses"` // where such a server listens beside those of sites
	Pages     string       `toml:"pages"`
	Status    int          `toml:"status"`
}

// nameData is one registered name, and what it does.
type nameData struct {
	Domain     string       `toml:"domain"`
	What       string       `toml:"what"` // for the reader of the file
	Real       bool         `toml:"real"` // the name itself is a fact of 2024, not invented
	Registrar  string       `toml:"registrar"`
	Registered time.Time    `toml:"registered"`
	Changed    time.Time    `toml:"changed"`
	Expires    time.Time    `toml:"expires"`
	Status     []string     `toml:"status"`   // as RDAP writes them
	Operator   string       `toml:"operator"` // key of the DNS operator
	Fault      string       `toml:"fault"`    // DNS: "servfail", "absent" (registered, not delegated)
	Latency    durationText `toml:"latency"`  // of DNS answers about it
	Loss       float64      `toml:"loss"`     // part of the DNS queries about it that nobody answers, [0,1)
	A          []netip.Addr `toml:"a"`
	AAAA       []netip.Addr `toml:"aaaa"`
	MX         []string     `toml:"mx"` // by preference
	TXT        []string     `toml:"txt"`
	Feed       []string     `toml:"feed"`        // days on which the ISC feed shows it
	Score      string       `toml:"score"`       // in the feed
	Reason     string       `toml:"scorereason"` // in the feed
	Site       *siteData    `toml:"site"`
}

// durationText is a duration as Go writes it: "20ms".
type durationText struct{ time.Duration }

func (d *durationText) UnmarshalText(b []byte) (err error) {
	d.Duration, err = time.ParseDuration(string(b))
	return err
}

// siteData is the web site of a name, on all its addresses.
type siteData struct {
	Server    string            `toml:"server"`    // Server header
	Pages     string            `toml:"pages"`     // folder under pages/
	Status    int               `toml:"status"`    // of its pages; 0 is 200
	Secure    bool              `toml:"secure"`    // http redirects to https
	NoTLS     bool              `toml:"no_tls"`    // nothing but http
	Issued    time.Time         `toml:"issued"`    // its certificate
	Days      int               `toml:"days"`      // its certificate's life
	Values    map[string]string `toml:"values"`    // for the templates
	Downloads map[string]string `toml:"downloads"` // path → key of an installer
	Rules     []ruleData        `toml:"rule"`      // the first that fits decides; else the site's own pages
}

// ruleData shows some visitors other pages. Conditions that are not set fit
// everybody; all that are set must fit.
type ruleData struct {
	Countries []string          `toml:"countries"` // of the visitor's address
	Referrer  string            `toml:"referrer"`  // part of the Referer header
	Agent     string            `toml:"agent"`     // part of the User-Agent header
	Language  string            `toml:"language"`  // with which the Accept-Language header begins
	Click     string            `toml:"click"`     // parameter that the link has
	First     bool              `toml:"first"`     // the address asks for the start page for the first time
	Visits    int               `toml:"visits"`    // so many requests for the start page were there at most, of all addresses
	Pages     string            `toml:"pages"`
	Status    int               `toml:"status"`
	Values    map[string]string `toml:"values"` // for the templates, besides those of the site
}

// readScenario reads and checks the data files. Unknown keys are errors: a
// misspelt one would silently change the story.
func readScenario(files fs.FS) (*scenario, error) {
	sc := &scenario{}
	if err := readTOML(files, worldFile, sc); err != nil {
		return nil, err
	}
	var named struct {
		Names []nameData `toml:"name"`
	}
	if err := readTOML(files, namesFile, &named); err != nil {
		return nil, err
	}
	ordinary, err := readOrdinary(files)
	if err != nil {
		return nil, err
	}
	sc.names = append(named.Names, ordinary...)
	if sc.brands, err = brandsOf(sc.Brands); err != nil {
		return nil, err
	}
	for i := range sc.Proxies {
		p := &sc.Proxies[i]
		p.Name = cmp.Or(p.Name, strings.ToLower(sc.country(p.Address.Addr()))+"-"+p.Kind)
	}
	if err := sc.check(); err != nil {
		return nil, err
	}
	return sc, nil
}

func readTOML(files fs.FS, name string, into any) error {
	meta, err := toml.DecodeFS(files, name, into)
	if err != nil {
		return fmt.Errorf("reading %s: %w", name, err)
	}
	if keys := meta.Undecoded(); len(keys) > 0 {
		return fmt.Errorf("reading %s: unknown key %s", name, keys[0])
	}
	return nil
}

func brandsOf(data []brandData) ([]lurehound.Brand, error) {
	var brands []lurehound.Brand
	for _, d := range data {
		b := lurehound.Brand{Name: d.Name, Words: d.Words, Signers: d.Signers}
		for _, s := range d.Domains {
			own, err := lurehound.ParseDomain(s)
			if err != nil {
				return nil, fmt.Errorf("reading brand %q: %w", d.Name, err)
			}
			b.Domains = append(b.Domains, own)
		}
		for _, u := range d.References {
			b.References = append(b.References, lurehound.Reference{URL: u})
		}
		for _, g := range d.Installers {
			f, err := installer.Find(g.File)
			if err != nil {
				return nil, fmt.Errorf("reading brand %q: %w", d.Name, err)
			}
			b.References = append(b.References, lurehound.Reference{URL: g.URL, SHA256: f.SHA256, MinSize: g.MinSize, MaxSize: g.MaxSize, Signer: f.Signer})
		}
		if err := b.Check(); err != nil {
			return nil, err
		}
		brands = append(brands, b)
	}
	return brands, nil
}

// country is where an address is; "" when no prefix holds it.
func (sc *scenario) country(a netip.Addr) string {
	for _, p := range sc.Prefixes {
		if p.CIDR.Contains(a) {
			return p.Country
		}
	}
	return ""
}

// tld is the last label of a name.
func tld(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }

var errScenario = errors.New("the scenario contradicts itself")
