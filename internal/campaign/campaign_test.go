package campaign

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"lurehound"
)

var day = time.Date(2024, 6, 27, 0, 0, 0, 0, time.UTC)

func domain(s string) lurehound.Domain {
	d, err := lurehound.ParseDomain(s)
	if err != nil {
		panic(err)
	}
	return d
}

// facts are what a finding of the tests is made from.
type facts struct {
	name, brand   string
	verdict       lurehound.Verdict
	registrar     string
	registered    time.Time
	ip, ns        string
	body, icon    string
	key, download string
	server, runs  string
	words         int
}

func (f facts) finding() lurehound.Finding {
	d := domain(f.name)
	if f.brand == "" {
		f.brand = "microdicom.com"
	}
	obs := []lurehound.Observation{{Domain: d, Probe: "rdap", Registration: &lurehound.RegistrationFacts{Registrar: f.registrar, Registered: f.registered}}}
	if f.ip != "" || f.ns != "" {
		dns := &lurehound.DNSFacts{Resolution: lurehound.Exists}
		if f.ip != "" {
			dns.A = []netip.Addr{netip.MustParseAddr(f.ip)}
		}
		if f.ns != "" {
			dns.NS = []string{"NS2." + f.ns + ".", "ns1." + f.ns}
		}
		obs = append(obs, lurehound.Observation{Domain: d, Probe: "dns", DNS: dns})
	}
	if f.body != "" || f.words > 0 || f.key != "" {
		if f.words == 0 {
			f.words = 200
		}
		v := &lurehound.VisitFacts{Status: 200, URL: "https://" + f.name + "/", Body: lurehound.Artifact{SHA256: f.body},
			Page: &lurehound.PageFacts{Words: f.words, Favicon: lurehound.Favicon{SHA256: f.icon}}}
		if f.download != "" {
			v.Page.Downloads = []lurehound.Download{{Name: f.download}}
		}
		if f.key != "" {
			v.Certificate = &lurehound.CertificateFacts{SPKI: f.key, Names: []string{f.name}, NotBefore: f.registered.Add(48 * time.Hour)}
		}
		v.Server, v.PoweredBy = f.server, f.runs
		obs = append(obs, lurehound.Observation{Domain: d, Probe: "visit", Visit: v})
	}
	return lurehound.Finding{
		Candidate:    lurehound.Candidate{Domain: d, Brand: f.brand, Matches: []lurehound.Match{{Brand: f.brand, Word: "microdicom", Score: 1}}},
		Observations: obs, Verdict: f.verdict,
	}
}

func findings(fs ...facts) []lurehound.Finding {
	out := make([]lurehound.Finding, len(fs))
	for i, f := range fs {
		out[i] = f.finding()
	}
	return out
}

// founding is three clones, a parked name, a restaurant at the same address, and
// five others from the same registrar on the same day.
func founding() []facts {
	minute := day.Add(9*time.Hour + 14*time.Minute)
	fs := []facts{
		{name: "trattoria-microdico.com", verdict: lurehound.Inconclusive, registrar: "Other", registered: day.AddDate(-9, 0, 0).Add(time.Hour), ip: "192.0.2.7", ns: "shared.example", body: "menu"},
		{name: "microdicom.net", verdict: lurehound.Parked, registrar: "NameCheap, Inc.", registered: day.AddDate(-2, 0, 0).Add(time.Minute), ip: "192.0.2.99", ns: "park.example", body: "lander"},
	}
	for i, n := range []string{"mlcrodicom.info", "microdlcom.info", "mlcrodlcom.info"} {
		fs = append(fs, facts{name: n, verdict: lurehound.Malicious, registrar: "NameCheap, Inc.", registered: minute.Add(time.Duration(i) * 11 * time.Second),
			ip: "192.0.2.7", ns: "shared.example", body: "clone", icon: "icon", download: "microdicom.zip"})
	}
	for i := range 5 {
		fs = append(fs, facts{name: fmt.Sprintf("microdicom%d.org", i), verdict: lurehound.Suspicious, registrar: "NameCheap, Inc.",
			registered: day.Add(time.Duration(i+12) * time.Hour).Add(time.Minute), ip: fmt.Sprintf("198.51.100.%d", i), ns: "registrar-servers.com", body: fmt.Sprint(i)})
	}
	return fs
}

