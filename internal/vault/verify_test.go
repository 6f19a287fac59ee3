package vault

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestVerify: a changed byte anywhere in a sealed file is found, and the other files are read all the same.
func TestVerify(t *testing.T) {
	dir := t.TempDir()
	v := open(t, dir, 0)
	for _, n := range []int{0, 10, 3*chunkSize + 50} {
		if _, err := v.Put(t.Context(), bytes.NewReader(bytesOf(n)), Meta{}); err != nil {
			t.Fatal(err)
		}
	}
	last, err := v.Put(t.Context(), bytes.NewReader(bytes.Repeat([]byte("x"), 2*chunkSize)), Meta{})
	if err != nil {
		t.Fatal(err)
	}
	if problems, err := v.Verify(t.Context()); err != nil || len(problems) > 0 {
		t.Fatalf("of a whole vault it says %q, %v", problems, err)
	}
	name := filepath.Join(dir, "vault", last.SHA256+suffix)
	sealed, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []int{0, headerSize, headerSize + chunkSize + 20, len(sealed) - 1} {
		changed := bytes.Clone(sealed)
		changed[at] ^= 1
		os.Chmod(name, 0o600)
		if err := os.WriteFile(name, changed, 0o600); err != nil {
			t.Fatal(err)
		}
		problems, err := v.Verify(t.Context())
		if err != nil || len(problems) != 1 || !strings.Contains(problems[0], last.SHA256) {
			t.Errorf("byte %d of %d changed: it says %q, %v", at, len(sealed), problems, err)
		}
	}
}
