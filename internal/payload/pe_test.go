package payload

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// peNeed finds a program that a test runs, and skips the test without it, or
// fails it where everything has to be there.
func peNeed(t testing.TB, program string) string {
	t.Helper()
	p, err := exec.LookPath(program)
	if err != nil && os.Getenv("CI_REQUIRE") != "1" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// peRun runs a program in dir and returns what it says.
func peRun(t testing.TB, dir, program string, args ...string) string {
	t.Helper()
	c := exec.Command(program, args...)
	c.Dir = dir
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %q: %v\n%s", program, args, err, out)
	}
	return string(out)
}

// nsisInstaller makes a small installer with version strings.
func nsisInstaller(t testing.TB, dir string) string {
	t.Helper()
	script := "OutFile setup.exe\nName Viewer\nVIProductVersion 1.2.3.4\nVIAddVersionKey ProductName \"DICOM Viewer\"\nVIAddVersionKey FileVersion 1.2.3.4\nVIAddVersionKey CompanyName \"Example\"\nVIAddVersionKey FileDescription d\nVIAddVersionKey LegalCopyright c\nSection\nSectionEnd\n"
	if err := os.WriteFile(filepath.Join(dir, "setup.nsi"), []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	peRun(t, dir, peNeed(t, "makensis"), "-V1", "setup.nsi")
	return filepath.Join(dir, "setup.exe")
}

func TestReadPEOfAnInstaller(t *testing.T) {
	dir := t.TempDir()
	path := nsisInstaller(t, dir)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	facts, l, err := readPE(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	if len(l.problems) > 0 {
		t.Errorf("problems: %q", l.problems)
	}
	if facts.Machine != "386" || facts.Version["ProductName"] != "DICOM Viewer" || facts.Overlay == 0 {
		t.Errorf("got %+v", facts)
	}
	const script = "import sys, pefile; p = pefile.PE(sys.argv[1]); print(p.get_imphash(), p.get_overlay_data_start_offset(), p.get_rich_header_hash(), *(round(s.get_entropy(), 3) for s in p.sections))"
	want := strings.Fields(peRun(t, dir, "/usr/bin/python3", "-c", script, path))
	if facts.Imphash != want[0] {
		t.Errorf("imphash %s, pefile says %s", facts.Imphash, want[0])
	}
	t.Logf("%+v %v", facts, want)
}

// peOutput is what a program says, however it ends.
func peOutput(program string, args ...string) string {
	out, _ := exec.Command(program, args...).CombinedOutput()
	return string(out)
}