func TestFoundingCampaign(t *testing.T) {
	advisories := []lurehound.Advisory{
		{ID: "ICSMA-24-163-01", Released: time.Date(2024, 6, 11, 6, 0, 0, 0, time.UTC), Products: []string{"MicroDicom DICOM Viewer"}},
		{ID: "other", Released: day, Products: []string{"Something else"}},
		{ID: "old", Released: day.AddDate(-3, 0, 0), Products: []string{"MicroDicom"}},
	}
	got := Campaigns(findings(founding()...), advisories)
	if len(got) != 1 {
		t.Fatalf("%d campaigns, want 1: %+v", len(got), got)
	}
	want := lurehound.Campaign{
		ID: got[0].ID, Name: "microdicom.com 2024-06-27", Domains: []string{"microdlcom.info", "mlcrodicom.info", "mlcrodlcom.info"},
		Shared: []lurehound.Pivot{
			{Kind: lurehound.PivotRegistration, Value: "namecheap, inc. 2024-06-27T09:14Z"},
			{Kind: lurehound.PivotPage, Value: "clone"},
			{Kind: lurehound.PivotDownload, Value: "microdicom.zip"},
			{Kind: lurehound.PivotFavicon, Value: "icon"},
		},
		Timeline: []lurehound.Event{
			{Date: time.Date(2024, 6, 11, 6, 0, 0, 0, time.UTC), Event: "advisory", What: "ICSMA-24-163-01"},
			{Date: day.Add(9*time.Hour + 14*time.Minute + 11*time.Second), Event: "registered", What: "microdlcom.info"},
			{Date: day.Add(9*time.Hour + 14*time.Minute), Event: "registered", What: "mlcrodicom.info"},
			{Date: day.Add(9*time.Hour + 14*time.Minute + 22*time.Second), Event: "registered", What: "mlcrodlcom.info"},
		},
	}
	if diff := cmp.Diff(want, got[0]); diff != "" {
		t.Errorf("campaign (-want +got):\n%s", diff)
	}
}

