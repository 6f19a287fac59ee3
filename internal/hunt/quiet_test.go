package hunt_test

import (
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"

	"lurehound"
	"lurehound/internal/egress"
	"lurehound/internal/hunt"
	"lurehound/internal/lab"
)

// TestPassive: nothing but DNS, registries and the feed is asked; no packet goes
// to an address that a candidate has, nor to the brand's own site.
func TestPassive(t *testing.T) {
	w, s := newWorld(t), newStore(t)
	p, err := w.plan(few)
	if err != nil {
		t.Fatal(err)
	}
	p.Passive = true
	h, err := hunt.Run(t.Context(), w.kit(s), p)
	if err != nil {
		t.Fatal(err)
	}
	candidates := map[netip.Addr]string{}
	for _, f := range h.Findings {
		for _, a := range f.DNS().Addrs() {
			candidates[a] = f.Candidate.Domain.String()
		}
		for _, o := range f.Observations {
			if o.Visit != nil || o.Probe == "http" {
				t.Errorf("%s: probe %s, visit %v", f.Candidate.Domain, o.Probe, o.Visit != nil)
			}
		}
		if f.Verdict == lurehound.Malicious || f.Comparison.Similarity != nil {
			t.Errorf("%s: %s, similarity %v, and no page was seen", f.Candidate.Domain, f.Verdict, f.Comparison.Similarity)
		}
	}
	if len(candidates) < 5 {
		t.Errorf("only %d addresses of candidates", len(candidates))
	}
	asked := map[lab.Service]int{}
	for _, r := range w.lab.Requests() {
		asked[r.Service]++
		if name := candidates[r.Dst.Addr()]; name != "" || r.Service == lab.HTTP || r.Service == lab.HTTPS || r.Service == lab.Proxy {
			t.Errorf("%s %s %s%s to %s %s", r.Service, r.Method, r.Host, r.Path, r.Dst, name)
		}
	}
	if asked[lab.DNS] == 0 || asked[lab.RDAP] == 0 || asked[lab.WHOIS] == 0 || asked[lab.ISC] == 0 {
		t.Errorf("asked %v", asked)
	}
	if !h.Passive || len(h.Views) > 0 || h.Counts.Visited > 0 {
		t.Errorf("passive %v, views %v, counts %+v", h.Passive, h.Views, h.Counts)
	}
	for name, v := range verdicts(h) {
		if _, known := wantVerdicts()[name]; !known {
			t.Errorf("%s is %s", name, v)
		}
	}
	if len(h.Findings) != len(wantVerdicts()) {
		t.Errorf("%d findings, want the same names as with visits", len(h.Findings))
	}
	addsUp(t, s, 1, h)
}

