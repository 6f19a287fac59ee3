package browser

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"lurehound"
	"lurehound/internal/egress"
)

// TestDress: each visitor's headers are those of its profile, in the page's frames and workers too, and scripts see the same.
func TestDress(t *testing.T) {
	t.Parallel()
	w := newWeb(t, func(rw http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
			fmt.Fprint(rw, `<!doctype html><meta name="viewport" content="width=device-width"><p id="p"></p><iframe src="https://frame.example/frame"></iframe><script>
				const n = navigator, d = n.userAgentData;
				document.getElementById("p").textContent = [n.userAgent, n.platform, n.languages, n.webdriver, document.referrer, innerWidth, devicePixelRatio, n.maxTouchPoints > 0,
					d ? d.platform + d.mobile + d.brands.map(b => b.brand) : "none"].join("|");
				new Worker("/worker.js"); fetch("/fetched")</script>`)
		case "/worker.js":
			rw.Header().Set("Content-Type", "text/javascript")
			fmt.Fprint(rw, `fetch("/from-worker?" + encodeURIComponent(navigator.userAgent))`)
		case "/frame":
			fmt.Fprint(rw, `<script>fetch("/from-frame?" + encodeURIComponent(navigator.userAgent))</script>`)
		}
	})
	c := w.open(t, Limits{Quiet: 300 * time.Millisecond})
	for _, v := range []struct {
		agent, language string
		arrival         egress.Arrival
		seen            string // by scripts, after the user agent
	}{
		{"chrome-windows", "en-US", egress.Search, "|Win32|en-US,en|false|https://www.google.com/|1280|1|false|WindowsfalseChromium,Google Chrome,Not=A?Brand"},
		{"edge-windows", "de-DE", egress.Ad, "|Win32|de-DE,de,en|false|https://www.google.com/|1280|1|false|WindowsfalseChromium,Microsoft Edge,Not=A?Brand"},
		{"chrome-android", "en-US", egress.Mail, "|Linux armv81|en-US,en|false|https://mail.google.com/|412|2|true|AndroidtrueChromium,Google Chrome,Not=A?Brand"},
		{"safari-iphone", "fr-FR", egress.Typed, "|iPhone|fr-FR,fr,en|false||412|2|true|false"}, // an iPhone has no userAgentData; here it is there, and empty,
		{"firefox-windows", "en-US", egress.Search, "|Win32|en-US,en|false|https://www.google.com/|1280|1|false|false"},
	} {
		p, err := egress.NewProfile(egress.Direct(), v.agent, v.language, v.arrival)
		if err != nil {
			t.Fatal(err)
		}
		before := len(w.asked())
		look := c.Look(t.Context(), p, "https://lure.example/")
		if look.Outcome != lurehound.Found || look.Profile != p.Name {
			t.Fatalf("%s: %s (%s)", p.Name, look.Outcome, look.Reason)
		}
		if want := p.UserAgent + v.seen; !strings.Contains(string(look.HTML), `<p id="p">`+want+"</p>") {
			t.Errorf("%s: scripts see %.600s\nwant %s", p.Name, look.HTML, want)
		}
		paths := map[string]bool{}
		for _, r := range w.asked()[before:] {
			paths[r.URL.Path] = true
			if got := r.UserAgent(); got != p.UserAgent {
				t.Errorf("%s: %s is asked for as %s", p.Name, r.URL.Path, got)
			}
			if q := r.URL.RawQuery; strings.HasPrefix(r.URL.Path, "/from-") && strings.Contains(q, "Headless") {
				t.Errorf("%s: scripts see %s at %s", p.Name, q, r.URL.Path)
			}
			// A worker's requests name two languages at most: the browser thinks of its context as a private one.
			if got := r.Header.Get("Accept-Language"); got != p.AcceptLanguage && (r.URL.Path != "/from-worker" || !strings.HasPrefix(p.AcceptLanguage, got)) {
				t.Errorf("%s: %s is asked for in %s, want %s", p.Name, r.URL.Path, got, p.AcceptLanguage)
			}
			if r.URL.Path == "/" {
				checkEntrance(t, p, r)
			}
			for name, values := range r.Header {
				if strings.Contains(strings.Join(values, " "), "Headless") || strings.HasPrefix(name, "Sec-Ch-Ua") && strings.HasSuffix(v.seen, "|false") {
					t.Errorf("%s: %s is asked for with %s: %s", p.Name, r.URL.Path, name, values)
				}
			}
		}
		for _, path := range []string{"/", "/frame", "/from-frame", "/from-worker", "/fetched"} {
			if !paths[path] {
				t.Errorf("%s: %s was not asked for", p.Name, path)
			}
		}
	}
}

// checkEntrance holds the page's request against all that the profile sends.
func checkEntrance(t *testing.T, p egress.Profile, r *http.Request) {
	t.Helper()
	if got := r.Header.Get("Referer"); got != p.Referrer {
		t.Errorf("%s: it comes from %q, want %q", p.Name, got, p.Referrer)
	}
	if p.Click != "" && r.URL.Query().Get(p.Click) == "" {
		t.Errorf("%s: no %s in %s", p.Name, p.Click, r.URL)
	}
	for _, h := range p.Headers {
		if got := r.Header.Get(h.Name); got != h.Value {
			t.Errorf("%s: %s is %q, want %q", p.Name, h.Name, got, h.Value)
		}
	}
}
