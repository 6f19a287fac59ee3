package payload

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Fingerprints are those that ssh-keygen prints, for keys with and without a passphrase.
func TestFingerprint(t *testing.T) {
	if _, err := exec.LookPath("ssh-keygen"); errors.Is(err, exec.ErrNotFound) {
		if os.Getenv("CI_REQUIRE") == "1" {
			t.Fatal(err)
		}
		t.Skip("ssh-keygen is not installed")
	}
	for _, c := range []struct{ kind, pass, want string }{{"ed25519", "", "ed25519"}, {"ecdsa", "", "ecdsa"}, {"ed25519", "secret", "encrypted ed25519"}} {
		name := filepath.Join(t.TempDir(), "key")
		if out, err := exec.Command("ssh-keygen", "-q", "-t", c.kind, "-N", c.pass, "-f", name).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		listed, err := exec.Command("ssh-keygen", "-l", "-f", name).Output()
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range [][]byte{b, wide(string(b))} {
			x := scanned(append([]byte{0xff, 0, 0}, text...), windowSize)
			if len(x.Keys) != 1 || x.Keys[0].Fingerprint != strings.Fields(string(listed))[1] || x.Keys[0].Kind != c.want {
				t.Errorf("%+v: %+v, want %s", c, x.Keys, listed)
			}
		}
	}
}
