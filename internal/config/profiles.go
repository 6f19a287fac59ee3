package config

import (
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"lurehound"
)

// Profiles is a file of profiles: the ways out, and what visitors are made of. Whether there is such a browser, language or
// arrival is not decided here.
type Profiles struct {
	// Routes are all ways out. Visits leave by these and no other: who wants to be seen from here too,
	// names the direct one. Empty: the file says nothing about routes.
	Routes []Route
	// DNS is the route by which questions go to resolvers and name servers, one of Routes; "": from here.
	DNS string
	// Browsers, Languages and Arrivals are combined with each other and with the routes, the first
	// of each first. Empty: the usual ones.
	Browsers, Languages, Arrivals []string
}

// Route is a way out, checked as far as one can without using it.
type Route struct {
	Name   string
	Kind   string         // "direct", "socks5", "connect" or "https"
	Proxy  netip.AddrPort // not set for the direct one, and where Host is
	Host   string         // name of the proxy's machine, A-label form; "" where an address is given
	Port   uint16         // of Host
	CA     string         // file of the authorities for the certificate of an https one; "": the system's
	Region string         // country in which it comes out, two letters; "" where nobody said
	User   string         // "" where the proxy asks for none
	// Password is a reference, env:NAME or file:PATH; a path is from the folder of the file of profiles.
	Password string
}

// profilesFile is the TOML form.
type profilesFile struct {
	Route []struct {
		Name     string `toml:"name"`
		Kind     string `toml:"kind"`
		Proxy    string `toml:"proxy"`
		CA       string `toml:"ca"`
		Region   string `toml:"region"`
		User     string `toml:"user"`
		Password string `toml:"password"`
	} `toml:"route"`
	DNS struct {
		Route string `toml:"route"`
	} `toml:"dns"`
	Profiles struct {
		Browsers  []string `toml:"browsers"`
		Languages []string `toml:"languages"`
		Arrivals  []string `toml:"arrivals"`
	} `toml:"profiles"`
}

// profilesForm is for those who wrote a key that nobody knows.
const profilesForm = "a file of profiles has [[route]] with name, kind, proxy, ca, region, user and password, [dns] with route, and [profiles] with browsers, languages and arrivals"

// maxRoutes bounds the ways out: a visit by each of more would take hours, and no host is worth that.
const maxRoutes = 64

// ReadProfiles reads a file of profiles. No error repeats what may be a password.
func ReadProfiles(path string) (Profiles, error) {
	b, err := readCapped(path, maxFile)
	if err != nil {
		return Profiles{}, err
	}
	p, err := parseProfiles(string(b), filepath.Dir(path))
	if err != nil {
		return Profiles{}, fmt.Errorf("%w: %s: %w", ErrConfig, path, err)
	}
	return p, nil
}

func parseProfiles(text, dir string) (Profiles, error) {
	var f profilesFile
	if err := strict(text, &f); err != nil {
		var se *syntaxError
		if errors.As(err, &se) {
			return Profiles{}, fmt.Errorf("line %d is no TOML: write key = \"value\", with both quotes", se.line)
		}
		return Profiles{}, fmt.Errorf("%w (%s)", err, profilesForm)
	}
	p := Profiles{DNS: f.DNS.Route, Browsers: f.Profiles.Browsers, Languages: f.Profiles.Languages, Arrivals: f.Profiles.Arrivals}
	for key, list := range map[string][]string{"browsers": p.Browsers, "languages": p.Languages, "arrivals": p.Arrivals} {
		for i, v := range list {
			if slices.Contains(list[:i], v) {
				return Profiles{}, fmt.Errorf("%s: %q is there twice", key, clip(v))
			}
		}
	}
	if len(f.Route) > maxRoutes {
		return Profiles{}, fmt.Errorf("%d routes are more than the %d that are used", len(f.Route), maxRoutes)
	}
	for i, in := range f.Route {
		r := Route{Name: in.Name, Kind: strings.ToLower(in.Kind), Region: strings.ToUpper(in.Region), User: in.User, Password: in.Password}
		if !routeName(r.Name) {
			return Profiles{}, fmt.Errorf("route %d: name = %q: write a short name of small letters, digits and hyphens, as us-1", i+1, clip(r.Name))
		}
		if slices.ContainsFunc(p.Routes, func(o Route) bool { return o.Name == r.Name }) {
			return Profiles{}, fmt.Errorf("two routes are called %s: give each a name of its own", r.Name)
		}
		if err := r.check(in.Proxy, in.CA, dir); err != nil {
			return Profiles{}, fmt.Errorf("route %s: %w", r.Name, err)
		}
		p.Routes = append(p.Routes, r)
	}
	if i := slices.IndexFunc(p.Routes, func(r Route) bool { return r.Name == p.DNS }); p.DNS != "" && i < 0 {
		return Profiles{}, fmt.Errorf("[dns]: route = %q is none of the routes of this file", clip(p.DNS))
	} else if p.DNS != "" && p.Routes[i].Host != "" {
		return Profiles{}, fmt.Errorf("[dns]: the proxy of route %s is given by name, which no resolver could be asked for before it is reached: give its address", p.DNS)
	}
	if len(p.Routes)+len(p.Browsers)+len(p.Languages)+len(p.Arrivals) == 0 {
		return Profiles{}, fmt.Errorf("it says nothing: %s", profilesForm)
	}
	return p, nil
}

