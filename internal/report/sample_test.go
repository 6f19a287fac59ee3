package report

import (
	"net/netip"
	"testing"
	"time"

	"lurehound"
)

var now = time.Date(2024, 7, 13, 8, 0, 0, 0, time.UTC)

func name(t testing.TB, s string) lurehound.Domain {
	t.Helper()
	d, err := lurehound.ParseDomain(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func moments(s string) time.Time {
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return at
}

// clone is a finding with everything that a finding can have.
func clone(t testing.TB, domain string, edit lurehound.Edit, minute string) lurehound.Finding {
	similarity := 0.9841
	d := name(t, domain)
	url := "https://" + d.String() + "/"
	return lurehound.Finding{
		Candidate: lurehound.Candidate{
			Domain: d, Brand: "microdicom.com",
			Matches: []lurehound.Match{
				{Brand: "microdicom.com", Word: "dicom", Techniques: []string{"combosquatting"}, Score: 0.3, Why: "the word dicom is in it"},
				{Brand: "microdicom.com", Word: "microdicom", Techniques: []string{"homoglyph", "tld-swap"},
					Edits: []lurehound.Edit{edit, {From: "com", To: "info", At: lurehound.SuffixEdit}},
					Score: 0.94, Why: "one letter looks like another, and the suffix is .info"},
			},
			Sightings: []lurehound.Sighting{
				{Feed: "permute"},
				{Feed: "isc", FirstSeen: moments("2024-06-28T00:00:00Z"), IP: "203.0.113.7"},
				{Feed: "isc", FirstSeen: moments("2024-06-27T00:00:00Z"), IP: "203.0.113.7"},
			},
		},
		Observations: []lurehound.Observation{
			{Domain: d, Probe: "dns", At: now, Outcome: lurehound.Found, DNS: &lurehound.DNSFacts{Resolution: lurehound.Exists,
				A: []netip.Addr{netip.MustParseAddr("203.0.113.7")}, AAAA: []netip.Addr{netip.MustParseAddr("2001:db8::7")},
				NS: []string{"ns1.njalla.example"}, MX: []string{"mx." + d.String()}}},
			{Domain: d, Probe: "rdap", At: now, Outcome: lurehound.Found, Registration: &lurehound.RegistrationFacts{
				Source: "rdap", Registered: moments(minute), Expires: moments("2025-06-27T09:14:00Z"), Status: []string{"client transfer prohibited"},
				Registrar: "Example Registrar, Inc.", Abuse: "abuse@registrar.example"}},
			{Domain: d, Probe: "visit", Profile: "desktop", At: now, Outcome: lurehound.Found, Visit: &lurehound.VisitFacts{
				Start: "http://" + d.String() + "/", URL: url, Status: 200, Page: &lurehound.PageFacts{Title: "MicroDicom DICOM Viewer"}}},
		},
		Comparison: lurehound.Comparison{Reference: "https://microdicom.com/", URL: url, Similarity: &similarity},
		Signals: []lurehound.Signal{
			{Rule: "young", Points: 1, Why: "It was registered 16 days before it was looked at."},
			{Rule: "clone-download", Points: 6, Direct: true, Why: "The page is a copy of https://microdicom.com/ (98 % alike) and offers MicroDicom.exe from its own host.", Evidence: url},
			{Rule: "name", Points: 2.5, Why: "The name differs from the brand's by one letter that looks the same."},
			{Rule: "registrar-minute", Points: 0.5, Why: "Two others were registered in the same minute."},
		},
		Score: 0.97, Verdict: lurehound.Malicious, State: lurehound.New, Judged: now, Campaign: "c-1",
	}
}

func plainFinding(t testing.TB, domain string, v lurehound.Verdict, why string) lurehound.Finding {
	return lurehound.Finding{
		Candidate: lurehound.Candidate{Domain: name(t, domain), Brand: "microdicom.com", Sightings: []lurehound.Sighting{{Feed: "permute"}},
			Matches: []lurehound.Match{{Brand: "microdicom.com", Techniques: []string{"omission"}, Edits: []lurehound.Edit{{From: "o", At: 4}}, Score: 0.6, Why: "a letter is missing"}}},
		Signals: []lurehound.Signal{{Rule: "page", Points: 1, Why: why}},
		Score:   0.4, Verdict: v, State: lurehound.New, Judged: now,
	}
}

// sample is a hunt as people have them: a campaign, other verdicts, and much
// that could not be found out.
func sample(t testing.TB) lurehound.Hunt {
	parked := plainFinding(t, "micrdicom.com", lurehound.Parked, "The page sells the name.")
	taken := plainFinding(t, "microdicorn.net", lurehound.TakenDown, "The registry put it on hold.")
	taken.Earlier, taken.State, taken.Note = lurehound.Malicious, lurehound.Confirmed, "reported on 2 July"
	taken.Since, taken.Changes = time.Date(2024, 7, 1, 9, 0, 0, 0, time.UTC), []string{"there is no page any more, but status 404"}
	taken.Observations = []lurehound.Observation{{Probe: "rdap", Registration: &lurehound.RegistrationFacts{Registered: moments("2024-05-02T10:00:00Z")}}}
	idn := plainFinding(t, "micrödicom.com", lurehound.Suspicious, "The name is young and its page asks for a password.")
	idn.Candidate.Matches[0] = lurehound.Match{Brand: "microdicom.com", Techniques: []string{"homoglyph"}, Edits: []lurehound.Edit{{From: "o", To: "ö", At: 4}}, Score: 0.9, Why: "ö looks like o"}
	h := lurehound.Hunt{
		Brands: []lurehound.Brand{{Name: "MicroDicom DICOM Viewer", Domains: []lurehound.Domain{name(t, "microdicom.com")}, Words: []string{"microdicom"},
			References: []lurehound.Reference{{URL: "https://microdicom.com/"}, {URL: "https://microdicom.com/downloads", Problem: "timeout"}}}},
		Counts: lurehound.Counts{Permutations: 20000, Resolved: 19987, Unknown: 14, FeedNames: 4312404, Malformed: 3, Candidates: 11, Absent: 1, Findings: 9, Visited: 8},
		Feeds: []lurehound.FeedReport{
			{Feed: "isc", Days: 31, Names: 4312404, Newest: moments("2024-07-11T00:00:00Z"), Problems: []string{"2024-07-04 is short: 1,204 names where 139,000 are usual", "the newest day is 2 days old"}},
			{Feed: "permute", Names: 20000},
		},
		Findings: []lurehound.Finding{
			clone(t, "mlcrodicom.info", lurehound.Edit{From: "i", To: "l", At: 1}, "2024-06-27T09:14:00Z"),
			clone(t, "microdlcom.info", lurehound.Edit{From: "i", To: "l", At: 6}, "2024-06-27T09:14:00Z"),
			clone(t, "mlcrodlcom.info", lurehound.Edit{From: "i", To: "l", At: 1}, "2024-06-27T09:14:31Z"),
			taken, idn,
			plainFinding(t, "microdicom.xyz", lurehound.Inconclusive, "nothing"),
			plainFinding(t, "mikrodicom.com", lurehound.Inconclusive, "nothing"),
			parked,
			plainFinding(t, "microdicom.de", lurehound.Benign, "It is the vendor's distributor."),
		},
		Campaigns: []lurehound.Campaign{{ID: "c-1", Name: "microdicom .info", Domains: []string{"microdlcom.info", "mlcrodicom.info", "mlcrodlcom.info"},
			Shared: []lurehound.Pivot{{Kind: lurehound.PivotRegistration, Value: "Example Registrar, Inc. 2024-06-27 09:14"}, {Kind: lurehound.PivotIP, Value: "203.0.113.7"},
				{Kind: lurehound.PivotPage, Value: "6f1ed002ab5595859014ebf0951522d9aa00aa00aa00aa00aa00aa00aa00aa00"}},
			Timeline: []lurehound.Event{{Date: moments("2024-06-11T00:00:00Z"), Event: "advisory", What: "ICSMA-24-163-01"},
				{Date: moments("2024-06-27T00:00:00Z"), Event: "registered", What: "mlcrodicom.info"}}}},
		Views:    []lurehound.View{{Profile: "desktop", Route: "direct"}, {Profile: "search", Route: "direct"}},
		Problems: []string{"isc: the newest day is 2 days old", "the reference https://microdicom.com/downloads gave no answer"},
		Next: []string{"Block mlcrodicom[.]info, microdlcom[.]info and mlcrodlcom[.]info, and search your logs for them.",
			"Report them: abuse@registrar.example.", "Ask again later for the names that could not be decided: lurehound hunt microdicom.com"},
	}
	for _, n := range []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"} {
		h.Unknown = append(h.Unknown, lurehound.Undecided{Domain: "microdicom-" + n + ".com", Outcome: lurehound.NotResolvable, Reason: "servfail"})
	}
	for _, n := range []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"} {
		h.Absent = append(h.Absent, lurehound.Undecided{Domain: "microdicom-hunter-" + n + ".com", Outcome: lurehound.NXDomain, Reason: "two resolvers say so"})
	}
	h.Unknown = append(h.Unknown, lurehound.Undecided{Domain: "microdicom.top", Outcome: lurehound.Filtered, Reason: "ede 15"}, lurehound.Undecided{Domain: "microdicom.zip", Outcome: lurehound.Hijacked})
	return h
}
