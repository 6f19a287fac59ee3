package score

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"lurehound"
)

var at = time.Date(2024, 7, 10, 12, 0, 0, 0, time.UTC)

func domain(s string) lurehound.Domain {
	d, err := lurehound.ParseDomain(s)
	if err != nil {
		panic(err)
	}
	return d
}

// option adds one thing to a case.
type option func(*Case)

// given is a case of mlcrodicom.info against MicroDicom, with nothing observed.
func given(opts ...option) Case {
	c := Case{
		Candidate: lurehound.Candidate{Domain: domain("mlcrodicom.info"), Brand: "microdicom.com"},
		Brand:     lurehound.Brand{Name: "MicroDicom", Domains: []lurehound.Domain{domain("microdicom.com")}, Words: []string{"MicroDicom DICOM viewer"}},
		At:        at,
	}
	for _, o := range opts {
		o(&c)
	}
	return c
}

func matched(score float64) option {
	return func(c *Case) {
		c.Candidate.Matches = []lurehound.Match{{Brand: "microdicom.com", Techniques: []string{"homoglyph"}, Score: score, Why: "i→l"}}
	}
}

func registered(days int, status ...string) option {
	return func(c *Case) {
		c.Observations = append(c.Observations, lurehound.Observation{Probe: "rdap", Outcome: lurehound.Found,
			Registration: &lurehound.RegistrationFacts{Registered: at.AddDate(0, 0, -days), Expires: at.AddDate(1, 0, -days%365), Status: status}})
	}
}

// another is a file that is named as the brand's and signed by somebody else; unnamed has a name that says nothing.
var (
	another = lurehound.PayloadFacts{Name: "MicroDicom-Setup.exe", Signature: lurehound.SignatureFacts{Present: true, Signer: "Helping Businesses Limited", Digest: lurehound.DigestUnverified},
		Reference: lurehound.ReferenceFacts{Verdict: lurehound.Differs, Differences: []string{`signer: "Helping Businesses Limited", not "MicroDicom Ltd"`}}}
	unnamed = lurehound.PayloadFacts{Name: "setup.exe", Signature: another.Signature, Reference: another.Reference}
)

// offered is a file that was looked at.
func offered(p lurehound.PayloadFacts) option {
	return func(c *Case) {
		c.Observations = append(c.Observations, lurehound.Observation{Probe: "payload", Outcome: lurehound.Found, Payload: &p})
	}
}

func expired() option {
	return func(c *Case) {
		for _, o := range c.Observations {
			o.Registration.Expires = at.AddDate(0, 0, -3)
		}
	}
}

func resolved(ns string, mx ...string) option {
	return func(c *Case) {
		c.Observations = append(c.Observations, lurehound.Observation{Probe: "dns", Outcome: lurehound.Found,
			DNS: &lurehound.DNSFacts{Resolution: lurehound.Exists, A: []netip.Addr{netip.MustParseAddr("192.0.2.1")}, NS: []string{ns}, MX: mx}})
	}
}

func shown(profile string, p lurehound.PageFacts, change ...func(*lurehound.VisitFacts)) option {
	return func(c *Case) {
		v := &lurehound.VisitFacts{URL: "https://mlcrodicom.info/", Status: 200, ContentType: "text/html", Page: &p}
		for _, f := range change {
			f(v)
		}
		c.Observations = append(c.Observations, lurehound.Observation{Probe: "visit", Profile: profile, Outcome: lurehound.Found, Visit: v})
	}
}

func status(n int) func(*lurehound.VisitFacts) { return func(v *lurehound.VisitFacts) { v.Status = n } }
func led(u string) func(*lurehound.VisitFacts) { return func(v *lurehound.VisitFacts) { v.URL = u } }
func file(kind string) func(*lurehound.VisitFacts) {
	return func(v *lurehound.VisitFacts) { v.Page, v.ContentType = nil, kind }
}

func ownPage(downloads ...string) lurehound.Face {
	return lurehound.Face{Status: 200, URL: "https://www.microdicom.com/", Downloads: downloads, Profiles: []string{"a"}}
}

// issued is a certificate that was so many days old.
func issued(days int) func(*lurehound.VisitFacts) {
	return func(v *lurehound.VisitFacts) {
		v.Certificate = &lurehound.CertificateFacts{NotBefore: at.AddDate(0, 0, -days)}
	}
}

func early(d time.Duration) func(*lurehound.VisitFacts) {
	return func(v *lurehound.VisitFacts) { v.Certificate.NotBefore = v.Certificate.NotBefore.Add(-d) }
}

