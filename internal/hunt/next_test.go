package hunt

import (
	"strings"
	"testing"

	"lurehound"
)

// TestNextForOwnSites: what to do about a brand's own site depends on its verdict alone, and none of it speaks of look-alikes.
func TestNextForOwnSites(t *testing.T) {
	d, err := lurehound.ParseDomain("microdicom.com")
	if err != nil {
		t.Fatal(err)
	}
	for verdict, want := range map[lurehound.Verdict]string{
		lurehound.Malicious:    "tell whoever runs microdicom[.]com at once: visitors are given what others are not; lurehound capture microdicom[.]com --lab --profiles p.toml shows who",
		lurehound.Suspicious:   "ask whoever runs microdicom[.]com whether some visitors are meant to be led elsewhere; lurehound capture microdicom[.]com --lab --profiles p.toml shows who",
		lurehound.Inconclusive: "whether microdicom[.]com is the same for all could not be found out; lurehound capture microdicom[.]com --lab --profiles p.toml tries again, and --profiles FILE from elsewhere",
		lurehound.Benign:       "",
	} {
		f := lurehound.Finding{Verdict: verdict, Candidate: lurehound.Candidate{Domain: d, Sightings: []lurehound.Sighting{{Feed: lurehound.OwnFeed}}}}
		lines := next(lurehound.Hunt{Findings: []lurehound.Finding{f}}, Plan{Flags: " --lab", VisitFlags: " --profiles p.toml"})
		got := ""
		if len(lines) == 2 { // the last one is about noting what was decided
			got = lines[0]
		}
		if got != want || len(lines) == 0 || !strings.HasPrefix(lines[len(lines)-1], "note what you decided") {
			t.Errorf("%s: %q, want %q", verdict, lines, want)
		}
	}
}