// check finishes a route and says what is wrong with it.
func (r *Route) check(proxy, ca, dir string) error {
	const direct = "direct"
	switch {
	case r.Kind == direct && r.Name != direct:
		return errors.New("the route that leaves from here is called direct: write name = \"direct\"")
	case r.Kind != direct && r.Name == direct:
		return errors.New("the name direct is for the route that leaves from here: write kind = \"direct\", or give the proxy another name")
	case r.Kind == direct && (proxy != "" || ca != "" || r.User != "" || r.Password != ""):
		return errors.New("it leaves from here: leave proxy, ca, user and password out")
	case r.Kind == "http":
		r.Kind = "connect"
	case r.Kind != "socks5" && r.Kind != "connect" && r.Kind != "https" && r.Kind != direct:
		return fmt.Errorf("kind = %q: write socks5, connect (an HTTP proxy), https (an HTTP proxy that speaks TLS) or direct", clip(r.Kind))
	case ca != "" && r.Kind != "https":
		return errors.New("ca is for the certificate of a proxy of kind https: write kind = \"https\", or leave ca out")
	}
	if err := checkRegion(r.Region); err != nil {
		return err
	}
	if r.Kind == direct {
		return nil
	}
	var err error
	if err = r.setProxy(proxy); err != nil {
		return err
	}
	if r.CA = ca; ca != "" && !filepath.IsAbs(ca) {
		r.CA = filepath.Join(dir, ca)
	}
	switch {
	case r.User == "" && r.Password != "":
		return errors.New("a password without a user: write user = \"…\" too")
	case r.User != "" && r.Password == "":
		return errors.New("a user without a password: write password = \"env:NAME\" or \"file:PATH\" too")
	case r.Kind != "socks5" && strings.Contains(r.User, ":"):
		return errors.New("an HTTP proxy takes no user with a colon; write the password as a reference of its own")
	case len(r.User) > 255:
		return errors.New("user: proxies take at most 255 bytes")
	}
	where, file := strings.CutPrefix(r.Password, "file:")
	if file && where != "" && !filepath.IsAbs(where) {
		r.Password = "file:" + filepath.Join(dir, where)
	}
	return nil
}

func routeName(s string) bool {
	const most = 32 // it is part of every profile's name
	odd := func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' }
	return s != "" && len(s) <= most && s[0] != '-' && !strings.ContainsFunc(s, odd)
}

func checkRegion(s string) error {
	letter := func(b byte) bool { return 'A' <= b && b <= 'Z' }
	switch {
	case s == "UK":
		return errors.New("region = \"UK\": the country's letters are GB")
	case s != "" && (len(s) != 2 || !letter(s[0]) || !letter(s[1])):
		return fmt.Errorf("region = %q: write the country's two letters, as US", clip(s))
	}
	return nil
}

// setProxy reads where the proxy is: ADDR:PORT, or HOST:PORT with a name of the public DNS.
func (r *Route) setProxy(s string) error {
	const write = "write the proxy's address and port, as 198.51.100.7:1080, or its name and port, as gate.example.net:1080"
	if s == "" {
		return fmt.Errorf("it has no proxy: %s", write)
	}
	if strings.ContainsAny(s, "@/") { // a whole URL, and maybe with a password
		return fmt.Errorf("proxy: %s, without a scheme, user and password, which have keys of their own", write)
	}
	ap, err := netip.ParseAddrPort(s)
	switch {
	case err == nil && ap.Addr().Zone() == "" && ap.Port() != 0 && !ap.Addr().IsUnspecified() && !ap.Addr().IsMulticast():
		r.Proxy = ap
		return nil
	case err == nil:
		return fmt.Errorf("proxy = %q is no address and port that can be dialled: %s", clip(s), write)
	}
	if _, err := netip.ParseAddr(s); err == nil {
		return fmt.Errorf("proxy = %q has no port: %s", clip(s), write)
	}
	host, port, ok := strings.Cut(s, ":")
	if !ok && strings.Contains(host, ".") {
		return fmt.Errorf("proxy = %q has no port: %s", clip(s), write)
	}
	n, err := strconv.ParseUint(port, 10, 16)
	// Numbers apart from an address are other spellings of one, which resolvers are not asked for.
	last := host[strings.LastIndexByte(host, '.')+1:]
	if d, derr := lurehound.ParseDomain(host); err == nil && n > 0 && derr == nil && hostName(d.String()) && strings.Contains(d.String(), ".") && strings.Trim(last, "0123456789") != "" {
		r.Host, r.Port = d.String(), uint16(n)
		return nil
	}
	return fmt.Errorf("proxy = %q: %s", clip(s), write)
}

// hostName reports whether labels are such as machines have (RFC 952, RFC 1123 section 2.1).
func hostName(s string) bool {
	odd := func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '.' }
	return !strings.ContainsFunc(s, odd) && !strings.HasPrefix(s, ".") && !strings.Contains(s, "..")
}

func clip(s string) string {
	const most = 80 // bytes of a value worth repeating
	return s[:min(len(s), most)]
}
