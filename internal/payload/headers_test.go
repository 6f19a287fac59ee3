package payload

import (
	"bytes"
	"errors"
	"os"
	"testing"

	"pgregory.net/rapid"

	"lurehound"
)

// Law: a sparse file gives what the whole one has, or says that it was not read; never anything else.
func TestSparseIsTheFileOrNotRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		whole := rapid.SliceOfN(rapid.Byte(), 1, 200).Draw(t, "whole")
		var parts []Part
		for at := 0; at < len(whole); {
			at += rapid.IntRange(0, 40).Draw(t, "gap")
			n := min(rapid.IntRange(1, 40).Draw(t, "n"), len(whole)-at)
			if n > 0 {
				parts = append(parts, Part{int64(at), whole[at : at+n]})
			}
			at += n
		}
		off := rapid.IntRange(0, len(whole)-1).Draw(t, "off")
		p := make([]byte, rapid.IntRange(1, len(whole)-off).Draw(t, "len"))
		n, err := Sparse(parts).ReadAt(p, int64(off))
		if !bytes.Equal(p[:n], whole[off:off+n]) {
			t.Fatalf("other bytes at %d", off)
		}
		if (n == len(p)) != (err == nil) || err != nil && !errors.Is(err, ErrNotRead) {
			t.Fatalf("%d of %d: %v", n, len(p), err)
		}
	})
}

// The head and the certificate table of a real signed program tell who signed it.
func TestHeadersOfSignedProgram(t *testing.T) {
	var b []byte
	for _, name := range []string{"/usr/lib/shim/shimx64.efi.signed", "/usr/lib/systemd/boot/efi/systemd-bootx64.efi.signed"} {
		if b, _ = os.ReadFile(name); b != nil {
			break
		}
	}
	if b == nil {
		if os.Getenv("CI_REQUIRE") != "" {
			t.Fatal("there is no shim-signed")
		}
		t.Skip("there is no shim-signed")
	}
	size := int64(len(b))
	head := Part{0, b[:64<<10]}
	p, want := Headers(Sparse([]Part{head}), size, "shim.efi", Roots{})
	if p.Type != lurehound.TypePE || want.N == 0 || p.Signature.Digest != lurehound.DigestUnverified {
		t.Fatalf("type %s, wanted %v, signature %+v", p.Type, want, p.Signature)
	}
	p, want2 := Headers(Sparse([]Part{head, {want.At, b[want.At : want.At+want.N]}}), size, "shim.efi", Roots{})
	if want2.N != 0 || !p.Signature.Present || p.Signature.Signer == "" || p.Signature.Digest != lurehound.DigestUnverified || p.SHA256 != "" {
		t.Errorf("wanted %v, signature %+v", want2, p.Signature)
	}
	whole, _ := Headers(bytes.NewReader(b), size, "shim.efi", Roots{})
	if whole.Signature.Signer != p.Signature.Signer || whole.Signature.Digest != lurehound.DigestMatch {
		t.Errorf("the whole file says %+v", whole.Signature)
	}
}

// What was not read says nothing against a file, nor for it.
func TestCompareWithoutHash(t *testing.T) {
	brand := lurehound.Brand{Signers: []string{"MicroDicom Ltd"}, References: []lurehound.Reference{{SHA256: "aa", MaxSize: 100}}}
	signed := func(by string) lurehound.SignatureFacts {
		return lurehound.SignatureFacts{Present: true, Signer: by, Digest: lurehound.DigestUnverified}
	}
	for _, tt := range []struct {
		name string
		size int64
		sig  lurehound.SignatureFacts
		want lurehound.ReferenceVerdict
		says int
	}{
		{"the vendor's name", 90, signed("MicroDicom Ltd"), lurehound.ReferenceUnknown, 0},
		{"another's", 90, signed("Helping Businesses Limited"), lurehound.Differs, 1},
		{"nobody's", 90, lurehound.SignatureFacts{Digest: lurehound.DigestNone}, lurehound.Differs, 1},
		{"not read", 90, lurehound.SignatureFacts{Digest: lurehound.DigestUnverified}, lurehound.ReferenceUnknown, 0},
		{"too large", 1500, signed("MicroDicom Ltd"), lurehound.Differs, 1},
	} {
		p := lurehound.PayloadFacts{Signature: tt.sig}
		p.Size = tt.size
		if got := CompareReference(p, brand, KnownBad{"aa": ""}); got.Verdict != tt.want || len(got.Differences) != tt.says {
			t.Errorf("%s: %+v", tt.name, got)
		}
	}
}

func FuzzHeaders(f *testing.F) {
	f.Add([]byte("MZ"), int64(1<<40), "a.exe")
	f.Add(bytes.Repeat([]byte{0}, 100), int64(100), "a.bat")
	f.Add([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), int64(1<<20), "a.msi")
	f.Fuzz(func(t *testing.T, head []byte, size int64, name string) {
		if size < 0 {
			return
		}
		p, want := Headers(Sparse([]Part{{0, head}}), size, name, Roots{})
		if p.SHA256 != "" || want.N > 0 && (want.At < 0 || want.At >= size) {
			t.Errorf("%+v wants %v", p, want)
		}
	})
}
