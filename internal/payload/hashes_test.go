package payload

import (
	"bytes"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"lurehound"
)

func tool(t testing.TB, name string) string {
	t.Helper()
	p, err := exec.LookPath(name)
	if errors.Is(err, exec.ErrNotFound) && os.Getenv("CI_REQUIRE") != "1" {
		t.Skipf("%s is not installed", name)
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func sums(chunks ...[]byte) lurehound.PayloadFacts {
	h := NewHashes()
	for _, c := range chunks {
		h.Write(c)
	}
	var p lurehound.PayloadFacts
	h.Sum(&p)
	return p
}

// samples writes files of many sizes and natures, and names them with some of this system's.
func samples(t testing.TB) []string {
	t.Helper()
	dir := t.TempDir()
	var names []string
	add := func(what string, b []byte) {
		name := filepath.Join(dir, fmt.Sprintf("%03d-%s-%d", len(names), what, len(b)))
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	rng := rand.NewChaCha8([32]byte{6})
	words := strings.Fields("the quick brown fox installs a medical viewer and 7655.bat opens the tunnel; nothing else is said of it.")
	for _, size := range []int{0, 1, 2, 6, 7, 8, 49, 50, 100, 191, 192, 193, 255, 256, 257, 511, 656, 657, 3199, 3200, 4096, 6143, 6144, 6145, 10000, 65535, 65536, 200001, 1 << 20} {
		random := make([]byte, size)
		rng.Read(random)
		add("random", random)
		add("zeros", make([]byte, size))
		add("ends-in-zeros", append(bytes.Clone(random[:size*2/3]), make([]byte, size-size*2/3)...))
		var text []byte
		for i := 0; len(text) < size; i++ {
			text = append(append(text, words[int(random[i%size])%len(words)]...), ' ')
		}
		add("text", text[:size])
		few := bytes.Clone(random)
		for i := range few {
			few[i] &= 3
		}
		add("few", few)
		if size > 300 {
			near := bytes.Clone(random)
			copy(near[size/2:], "changed here")
			add("near", near)
			add("longer", append(bytes.Clone(random), random[:size/3]...))
		}
	}
	for _, pattern := range []string{"/usr/share/doc/*/copyright", "/usr/bin/*"} {
		found, _ := filepath.Glob(pattern)
		for i := 0; i < len(found) && i < 40*13; i += 13 {
			if st, err := os.Stat(found[i]); err == nil && st.Mode().IsRegular() && st.Size() < 4<<20 {
				names = append(names, found[i])
			}
		}
	}
	return names
}

// All digests are those of the tools that analysts have.
func TestAgreesWithTools(t *testing.T) {
	t.Parallel()
	ssdeep, tlsh := tool(t, "ssdeep"), tool(t, "tlsh")
	names := samples(t)
	least := 180
	if testing.Short() { // one of four
		least = 40
		var some []string
		for i := 0; i < len(names); i += 4 {
			some = append(some, names[i])
		}
		names = some
	}
	var fuzzy []string
	agreed := map[string]int{}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		cut := len(b) / 3
		p := sums(b[:cut], b[cut:])
		if sha, s1, m5 := sha256.Sum256(b), sha1.Sum(b), md5.Sum(b); p.SHA256 != hex.EncodeToString(sha[:]) || p.SHA1 != hex.EncodeToString(s1[:]) || p.MD5 != hex.EncodeToString(m5[:]) || p.Size != int64(len(b)) {
			t.Errorf("%s: got %+v", name, p)
		}
		out, err := exec.Command(ssdeep, "-s", name).Output()
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(string(out), "\n")
		want, _, _ := strings.Cut(lines[1], ",")
		if p.SSDeep != want {
			t.Errorf("ssdeep of %s:\n got %s\nwant %s", name, p.SSDeep, want)
		} else {
			agreed["ssdeep"]++
		}
		out, _ = exec.Command(tlsh, "-f", name).Output()
		digest, _, _ := strings.Cut(string(out), "\t")
		if digest != "" {
			digest = "T1" + digest
			fuzzy = append(fuzzy, digest+" "+p.SSDeep)
		}
		if p.TLSH != digest {
			t.Errorf("TLSH of %s: got %s, want %s", name, p.TLSH, digest)
		} else {
			agreed["tlsh"]++
		}
	}
	t.Logf("%d files: ssdeep agrees on %d, TLSH on %d (of which %d have a digest)", len(names), agreed["ssdeep"], agreed["tlsh"], len(fuzzy))
	if len(names) < least {
		t.Errorf("only %d files", len(names))
	}
	compareWithTools(t, ssdeep, tlsh, fuzzy)
}

// compareWithTools holds distances and scores of pairs against the tools'.
func compareWithTools(t *testing.T, ssdeep, tlsh string, digests []string) {
	var compared int
	for i := 1; i < len(digests); i++ {
		a, _, _ := strings.Cut(digests[i-1], " ")
		b, _, _ := strings.Cut(digests[i], " ")
		out, err := exec.Command(tlsh, "-c", a[2:], "-d", b[2:]).Output()
		if err != nil {
			t.Fatal(err)
		}
		want, err := strconv.Atoi(strings.Fields(string(out))[0])
		if err != nil {
			t.Fatalf("%s: %v", out, err)
		}
		got, err := TLSHDistance(a, b)
		if err != nil || got != want {
			t.Errorf("distance of %s and %s: got %d (%v), want %d", a, b, got, err, want)
		}
		compared++
	}
	var file strings.Builder
	file.WriteString("ssdeep,1.1--blocksize:hash:hash,filename\n")
	for i, d := range digests {
		_, s, _ := strings.Cut(d, " ")
		fmt.Fprintf(&file, "%s,\"f%d\"\n", s, i)
	}
	name := filepath.Join(t.TempDir(), "digests")
	if err := os.WriteFile(name, []byte(file.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	out, _ := exec.Command(ssdeep, "-x", "-a", name).Output()
	scores := map[[2]int]int{}
	for _, m := range regexp.MustCompile(`:f(\d+) matches .*:f(\d+) \((\d+)\)`).FindAllStringSubmatch(string(out), -1) {
		i, _ := strconv.Atoi(m[1])
		j, _ := strconv.Atoi(m[2])
		scores[[2]int{i, j}], _ = strconv.Atoi(m[3])
	}
	alike := 0
	for pair, want := range scores {
		_, a, _ := strings.Cut(digests[pair[0]], " ")
		_, b, _ := strings.Cut(digests[pair[1]], " ")
		got, err := SSDeepScore(a, b)
		if err != nil || got != want {
			t.Errorf("score of %s and %s: got %d (%v), want %d", a, b, got, err, want)
		}
		if want > 0 {
			alike++
		}
	}
	t.Logf("%d TLSH distances and %d ssdeep scores compared, %d of them above 0", compared, len(scores), alike)
	if alike < 10 && !testing.Short() {
		t.Errorf("only %d pairs are alike", alike)
	}
}

// How a stream is cut into writes does not matter.
func TestHashesOfPieces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := bytes.Repeat(rapid.SliceOfN(rapid.Byte(), 1, 2000).Draw(t, "bytes"), rapid.IntRange(1, 300).Draw(t, "times"))
		cut := rapid.IntRange(0, len(b)).Draw(t, "cut")
		one, two := sums(b), sums(b[:cut], b[cut:])
		if one.TLSH != two.TLSH || one.SSDeep != two.SSDeep || one.SHA256 != two.SHA256 {
			t.Errorf("whole %+v, cut at %d %+v", one, cut, two)
		}
	})
}

func TestCompareRefuses(t *testing.T) {
	for _, bad := range []string{"", "T1", "T1zz", strings.Repeat("0", 69), strings.Repeat("0", 72)} {
		if _, err := TLSHDistance(bad, bad); err == nil {
			t.Errorf("TLSH %q was taken", bad)
		}
	}
	for _, bad := range []string{"", "3:", "3:a:b:c", "x:a:b", "0:a:b", "3:" + strings.Repeat("a", 65) + ":b", "99999999999999999999:a:b"} {
		if _, err := SSDeepScore(bad, "3:a:b"); err == nil {
			t.Errorf("ssdeep %q was taken", bad)
		}
	}
}

func FuzzCompareDigests(f *testing.F) {
	f.Add("T1"+strings.Repeat("5A", 35), strings.Repeat("0", 70), "96:abcdefgh:abc", "192:abcdefgh:abc")
	f.Fuzz(func(t *testing.T, a, b, c, d string) {
		x, err := TLSHDistance(a, b)
		if y, _ := TLSHDistance(b, a); err == nil && (x != y || x < 0) {
			t.Errorf("distances %d and %d", x, y)
		}
		s, err := SSDeepScore(c, d)
		if r, _ := SSDeepScore(d, c); err == nil && (s != r || s < 0 || s > 100) {
			t.Errorf("scores %d and %d", s, r)
		}
	})
}

func benchmarkHash(b *testing.B, write func([]byte) (int, error)) {
	p := make([]byte, 1<<20)
	rand.NewChaCha8([32]byte{}).Read(p)
	b.SetBytes(int64(len(p)))
	b.ReportAllocs()
	for b.Loop() {
		write(p)
	}
}

func BenchmarkTLSH(b *testing.B)   { benchmarkHash(b, (&tlshState{}).Write) }
func BenchmarkSSDeep(b *testing.B) { benchmarkHash(b, newCTPH().Write) }
func BenchmarkHashes(b *testing.B) {
	h := NewHashes()
	benchmarkHash(b, h.Write)
	h.Sum(&lurehound.PayloadFacts{})
}
