package egress

import (
	"net/url"
	"strings"
	"testing"
)

// Every browser sends what fits together, by every arrival.
func TestProfilesAreConsistent(t *testing.T) {
	names := map[string]bool{}
	for _, a := range Agents() {
		for _, arrival := range Arrivals() {
			p, err := NewProfile(Direct(), a, "de-DE", arrival)
			if err != nil {
				t.Fatal(err)
			}
			if names[p.Name] {
				t.Errorf("two profiles are called %s", p.Name)
			}
			names[p.Name] = true
			h := map[string]string{}
			for _, x := range p.Headers {
				h[x.Name] = x.Value
			}
			chromium := strings.Contains(p.UserAgent, "Chrome/")
			if hints := h["Sec-CH-UA"] != ""; hints != chromium {
				t.Errorf("%s: client hints %v, Chromium %v", p.Name, hints, chromium)
			}
			if phone := strings.Contains(p.UserAgent, "Mobile"); phone != (p.Device == "phone") || chromium && (h["Sec-CH-UA-Mobile"] == "?1") != phone {
				t.Errorf("%s: %q on a %s, hint %q", p.Name, p.UserAgent, p.Device, h["Sec-CH-UA-Mobile"])
			}
			if site, sends := h["Sec-Fetch-Site"]; sends && (site == "none") != (p.Referrer == "") || sends == (a == "curl") {
				t.Errorf("%s: referrer %q, Sec-Fetch-Site %q", p.Name, p.Referrer, site)
			}
			if a != "curl" && !strings.HasPrefix(p.AcceptLanguage, "de-DE,de;q=0.9") {
				t.Errorf("%s: %q", p.Name, p.AcceptLanguage)
			}
		}
	}
	for _, bad := range [][3]string{{"netscape", "en-US", "search"}, {"curl", "english", "search"}, {"curl", "en-US", "teleport"}} {
		if p, err := NewProfile(Direct(), bad[0], bad[1], Arrival(bad[2])); err == nil {
			t.Errorf("%v: %+v", bad, p)
		}
	}
}

// An advertisement's click is another one each time, and nothing else adds to the link.
func TestEntrance(t *testing.T) {
	ad, err := NewProfile(Direct(), "chrome-windows", "en-US", Ad)
	if err != nil {
		t.Fatal(err)
	}
	link := "https://lure.example/a?x=1#f"
	first, second := ad.Entrance(link), ad.Entrance(link)
	if first == second || !strings.HasPrefix(first, "https://lure.example/a?x=1&gclid=") {
		t.Errorf("%q, %q", first, second)
	}
	if u, err := url.Parse(first); err != nil || len(u.Query().Get("gclid")) < 80 {
		t.Errorf("%q: %v", first, err)
	}
	if again := ad.Entrance(first); again == first || strings.Count(again, "gclid=") != 1 || !strings.Contains(again, "x=1&") {
		t.Errorf("a link of an earlier visit becomes %q", again)
	}
	if got := DefaultProfile().Entrance(link); got != link {
		t.Errorf("%q", got)
	}
}
