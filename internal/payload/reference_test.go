package payload

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lurehound"
)

// Differences name the type, the name and the age beside the genuine installer's.
func TestReferenceDifferences(t *testing.T) {
	day := time.Date(2024, 6, 1, 0, 0, 0, 0, time.UTC)
	brand := lurehound.Brand{Signers: []string{"Vendor Ltd"}, References: []lurehound.Reference{{URL: "https://vendor.example/get/setup.msi", SHA256: "aa", Fetched: day}}}
	p := lurehound.PayloadFacts{Name: "update.exe", Type: lurehound.TypePE}
	p.SHA256 = "bb"
	p.PE = &lurehound.PEFacts{Version: map[string]string{"FileVersion": "1.2"}}
	p.Signature = lurehound.SignatureFacts{Present: true, Signer: "Vendor Ltd", Digest: lurehound.DigestMatch, Chain: lurehound.ChainTrusted, Timestamp: day.AddDate(0, 0, -40), Unsigned: 1234}
	want := []string{"hash: none of the 1 known genuine ones", "type: pe, not msi", `name: "update.exe", not "setup.msi"`, "signature: 1,234 bytes in its area are covered by no digest", "signed: 2024-04-22, 40 days before the reference was fetched", `version: "1.2"`}
	if d := cmp.Diff(want, CompareReference(p, brand, nil).Differences); d != "" {
		t.Error(d)
	}
	p.Name, p.Type = "SETUP.msi", lurehound.TypeMSI
	p.Signature.Timestamp = day.AddDate(0, 0, 3)
	want = []string{want[0], want[3], "signed: 2024-06-04, 3 days after the reference was fetched", want[5]}
	if d := cmp.Diff(want, CompareReference(p, brand, nil).Differences); d != "" {
		t.Error(d)
	}
}

func TestNoise(t *testing.T) {
	for host, want := range map[string]bool{
		"crl.godaddy.com": true, "ocsp.godaddy.com": true, "crl3.digicert.com": true, "cacerts.digicert.com": true, "x1.c.lencr.org": true,
		"www.godaddy.com": false, "godaddy.com": false, "evil.godaddy.com": false, "crl.evil-site.com": false, "digicert.com.evil.ru": false,
	} {
		if isNoise(host) != want {
			t.Errorf("%s: %v", host, !want)
		}
	}
}
