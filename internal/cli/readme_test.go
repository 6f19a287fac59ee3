package cli

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// marked is the block of a document behind the mark.
func marked(t *testing.T, file, mark string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	_, block, found := strings.Cut(string(b), "<!-- "+mark+":")
	_, block, open := strings.Cut(block, "```\n")
	block, _, closed := strings.Cut(block, "```\n")
	if !found || !open || !closed {
		t.Fatalf("%s has no block with the output of %s", file, mark)
	}
	return block
}

// TestReadme holds the README's output against what the command prints.
func TestReadme(t *testing.T) {
	want := marked(t, "../../README.md", "hunt")
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

// TestTechniquesDocument holds the list of techniques against what the command prints.
func TestTechniquesDocument(t *testing.T) {
	want := marked(t, "../../docs/techniques.md", "techniques")
	var out, progress bytes.Buffer
	if status := Main(t.Context(), nil, strings.NewReader(""), &out, &progress, []string{"permute", "--list-techniques"}); status != exitOK {
		t.Fatalf("exit status %d: %s", status, progress.String())
	}
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("docs/techniques.md, command:\n%s", diff)
	}
}