func TestJoins(t *testing.T) {
	const m, s, i, p, d, b = lurehound.Malicious, lurehound.Suspicious, lurehound.Inconclusive, lurehound.Parked, lurehound.TakenDown, lurehound.Benign
	at := day.Add(90 * time.Minute)
	tests := []struct {
		name  string
		with  []facts
		joins bool // the first two belong together
	}{
		{"address alone", []facts{{verdict: m, ip: "192.0.2.1"}, {verdict: m, ip: "192.0.2.1"}}, false},
		{"name servers alone", []facts{{verdict: m, ns: "a.example"}, {verdict: m, ns: "a.example"}}, false},
		{"address and name servers", []facts{{verdict: m, ip: "192.0.2.1", ns: "a.example"}, {verdict: s, ip: "192.0.2.1", ns: "a.example"}}, true},
		{"address and a provider's name servers", []facts{{verdict: m, ip: "192.0.2.1", ns: "cloudflare.com"}, {verdict: m, ip: "192.0.2.1", ns: "cloudflare.com"}}, false},
		{"address and name servers, an innocent neighbour", []facts{{verdict: m, ip: "192.0.2.1", ns: "a.example"}, {verdict: s, ip: "192.0.2.1", ns: "a.example"}, {verdict: i, ip: "192.0.2.1", body: "x"}}, false},
		{"address and name servers, a parked neighbour", []facts{{verdict: m, ip: "192.0.2.1", ns: "a.example"}, {verdict: s, ip: "192.0.2.1", ns: "a.example"}, {verdict: p, ip: "192.0.2.1", body: "x"}}, false},
		{"address and name servers, a silent neighbour", []facts{{verdict: m, ip: "192.0.2.1", ns: "a.example"}, {verdict: s, ip: "192.0.2.1", ns: "a.example"}, {verdict: i, ip: "192.0.2.1"}}, true},
		{"weak ones, one silent", []facts{{verdict: m, ip: "192.0.2.1", ns: "a.example"}, {verdict: i, ip: "192.0.2.1", ns: "a.example"}}, false},
		{"icon and file name", []facts{{verdict: m, body: "x", icon: "i", download: "A.exe"}, {verdict: m, body: "y", icon: "i", download: "a.EXE"}}, true},
		{"icon and a rare server", []facts{{verdict: m, body: "x", icon: "i", server: "nginx/1.2", runs: "Kit/7"}, {verdict: m, body: "y", icon: "i", server: "nginx/1.2", runs: "Kit/7"}}, true},
		{"file name and a rare server", []facts{{verdict: m, body: "x", download: "a.exe", server: "nginx", runs: "Kit/7"}, {verdict: s, body: "y", download: "a.exe", server: "NGINX", runs: "kit/7"}}, true},
		{"a rare server alone", []facts{{verdict: m, body: "x", server: "nginx/1.2", runs: "Kit/7"}, {verdict: m, body: "y", server: "nginx/1.2", runs: "Kit/7"}}, false},
		{"a rare server and another icon", []facts{{verdict: m, body: "x", icon: "i", server: "nginx", runs: "Kit/7"}, {verdict: m, body: "y", icon: "j", server: "nginx", runs: "Kit/7"}}, false},
		{"icon and nginx", []facts{{verdict: m, body: "x", icon: "i", server: "nginx"}, {verdict: m, body: "y", icon: "i", server: "nginx"}}, false},
		{"icon and a version of nginx", []facts{{verdict: m, body: "x", icon: "i", server: "nginx/1.18.0 (Ubuntu)"}, {verdict: m, body: "y", icon: "i", server: "nginx/1.18.0 (Ubuntu)"}}, false},
		{"address and its server", []facts{{verdict: m, body: "x", ip: "192.0.2.1", server: "nginx", runs: "Kit/7"}, {verdict: m, body: "y", ip: "192.0.2.1", server: "nginx", runs: "Kit/7"}}, false},
		{"name servers and their server", []facts{{verdict: m, body: "x", ns: "a.example", server: "nginx", runs: "Kit/7"}, {verdict: m, body: "y", ns: "a.example", server: "nginx", runs: "Kit/7"}}, false},
		{"icon and a server that an innocent has", []facts{{verdict: m, body: "x", icon: "i", server: "nginx", runs: "PHP/7.4"}, {verdict: m, body: "y", icon: "i", server: "nginx", runs: "PHP/7.4"}, {verdict: b, body: "z", server: "nginx", runs: "PHP/7.4"}}, false},
		{"icon and a server that many have", append([]facts{{verdict: m, body: "x", icon: "i", server: "nginx", runs: "PHP/7.4"}, {verdict: m, body: "y", icon: "i", server: "nginx", runs: "PHP/7.4"}}, many(manyHolders-1, "nginx", "PHP/7.4")...), false},
		{"page", []facts{{verdict: m, body: "x"}, {verdict: s, body: "x"}}, true},
		{"stub page", []facts{{verdict: m, body: "x", words: 5}, {verdict: m, body: "x", words: 5}}, false},
		{"certificate key", []facts{{verdict: m, key: "k", words: 1}, {verdict: i, key: "k", words: 1}}, true},
		{"registration", []facts{{verdict: m, registrar: "R  Ltd", registered: at}, {verdict: i, registrar: "r ltd", registered: at.Add(59 * time.Second)}}, true},
		{"registration, another minute", []facts{{verdict: m, registrar: "R", registered: at}, {verdict: m, registrar: "R", registered: at.Add(time.Minute)}}, false},
		{"registration, another registrar", []facts{{verdict: m, registrar: "R", registered: at}, {verdict: m, registrar: "Q", registered: at}}, false},
		{"registration, another brand", []facts{{verdict: m, registrar: "R", registered: at}, {verdict: m, registrar: "R", registered: at, brand: "putty.org"}}, false},
		{"registration by day only", []facts{{verdict: m, registrar: "R", registered: day}, {verdict: m, registrar: "R", registered: day}}, false},
		{"registration, parked", []facts{{verdict: m, registrar: "R", registered: at}, {verdict: p, registrar: "R", registered: at, body: "lander"}}, true},
		{"registration, taken down", []facts{{verdict: m, registrar: "R", registered: at}, {verdict: d, registrar: "R", registered: at}}, true},
		{"the same notice", []facts{{verdict: d, body: "notice", key: "k"}, {verdict: d, body: "notice", key: "k"}}, false},
		{"all parked", []facts{{verdict: p, registrar: "R", registered: at}, {verdict: p, registrar: "R", registered: at}}, false},
		{"all benign", []facts{{verdict: b, registrar: "R", registered: at}, {verdict: b, registrar: "R", registered: at}}, false},
		{"the same name for two brands", []facts{{name: "x.example", verdict: m, body: "x"}, {name: "x.example", verdict: m, body: "x", brand: "putty.org"}}, false},
	}
	for _, tt := range tests {
		for i := range tt.with {
			if tt.with[i].name == "" {
				tt.with[i].name = fmt.Sprintf("n%d.example", i)
			}
		}
		joined := false
		for _, c := range Campaigns(findings(tt.with...), nil) {
			joined = joined || slices.Contains(c.Domains, tt.with[0].name) && slices.Contains(c.Domains, tt.with[1].name)
		}
		if joined != tt.joins {
			t.Errorf("%s: joined %v, want %v", tt.name, joined, tt.joins)
		}
	}
}