// faces is what the visitors of a page of the brand's own were shown.
func faces(list ...lurehound.Face) option {
	return func(c *Case) {
		x := lurehound.Cloaking{Verdict: lurehound.NoneSeen, Why: "why", Faces: list, Tried: lurehound.Tried{Visits: 4, Profiles: 3}}
		if len(list) > 1 {
			x.Verdict = lurehound.Cloaked
		}
		c.Observations = append(c.Observations, lurehound.Observation{Probe: "http", Outcome: lurehound.Found, Cloaking: &x})
	}
}

// visitors is what profiles were shown together.
func visitors(v lurehound.CloakingVerdict, faces int) option {
	return func(c *Case) {
		x := lurehound.Cloaking{Verdict: v, Why: "why", Tried: lurehound.Tried{Visits: 4, Profiles: 3}}
		for i := range faces {
			x.Faces = append(x.Faces, lurehound.Face{Status: 200, Profiles: []string{fmt.Sprint(i)}})
		}
		c.Observations = append(c.Observations, lurehound.Observation{Probe: "http", Outcome: lurehound.Found, Cloaking: &x})
	}
}

func alike(s float64) option {
	return func(c *Case) {
		c.Comparison = lurehound.Comparison{Reference: "https://www.microdicom.com/", URL: "https://mlcrodicom.info/", Similarity: &s}
	}
}

func announced(id string, day string, product string) option {
	return func(c *Case) {
		d, err := time.Parse(time.DateOnly, day)
		if err != nil {
			panic(err)
		}
		c.Advisories = append(c.Advisories, lurehound.Advisory{ID: id, Released: d, Products: []string{product}})
	}
}

// Pages.
var (
	much     = lurehound.PageFacts{Title: "Trattoria", Text: "Pizza and pasta since 1968.", Words: 400, TextHash: []uint32{1, 2, 3, 4}}
	blank    = lurehound.PageFacts{}
	forms    = []lurehound.Form{{Action: "https://mlcrodicom.info/in", Password: true}}
	files    = []lurehound.Download{{URL: "https://mlcrodicom.info/a.exe", Name: "a.exe"}}
	forSale  = lurehound.PageFacts{Title: "mlcrodicom.info", Text: "This domain is for sale. Make an offer.", Words: 8}
	phishing = lurehound.PageFacts{Title: "Suspected phishing site | Cloudflare", Text: "Warning. This website has been reported for potential phishing.", Words: 25}
)

func pageWith(change func(*lurehound.PageFacts)) lurehound.PageFacts {
	p := much
	change(&p)
	return p
}

