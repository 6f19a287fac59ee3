package cli

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestReadme holds the README's output against what the command prints.
func TestReadme(t *testing.T) {
	b, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, block, found := strings.Cut(string(b), "<!-- hunt:")
	_, block, open := strings.Cut(block, "```\n")
	want, _, closed := strings.Cut(block, "```\n")
	if !found || !open || !closed {
		t.Fatal("the README has no block with the output of hunt")
	}
	var out, progress bytes.Buffer
	env := []string{"COLUMNS=96", "XDG_DATA_HOME=" + t.TempDir()}
	status := Main(t.Context(), env, strings.NewReader(""), &out, &progress, []string{"hunt", "microdicom.com", "--lab", "--format", "table"})
	if status != exitFindings {
		t.Errorf("exit status %d: %s", status, progress.String())
	}
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("README, command:\n%s", diff)
	}
}
