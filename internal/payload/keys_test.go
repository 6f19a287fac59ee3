package payload

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
)

// oneKey fails unless the key is found in the bytes, in both encodings.
func oneKey(t *testing.T, text []byte, kind, fingerprint, comment string) {
	t.Helper()
	for _, b := range [][]byte{text, wide(string(text))} {
		x := scanned(slices.Concat([]byte{0xff, 0, 0}, b, []byte{0, 0, 0}), windowSize)
		if len(x.Keys) != 1 || x.Keys[0].Fingerprint != fingerprint || x.Keys[0].Kind != kind || x.Keys[0].Comment != comment {
			t.Errorf("%+v, want %s %s %q", x.Keys, kind, fingerprint, comment)
		}
	}
}

// Fingerprints are those that ssh-keygen prints, for keys with and without a passphrase, in all its formats.
func TestFingerprint(t *testing.T) {
	needs(t, "ssh-keygen")
	for _, c := range []struct{ format, typ, bits, pass, kind string }{
		{"RFC4716", "ed25519", "", "", "ed25519"}, {"RFC4716", "ecdsa", "256", "", "ecdsa"}, {"RFC4716", "ed25519", "", "secret", "encrypted ed25519"},
		{"RFC4716", "rsa", "1024", "", "rsa"},
		{"PEM", "rsa", "1024", "", "rsa"}, {"PEM", "ecdsa", "256", "", "ecdsa"}, {"PEM", "ecdsa", "384", "", "ecdsa"}, {"PEM", "ecdsa", "521", "", "ecdsa"},
		{"PKCS8", "rsa", "1024", "", "rsa"}, {"PKCS8", "ecdsa", "384", "", "ecdsa"},
		{"PEM", "rsa", "1024", "secret", "encrypted"}, {"PKCS8", "ecdsa", "256", "secret", "encrypted"},
	} {
		t.Run(strings.Join([]string{c.format, c.typ, c.bits, c.kind}, " "), func(t *testing.T) {
			t.Parallel()
			name := filepath.Join(t.TempDir(), "key")
			args := []string{"-q", "-t", c.typ, "-N", c.pass, "-m", c.format, "-C", "user@host", "-f", name}
			if c.bits != "" {
				args = append(args, "-b", c.bits)
			}
			run(t, "", "ssh-keygen", args...)
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			want, comment := strings.Fields(run(t, "", "ssh-keygen", "-l", "-f", name))[1], ""
			if c.format == "RFC4716" && c.pass == "" {
				comment = "user@host"
			}
			if c.kind == "encrypted" { // the public half is out of reach: it is the hash of what there is
				x := scanned(b, windowSize)
				if len(x.Keys) != 1 || x.Keys[0].Kind != "encrypted" || x.Keys[0].Fingerprint == want {
					t.Errorf("%+v", x.Keys)
				}
				return
			}
			oneKey(t, b, c.kind, want, comment)
		})
	}
}

// PuTTY's keys show their public half and comment, encrypted or not.
func TestPuTTY(t *testing.T) {
	t.Parallel()
	needs(t, "puttygen")
	pass := filepath.Join(t.TempDir(), "pass")
	if err := os.WriteFile(pass, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ version, typ, pass, kind string }{
		{"2", "ed25519", empty, "ed25519"}, {"3", "ed25519", pass, "encrypted ed25519"}, {"3", "ecdsa", empty, "ecdsa"}, {"2", "rsa", pass, "encrypted rsa"}, {"3", "rsa", empty, "rsa"},
	} {
		name := filepath.Join(t.TempDir(), "key.ppk")
		run(t, "", "puttygen", "-q", "-t", c.typ, "-b", map[string]string{"rsa": "1024", "ed25519": "255", "ecdsa": "384"}[c.typ], "-C", "user@host", "--new-passphrase", c.pass, "--ppk-param", "version="+c.version+",memory=64,passes=1", "-o", name)
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		want := strings.Fields(run(t, "", "puttygen", "-l", name))[2]
		oneKey(t, b, c.kind, want, "user@host")
		oneKey(t, bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n")), c.kind, want, "user@host")
	}
}

func TestFingerprintEd25519PKCS8(t *testing.T) {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	k, err := ssh.NewPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	oneKey(t, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), "ed25519", ssh.FingerprintSHA256(k), "")
}

// A key that a script only makes is found too.
func TestKeyInScript(t *testing.T) {
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(private, "user@host")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(pem.EncodeToMemory(block)), "\n", `\n`)
	half := len(text) / 2
	x, p := undone("a.js", []byte("var k = '"+text[:half]+"' + '"+text[half:]+"';"))
	if len(x.Keys) != 1 || x.Keys[0].Comment != "user@host" {
		t.Errorf("%+v %q", x.Keys, p)
	}
}

func TestNoKeys(t *testing.T) {
	for _, text := range []string{
		"PuTTY-User-Key-File-2: ssh-rsa\nEncryption: none\nComment: x\nPublic-Lines: 99999999999\nAAAA\n",
		"PuTTY-User-Key-File-2: ssh-rsa\nEncryption: none\nComment: x\nPublic-Lines: 1\nAAAA\n",
		"PuTTY-User-Key-File-3: is what it begins with",
		"PuTTY-User-Key-File-2: ssh-rsa\nPublic-Lines: -1\n",
		"-----BEGIN RSA PRIVATE KEY-----\n%s\n-----END RSA PRIVATE KEY-----",
		"-----BEGIN PRIVATE KEY-----",
	} {
		if x := scanned([]byte(text), windowSize); len(x.Keys) > 0 {
			t.Errorf("%q: %+v", text, x.Keys)
		}
	}
}

func FuzzKey(f *testing.F) {
	f.Add("RSA PRIVATE KEY", "-----BEGIN RSA PRIVATE KEY-----\nMAsCAQACAQECAQECAQE=\nAAAA\n-----END RSA PRIVATE KEY-----")
	f.Add("EC PRIVATE KEY", "-----BEGIN EC PRIVATE KEY-----\nMBECAQEECAECAwQFBgcIoAAAAA==\n-----END ")
	f.Add("PRIVATE KEY", "PuTTY-User-Key-File-2: ssh-rsa\nEncryption: none\nComment: x\nPublic-Lines: 1\nAAAAB3NzaC1yc2E=\n")
	f.Fuzz(func(t *testing.T, head, text string) {
		readKey(head, text)
		readPuTTY(text)
		publicBlob([]byte(text))
	})
}