func TestRules(t *testing.T) {
	type want struct {
		points  float64
		direct  bool
		verdict lurehound.Verdict
	}
	none := (*want)(nil)
	withFile := pageWith(func(p *lurehound.PageFacts) { p.Downloads = files })
	withForm := pageWith(func(p *lurehound.PageFacts) { p.Forms = forms })
	down, park := want{verdict: lurehound.TakenDown}, want{verdict: lurehound.Parked}
	tests := []struct {
		rule, name string
		c          Case
		want       *want
	}{
		{"clone-download", "clone with file", given(shown("a", withFile), alike(0.8)), &want{60, true, ""}},
		{"clone-download", "no clone", given(shown("a", withFile), alike(0.79)), none},
		{"clone-download", "no file", given(shown("a", much), alike(1)), none},
		{"clone-download", "the brand's own page", given(shown("a", withFile, led("https://www.microdicom.com/")), alike(1)), none},
		{"clone-credentials", "clone with form", given(shown("a", withForm), alike(0.9)), &want{60, true, ""}},
		{"clone-credentials", "no clone", given(shown("a", withForm)), none},
		{"clone", "copy", given(shown("a", much), alike(0.8)), &want{60, false, ""}},
		{"clone", "not measured", given(shown("a", much)), none},
		{"similar", "between", given(alike(0.5)), &want{30, false, ""}},
		{"similar", "copy", given(alike(0.8)), none},
		{"similar", "unlike", given(alike(0.49)), none},
		{"hotlink", "brand's pictures", given(shown("a", pageWith(func(p *lurehound.PageFacts) { p.AssetHosts = []string{"cdn.example", "www.microdicom.com"} }))), &want{25, false, ""}},
		{"hotlink", "others' pictures", given(shown("a", pageWith(func(p *lurehound.PageFacts) { p.AssetHosts = []string{"notmicrodicom.com"} }))), none},
		{"canonical", "brand", given(shown("a", pageWith(func(p *lurehound.PageFacts) { p.Canonical = "https://microdicom.com/x" }))), &want{25, false, ""}},
		{"canonical", "itself", given(shown("a", pageWith(func(p *lurehound.PageFacts) { p.Canonical = "https://mlcrodicom.info/" }))), none},
		{"frame", "brand", given(shown("a", pageWith(func(p *lurehound.PageFacts) { p.Frames = []string{"https://www.microdicom.com/"} }))), &want{25, false, ""}},
		{"frame", "video", given(shown("a", pageWith(func(p *lurehound.PageFacts) { p.Frames = []string{"https://video.example/microdicom.com"} }))), none},
		{"icon", "same", given(alike(0.3), func(c *Case) { c.Comparison.Favicon = true }), &want{20, false, ""}},
		{"icon", "other", given(alike(0.3)), none},
		{"names-brand", "title", given(shown("a", lurehound.PageFacts{Title: "MicroDICOM – download"})), &want{20, false, ""}},
		{"names-brand", "product in text", given(shown("a", lurehound.PageFacts{Text: "Get the Micro-Dicom, DICOM Viewer"})), &want{10, false, ""}},
		{"names-brand", "part of a word", given(shown("a", lurehound.PageFacts{Title: "Microdicomania"})), none},
		{"names-brand", "its own address", given(func(c *Case) { c.Candidate.Domain = domain("microdicom.de") }, shown("a", lurehound.PageFacts{Title: "microdicom.de is for sale"})), none},
		{"names-brand", "the brand's own page", given(shown("a", lurehound.PageFacts{Title: "MicroDicom"}, led("https://microdicom.com/"))), none},
		{"download", "link", given(shown("a", withFile)), &want{15, false, ""}},
		{"download", "the visit ended in a file", given(shown("a", blank, file("application/octet-stream"))), &want{15, false, ""}},
		{"download", "none", given(shown("a", much)), none},
		{"download", "an error", given(shown("a", blank, file("application/octet-stream"), status(404))), none},
		{"credentials", "form", given(shown("a", withForm)), &want{15, false, ""}},
		{"credentials", "none", given(shown("a", much)), none},
		{"cloaked", "proven", given(visitors(lurehound.Cloaked, 2)), &want{20, false, ""}},
		{"cloaked", "two things, and nobody knows why", given(visitors(lurehound.CloakUnsure, 2)), &want{10, false, ""}},
		{"cloaked", "nothing for all", given(visitors(lurehound.CloakUnsure, 1)), none},
		{"cloaked", "the same for all", given(visitors(lurehound.NoneSeen, 1)), none},
		{"cloaked", "one profile", given(shown("a", much)), none},
		{"views-differ", "said by the visitors together", given(shown("a", much), shown("b", blank, status(403)), visitors(lurehound.Cloaked, 2)), none},
		{"views-differ", "page and nothing", given(shown("a", much), shown("b", blank, status(403))), &want{20, false, ""}},
		{"views-differ", "page and the brand's", given(shown("a", much), shown("b", much, led("https://microdicom.com/"))), &want{20, false, ""}},
		{"views-differ", "one view twice", given(shown("a", much), shown("a", blank, status(403))), none},
		{"views-differ", "the same", given(shown("a", much), shown("b", much)), none},
		{"mail", "MX", given(resolved("ns.example", "10 mx.example.")), &want{8, false, ""}},
		{"mail", "null MX", given(resolved("ns.example", "0 .")), none},
		{"mail", "none", given(resolved("ns.example")), none},
		{"name", "match", given(matched(0.5)), &want{15, false, ""}},
		{"name", "none", given(), none},
		{"age", "new", given(registered(13)), &want{15, false, ""}},
		{"age", "months", given(registered(80)), &want{10, false, ""}},
		{"age", "within a year", given(registered(300)), &want{5, false, ""}},
		{"age", "years", given(registered(700)), &want{0, false, ""}},
		{"age", "old", given(registered(2000)), &want{-10, false, ""}},
		{"age", "in the future", given(registered(-5)), none},
		{"age", "seen by a feed", given(func(c *Case) { c.Candidate.Sightings = []lurehound.Sighting{{FirstSeen: at.AddDate(0, 0, -2)}} }), &want{7.5, false, ""}},
		{"age", "unknown", given(), none},
		{"age", "the host's registration", given(registered(3), func(c *Case) { c.Candidate.Domain = domain("mlcrodicom.github.io") }), none},
		{"fresh-certificate", "two days", given(registered(20), shown("a", much, issued(18))), &want{3, false, ""}},
		{"fresh-certificate", "an hour before", given(registered(20), shown("a", much, issued(20), early(time.Hour))), &want{3, false, ""}},
		{"fresh-certificate", "three days", given(registered(20), shown("a", much, issued(17))), none},
		{"fresh-certificate", "before the registration", given(registered(20), shown("a", much, issued(21))), none},
		{"fresh-certificate", "renewed since", given(registered(200), shown("a", much, issued(20))), none},
		{"fresh-certificate", "the brand's own", given(registered(20), shown("a", much, issued(19), led("https://microdicom.com/"))), none},
		{"fresh-certificate", "a notice's", given(registered(20), shown("a", phishing, issued(19))), none},
		{"fresh-certificate", "no registration", given(shown("a", much, issued(1))), none},
		{"fresh-certificate", "plain http", given(registered(20), shown("a", much)), none},
		{"advisory", "after one", given(registered(13), announced("ICSMA-24-163-01", "2024-06-11", "MicroDicom DICOM Viewer")), &want{}},
		{"advisory", "another product", given(registered(13), announced("X", "2024-06-11", "Other")), none},
		{"advisory", "long ago", given(registered(13), announced("X", "2022-06-11", "MicroDicom")), none},
		{"suspended", "interstitial", given(shown("a", phishing, status(403))), &down},
		{"suspended", "and blank", given(shown("a", phishing), shown("b", blank, status(403))), &down},
		{"suspended", "another view shows a site", given(shown("a", phishing), shown("b", much)), none},
		{"suspended", "with a download", given(shown("a", func() lurehound.PageFacts { p := phishing; p.Downloads = files; return p }())), none},
		{"suspended", "an article about it", given(shown("a", pageWith(func(p *lurehound.PageFacts) { p.Title = "Suspected phishing: what to do" }))), none},
		{"suspended", "owner did not verify", given(shown("a", lurehound.PageFacts{Title: "Domain suspended", Text: "Whois verification is pending", Words: 20})), none},
		{"suspended", "copy that says so", given(shown("a", phishing), alike(0.6)), none},
		{"suspended", "sinkhole", given(resolved("ns1.sinkhole.example")), &down},
		{"hold", "client hold", given(registered(13, "client hold")), &down},
		{"hold", "run out", given(registered(13, "client hold"), expired()), &want{}},
		{"hold", "locked", given(registered(13, "client transfer prohibited")), none},
		{"parked", "for sale", given(shown("a", forSale)), &park},
		{"parked", "script", given(shown("a", lurehound.PageFacts{Assets: []string{"caf.js"}})), &park},
		{"parked", "listing elsewhere", given(shown("a", much, led("https://www.hugedomains.com/x"), func(v *lurehound.VisitFacts) { v.Page.Words = 100 })), &park},
		{"parked", "another view shows a site", given(shown("a", forSale), shown("b", much)), none},
		{"parked", "name server alone", given(resolved("ns1.sedoparking.com")), none},
		{"parked", "resembles the brand", given(shown("a", forSale), alike(0.7)), none},
		{"parked", "with a form", given(shown("a", func() lurehound.PageFacts { p := forSale; p.Forms = forms; return p }())), none},
		{"parking-host", "name server", given(resolved("ns1.sedoparking.com.")), &want{}},
		{"parking-host", "other", given(resolved("ns1.notsedoparking.com")), none},
		{"own-content", "a restaurant", given(shown("a", much), alike(0)), &want{-20, false, ""}},
		{"own-content", "not compared", given(shown("a", much)), none},
		{"own-content", "little text", given(shown("a", pageWith(func(p *lurehound.PageFacts) { p.Words = 149 })), alike(0)), none},
		{"own-content", "names the brand", given(shown("a", pageWith(func(p *lurehound.PageFacts) { p.Text = "microdicom" })), alike(0)), none},
		{"own-content", "offers a file", given(shown("a", withFile), alike(0)), none},
		{"own-content", "a view shows the brand's own", given(shown("a", much), shown("b", much, led("https://microdicom.com/")), alike(0)), none},
		{"established", "two views", given(registered(2000), shown("a", much), shown("b", much), alike(0)), &want{-20, false, lurehound.Benign}},
		{"established", "one view, and others like it", given(registered(2000), shown("a", much), visitors(lurehound.NoneSeen, 1), alike(0)), &want{-20, false, lurehound.Benign}},
		{"established", "two views, and others were shown something else", given(registered(2000), shown("a", much), shown("b", much), visitors(lurehound.CloakUnsure, 2), alike(0)), none},
		{"established", "one view", given(registered(2000), shown("a", much), shown("a", much), alike(0)), none},
		{"established", "new", given(registered(400), shown("a", much), shown("b", much), alike(0)), none},
		{"established", "views differ", given(registered(2000), shown("a", much), shown("b", pageWith(func(p *lurehound.PageFacts) { p.TextHash = []uint32{9} })), alike(0)), none},
		{"own-download", "for some", given(faces(ownPage("setup.exe"), ownPage("viewer.exe"))), &want{100, true, ""}},
		{"own-download", "a page for phones offers none", given(faces(ownPage("viewer.exe"), ownPage())), none},
		{"own-download", "the same for all", given(faces(ownPage("viewer.exe"))), none},
		{"own-elsewhere", "for some", given(faces(ownPage("viewer.exe"), lurehound.Face{Status: 200, URL: "https://elsewhere.example/", Profiles: []string{"b"}})), &want{60, false, ""}},
		{"own-elsewhere", "another own host", given(faces(ownPage("viewer.exe"), lurehound.Face{Status: 200, URL: "https://m.microdicom.com/", Profiles: []string{"b"}})), none},
		{"own-differs", "a page for phones", given(faces(ownPage("viewer.exe"), ownPage())), &want{10, false, ""}},
		{"own-differs", "another download says more", given(faces(ownPage("setup.exe"), ownPage("viewer.exe"))), none},
		{"own-same", "all", given(faces(ownPage("viewer.exe"))), &want{0, false, lurehound.Benign}},
		{"own-same", "one page of two differs", given(faces(ownPage("viewer.exe")), faces(ownPage("viewer.exe"), ownPage())), none},
		{"own-same", "nobody was asked", given(), none},
		{"payload-known-bad", "listed", given(offered(lurehound.PayloadFacts{Reference: lurehound.ReferenceFacts{Verdict: lurehound.KnownBad}})), &want{100, true, ""}},
		{"payload-known-bad", "listed, but from the brand's own site", given(offered(lurehound.PayloadFacts{URL: "https://microdicom.com/a.exe", Reference: lurehound.ReferenceFacts{Verdict: lurehound.KnownBad}})), none},
		{"payload-known-bad", "one that is not listed", given(offered(another)), none},
		{"payload-not-the-vendors", "named as the brand's", given(offered(another)), &want{60, true, ""}},
		{"payload-not-the-vendors", "on a page that names the brand", given(offered(unnamed), shown("a", lurehound.PageFacts{Title: "MicroDicom"})), &want{60, true, ""}},
		{"payload-not-the-vendors", "somebody's own on his own site", given(offered(unnamed), shown("a", much)), none},
		{"payload-not-the-vendors", "another version", given(offered(lurehound.PayloadFacts{Name: "microdicom.exe", Reference: lurehound.ReferenceFacts{Verdict: lurehound.Differs, Differences: []string{"hash: none of the 1 known genuine ones"}}})), none},
		{"payload-signer", "abused", given(offered(lurehound.PayloadFacts{Signals: []lurehound.Signal{{Rule: "abused-signer", Points: 60, Direct: true, Why: "the file is signed"}}})), &want{60, true, ""}},
		{"payload-signer", "another", given(offered(another)), none},
		{"payload-inside", "a tunnel", given(offered(lurehound.PayloadFacts{Signals: []lurehound.Signal{{Rule: "service", Points: 10, Why: "a"}, {Rule: "tunnel", Points: 60, Direct: true, Why: "b"}}})), &want{60, true, ""}},
		{"payload-inside", "what other rules say", given(offered(lurehound.PayloadFacts{Signals: []lurehound.Signal{{Rule: "abused-signer", Points: 60}, {Rule: "other-signer", Points: 30}}})), none},
		{"payload-size", "fifteen times", given(offered(lurehound.PayloadFacts{Reference: lurehound.ReferenceFacts{Times: 15}})), &want{15, false, ""}},
		{"payload-size", "a larger release", given(offered(lurehound.PayloadFacts{Reference: lurehound.ReferenceFacts{Times: 1.4}})), none},
		{"payload-genuine", "clears nothing", given(offered(lurehound.PayloadFacts{Reference: lurehound.ReferenceFacts{Verdict: lurehound.Genuine}})), &want{}},
		{"payload-genuine", "another", given(offered(another)), none},
		{"own-payload", "known bad", given(offered(lurehound.PayloadFacts{URL: "https://microdicom.com/a.exe", Reference: lurehound.ReferenceFacts{Verdict: lurehound.KnownBad}})), &want{100, true, ""}},
		{"own-payload", "tampered", given(offered(lurehound.PayloadFacts{URL: "https://microdicom.com/a.exe", Signature: lurehound.SignatureFacts{Present: true, Digest: lurehound.DigestMismatch}})), &want{100, true, ""}},
		{"own-payload", "another signer", given(offered(another)), &want{20, false, ""}},
		{"own-payload", "an older version", given(offered(lurehound.PayloadFacts{Reference: lurehound.ReferenceFacts{Verdict: lurehound.Differs, Differences: []string{"hash: none"}}})), none},
		{"leads-to-brand", "all", given(shown("a", much, led("https://www.microdicom.com/"))), &want{}},
		{"leads-to-brand", "some", given(shown("a", much, led("https://www.microdicom.com/")), shown("b", much)), none},
		{"nothing-shown", "refused", given(shown("a", blank, status(403))), &want{}},
		{"nothing-shown", "a page", given(shown("a", much)), none},
		{"nothing-shown", "no web server", given(resolved("ns.example")), none},
	}
	all := slices.Concat(Rules(), ownRules())
	cases := map[string][2]int{} // rule → positive, negative
	for _, tt := range tests {
		i := slices.IndexFunc(all, func(r Rule) bool { return r.Name == tt.rule })
		if i < 0 {
			t.Fatalf("no rule %q", tt.rule)
		}
		n := cases[tt.rule]
		s, ok := all[i].Judge(tt.c)
		if tt.want == nil {
			n[1]++
			if ok {
				t.Errorf("%s, %s: %+v, want nothing", tt.rule, tt.name, s)
			}
		} else {
			n[0]++
			if got := (want{s.Points, s.Direct, s.Verdict}); !ok || got != *tt.want {
				t.Errorf("%s, %s: %v %+v (%s), want %+v", tt.rule, tt.name, ok, got, s.Why, *tt.want)
			}
			if s.Why == "" || strings.HasSuffix(s.Why, ".") {
				t.Errorf("%s, %s: %q is no reason", tt.rule, tt.name, s.Why)
			}
		}
		cases[tt.rule] = n
	}
	for _, r := range all {
		if n := cases[r.Name]; n[0] == 0 || n[1] == 0 {
			t.Errorf("rule %q has %d cases for and %d against", r.Name, n[0], n[1])
		}
	}
}

