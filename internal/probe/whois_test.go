package probe

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lurehound"
)

func TestWhoisFacts(t *testing.T) {
	day := func(s string) time.Time { d, _ := time.Parse(time.DateOnly, s); return d }
	tests := []struct {
		name, answer string
		want         *lurehound.RegistrationFacts
		outcome      lurehound.Outcome
	}{
		{"gTLD form", "   Domain Name: EXAMPLE.TEST\r\n   Registrar: Some Registrar, Inc.\r\n   Creation Date: 2024-06-27T00:00:00Z\r\n   Registry Expiry Date: 2025-06-27T00:00:00Z\r\n   Domain Status: clientHold https://icann.org/epp#clientHold\r\n   Registrar Abuse Contact Email: abuse@registrar.example\r\n   Name Server: NS1.HOST.EXAMPLE\r\n>>> Last update <<<\r\n",
			&lurehound.RegistrationFacts{Registered: day("2024-06-27"), Expires: day("2025-06-27"), Registrar: "Some Registrar, Inc.",
				Status: []string{"client hold"}, Abuse: "abuse@registrar.example", NS: []string{"ns1.host.example"}}, lurehound.Found},
		{"ccTLD form", "% comment\ndomain: example.test\nstatus: connect\nnserver: ns.example.net 192.0.2.1\ncreated: 2001.02.03\n",
			&lurehound.RegistrationFacts{Registered: day("2001-02-03"), Status: []string{"connect"}, NS: []string{"ns.example.net"}}, lurehound.Found},
		{"free", "No match for \"EXAMPLE.TEST\".\r\n>>> Last update of whois database <<<\r\n", nil, lurehound.Absent},
		{"free, with status", "Domain: example.test\nStatus: free\n", nil, lurehound.Absent},
		{"another name", "Domain Name: OTHER.TEST\nRegistrar: X\n", nil, lurehound.Unknown},
		{"limit", "Your request exceeded the limit. Try again later.\n", nil, lurehound.Unknown},
		{"a page", "<html><body>not found</body></html>", nil, lurehound.Unknown},
		{"nothing", "", nil, lurehound.Unknown},
	}
	for _, tt := range tests {
		got, outcome, reason := whoisFacts(tt.answer, "example.test")
		if diff := cmp.Diff(tt.want, got); diff != "" || outcome != tt.outcome {
			t.Errorf("%s: %s (%s), want %s; facts (-want +got):\n%s", tt.name, outcome, reason, tt.outcome, diff)
		}
	}
}

func TestWhoisReferral(t *testing.T) {
	for answer, want := range map[string]string{
		"% IANA\nrefer:        whois.nic.test\n\ndomain: TEST\n": "whois.nic.test",
		"domain: TEST\nwhois: WHOIS.NIC.TEST\n":                  "whois.nic.test",
		"domain: TEST\nrefer: 127.0.0.1\n":                       "",
		"domain: TEST\n":                                         "",
	} {
		if got := whoisReferral(answer); got != want {
			t.Errorf("whoisReferral(%q) = %q, want %q", answer, got, want)
		}
	}
}

func FuzzWhoisFacts(f *testing.F) {
	f.Add("Domain Name: A.TEST\nCreation Date: x\nName Server: \x00\n")
	f.Add("domain:a.test\nnserver:\t\v\nstatus: \u2028")
	f.Add(strings.Repeat("status: clientHold\n", 100))
	f.Fuzz(func(t *testing.T, answer string) {
		facts, outcome, _ := whoisFacts(answer, "a.test")
		if (facts != nil) != (outcome == lurehound.Found) {
			t.Fatalf("facts %v with outcome %s", facts, outcome)
		}
		if facts != nil && (len(facts.NS) > 64 || len(facts.Status) > 64) {
			t.Fatalf("%d name servers, %d states", len(facts.NS), len(facts.Status))
		}
		whoisReferral(answer)
	})
}
