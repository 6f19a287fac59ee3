package cloak

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"lurehound"
	"lurehound/internal/egress"
	"lurehound/internal/page"
)

const link = "https://lure.example/"

var (
	direct = egress.Direct()
	us     = proxy("us", "US")
	gb     = proxy("gb", "GB")
)

func proxy(name, region string) egress.Route {
	return egress.Route{Name: name, Region: region, Kind: egress.SOCKS5, Proxy: netip.MustParseAddrPort("203.0.113.200:1080")}
}

// visit is what a site knows of one.
type visit struct {
	egress.Profile
	number  int // of all visits, from 1
	address int // of those by this route, from 1
}

// lure and blank are pages; both change a little with every visit.
func lure(n int) string {
	words := strings.Repeat("the free viewer opens studies of all kinds and measures what is in them for every clinic ", 6)
	return fmt.Sprintf(`<html><title>Viewer</title><body><p>%s</p><p>visit %d</p><a href="/files/setup.exe">Download</a></body></html>`, words, n)
}

func blog(n int) string {
	words := strings.Repeat("our garden has roses and the neighbour grows beans which taste of summer and of long evenings ", 6)
	return fmt.Sprintf(`<html><title>Garden</title><body><p>%s</p><p>visit %d</p></body></html>`, words, n)
}

func seen(status int, html, end string) *lurehound.VisitFacts {
	f := page.Features([]byte(html), end, "text/html")
	return &lurehound.VisitFacts{Start: link, URL: end, Status: status, ContentType: "text/html", Page: &f}
}

func open(v visit) *lurehound.VisitFacts { return seen(200, lure(v.number), link) }
func closed(v visit) *lurehound.VisitFacts {
	return seen(404, "<html><title>404</title>Not found</html>", link)
}
func other(v visit) *lurehound.VisitFacts { return seen(200, blog(v.number), link) }
func away(visit) *lurehound.VisitFacts    { return seen(200, blog(1), "https://elsewhere.example/") }

// investigate looks until nothing more is to be learnt.
func investigate(t interface{ Fatalf(string, ...any) }, s Space, site func(visit) *lurehound.VisitFacts) (lurehound.Cloaking, []Look) {
	var looks []Look
	by := map[string]int{}
	for {
		next := s.Next(looks, link)
		if len(next) == 0 {
			return Judge(looks, link), looks
		}
		for _, p := range next {
			by[p.Route]++
			l := Look{Profile: p, Outcome: lurehound.Found, Visit: site(visit{p, len(looks) + 1, by[p.Route]})}
			if l.Visit == nil {
				l.Outcome, l.Reason = lurehound.Unknown, "timeout"
			}
			looks = append(looks, l)
		}
		if len(looks) > s.Budget {
			t.Fatalf("%d visits, %d are the budget", len(looks), s.Budget)
		}
	}
}

// when decides by a condition.
func when(is func(visit) bool, then, otherwise func(visit) *lurehound.VisitFacts) func(visit) *lurehound.VisitFacts {
	return func(v visit) *lurehound.VisitFacts {
		if is(v) {
			return then(v)
		}
		return otherwise(v)
	}
}

// TestKinds are the ways to sort visitors, each named rightly, or left open honestly.
func TestKinds(t *testing.T) {
	agent := func(part string) func(visit) bool {
		return func(v visit) bool { return strings.Contains(v.UserAgent, part) }
	}
	one, three := []egress.Route{direct}, []egress.Route{direct, us, gb}
	for _, c := range []struct {
		name    string
		routes  []egress.Route
		site    func(visit) *lurehound.VisitFacts
		verdict lurehound.CloakingVerdict
		kinds   string
	}{
		{"the same for all", three, open, lurehound.NoneSeen, ""},
		{"nothing for all", three, closed, lurehound.CloakUnsure, ""},
		{"country", three, when(func(v visit) bool { return v.Region == "US" }, open, closed), lurehound.Cloaked, "country"},
		{"country, else another page", three, when(func(v visit) bool { return v.Region == "GB" }, open, other), lurehound.Cloaked, "country"},
		{"country that nobody tried", one, when(func(v visit) bool { return v.Region == "US" }, open, closed), lurehound.CloakUnsure, ""},
		{"browser", one, when(agent("Firefox"), open, closed), lurehound.Cloaked, "user-agent"},
		{"no scanners", one, when(agent("curl"), closed, open), lurehound.Cloaked, "user-agent"},
		{"device", one, when(agent("Mobile"), closed, open), lurehound.Cloaked, "device"},
		{"phones only", one, when(agent("Mobile"), open, closed), lurehound.Cloaked, "device"},
		{"language", three, when(func(v visit) bool { return v.Language == "de-DE" }, open, closed), lurehound.Cloaked, "language"},
		{"referrer", three, when(func(v visit) bool {
			return strings.Contains(v.Referrer, "google.com/") && !strings.Contains(v.Referrer, "mail")
		}, open, away), lurehound.Cloaked, "referrer"},
		{"click", one, when(func(v visit) bool { return v.Click != "" }, open, other), lurehound.Cloaked, "click"},
		{"country and click", three, when(func(v visit) bool { return v.Region == "US" && v.Click != "" }, open, closed), lurehound.Cloaked, "country,click"},
		{"country, device and referrer", three, when(func(v visit) bool { return v.Region == "GB" && v.Device == "desktop" && v.Referrer != "" }, open, closed), lurehound.Cloaked, "country,device,referrer"},
		{"first visit", three, when(func(v visit) bool { return v.address == 1 }, open, closed), lurehound.Cloaked, "first-visit"},
		{"first visit, one address", one, when(func(v visit) bool { return v.address == 1 }, open, closed), lurehound.CloakUnsure, "first-visit,time"},
		{"taken down meanwhile", three, when(func(v visit) bool { return v.number < 9 }, open, closed), lurehound.CloakUnsure, "time"},
		{"time that comes", three, when(func(v visit) bool { return v.number > 6 }, open, closed), lurehound.CloakUnsure, "time"},
		{"script", three, func(visit) *lurehound.VisitFacts {
			return seen(200, `<html><title>Loading</title><body><div id=app></div><script src="/app.js"></script></body></html>`, link)
		}, lurehound.CloakUnsure, "javascript"},
		{"bot check", three, func(visit) *lurehound.VisitFacts {
			return seen(403, `<html><title>Just a moment...</title><body>Verify you are human</body></html>`, link)
		}, lurehound.CloakUnsure, "bot-check"},
		{"a coin", three, when(func(v visit) bool { return v.number*7919%13 < 6 }, open, closed), lurehound.CloakUnsure, ""},
		{"silence for a country", three, when(func(v visit) bool { return v.Region == "US" }, open, func(visit) *lurehound.VisitFacts { return nil }), lurehound.Cloaked, "country"},
		{"first visit, then silence", three, when(func(v visit) bool { return v.address == 1 }, open, func(visit) *lurehound.VisitFacts { return nil }), lurehound.Cloaked, "first-visit"},
		{"one lost answer", three, when(func(v visit) bool { return v.number == 4 }, func(visit) *lurehound.VisitFacts { return nil }, open), lurehound.NoneSeen, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, looks := investigate(t, DefaultSpace(c.routes), c.site)
			var kinds []string
			for _, k := range got.Kinds {
				kinds = append(kinds, string(k))
			}
			if got.Verdict != c.verdict || strings.Join(kinds, ",") != c.kinds {
				t.Errorf("%s %v after %d visits, want %s %s: %s", got.Verdict, kinds, len(looks), c.verdict, c.kinds, got.Why)
				for _, l := range looks {
					t.Log(l.Profile.Name, l.Outcome, l.Visit != nil && l.Visit.Status == 200)
				}
			}
			if got.Why == "" || got.Verdict == lurehound.CloakUnsure && len(got.Missing) == 0 {
				t.Errorf("%q, missing %q", got.Why, got.Missing)
			}
		})
	}
}