// TestTableIsComplete finds every function of the shape of a rule, and wants it
// in the table once.
func TestTableIsComplete(t *testing.T) {
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	listed, declared := map[string]int{}, map[string]bool{}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if isRule(fn) {
				declared[fn.Name.Name] = true
			}
			if name == "rules.go" && (fn.Name.Name == "Rules" || fn.Name.Name == "ownRules") {
				ast.Inspect(fn.Body, func(n ast.Node) bool {
					if id, ok := n.(*ast.Ident); ok {
						listed[id.Name]++
					}
					return true
				})
			}
		}
	}
	delete(declared, "sinkhole") // a part of suspended
	for fn := range declared {
		if listed[fn] != 1 {
			t.Errorf("rule %s stands %d times in the table", fn, listed[fn])
		}
	}
	all := slices.Concat(Rules(), ownRules())
	if len(declared) != len(all) {
		t.Errorf("%d rules declared, %d in the tables", len(declared), len(all))
	}
	seen := map[string]bool{}
	for _, r := range all {
		if r.Name == "" || r.Doc == "" || r.Judge == nil || seen[r.Name] {
			t.Errorf("rule %q is without name, doc or function, or stands twice", r.Name)
		}
		seen[r.Name] = true
	}
}

// isRule reports whether fn is func(Case) (lurehound.Signal, bool).
func isRule(fn *ast.FuncDecl) bool {
	if fn.Recv != nil || len(fn.Type.Params.List) != 1 || fn.Type.Results == nil || len(fn.Type.Results.List) != 2 {
		return false
	}
	p, ok := fn.Type.Params.List[0].Type.(*ast.Ident)
	r, ok2 := fn.Type.Results.List[0].Type.(*ast.SelectorExpr)
	return ok && ok2 && p.Name == "Case" && r.Sel.Name == "Signal"
}
