package payload

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"lurehound"
	"lurehound/internal/lab/installer"
)

// digestBySomebodyElse is what osslsigncode says of the digest of a file's first signature.
func digestBySomebodyElse(path string) lurehound.DigestState {
	out := peOutput("osslsigncode", "verify", "-in", path)
	switch first, _, _ := strings.Cut(out, "Signature Index: 1"); {
	case strings.Contains(first, "MISMATCH"):
		return lurehound.DigestMismatch
	case strings.Contains(out, "No signature found"), strings.Contains(out, "MSI file has no signature"):
		return lurehound.DigestNone
	case strings.Contains(first, "Calculated "):
		return lurehound.DigestMatch
	}
	return lurehound.DigestState("osslsigncode: " + out)
}

// agreed are the files of the table: the laboratory's, Debian's loaders, and what is signed here.
func agreed(t *testing.T) (paths []string) {
	t.Helper()
	dir := t.TempDir()
	all, err := installer.All()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		r, err := installer.Open(f)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, f.Name)
		w, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(w, io.NewSectionReader(r, 0, f.Size)); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	for _, pattern := range []string{"/usr/lib/shim/*.efi*", "/usr/lib/grub/*-efi-signed/*.efi*"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range found {
			if strings.Contains(p, ".efi") && !strings.HasSuffix(p, ".csv") {
				paths = append(paths, p)
			}
		}
	}
	setup := nsisInstaller(t, dir)
	signingCA(t, dir)
	for _, hash := range []string{"sha1", "sha256", "sha384", "sha512"} {
		out := filepath.Join(dir, "signed-"+hash)
		peRun(t, dir, "osslsigncode", "sign", "-certs", "code.pem", "-key", "code.key", "-h", hash, "-in", setup, "-out", out)
		b := readBytes(t, out)
		b[4096] ^= 1
		changed := out + "-changed"
		if err := os.WriteFile(changed, b, 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, out, changed)
	}
	return append(paths, setup)
}

// Other programs say the same of every file: osslsigncode of the digest, sha256sum of the hash, pefile of the imports.
func TestAgreement(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 300 MB four times over")
	}
	for _, program := range []string{"osslsigncode", "makensis", "sha256sum", "/usr/bin/python3"} {
		peNeed(t, program)
	}
	if strings.Contains(peOutput("/usr/bin/python3", "-c", "import pefile"), "Error") {
		if os.Getenv("CI_REQUIRE") != "" {
			t.Fatal("python3-pefile is missing")
		}
		t.Skip("python3-pefile is missing")
	}
	const imphash = "import sys, pefile; p = pefile.PE(sys.argv[1], fast_load=True); p.parse_data_directories([pefile.DIRECTORY_ENTRY['IMAGE_DIRECTORY_ENTRY_IMPORT']]); print(p.get_imphash())"
	lines := []string{fmt.Sprintf("%-28s %-5s %-10s %-8s %s", "file", "type", "digest", "sha256", "imphash")}
	for _, path := range agreed(t) {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		info, err := f.Stat()
		if err != nil {
			t.Fatal(err)
		}
		p := Triage(t.Context(), f, info.Size(), filepath.Base(path), DefaultLimits())
		f.Close()
		line := fmt.Sprintf("%-28s %-5s %-10s %.8s", filepath.Base(path), p.Type, p.Signature.Digest, p.SHA256)
		want := digestBySomebodyElse(path)
		if len(p.Signature.Others) > 0 && strings.Contains(string(want), "Corrupted attribute certificate table") {
			line += " (osslsigncode reads no table of two entries)"
			want = p.Signature.Digest
		}
		if p.Signature.Digest != want {
			t.Errorf("%s: digest %s, osslsigncode says %s", path, p.Signature.Digest, want)
		}
		if want, _, _ := strings.Cut(peRun(t, ".", "sha256sum", path), " "); p.SHA256 != want {
			t.Errorf("%s: SHA-256 %s, sha256sum says %s", path, p.SHA256, want)
		}
		if p.Type == lurehound.TypePE {
			want := string(bytes.TrimSpace([]byte(peRun(t, ".", "/usr/bin/python3", "-c", imphash, path))))
			if p.PE.Imphash != want {
				t.Errorf("%s: imphash %s, pefile says %s", path, p.PE.Imphash, want)
			}
			line += " " + p.PE.Imphash
		}
		lines = append(lines, line)
	}
	t.Log("all agree unless said otherwise:\n" + strings.Join(lines, "\n"))
}
