package hunt_test

import (
	"net/netip"
	"strings"
	"testing"

	"lurehound"
	"lurehound/internal/egress"
	"lurehound/internal/hunt"
	"lurehound/internal/lab"
)

// labRoutes are the laboratory's proxies, and one that is dead.
func labRoutes(l *lab.Lab) []egress.Route {
	routes := []egress.Route{{Name: "dead", Region: "US", Kind: egress.SOCKS5, Proxy: netip.MustParseAddrPort("203.0.113.201:1080")}}
	for _, p := range l.Proxies() {
		kind := egress.Connect
		if p.Kind == "socks5" {
			kind = egress.SOCKS5
		}
		routes = append(routes, egress.Route{Name: p.Name, Region: p.Country, Kind: kind, Proxy: p.Address})
	}
	return routes
}

// byRoute is a plan whose visits go by the route of that name.
func (w *world) byRoute(t testing.TB, name string) hunt.Plan {
	t.Helper()
	p, err := w.plan(few)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range labRoutes(w.lab) {
		if r.Name == name {
			if p.Profile, err = egress.NewProfile(r, "chrome-windows", "en-US", egress.Search); err != nil {
				t.Fatal(err)
			}
		}
	}
	if p.Profile.Route != name {
		t.Fatalf("the profile goes by %s", p.Profile.Route)
	}
	return p
}

// TestDeadProxy: nothing leaves for any web server, by whatever way, and the result says what was not looked at.
func TestDeadProxy(t *testing.T) {
	w, s := newWorld(t), newStore(t)
	h, err := hunt.Run(t.Context(), w.kit(s), w.byRoute(t, "dead"))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range w.lab.Requests() {
		if r.Service == lab.HTTP || r.Service == lab.HTTPS || r.Service == lab.Proxy {
			t.Errorf("%s %s %s%s from %s to %s", r.Service, r.Method, r.Host, r.Path, r.Src, r.Dst)
		}
	}
	if h.Complete || h.Counts.Visited != 0 || !strings.Contains(strings.Join(h.Problems, "\n"), "hosts not looked at: route dead: its proxy refuses the connection") {
		t.Errorf("complete %v, %d visited, problems %q", h.Complete, h.Counts.Visited, h.Problems)
	}
	blocked := 0
	for _, f := range h.Findings {
		for _, o := range f.Observations {
			if o.Probe != "http" {
				continue
			}
			if o.Outcome == lurehound.Blocked {
				blocked++
			}
			if o.Outcome == lurehound.Found {
				t.Errorf("%s was found by %s", f.Candidate.Domain, o.Profile)
			}
		}
		if f.Verdict == lurehound.Malicious || f.Verdict == lurehound.Benign {
			t.Errorf("%s is %s, and nobody looked", f.Candidate.Domain, f.Verdict)
		}
	}
	if blocked < 5 {
		t.Errorf("%d visits are blocked: the test looks at nothing", blocked)
	}
	addsUp(t, s, 1, h)
}

// TestByProxy: every web server sees the proxy's address and never ours, and the one that hides from us shows itself there.
func TestByProxy(t *testing.T) {
	for _, p := range []string{"us-socks5", "gb-http"} {
		w, s := newWorld(t), newStore(t)
		var at netip.Addr
		for _, r := range labRoutes(w.lab) {
			if r.Name == p {
				at = r.Proxy.Addr()
			}
		}
		h, err := hunt.Run(t.Context(), w.kit(s), w.byRoute(t, p))
		if err != nil {
			t.Fatal(err)
		}
		seen := 0
		for _, r := range w.lab.Requests() {
			switch r.Service {
			case lab.HTTP, lab.HTTPS:
				if seen++; r.Src.Addr() != at {
					t.Errorf("%s: %s%s saw %s", p, r.Host, r.Path, r.Src)
				}
			case lab.Proxy:
				if _, err := netip.ParseAddrPort(r.Host); err != nil || r.Method != "CONNECT" {
					t.Errorf("%s was asked %s %q, and not by an address", p, r.Method, r.Host)
				}
			}
		}
		if seen < 10 || verdicts(h)["microdicom-viewer.com"] != lurehound.Malicious {
			t.Errorf("%s: %d requests; microdicom-viewer.com is %s", p, seen, verdicts(h)["microdicom-viewer.com"])
		}
	}
}
