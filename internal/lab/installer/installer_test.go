package installer

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/pem"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"lurehound"
)

func all(t testing.TB) []File {
	t.Helper()
	fs, err := All()
	if err != nil || len(fs) == 0 {
		t.Fatalf("%d files, %v", len(fs), err)
	}
	return fs
}

func open(t testing.TB, name string) (File, io.ReaderAt) {
	t.Helper()
	f, err := Find(name)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Open(f)
	if err != nil {
		t.Fatal(err)
	}
	return f, r
}

// Every file is the one that was signed.
func TestFilesAreThoseThatWereMade(t *testing.T) {
	for _, f := range all(t) {
		_, r := open(t, f.Name)
		h := sha256.New()
		if n, err := io.Copy(h, io.NewSectionReader(r, 0, f.Size)); n != f.Size || err != nil {
			t.Errorf("%s: %d of %d bytes, %v", f.Name, n, f.Size, err)
		}
		if got := hex.EncodeToString(h.Sum(nil)); got != f.SHA256 {
			t.Errorf("%s: SHA-256 %s, want %s", f.Name, got, f.SHA256)
		}
	}
	if _, err := Find("nothing"); err == nil || !strings.Contains(err.Error(), "genuine") {
		t.Errorf("an unknown name: %v", err)
	}
}

// Reads at any border give the same bytes as one read.
func TestReadAt(t *testing.T) {
	f, r := open(t, "tampered")
	whole := make([]byte, f.Size)
	if _, err := r.ReadAt(whole, 0); err != nil {
		t.Fatal(err)
	}
	for _, at := range []int64{0, 1, f.Parts[0].Size - 70, f.Parts[0].Size - 64, f.Parts[0].Size + 3, f.Parts[0].Size + f.Parts[1].Size - 5, f.Size - 100} {
		b := make([]byte, 99)
		if n, err := r.ReadAt(b, at); n != 99 || err != nil || !bytes.Equal(b, whole[at:at+99]) {
			t.Errorf("at %d: %d bytes, %v, or others", at, n, err)
		}
	}
	b := make([]byte, 10)
	if n, err := r.ReadAt(b, f.Size-4); n != 4 || err != io.EOF {
		t.Errorf("over the end: %d, %v", n, err)
	}
	if _, err := r.ReadAt(b, -1); err == nil {
		t.Error("before the start something was read")
	}
}

// tool is a program that the test needs.
func tool(t *testing.T, name string) {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		if os.Getenv("CI_REQUIRE") != "" {
			t.Fatalf("%s is missing", name)
		}
		t.Skipf("%s is missing", name)
	}
}