// Whatever single part decides, and whichever of its values open the door, no part is blamed
// that decides nothing, and the door is found.
func TestAnySinglePart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := DefaultSpace([]egress.Route{direct, us, gb})
		part := rapid.SampledFrom(traits()).Draw(t, "part")
		values := map[string]bool{}
		for _, r := range s.Routes {
			for _, b := range s.Browsers {
				for _, l := range s.Languages {
					for _, a := range s.Arrivals {
						p, err := egress.NewProfile(r, b, l, a)
						if err != nil {
							t.Fatal(err)
						}
						if p.Device != "tool" || part.kind == lurehound.ByDevice || part.kind == lurehound.ByUserAgent {
							values[part.of(p)] = true // that tools send no language is their own
						}
					}
				}
			}
		}
		all := slices.Sorted(func(yield func(string) bool) {
			for v := range values {
				if !yield(v) {
					return
				}
			}
		})
		opening := rapid.SliceOfNDistinct(rapid.SampledFrom(all), 1, len(all)-1, rapid.ID[string]).Draw(t, "opening")
		got, _ := investigate(t, s, when(func(v visit) bool { return slices.Contains(opening, part.of(v.Profile)) }, open, closed))
		if got.Verdict != lurehound.Cloaked || len(got.Differences) == 0 {
			t.Fatalf("%s by %s in %v: %+v", got.Verdict, part.kind, opening, got)
		}
		for _, d := range got.Differences {
			browser := d.Kind == lurehound.ByDevice || d.Kind == lurehound.ByUserAgent
			if d.Kind != part.kind && !(browser && (part.kind == lurehound.ByDevice || part.kind == lurehound.ByUserAgent)) {
				t.Errorf("%s is blamed, %s decides by %v: %s", d.Kind, part.kind, opening, got.Why)
			}
		}
	})
}

// A site that shuffles its words and advertisements, and loses answers now and then, is no cloak.
func TestNoise(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 1))
		got, _ := investigate(t, DefaultSpace([]egress.Route{direct, us, gb}), func(v visit) *lurehound.VisitFacts {
			if r.IntN(40) == 0 {
				return nil
			}
			return open(v)
		})
		if got.Verdict == lurehound.Cloaked {
			t.Errorf("seed %d: %s", seed, got.Why)
		}
	}
}

// A route that does not work says nothing of the site.
func TestDeadRoutes(t *testing.T) {
	s := DefaultSpace([]egress.Route{direct, us})
	var looks []Look
	for next := s.Next(nil, link); len(next) > 0; next = s.Next(looks, link) {
		for _, p := range next {
			l := Look{Profile: p, Outcome: lurehound.Blocked, Reason: "proxy us: connection refused"}
			if p.Route == "direct" {
				l = Look{Profile: p, Outcome: lurehound.Found, Visit: open(visit{p, len(looks), 1})}
			}
			looks = append(looks, l)
		}
	}
	got := Judge(looks, link)
	if got.Verdict != lurehound.NoneSeen || !slices.ContainsFunc(got.Tried.Failed, func(s string) bool { return strings.Contains(s, "connection refused") }) {
		t.Errorf("%+v", got)
	}
	if len(got.Tried.Countries) > 0 || !slices.Equal(got.Tried.Routes, []string{"direct"}) {
		t.Errorf("what did not work counts as tried: %+v", got.Tried)
	}
}
