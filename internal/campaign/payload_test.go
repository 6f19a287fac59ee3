package campaign

import (
	"testing"

	"lurehound"
)

// offers makes a finding of a malicious site that hands out p.
func offers(name, brand string, p lurehound.PayloadFacts) lurehound.Finding {
	f := facts{name: name, brand: brand, verdict: lurehound.Malicious}.finding()
	f.Observations = append(f.Observations, lurehound.Observation{Probe: "payload", Outcome: lurehound.Found, Payload: &p})
	return f
}

func signedBy(name string) lurehound.PayloadFacts {
	return lurehound.PayloadFacts{Signature: lurehound.SignatureFacts{Present: true, Signer: name},
		Reference: lurehound.ReferenceFacts{Verdict: lurehound.Differs, Differences: []string{"signer: another"}}}
}

// What files have in common joins look-alikes of different brands; the vendor's own files and tools of common makers do not.
func TestPayloadsJoin(t *testing.T) {
	key := lurehound.PayloadFacts{Found: lurehound.Indicators{Keys: []lurehound.KeyFacts{{Fingerprint: "SHA256:abc"}}}}
	tunnel := lurehound.PayloadFacts{Found: lurehound.Indicators{IPs: []string{"192.0.2.7"}, Commands: []string{"ssh.exe -R 7655:localhost:3389 -N user@192.0.2.7"}}}
	visit := lurehound.PayloadFacts{Found: lurehound.Indicators{IPs: []string{"192.0.2.7"}, Commands: []string{"ping 192.0.2.7"}}}
	same := lurehound.PayloadFacts{Artifact: lurehound.Artifact{SHA256: "aa", Size: 1}}
	genuine := same
	genuine.Reference.Verdict = lurehound.Genuine
	vendors := signedBy("MicroDicom Ltd")
	vendors.Reference.Differences = nil
	changed := signedBy("MicroDicom Ltd")
	changed.Signature.Digest = lurehound.DigestMismatch
	imports := lurehound.PayloadFacts{PE: &lurehound.PEFacts{Imphash: "bb"}}
	for _, tt := range []struct {
		name string
		a, b lurehound.PayloadFacts
		by   lurehound.PivotKind // "" for not joined
	}{
		{"one file", same, same, lurehound.PivotPayload},
		{"one signer, spelt in two ways", signedBy("Helping Businesses Limited"), signedBy("HELPING BUSINESSES LTD."), lurehound.PivotSigner},
		{"one key", key, key, lurehound.PivotEmbeddedKey},
		{"one tunnel", tunnel, tunnel, lurehound.PivotC2},
		{"an address that is no tunnel's", visit, visit, ""},
		{"the vendor's file", genuine, genuine, ""},
		{"a common tool", signedBy("ConnectWise, LLC"), signedBy("ConnectWise, LLC"), ""},
		{"the same imports alone", imports, imports, ""},
		{"files that name the vendor", vendors, vendors, ""},
		{"the vendor's file, changed", changed, changed, ""},
		{"unsigned files", signedBy(""), signedBy(""), ""},
	} {
		got := Campaigns([]lurehound.Finding{offers("mlcrodicom.info", "microdicom.com", tt.a), offers("advanced-lp-scanner.com", "advanced-ip-scanner.com", tt.b)}, nil)
		switch {
		case tt.by == "" && len(got) != 0:
			t.Errorf("%s: joined by %v", tt.name, got[0].Shared)
		case tt.by != "" && (len(got) != 1 || len(got[0].Domains) != 2 || got[0].Shared[0].Kind != tt.by):
			t.Errorf("%s: %+v", tt.name, got)
		}
	}
}