// many are malicious names that share what their servers say, and nothing else.
func many(n int, server, runs string) (fs []facts) {
	for i := range n {
		fs = append(fs, facts{verdict: lurehound.Malicious, body: fmt.Sprint("of its own ", i), server: server, runs: runs})
	}
	return fs
}

func TestBrandIconIsNoPivot(t *testing.T) {
	f := facts{name: "a.example", verdict: lurehound.Malicious, body: "x", icon: "i"}.finding()
	if !slices.Contains(Pivots(f), lurehound.Pivot{Kind: lurehound.PivotFavicon, Value: "i"}) {
		t.Error("an icon of its own is a pivot")
	}
	f.Comparison.Favicon = true
	if slices.Contains(Pivots(f), lurehound.Pivot{Kind: lurehound.PivotFavicon, Value: "i"}) {
		t.Error("the brand's own icon is none")
	}
}

func TestIdentityIsStable(t *testing.T) {
	fs := founding()
	before := Campaigns(findings(fs...), nil)
	sibling := fs[2]
	sibling.name, sibling.registered, sibling.ip, sibling.icon = "aicrodicom.info", fs[2].registered.Add(72*time.Hour), "203.0.113.5", ""
	after := Campaigns(findings(append(fs, sibling)...), nil)
	if len(before) != 1 || len(after) != 1 || len(after[0].Domains) != 4 || before[0].ID != after[0].ID || before[0].Name != after[0].Name {
		t.Errorf("a sibling joins: %+v, before %+v", after, before)
	}
}

func TestOrderDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var fs []facts
		for i := range rapid.IntRange(0, 12).Draw(t, "n") {
			pick := func(label string, of ...string) string { return rapid.SampledFrom(of).Draw(t, label) }
			fs = append(fs, facts{
				name: fmt.Sprintf("n%d.example", i), verdict: rapid.SampledFrom(lurehound.Verdicts()).Draw(t, "verdict"),
				registrar: pick("registrar", "R", "Q"), registered: day.Add(time.Duration(rapid.IntRange(1, 3).Draw(t, "minute")) * time.Minute),
				ip: pick("ip", "", "192.0.2.1", "192.0.2.2"), ns: pick("ns", "", "a.example", "b.example"),
				server: pick("server", "", "nginx"), runs: pick("runs", "Kit/7", "Kit/8"), icon: pick("icon", "", "i", "j"),
				body: pick("body", "", "x", "y"), key: pick("key", "", "k"), brand: pick("brand", "a.com", "b.com"),
			})
		}
		want := Campaigns(findings(fs...), nil)
		seen := map[string]bool{}
		for _, c := range want {
			if seen[c.ID] {
				t.Fatalf("two campaigns have the ID %s", c.ID)
			}
			seen[c.ID] = true
			if len(c.Domains) < 2 {
				t.Fatalf("a campaign of %d", len(c.Domains))
			}
			for _, d := range c.Domains {
				if seen[d] {
					t.Fatalf("%s belongs to two campaigns", d)
				}
				seen[d] = true
			}
		}
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		r.Shuffle(len(fs), func(i, j int) { fs[i], fs[j] = fs[j], fs[i] })
		if diff := cmp.Diff(want, Campaigns(findings(fs...), nil)); diff != "" {
			t.Fatalf("another order gives another result:\n%s", diff)
		}
	})
}

func BenchmarkCampaigns(b *testing.B) {
	var fs []facts
	for i := range 10_000 {
		fs = append(fs, facts{name: fmt.Sprintf("n%d.example", i), verdict: lurehound.Suspicious, registrar: "R", registered: day.Add(time.Duration(i) * time.Minute),
			ip: fmt.Sprintf("192.0.2.%d", i%7), ns: fmt.Sprintf("h%d.example", i%11), body: fmt.Sprint(i % 5000)})
	}
	all := findings(fs...)
	b.ReportAllocs()
	for b.Loop() {
		Campaigns(all, nil)
	}
}

func TestOneWeakPivotInCommon(t *testing.T) {
	var fs []facts
	for i := range 4 {
		fs = append(fs, facts{name: fmt.Sprintf("n%d.example", i), verdict: lurehound.Malicious, body: fmt.Sprint(i), download: "setup.exe",
			ip: fmt.Sprintf("192.0.2.%d", i/2)})
	}
	got := Campaigns(findings(fs...), nil)
	if len(got) != 2 || got[0].ID == got[1].ID {
		t.Errorf("%+v, want two campaigns with different IDs", got)
	}
}
