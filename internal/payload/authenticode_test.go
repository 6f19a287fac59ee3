package payload

import (
	"bytes"
	"crypto"
	"errors"

	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"lurehound"
)

// sparse is a file of which only two parts were fetched.
type sparse struct {
	b          []byte
	head, tail int64
}

func (s sparse) ReadAt(p []byte, off int64) (int, error) {
	if end := off + int64(len(p)); end > s.head && off < s.tail {
		return 0, ErrNotRead
	}
	return bytes.NewReader(s.b).ReadAt(p, off)
}

// signingCA makes a root, a signer for code and one for timestamps, with openssl.
func signingCA(t testing.TB, dir string) {
	t.Helper()
	openssl := peNeed(t, "openssl")
	peRun(t, dir, openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Test Root", "-days", "3650")
	for name, use := range map[string]string{"code": "codeSigning", "other": "codeSigning", "web": "serverAuth", "tsa": "critical,timeStamping"} {
		if err := os.WriteFile(filepath.Join(dir, name+".ext"), []byte("extendedKeyUsage="+use+"\nkeyUsage=digitalSignature\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		peRun(t, dir, openssl, "req", "-newkey", "rsa:2048", "-nodes", "-keyout", name+".key", "-out", name+".csr", "-subj", "/O=Example, Inc./CN=Signer "+name)
		peRun(t, dir, openssl, "x509", "-req", "-in", name+".csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out", name+".pem", "-days", "365", "-extfile", name+".ext")
	}
}

func judgeBytes(t testing.TB, b []byte, roots Roots) lurehound.SignatureFacts {
	t.Helper()
	r := bytes.NewReader(b)
	_, l, err := readPE(r, int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	return authenticode(r, int64(len(b)), l, roots)
}

func readBytes(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestAuthenticode holds files that osslsigncode signed against what was done
// to them afterwards, and against what osslsigncode itself says of the digest.
func TestAuthenticode(t *testing.T) {
	t.Parallel()
	ossl := peNeed(t, "osslsigncode")
	dir := t.TempDir()
	nsisInstaller(t, dir)
	signingCA(t, dir)
	roots, err := NewRoots(time.Now, readBytes(t, filepath.Join(dir, "ca.pem")))
	if err != nil {
		t.Fatal(err)
	}
	sign := func(who string, args ...string) []byte {
		out := filepath.Join(dir, "signed.exe")
		os.Remove(out)
		args = append([]string{"sign", "-certs", who + ".pem", "-key", who + ".key"}, args...)
		if !slices.Contains(args, "-in") {
			args = append(args, "-in", "setup.exe")
		}
		peRun(t, dir, ossl, append(args, "-out", "signed.exe")...)
		return readBytes(t, out)
	}
	good := sign("code", "-h", "sha256")
	if err := os.WriteFile(filepath.Join(dir, "good.exe"), good, 0o600); err != nil {
		t.Fatal(err)
	}
	tampered := slices.Clone(good)
	tampered[0x600] ^= 1
	tests := []struct {
		name   string
		b      []byte
		roots  Roots
		digest lurehound.DigestState
		chain  lurehound.ChainState
		others int
		timed  bool
	}{
		{"unsigned", readBytes(t, filepath.Join(dir, "setup.exe")), roots, lurehound.DigestNone, "", 0, false},
		{"good", good, roots, lurehound.DigestMatch, lurehound.ChainTrusted, 0, false},
		{"no roots", good, Roots{Now: time.Now}, lurehound.DigestMatch, lurehound.ChainUnknown, 0, false},
		{"expired", good, Roots{Now: func() time.Time { return time.Now().AddDate(2, 0, 0) }, certs: roots.certs}, lurehound.DigestMatch, lurehound.ChainUntrusted, 0, false},
		{"tampered", tampered, roots, lurehound.DigestMismatch, lurehound.ChainTrusted, 0, false},
		{"sha1", sign("code", "-h", "sha1"), roots, lurehound.DigestMatch, lurehound.ChainTrusted, 0, false},
		{"sha384", sign("code", "-h", "sha384"), roots, lurehound.DigestMatch, lurehound.ChainTrusted, 0, false},
		{"page hashes", sign("code", "-h", "sha256", "-ph"), roots, lurehound.DigestMatch, lurehound.ChainTrusted, 0, false},
		{"other signer", sign("other"), roots, lurehound.DigestMatch, lurehound.ChainTrusted, 0, false},
		{"not for code", sign("web"), roots, lurehound.DigestMatch, lurehound.ChainUntrusted, 0, false},
		{"nested", sign("other", "-nest", "-h", "sha384", "-in", "good.exe"), roots, lurehound.DigestMatch, lurehound.ChainTrusted, 1, false},
		{"timestamp", sign("code", "-TSA-certs", "tsa.pem", "-TSA-key", "tsa.key"), roots, lurehound.DigestMatch, lurehound.ChainTrusted, 0, true},
		{"blob", sign("code", "-addUnauthenticatedBlob"), roots, lurehound.DigestMatch, lurehound.ChainTrusted, 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := judgeBytes(t, tt.b, tt.roots)
			if f.Digest != tt.digest || f.Chain != tt.chain || len(f.Others) != tt.others || f.Timestamp.IsZero() == tt.timed {
				t.Errorf("digest %s chain %s others %d timestamp %v; got %+v", tt.digest, tt.chain, tt.others, tt.timed, f)
			}
			t.Logf("%-12s digest=%-8s chain=%-9s hash=%s signer=%q unknown=%d %s", tt.name, f.Digest, f.Chain, f.Hash, f.Signer, f.UnknownAttributes, f.Problem)
			if tt.digest == lurehound.DigestNone {
				return
			}
			path := filepath.Join(t.TempDir(), "f.exe")
			if err := os.WriteFile(path, tt.b, 0o600); err != nil {
				t.Fatal(err)
			}
			said := ossSays(t, ossl, path)
			if said != (f.Digest == lurehound.DigestMatch) {
				t.Errorf("osslsigncode finds the digests equal: %v; we say %s", said, f.Digest)
			}
		})
	}
	t.Run("stuffed", func(t *testing.T) { stuffed(t, good, roots) })
	t.Run("sparse", func(t *testing.T) { sparsely(t, good, roots) })
	t.Run("mutations", func(t *testing.T) { mutations(t, good, roots) })
}

// ossSays reports whether osslsigncode computes the digest that is signed.
func ossSays(t *testing.T, ossl, path string) bool {
	t.Helper()
	out := peOutput(ossl, "verify", "-in", path)
	var current, calculated string
	for line := range strings.Lines(out) {
		k, v, _ := strings.Cut(line, ":")
		switch {
		case strings.HasPrefix(k, "Current message digest") && current == "":
			current = strings.TrimSpace(v)
		case strings.HasPrefix(k, "Calculated message digest") && calculated == "":
			calculated, _, _ = strings.Cut(strings.TrimSpace(v), " ")
		}
	}
	if current == "" || calculated == "" {
		t.Fatalf("osslsigncode says no digest:\n%s", out)
	}
	return current == calculated
}

// stuffed puts bytes after the PKCS#7, which no digest covers.
func stuffed(t *testing.T, good []byte, roots Roots) {
	_, l, err := readPE(bytes.NewReader(good), int64(len(good)))
	if err != nil {
		t.Fatal(err)
	}
	b := append(slices.Clone(good), bytes.Repeat([]byte("evil"), 256)...)
	for _, at := range []int64{l.certDir + 4, l.certs} {
		n := uint32(b[at]) | uint32(b[at+1])<<8 | uint32(b[at+2])<<16
		n += 1024
		b[at], b[at+1], b[at+2] = byte(n), byte(n>>8), byte(n>>16)
	}
	f := judgeBytes(t, b, roots)
	if f.Digest != lurehound.DigestMatch || f.Unsigned < 1024 || f.Unsigned > 1031 {
		t.Errorf("got %s with %d unsigned bytes", f.Digest, f.Unsigned)
	}
}

// sparsely reads the head and the certificates only.
func sparsely(t *testing.T, good []byte, roots Roots) {
	_, whole, err := readPE(bytes.NewReader(good), int64(len(good)))
	if err != nil {
		t.Fatal(err)
	}
	r := sparse{good, 16 << 10, whole.certs}
	facts, l, err := readPE(r, int64(len(good)))
	if err != nil {
		t.Fatal(err)
	}
	f := authenticode(r, int64(len(good)), l, roots)
	if f.Digest != lurehound.DigestUnverified || f.Signer != "Signer code" || f.Issuer != "Test Root" || facts.Machine != "386" || facts.Authentihash != "" {
		t.Errorf("got %+v and %+v", f, facts)
	}
}

// mutations change one byte at a time: a byte that the digest covers never
// leaves a match, and every file has a result.
func mutations(t *testing.T, good []byte, roots Roots) {
	_, l, err := readPE(bytes.NewReader(good), int64(len(good)))
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	matches := 0
	changes := 1000
	if testing.Short() {
		changes = 200
	}
	for i := range changes {
		b := slices.Clone(good)
		at := rng.Int64N(l.certs)
		switch i % 3 {
		case 1:
			at = l.certs + rng.Int64N(l.certsSize)
		case 2:
			at = rng.Int64N(1024)
		}
		b[at] ^= byte(1 + rng.IntN(255))
		r := bytes.NewReader(b)
		_, m, err := readPE(r, int64(len(b)))
		if err != nil {
			continue
		}
		f := authenticode(r, int64(len(b)), m, roots)
		if f.Digest == lurehound.DigestMatch {
			matches++
			covered := at < l.checksum || at >= l.checksum+4 && at < l.certDir || at >= l.certDir+8 && at < l.certs
			if covered {
				t.Errorf("byte %d was changed and the digest matches", at)
			}
		}
	}
	t.Logf("%d of %d still match: what they changed is not covered", matches, changes)
}

func FuzzPE(f *testing.F) {
	b := make([]byte, 512)
	copy(b, "MZ")
	b[60] = 64
	copy(b[64:], "PE\x00\x00\x64\x86\x01\x00")
	b[84], b[88], b[89] = 240, 0x0b, 2
	f.Add(b)
	f.Add(tinyPE())
	f.Add(wholeFile(f, "nsis-task")[:4096])
	f.Fuzz(func(t *testing.T, b []byte) {
		r := bytes.NewReader(b)
		_, l, err := readPE(r, int64(len(b)))
		if err != nil {
			return
		}
		authenticode(r, int64(len(b)), l, Roots{Now: time.Now})
	})
}

func FuzzPKCS7(f *testing.F) {
	f.Add([]byte{0x30, 0x0b, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02})
	f.Fuzz(func(t *testing.T, b []byte) {
		got := verifySigned(b, func(h crypto.Hash) ([]byte, error) { return nil, errors.New("none") }, Roots{Now: time.Now})
		if got.Digest == lurehound.DigestMatch {
			t.Error("a match without a digest")
		}
	})
}
