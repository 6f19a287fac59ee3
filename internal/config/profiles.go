package config

import (
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
)

// Profiles is a file of profiles: the ways out, and what visitors are made of. Whether there is such a browser, language or
// arrival is not decided here.
type Profiles struct {
	// Routes are all ways out. Visits leave by these and no other: who wants to be seen from here too,
	// names the direct one. Empty: the file says nothing about routes.
	Routes []Route
	// Browsers, Languages and Arrivals are combined with each other and with the routes, the first
	// of each first. Empty: the usual ones.
	Browsers, Languages, Arrivals []string
}

// Route is a way out, checked as far as one can without using it.
type Route struct {
	Name   string
	Kind   string         // "direct", "socks5" or "connect"
	Proxy  netip.AddrPort // not set for the direct one
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
		Region   string `toml:"region"`
		User     string `toml:"user"`
		Password string `toml:"password"`
	} `toml:"route"`
	Profiles struct {
		Browsers  []string `toml:"browsers"`
		Languages []string `toml:"languages"`
		Arrivals  []string `toml:"arrivals"`
	} `toml:"profiles"`
}

// profilesForm is for those who wrote a key that nobody knows.
const profilesForm = "a file of profiles has [[route]] with name, kind, proxy, region, user and password, and [profiles] with browsers, languages and arrivals"

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
	p := Profiles{Browsers: f.Profiles.Browsers, Languages: f.Profiles.Languages, Arrivals: f.Profiles.Arrivals}
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
		if err := r.check(in.Proxy, dir); err != nil {
			return Profiles{}, fmt.Errorf("route %s: %w", r.Name, err)
		}
		p.Routes = append(p.Routes, r)
	}
	if len(p.Routes)+len(p.Browsers)+len(p.Languages)+len(p.Arrivals) == 0 {
		return Profiles{}, fmt.Errorf("it says nothing: %s", profilesForm)
	}
	return p, nil
}

// check finishes a route and says what is wrong with it.
func (r *Route) check(proxy, dir string) error {
	const direct = "direct"
	switch {
	case r.Kind == direct && r.Name != direct:
		return errors.New("the route that leaves from here is called direct: write name = \"direct\"")
	case r.Kind != direct && r.Name == direct:
		return errors.New("the name direct is for the route that leaves from here: write kind = \"direct\", or give the proxy another name")
	case r.Kind == direct && (proxy != "" || r.User != "" || r.Password != ""):
		return errors.New("it leaves from here: leave proxy, user and password out")
	case r.Kind == "http":
		r.Kind = "connect"
	case r.Kind != "socks5" && r.Kind != "connect" && r.Kind != direct:
		return fmt.Errorf("kind = %q: write socks5, connect (an HTTP proxy) or direct", clip(r.Kind))
	}
	if err := checkRegion(r.Region); err != nil {
		return err
	}
	if r.Kind == direct {
		return nil
	}
	var err error
	if r.Proxy, err = proxyAddress(proxy); err != nil {
		return err
	}
	switch {
	case r.User == "" && r.Password != "":
		return errors.New("a password without a user: write user = \"…\" too")
	case r.User != "" && r.Password == "":
		return errors.New("a user without a password: write password = \"env:NAME\" or \"file:PATH\" too")
	case r.Kind == "connect" && strings.Contains(r.User, ":"):
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

// proxyAddress takes an address only: a name could lead elsewhere tomorrow, and inside.
func proxyAddress(s string) (netip.AddrPort, error) {
	const write = "write the proxy's address and port, as 198.51.100.7:1080"
	if s == "" {
		return netip.AddrPort{}, fmt.Errorf("it has no proxy: %s", write)
	}
	if strings.ContainsAny(s, "@/") { // a whole URL, and maybe with a password
		return netip.AddrPort{}, fmt.Errorf("proxy: %s, without a scheme, user and password, which have keys of their own", write)
	}
	ap, err := netip.ParseAddrPort(s)
	switch {
	case err == nil && ap.Addr().Zone() == "" && ap.Port() != 0 && !ap.Addr().IsUnspecified() && !ap.Addr().IsMulticast():
		return ap, nil
	case err == nil:
		return ap, fmt.Errorf("proxy = %q is no address and port that can be dialled: %s", clip(s), write)
	}
	if _, err := netip.ParseAddr(s); err == nil {
		return ap, fmt.Errorf("proxy = %q has no port: %s", clip(s), write)
	}
	if host, port, ok := strings.Cut(s, ":"); ok && strings.Contains(host, ".") {
		return ap, fmt.Errorf("proxy = %q is a name, which others could point elsewhere: write an address of it, ADDR:%s (lurehound resolve %s shows them)",
			clip(s), clip(port), clip(host))
	}
	return ap, fmt.Errorf("proxy = %q: %s", clip(s), write)
}

func clip(s string) string {
	const most = 80 // bytes of a value worth repeating
	return s[:min(len(s), most)]
}
