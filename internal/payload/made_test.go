package payload

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"lurehound"
)

// needs looks for a program that made the files of a test or reads them too.
func needs(t testing.TB, programs ...string) {
	t.Helper()
	for _, p := range programs {
		_, err := exec.LookPath(p)
		if errors.Is(err, exec.ErrNotFound) && os.Getenv("CI_REQUIRE") != "1" {
			t.Skipf("%s is not installed", p)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func run(t testing.TB, dir, program string, args ...string) string {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", program, strings.Join(args, " "), err, out)
	}
	return string(out)
}

func write(t testing.TB, dir, name string, b []byte) {
	t.Helper()
	p := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p, b, 0o644); err != nil {
		t.Fatal(err)
	}
}

// noise is bytes that do not pack, the same in every run.
func noise(n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{1}).Read(b)
	return b
}

// sources are the files that every container of these tests holds.
func sources(t testing.TB, dir string) map[string]string {
	t.Helper()
	write(t, dir, "a.txt", []byte("abc\n"))
	write(t, dir, "numbers.txt", []byte(strings.Repeat("one two three\n", 9000)))
	write(t, dir, "noise.bin", noise(100_000))
	sums := map[string]string{}
	for _, n := range []string{"a.txt", "numbers.txt", "noise.bin"} {
		b, err := os.ReadFile(filepath.Join(dir, n))
		if err != nil {
			t.Fatal(err)
		}
		sums[n] = sumOf(b)
	}
	return sums
}

func triageFile(t testing.TB, path string) lurehound.PayloadFacts {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	return Triage(t.Context(), f, st.Size(), filepath.Base(path), DefaultLimits())
}

// hasFiles asks for each source among the contained files, by name and hash.
func hasFiles(t *testing.T, got lurehound.PayloadFacts, want map[string]string) {
	t.Helper()
	for name, sum := range want {
		found := false
		for _, c := range got.Contains {
			if c.SHA256 == sum && strings.HasSuffix(strings.ToLower(c.Name), name) {
				found = true
			}
		}
		if !found {
			t.Errorf("%s with hash %s is not among %+v; problems %q", name, sum, got.Contains, got.Problems)
		}
	}
}

// extracted hashes what a program unpacked into a folder.
func extracted(t testing.TB, dir string) map[string]string {
	t.Helper()
	sums := map[string]string{}
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(p)
		s := sha256.Sum256(b)
		rel, _ := filepath.Rel(dir, p)
		sums[filepath.ToSlash(rel)] = hex.EncodeToString(s[:])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return sums
}

func TestContainersOfOtherPrograms(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	needs(t, "7z", "zip", "gcab", "genisoimage", "gzip")
	sums := sources(t, dir)
	files := []string{"a.txt", "numbers.txt", "noise.bin"}
	for _, c := range []struct {
		out  string
		typ  lurehound.FileType
		args []string
	}{
		{"zip.zip", lurehound.TypeZip, []string{"zip", "-q", "zip.zip"}},
		{"stored.zip", lurehound.TypeZip, []string{"zip", "-q", "-0", "stored.zip"}},
		{"bzip2.zip", lurehound.TypeZip, []string{"zip", "-q", "-Z", "bzip2", "bzip2.zip"}},
		{"stream.zip", lurehound.TypeZip, []string{"zip", "-q", "-fd", "stream.zip"}},
		{"zip64.zip", lurehound.TypeZip, []string{"zip", "-q", "-fz", "zip64.zip"}},
		{"comment.zip", lurehound.TypeZip, []string{"7z", "a", "-tzip", "comment.zip"}},
		{"seven.7z", lurehound.Type7z, []string{"7z", "a", "seven.7z"}},
		{"ppmd.7z", lurehound.Type7z, []string{"7z", "a", "-m0=ppmd", "ppmd.7z"}},
		{"loose.7z", lurehound.Type7z, []string{"7z", "a", "-ms=off", "loose.7z"}},
		{"stored.7z", lurehound.Type7z, []string{"7z", "a", "-mx0", "stored.7z"}},
		{"mszip.cab", lurehound.TypeCab, []string{"gcab", "-cz", "mszip.cab"}},
		{"stored.cab", lurehound.TypeCab, []string{"gcab", "-c", "stored.cab"}},
		{"disk.iso", lurehound.TypeISO, []string{"genisoimage", "-quiet", "-J", "-r", "-o", "disk.iso"}},
		{"plain.iso", lurehound.TypeISO, []string{"genisoimage", "-quiet", "-r", "-o", "plain.iso"}},
	} {
		t.Run(c.out, func(t *testing.T) {
			run(t, dir, c.args[0], append(c.args[1:], files...)...)
			got := triageFile(t, filepath.Join(dir, c.out))
			if got.Type != c.typ {
				t.Errorf("type %s, want %s", got.Type, c.typ)
			}
			hasFiles(t, got, sums)
			if len(got.Problems) > 0 || len(got.Contains) != 3 {
				t.Errorf("%d files, problems %q", len(got.Contains), got.Problems)
			}
			// 7z agrees: the same bytes under the same names.
			to := filepath.Join(dir, "x-"+c.out)
			run(t, dir, "7z", "x", "-y", "-o"+to, c.out)
			for _, f := range got.Contains {
				if extracted(t, to)[f.Name] != f.SHA256 {
					t.Errorf("7z has other bytes for %s", f.Name)
				}
			}
		})
	}
}

func TestSevenZipAbsentIsSaid(t *testing.T) {
	needs(t, "7z")
	dir := t.TempDir()
	sources(t, dir)
	run(t, dir, "7z", "a", "x.7z", "a.txt")
	b, err := os.ReadFile(filepath.Join(dir, "x.7z"))
	if err != nil {
		t.Fatal(err)
	}
	lim := DefaultLimits()
	lim.SevenZip = "no-such-program"
	got := Triage(t.Context(), strings.NewReader(string(b)), int64(len(b)), "", lim)
	if got.Type != lurehound.Type7z || !hasProblem(got, "needs the program 7z") {
		t.Errorf("%+v", got)
	}
}

func TestEncryptedIsSaid(t *testing.T) {
	needs(t, "7z")
	dir := t.TempDir()
	sources(t, dir)
	for _, c := range [][]string{
		{"e.zip", "-tzip"}, {"aes.zip", "-tzip", "-mem=AES256"}, {"e.7z"}, {"head.7z", "-mhe=on"},
	} {
		run(t, dir, "7z", append([]string{"a", "-pinfected", c[0], "a.txt"}, c[1:]...)...)
		got := triageFile(t, filepath.Join(dir, c[0]))
		if !hasProblem(got, "encrypted") {
			t.Errorf("%s: contains %+v, problems %q", c[0], got.Contains, got.Problems)
		}
	}
}
