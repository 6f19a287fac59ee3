package egress

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Profile is how one visitor appears to a host. Nothing but these values, the
// host's own name and its own cookies goes out to it.
type Profile struct {
	Name  string // what it is made of: "chrome-windows/en-US/search", and "@ROUTE" where it is not the direct one
	Route string // by name; an unknown one is refused, never replaced by a direct one

	// What tells visitors apart, for those who compare what they were shown.
	Region   string // country in which the route comes out, two letters; "" where nobody said
	Agent    string // browser and system: "chrome-windows"
	Device   string // "desktop", "phone", or "tool" for what is no browser
	Language string // first language: "en-US"
	Arrival  Arrival

	UserAgent      string
	Accept         string
	AcceptLanguage string
	Referrer       string // origin only, as browsers send it across sites; "" sends none
	Click          string // parameter that an advertisement adds to its link; "" adds none
	Headers        []Header
}

// Header is a further header that the browser sends with a page's request.
type Header struct {
	Name, Value string
	Secure      bool // over https only
}

// Arrival is how a visitor came.
type Arrival string

// The arrivals.
const (
	Typed  Arrival = "typed"  // no referrer
	Search Arrival = "search" // a search engine's result
	Ad     Arrival = "ad"     // a search engine's advertisement, with its click parameter
	Mail   Arrival = "mail"   // a link in web mail
)

// Arrivals are all of them, the commonest among victims first.
func Arrivals() []Arrival { return []Arrival{Search, Ad, Typed, Mail} }

// agent is a browser as it shows itself.
type agent struct {
	name, device, userAgent, accept string
	brands, platform                string // client hints; "" where the browser sends none
	fetches                         bool   // it tells with Sec-Fetch-* what a request is for
}

// What browsers send with a page's request. User agents of Chromium are reduced to the major version and freeze
// the system's version, those of Safari freeze macOS.
const (
	chromeAccept  = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8"
	plainAccept   = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
	chromeBrands  = `"Chromium";v="152", "Google Chrome";v="152", "Not=A?Brand";v="24"`
	edgeBrands    = `"Chromium";v="152", "Microsoft Edge";v="152", "Not=A?Brand";v="24"`
	webkitWindows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/152.0.0.0 Safari/537.36"
)

// agents are the browsers, the commonest among victims first.
var agents = [...]agent{
	{"chrome-windows", "desktop", webkitWindows, chromeAccept, chromeBrands, "Windows", true},
	{"edge-windows", "desktop", webkitWindows + " Edg/152.0.0.0", chromeAccept, edgeBrands, "Windows", true},
	{"firefox-windows", "desktop", "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:152.0) Gecko/20100101 Firefox/152.0", plainAccept, "", "", true},
	{"safari-mac", "desktop", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15", plainAccept, "", "", true},
	{"chrome-android", "phone", "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/152.0.0.0 Mobile Safari/537.36", chromeAccept, chromeBrands, "Android", true},
	{"safari-iphone", "phone", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1", plainAccept, "", "", true},
	{"curl", "tool", "curl/8.5.0", "*/*", "", "", false}, // what scanners look like
}

// Agents are the names of the browsers.
func Agents() []string {
	var names []string
	for _, a := range agents {
		names = append(names, a.name)
	}
	return names
}

// NewProfile is a visitor who comes by a route with a browser, a first language ("de-DE") and from
// somewhere. All that it sends is as that browser sends it. It fails on what it does not know.
func NewProfile(route Route, browser, language string, arrival Arrival) (Profile, error) {
	p := Profile{Route: route.Name, Region: route.Region, Language: language, Arrival: arrival}
	for _, a := range agents {
		if a.name == browser {
			p.wear(a)
		}
	}
	if p.Agent == "" {
		return Profile{}, fmt.Errorf("%q is no browser; type one of %s", browser, strings.Join(Agents(), ", "))
	}
	base, _, regional := strings.Cut(language, "-")
	if len(base) != 2 || len(language) > len("en-US") {
		return Profile{}, fmt.Errorf("%q is no language; type one as en-US", language)
	}
	p.AcceptLanguage = language
	if regional {
		p.AcceptLanguage += "," + base + ";q=0.9"
	}
	if base != "en" {
		p.AcceptLanguage += ",en;q=0.8"
	}
	switch arrival {
	case Typed:
	case Search:
		p.Referrer = "https://www.google.com/"
	case Ad:
		p.Referrer, p.Click = "https://www.google.com/", "gclid"
	case Mail:
		p.Referrer = "https://mail.google.com/"
	default:
		return Profile{}, fmt.Errorf("%q is no way to arrive; type one of search, typed, ad, mail", arrival)
	}
	site := "cross-site"
	if p.Referrer == "" {
		site = "none"
	}
	if len(p.Headers) > 0 {
		p.Headers = append(p.Headers, Header{"Sec-Fetch-Site", site, true})
	}
	if p.Agent == "curl" {
		p.AcceptLanguage = ""
	}
	p.Name = strings.Join([]string{browser, language, string(arrival)}, "/")
	if route.Kind != StraightOut {
		p.Name += "@" + route.Name
	}
	return p, nil
}

// RouteOf is the route in the name of a profile.
func RouteOf(profile string) string {
	if _, route, ok := strings.Cut(profile, "@"); ok {
		return route
	}
	return Direct().Name
}

// wear makes the profile send what a browser sends.
func (p *Profile) wear(a agent) {
	p.Agent, p.Device, p.UserAgent, p.Accept = a.name, a.device, a.userAgent, a.accept
	if a.brands != "" {
		mobile := "?0"
		if a.device == "phone" {
			mobile = "?1"
		}
		p.Headers = append(p.Headers, Header{"Sec-CH-UA", a.brands, true}, Header{"Sec-CH-UA-Mobile", mobile, true},
			Header{"Sec-CH-UA-Platform", `"` + a.platform + `"`, true})
	}
	if a.fetches {
		p.Headers = append(p.Headers, Header{"Upgrade-Insecure-Requests", "1", false},
			Header{"Sec-Fetch-Dest", "document", true}, Header{"Sec-Fetch-Mode", "navigate", true}, Header{"Sec-Fetch-User", "?1", true})
	}
}

// DefaultProfile is who a lure in search results waits for: a desktop Chrome on
// Windows that comes from a search, directly from this machine.
func DefaultProfile() Profile {
	p, err := NewProfile(Direct(), "chrome-windows", "en-US", Search)
	if err != nil {
		panic(err) // of constants
	}
	return p
}

// Entrance is the URL by which the visitor enters: with a fresh click parameter, where the profile has one. One of an earlier visit
// goes: nobody clicks on two advertisements at once.
func (p Profile) Entrance(link string) string {
	if p.Click == "" {
		return link
	}
	u, err := url.Parse(link)
	if err != nil {
		return link
	}
	var b [60]byte
	_, _ = rand.Read(b[:]) // never fails
	click := p.Click + "=EAIaIQobChMI" + base64.RawURLEncoding.EncodeToString(b[:])
	parts := slices.DeleteFunc(strings.Split(u.RawQuery, "&"), func(s string) bool { return s == "" || strings.HasPrefix(s, p.Click+"=") })
	u.RawQuery = strings.Join(append(parts, click), "&")
	return u.String()
}
