package page

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestPearsonIsAPermutation(t *testing.T) {
	var seen [256]bool
	for _, v := range pearson {
		if seen[v] {
			t.Fatalf("%d stands twice", v)
		}
		seen[v] = true
	}
}

func TestTLSHHasNone(t *testing.T) {
	for name, b := range map[string][]byte{
		"empty": nil, "49 bytes": bytes.Repeat([]byte("abcdefg"), 7), "uniform": bytes.Repeat([]byte{'a'}, 10_000), "two letters": bytes.Repeat([]byte("ab"), 5000),
	} {
		if h := TLSH(b); h != "" {
			t.Errorf("%s: %s, want none", name, h)
		}
	}
}

func TestDistance(t *testing.T) {
	a := productPage(40 << 10)
	near := bytes.Replace(a, []byte("Part number 3 "), []byte("Piece number 3 "), 1)
	far := []byte(vendorPage)
	if d, err := Distance(TLSH(a), TLSH(near)); err != nil || d > 20 {
		t.Errorf("near: %d, %v", d, err)
	}
	if d, err := Distance(TLSH(a), TLSH(far)); err != nil || d < 100 {
		t.Errorf("far: %d, %v", d, err)
	}
	for _, bad := range []string{"", "T1", "T1" + strings.Repeat("z", 70), strings.Repeat("0", 69)} {
		if _, err := Distance(bad, TLSH(a)); err == nil {
			t.Errorf("Distance(%q) is none", bad)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.StringMatching(`[0-9A-F]{70}`).Draw(t, "x")
		y := rapid.StringMatching(`[0-9A-F]{70}`).Draw(t, "y")
		xy, _ := Distance(x, "T1"+y)
		yx, _ := Distance(y, x)
		xx, _ := Distance(x, "T1"+x)
		if xy != yx || xx != 0 || xy < 0 {
			t.Fatalf("d(x,y)=%d d(y,x)=%d d(x,x)=%d", xy, yx, xx)
		}
	})
}

// TestTLSHAgreesWithReference compares with the authors' program where it is
// installed (Debian: tlsh-tools).
func TestTLSHAgreesWithReference(t *testing.T) {
	tool, err := exec.LookPath("tlsh")
	if err != nil {
		t.Skip("no tlsh program here (Debian: tlsh-tools)")
	}
	files := tlshSamples(t)
	var compared, same, apart int
	var last string
	for i := range files {
		out, err := exec.Command(tool, "-f", files[i]).Output()
		want, _, _ := strings.Cut(string(out), "\t")
		if err != nil || len(want) != tlshHex {
			continue // the program wants more bytes than the paper
		}
		b, err := os.ReadFile(files[i])
		if err != nil {
			t.Fatal(err)
		}
		compared++
		got := TLSH(b)
		if got == "T1"+want {
			same++
		} else {
			t.Errorf("%s: %s, the program says %s", files[i], got, want)
		}
		if last != "" && compared%4 == 0 {
			out, err := exec.Command(tool, "-c", last, "-d", want).Output()
			first, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\t")
			d, derr := Distance(last, got)
			if want, err2 := strconv.Atoi(strings.TrimSpace(first)); err == nil && err2 == nil {
				apart++
				if derr != nil || d != want {
					t.Errorf("distance of %s and %s: %d, %v; the program says %d", last, got, d, derr, want)
				}
			}
		}
		last = want
	}
	t.Logf("%d of %d hashes agree; %d distances compared", same, compared, apart)
	if compared == 0 || apart == 0 {
		t.Errorf("compared %d hashes and %d distances", compared, apart)
	}
}

// tlshSamples writes files of many lengths over alphabets of many sizes.
func tlshSamples(t *testing.T) []string {
	t.Helper()
	dir, rng := t.TempDir(), rand.New(rand.NewPCG(1, 2))
	var files []string
	for i := range 240 {
		b := make([]byte, 300+rng.IntN(1<<(9+i%8)))
		for j := range b {
			b[j] = byte(rng.IntN(4+i)) ^ byte(i)
		}
		if i%3 == 0 {
			b = productPage(len(b))
		}
		name := filepath.Join(dir, strconv.Itoa(i))
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
		files = append(files, name)
	}
	return files
}

func TestFaviconHashes(t *testing.T) {
	// SHA-256 of nothing is known; MurmurHash3 of nothing with seed 0 is 0.
	sha, m := FaviconHashes(nil)
	if sha != "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" || m != 0 {
		t.Errorf("empty: %s %d", sha, m)
	}
	// Computed apart, over the MIME base64 text that coreutils' base64 -w 76 writes.
	icon := make([]byte, 300)
	for i := range icon {
		icon[i] = byte(i)
	}
	if _, m := FaviconHashes(icon); m != -2057641710 {
		t.Errorf("icon: %d, want %d", m, -2057641710)
	}
}

func BenchmarkTLSH(b *testing.B) {
	p := productPage(80 << 10)
	b.SetBytes(int64(len(p)))
	b.ReportAllocs()
	for b.Loop() {
		TLSH(p)
	}
}
