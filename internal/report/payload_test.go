package report

import (
	"testing"

	"lurehound"
)

func TestPayloadLine(t *testing.T) {
	fake := lurehound.PayloadFacts{Name: "Setup.exe", Type: lurehound.TypePE, Artifact: lurehound.Artifact{SHA256: "aa", Size: 187695104},
		Signature: lurehound.SignatureFacts{Present: true, Signer: "Helping Businesses Limited", Digest: lurehound.DigestMatch},
		Reference: lurehound.ReferenceFacts{Verdict: lurehound.Differs, Times: 15.02}}
	part := fake
	part.SHA256 = ""
	tampered := fake
	tampered.Signature.Digest, tampered.Reference = lurehound.DigestMismatch, lurehound.ReferenceFacts{}
	for _, tt := range []struct {
		p    lurehound.PayloadFacts
		want string
	}{
		{fake, "Setup.exe: 179 MB, 15 times the usual size, signed by Helping Businesses Limited: not the vendor's"},
		{part, "Setup.exe: 179 MB, 15 times the usual size, signed by Helping Businesses Limited: not the vendor's (parts of it were read)"},
		{tampered, "Setup.exe: 179 MB, signed by Helping Businesses Limited and changed since"},
		{lurehound.PayloadFacts{Name: "a.exe", Type: lurehound.TypePE, Artifact: lurehound.Artifact{SHA256: "aa", Size: 900}, Signature: lurehound.SignatureFacts{Digest: lurehound.DigestNone}}, "a.exe: 900 bytes, not signed"},
	} {
		if got := payloadLine(&tt.p); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}
