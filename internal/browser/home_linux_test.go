package browser

import (
	"os"
	"path/filepath"
	"testing"
)

func TestHomeIsEnterable(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root starts browsers as somebody else")
	}
	closed := filepath.Join(t.TempDir(), "closed", "tmp")
	if err := os.MkdirAll(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", closed)
	if base := homeBase(); base == closed || !enterable(base) {
		t.Errorf("the browser would live in %s, which it may not enter", base)
	}
}