// TestNothingOfOurs: what hostile hosts get to see is their own name, the URLs
// that they gave, and the profile.
func TestNothingOfOurs(t *testing.T) {
	w, s := newWorld(t), newStore(t)
	// A genuine page whose path names the brand: it must not be asked for elsewhere.
	w.brand.References = append(w.brand.References, lurehound.Reference{URL: "https://www.microdicom.com/dicom-viewer/MicroDicom%3Fx64.html"})
	h, err := w.hunts(t.Context(), t, s, few)
	if err != nil {
		t.Fatal(err)
	}
	secrets := []string{"lurehound", strings.ToLower(w.lab.Contact()), w.brand.ID(), strings.ToLower(w.brand.Name)}
	for _, s := range w.brand.Words {
		secrets = append(secrets, strings.ToLower(s))
	}
	for _, r := range w.brand.References {
		secrets = append(secrets, r.URL)
	}
	given := map[string]bool{} // URLs that pages gave
	var names []lurehound.Domain
	for _, f := range h.Findings {
		names = append(names, f.Candidate.Domain)
		for _, v := range f.Visits() {
			if v.Page != nil {
				given[v.Page.Favicon.URL] = true
			}
		}
	}
	profiles, referrers := map[[2]string]egress.Profile{}, map[string]bool{} // by user agent and Sec-Fetch-Site
	for _, browser := range egress.Agents() {
		for _, a := range egress.Arrivals() {
			p, err := egress.NewProfile(egress.Direct(), browser, "en-US", a)
			if err != nil {
				t.Fatal(err)
			}
			site := ""
			for _, h := range p.Headers {
				if h.Name == "Sec-Fetch-Site" {
					site = h.Value
				}
			}
			profiles[[2]string{p.UserAgent, site}], referrers[p.Referrer] = p, true
		}
	}
	visits, deep := 0, false
	for _, r := range w.lab.Requests() {
		if r.Service != lab.HTTP && r.Service != lab.HTTPS {
			continue
		}
		host, err := lurehound.ParseDomain(r.Host)
		if err != nil {
			t.Errorf("host %q: %v", r.Host, err)
			continue
		}
		if w.brand.Owns(host) {
			continue
		}
		i := slices.IndexFunc(names, func(d lurehound.Domain) bool { return host.Within(d) })
		if i < 0 {
			t.Errorf("%s is no candidate, and was asked for %s", r.Host, r.Path)
			continue
		}
		visits++
		deep = deep || r.Path == "/dicom-viewer/MicroDicom%3Fx64.html"
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			t.Errorf("%s %s%s", r.Method, r.Host, r.Path)
		}
		as, ok := profiles[[2]string{r.Header.Get("User-Agent"), r.Header.Get("Sec-Fetch-Site")}]
		if r.Service == lab.HTTP {
			as, ok = profiles[[2]string{r.Header.Get("User-Agent"), "none"}]
			if !ok {
				as, ok = profiles[[2]string{r.Header.Get("User-Agent"), ""}]
			}
		}
		if !ok {
			t.Errorf("%s: user agent %q, %q, is of no profile", r.Host, r.Header.Get("User-Agent"), r.Header.Get("Sec-Fetch-Site"))
		}
		scheme := map[lab.Service]string{lab.HTTP: "http://", lab.HTTPS: "https://"}[r.Service]
		for _, text := range sent(r, names[i]) {
			for _, secret := range secrets {
				if !given[scheme+r.Host+r.Path] && !strings.Contains(names[i].String(), secret) && strings.Contains(strings.ToLower(text), secret) {
					t.Errorf("%s%s%s: %q tells %q", scheme, r.Host, r.Path, text, secret)
				}
			}
		}
		if ref := r.Header.Get("Referer"); !referrers[ref] {
			u, err := url.Parse(ref)
			if err != nil {
				t.Errorf("%s: referrer %q: %v", r.Host, ref, err)
			} else if d, err := lurehound.ParseDomain(u.Hostname()); err != nil || !d.Within(names[i]) {
				t.Errorf("%s: referrer %q is not its own", r.Host, ref)
			}
		}
		for name := range r.Header {
			browser := slices.ContainsFunc(as.Headers, func(h egress.Header) bool {
				return http.CanonicalHeaderKey(h.Name) == name && slices.Equal(r.Header[name], []string{h.Value}) && (!h.Secure || r.Service == lab.HTTPS)
			})
			if !browser && !slices.Contains([]string{"Accept", "Accept-Encoding", "Accept-Language", "Cookie", "Referer", "User-Agent"}, name) {
				t.Errorf("%s: header %s: %q", r.Host, name, r.Header[name])
			}
		}
	}
	if !deep {
		t.Error("microdicom-viewer.com says as much as the path, and was not asked for it")
	}
	if visits < 2*h.Counts.Visited {
		t.Errorf("%d requests to %d hosts", visits, h.Counts.Visited)
	}
}

// sent is everything of a request that the visitor chose, without the
// candidate's own name.
func sent(r lab.Request, candidate lurehound.Domain) []string {
	out := []string{r.Path}
	if decoded, err := url.PathUnescape(r.Path); err == nil {
		out = append(out, decoded)
	}
	for name, values := range r.Header {
		out = append(out, name)
		out = append(out, values...)
	}
	for i := range out {
		out[i] = strings.ReplaceAll(out[i], candidate.String(), "")
	}
	return out
}