// onDisk writes a harmless file of ours where a program can read it.
func onDisk(t *testing.T, f File) string {
	t.Helper()
	_, r := open(t, f.Name)
	p := filepath.Join(t.TempDir(), f.As)
	w, err := os.Create(p)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(w, io.NewSectionReader(r, 0, f.Size)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return p
}

// Another program comes to the same opinion of every signature.
func TestSignaturesBySomebodyElse(t *testing.T) {
	tool(t, "osslsigncode")
	root, err := Root()
	if err != nil {
		t.Fatal(err)
	}
	ca := filepath.Join(t.TempDir(), "root.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root.Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, f := range all(t) {
		out, err := exec.Command("osslsigncode", "verify", "-CAfile", ca, "-TSA-CAfile", ca, "-time", "1721034000", "-in", onDisk(t, f)).CombinedOutput()
		good := f.Digest == lurehound.DigestMatch && f.Name != "self-signed"
		if good != (err == nil) || good && !strings.Contains(string(out), f.Signer) {
			t.Errorf("%s (%s, %q): %v\n%s", f.Name, f.Digest, f.Signer, err, out)
		}
		if mismatch := strings.Contains(string(out), "MISMATCH"); mismatch != (f.Digest == lurehound.DigestMismatch) {
			t.Errorf("%s (%s): digest mismatch %v\n%s", f.Name, f.Digest, mismatch, out)
		}
	}
}

func TestFakeHolds(t *testing.T) {
	tool(t, "7z")
	f, err := Find("fake")
	if err != nil {
		t.Fatal(err)
	}
	out, _ := exec.Command("7z", "l", onDisk(t, f)).CombinedOutput() // ends with 1 for a warning
	for _, name := range []string{"UpdaterSvc.exe", "7655.bat", "id_laboratory", "mDicom.exe"} {
		if !strings.Contains(string(out), name) {
			t.Errorf("7z lists no %s:\n%s", name, out)
		}
	}
}

// The MSIs hold what they are there for, and can't be installed: the launch
// condition is never met, and is looked at first.
func TestPackagesHold(t *testing.T) {
	tool(t, "msiinfo")
	tool(t, "msiextract")
	for _, name := range []string{"msi-service", "scanner-fake"} {
		f, err := Find(name)
		if err != nil {
			t.Fatal(err)
		}
		on := onDisk(t, f)
		for table, want := range map[string][]string{
			"LaunchCondition":        {"0\tLurehound laboratory: this package installs nothing."},
			"ServiceInstall":         {"UpdaterSvc\tUpdaterSvc\tUpdater Service\t16\t3\t0\t"}, // own process, started on demand
			"CustomAction":           {"RunBatch\t226\tINSTALLDIR\tcmd.exe /c check.bat"},
			"InstallExecuteSequence": {"LaunchConditions\t\t100", "InstallServices\tVersionNT\t5800", "RunBatch\t\t6601"},
			"InstallUISequence":      {"LaunchConditions\t\t100"},
			"File":                   {"UpdaterSvc.exe\tService\t", "check.bat\tBatch\t", "scanner.exe\tProgram\t"},
		} {
			out, err := exec.Command("msiinfo", "export", on, table).CombinedOutput()
			if err != nil {
				t.Errorf("%s: %s: %v\n%s", name, table, err, out)
				continue
			}
			// Three lines tell of the columns.
			rows := strings.SplitAfterN(strings.ReplaceAll(string(out), "\r", ""), "\n", 4)
			for _, w := range want {
				if len(rows) < 4 || !strings.Contains("\n"+rows[3], "\n"+w) {
					t.Errorf("%s: %s has no row %q\n%s", name, table, w, out)
				}
			}
			if n := strings.Count(rows[len(rows)-1], "\n"); table == "LaunchCondition" && n != 1 {
				t.Errorf("%s: %d launch conditions\n%s", name, n, out)
			}
		}
		out, err := exec.Command("msiinfo", "export", on, "InstallExecuteSequence").CombinedOutput()
		if err != nil {
			t.Fatal(err)
		}
		if first := firstAction(string(out)); first != "LaunchConditions" {
			t.Errorf("%s: %q comes before the launch condition", name, first)
		}
		list, err := exec.Command("msiextract", "-l", on).CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", name, err, list)
		}
		for _, file := range []string{"UpdaterSvc.exe", "check.bat", "scanner.exe"} {
			if !strings.Contains(string(list), file) {
				t.Errorf("%s holds no %s:\n%s", name, file, list)
			}
		}
	}
}

// firstAction is the one with the lowest number of an exported sequence.
func firstAction(table string) string {
	name, lowest := "", 1<<15
	for line := range strings.Lines(table) {
		row := strings.Split(strings.TrimSpace(line), "\t")
		if n, err := strconv.Atoi(row[len(row)-1]); err == nil && n < lowest {
			name, lowest = row[0], n
		}
	}
	return name
}

func BenchmarkRead(b *testing.B) {
	f, r := open(b, "fake")
	b.ReportAllocs()
	b.SetBytes(f.Size)
	for b.Loop() {
		if _, err := io.Copy(io.Discard, io.NewSectionReader(r, 0, f.Size)); err != nil {
			b.Fatal(err)
		}
	}
}
