package vault

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestMain is also the process that dies while it stores: see TestKilled.
func TestMain(m *testing.M) {
	if dir := os.Getenv("VAULT_STORE_IN"); dir != "" {
		storeUntilKilled(dir, os.Getenv("VAULT_DOWNLOAD"))
		return
	}
	os.Exit(m.Run())
}

func open(t testing.TB, dir string, limit int64) *Vault {
	t.Helper()
	v, err := Open(filepath.Join(dir, "vault"), filepath.Join(dir, "vault.key"), limit)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.Close() })
	return v
}

func bytesOf(n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{9}).Read(b)
	return b
}

func shaOf(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}

func files(t testing.TB, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(dir, "vault"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestPutAndRead(t *testing.T) {
	dir := t.TempDir()
	v := open(t, dir, 0)
	for _, size := range []int{0, 1, chunkSize - 1, chunkSize, chunkSize + 1, blockSize, blockSize + 1, 3*blockSize + 5} {
		b := bytesOf(size)
		stored, err := v.Put(t.Context(), bytes.NewReader(b), Meta{Name: "setup.exe"})
		if err != nil {
			t.Fatal(err)
		}
		if stored.SHA256 != shaOf(b) || stored.Size != int64(size) || stored.Capped {
			t.Errorf("%d bytes: %+v", size, stored)
		}
		f, err := v.Open(stored.SHA256)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(io.NewSectionReader(f, 0, f.Size()))
		if err != nil || !bytes.Equal(got, b) {
			t.Errorf("%d bytes: read %d, %v", size, len(got), err)
		}
		f.Close()
		st, err := os.Stat(filepath.Join(dir, "vault", stored.SHA256+suffix))
		if err != nil || st.Mode().Perm() != 0o400 {
			t.Errorf("%v, %v", st.Mode(), err)
		}
		again, err := v.Put(t.Context(), bytes.NewReader(b), Meta{Name: "other.exe"})
		if diff := cmp.Diff(stored, again); err != nil || diff != "" {
			t.Errorf("the same bytes again: %v %s", err, diff)
		}
	}
	list, problems, err := v.List(t.Context())
	if err != nil || len(problems) > 0 || len(list) != 8 || len(files(t, dir)) != 8 {
		t.Errorf("%d artifacts, %q, %v; files %q", len(list), problems, err, files(t, dir))
	}
}

// Reading anywhere gives what was stored there.
func TestReadAt(t *testing.T) {
	v := open(t, t.TempDir(), 0)
	b := bytesOf(5*chunkSize + 77)
	stored, err := v.Put(t.Context(), bytes.NewReader(b), Meta{})
	if err != nil {
		t.Fatal(err)
	}
	sealed, key, err := v.SealedFile(stored.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	defer sealed.Close()
	r, size, err := OpenSealed(sealed, key)
	if err != nil || size != int64(len(b)) {
		t.Fatal(size, err)
	}
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.Int64Range(0, size+10).Draw(t, "at")
		p := make([]byte, rapid.IntRange(0, 3*chunkSize).Draw(t, "length"))
		want := bytes.NewReader(b)
		q := make([]byte, len(p))
		n, err := r.ReadAt(p, at)
		m, wantErr := want.ReadAt(q, at)
		if len(p) > 0 && (n != m || err != wantErr) || !bytes.Equal(p[:n], q[:n]) {
			t.Errorf("%d bytes at %d: got %d, %v; want %d, %v", len(p), at, n, err, m, wantErr)
		}
	})
}

func TestCap(t *testing.T) {
	v := open(t, t.TempDir(), 3*chunkSize+100)
	b := bytesOf(2*blockSize + 3)
	stored, err := v.Put(t.Context(), bytes.NewReader(b), Meta{})
	if err != nil {
		t.Fatal(err)
	}
	if !stored.Capped || stored.Sealed != 3*chunkSize || stored.SHA256 != shaOf(b) || stored.Size != int64(len(b)) {
		t.Errorf("got %+v", stored)
	}
	f, err := v.Open(stored.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got, err := io.ReadAll(io.NewSectionReader(f, 0, f.Size()))
	if err != nil || !bytes.Equal(got, b[:3*chunkSize]) {
		t.Errorf("read %d, %v", len(got), err)
	}
}

// A download that breaks again and again becomes the same artifact.
func TestResume(t *testing.T) {
	dir := t.TempDir()
	b := bytesOf(20*chunkSize + 11)
	for try := 0; ; try++ {
		v := open(t, dir, 16*chunkSize)
		w, err := v.Resume(t.Context(), "http://example.org/setup.exe")
		if err != nil {
			t.Fatal(err)
		}
		if want := int64(try) * 3 * chunkSize; w.Offset() != min(want, 16*chunkSize) {
			t.Fatalf("try %d goes on at %d, want %d", try, w.Offset(), want)
		}
		if _, err := v.Resume(t.Context(), "http://example.org/setup.exe"); err == nil {
			t.Fatal("two at one download")
		}
		if try == 6 {
			if _, err := w.Write(b[w.Offset():]); err != nil {
				t.Fatal(err)
			}
			stored, err := w.Commit(Meta{})
			if err != nil || stored.SHA256 != shaOf(b) || !stored.Capped {
				t.Fatalf("%+v, %v", stored, err)
			}
			break
		}
		if _, err := w.Write(b[w.Offset() : w.Offset()+3*chunkSize+9]); err != nil {
			t.Fatal(err)
		}
		if err := w.Suspend(); err != nil {
			t.Fatal(err)
		}
		if list, _, _ := v.List(t.Context()); len(list) != 0 {
			t.Fatal("a part is listed")
		}
		v.Close()
	}
	if got := files(t, dir); len(got) != 1 {
		t.Errorf("files %q", got)
	}
}

// Names are data: none of them names a file, and all come back.
func TestHostileNames(t *testing.T) {
	dir := t.TempDir()
	v := open(t, dir, 0)
	names := []string{
		"../../etc/passwd", "/etc/passwd", `..\..\windows\system32\x.dll`, `C:\x`, `\\host\share`, "a/b/c", ".", "..", "", " ", "CON", "NUL.txt", "aux", "x:stream", "a\x00b",
		"a\nb", "a\rb", "\x1b[2J", "\u202egnp.exe", "\ufeffx", "\xff\xfe", "-rf", "--help", "$(id)", "`id`", "; rm -rf /", "| cat", "&", "<script>", "=cmd|' /C calc'!A0", "%2e%2e%2f", "..%c0%af",
		strings.Repeat("a", 255), strings.Repeat("../", 5000), strings.Repeat("é", 300), "x.q", strings.Repeat("0", 64) + ".q", strings.Repeat("0", 64) + ".part", "~", "~root/.ssh/authorized_keys",
	}
	if len(names) != 40 {
		t.Fatalf("%d names", len(names))
	}
	for i, name := range names {
		b := fmt.Appendf(nil, "file %d", i)
		stored, err := v.Put(t.Context(), bytes.NewReader(b), Meta{Name: name, URL: name})
		if err != nil {
			t.Fatal(err)
		}
		f, err := v.Open(shaOf(b))
		if err != nil {
			t.Fatal(err)
		}
		if f.Stored().Meta != stored.Meta || len(stored.Meta.Name) > 4<<10 {
			t.Errorf("%q came back as %q", name, f.Stored().Meta.Name)
		}
		f.Close()
		if _, err := v.Open(name); !errors.Is(err, ErrUnknown) {
			t.Errorf("opening %q: %v", name, err)
		}
		if err := v.Export(t.Context(), name, io.Discard); !errors.Is(err, ErrUnknown) {
			t.Errorf("exporting %q: %v", name, err)
		}
	}
	for _, name := range files(t, dir) {
		if sha, ok := strings.CutSuffix(name, suffix); !ok || !isSHA256(sha) {
			t.Errorf("a file is called %q", name)
		}
	}
}

func TestKey(t *testing.T) {
	dir := t.TempDir()
	v := open(t, dir, 0)
	if _, err := v.Put(t.Context(), strings.NewReader("x"), Meta{}); err != nil {
		t.Fatal(err)
	}
	key := filepath.Join(dir, "vault.key")
	if st, _ := os.Stat(key); st.Mode().Perm() != 0o600 || st.Size() != keySize {
		t.Errorf("the key is %v, %d bytes", st.Mode(), st.Size())
	}
	try := func(key, want string) {
		t.Helper()
		if v, err := Open(filepath.Join(dir, "vault"), key, 0); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, %v; want %q", v, err, want)
		}
	}
	try(filepath.Join(dir, "vault", "key"), "inside the vault")
	try(filepath.Join(dir, "gone"), "put the key back")
	os.Chmod(key, 0o640)
	try(key, "chmod go=")
	os.Chmod(key, 0o600)
	os.Chmod(filepath.Join(dir, "vault"), 0o750)
	try(key, "chmod go=")
	os.Chmod(filepath.Join(dir, "vault"), 0o700)
	other := filepath.Join(dir, "other.key")
	os.WriteFile(other, make([]byte, keySize), 0o600)
	w, err := Open(filepath.Join(dir, "vault"), other, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if _, err := w.Open(shaOf([]byte("x"))); !errors.Is(err, ErrSealed) {
		t.Errorf("another key: %v", err)
	}
	os.WriteFile(other, []byte("short"), 0o600)
	try(other, "5 bytes")
}

// No change of a sealed file gives other bytes.
func TestChanged(t *testing.T) {
	dir := t.TempDir()
	v := open(t, dir, 0)
	plain := bytesOf(3*chunkSize + 50)
	stored, err := v.Put(t.Context(), bytes.NewReader(plain), Meta{})
	if err != nil {
		t.Fatal(err)
	}
	other, err := v.Put(t.Context(), bytes.NewReader(append(plain[:len(plain)-1:len(plain)-1], 'x')), Meta{})
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "vault", stored.SHA256+suffix)
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := os.ReadFile(filepath.Join(dir, "vault", other.SHA256+suffix))
	if err != nil {
		t.Fatal(err)
	}
	readable := func(b []byte) error {
		os.Chmod(name, 0o600)
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := v.Open(stored.SHA256)
		if err != nil {
			return err
		}
		defer f.Close()
		got, err := io.ReadAll(io.NewSectionReader(f, 0, f.Size()))
		if !bytes.HasPrefix(plain, got) {
			t.Fatal("other bytes were given out")
		}
		return err
	}
	if err := readable(whole); err != nil {
		t.Fatal(err)
	}
	chunk := func(i int) (from, to int) {
		return headerSize + i*(chunkSize+tagSize), headerSize + (i+1)*(chunkSize+tagSize)
	}
	a0, a1 := chunk(0)
	b0, b1 := chunk(1)
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	for what, b := range map[string][]byte{
		"empty": {}, "header only": whole[:headerSize], "cut in the trailer": whole[:len(whole)-1], "cut at a chunk": whole[:b1],
		"two chunks swapped":            join(whole[:a0], whole[b0:b1], whole[a0:a1], whole[b1:]),
		"a chunk twice":                 join(whole[:a1], whole[a0:a1], whole[b1:]),
		"a chunk left out":              join(whole[:b0], whole[b1:]),
		"another's file":                foreign,
		"another's header":              join(foreign[:headerSize], whole[headerSize:]),
		"another's chunk":               join(whole[:a0], foreign[a0:a1], whole[a1:]),
		"another's trailer":             join(whole[:b1], foreign[b1:]),
		"more behind":                   join(whole, []byte{0}),
		"the length of the trailer, 4G": join(whole[:len(whole)-4], []byte{255, 255, 255, 255}),
	} {
		if err := readable(b); !errors.Is(err, ErrSealed) {
			t.Errorf("%s: %v", what, err)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		b := bytes.Clone(whole)
		at := rapid.IntRange(0, len(b)-1).Draw(t, "at")
		if rapid.Bool().Draw(t, "at an edge") {
			at = rapid.SampledFrom([]int{0, 7, 8, 15, 16, headerSize - 1, headerSize, a1 - 1, a1, len(b) - 1, len(b) - 5}).Draw(t, "edge")
		}
		b[at] ^= byte(rapid.IntRange(1, 255).Draw(t, "change"))
		if err := readable(b); !errors.Is(err, ErrSealed) {
			t.Errorf("byte %d changed: %v", at, err)
		}
	})
	list, problems, err := v.List(t.Context())
	if err != nil || len(list)+len(problems) != 2 {
		t.Errorf("%d artifacts, %q, %v", len(list), problems, err)
	}
}

func TestExport(t *testing.T) {
	tool, err := exec.LookPath("7z")
	if errors.Is(err, exec.ErrNotFound) && os.Getenv("CI_REQUIRE") != "1" {
		t.Skip("7z is not installed")
	}
	if err != nil {
		t.Fatal(err)
	}
	v := open(t, t.TempDir(), 0)
	for _, size := range []int{0, 5, 16, chunkSize, 2*chunkSize + 17} {
		b := bytesOf(size)
		stored, err := v.Put(t.Context(), bytes.NewReader(b), Meta{Name: "../evil.exe"})
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		name := filepath.Join(dir, "out.zip")
		f, err := os.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(v.Export(t.Context(), stored.SHA256, f), f.Close()); err != nil {
			t.Fatal(err)
		}
		for password, opens := range map[string]bool{Password: true, "wrong": size == 0} {
			out, err := exec.Command(tool, "x", "-y", "-p"+password, "-o"+filepath.Join(dir, password), name).CombinedOutput()
			if size > 0 && (err == nil) != opens {
				t.Fatalf("7z, password %q: %v\n%s", password, err, out)
			}
		}
		got, err := os.ReadFile(filepath.Join(dir, Password, stored.SHA256+".bin"))
		if err != nil || !bytes.Equal(got, b) {
			t.Errorf("%d bytes: got %d, %v", size, len(got), err)
		}
	}
}

func FuzzOpenSealed(f *testing.F) {
	header, key, err := newHeader(make([]byte, keySize))
	if err != nil {
		f.Fatal(err)
	}
	v := open(f, f.TempDir(), 0)
	stored, err := v.Put(f.Context(), strings.NewReader("a small file"), Meta{Name: "x"})
	if err != nil {
		f.Fatal(err)
	}
	sealed, good, err := v.SealedFile(stored.SHA256)
	if err != nil {
		f.Fatal(err)
	}
	b, err := io.ReadAll(sealed)
	if err != nil {
		f.Fatal(err)
	}
	sealed.Close()
	f.Add(b, good)
	f.Add(b[:len(b)-1], good)
	f.Add(header, key)
	f.Add(append(header, make([]byte, 100)...), key)
	f.Add([]byte{}, []byte{})
	f.Fuzz(func(t *testing.T, b, key []byte) {
		s, err := openSealed(bytes.NewReader(b), int64(len(b)), key)
		if err != nil {
			return
		}
		got, err := io.ReadAll(io.NewSectionReader(s, 0, s.Size()))
		if err == nil && shaOf(got) != s.Stored().SHA256 {
			t.Errorf("%d bytes that were not sealed", len(got))
		}
	})
}

// openssl is how many bytes a second OpenSSL does of an algorithm, on one core.
func openssl(b *testing.B, algorithm string) float64 {
	b.Helper()
	out, err := exec.Command("openssl", "speed", "-seconds", "1", "-bytes", "65536", "-evp", algorithm).Output()
	if err != nil {
		b.Skipf("openssl: %v", err)
	}
	fields := strings.Fields(string(out))
	kilo, err := strconv.ParseFloat(strings.TrimSuffix(fields[len(fields)-1], "k"), 64)
	if err != nil {
		b.Fatalf("openssl speed: %v: %s", err, out)
	}
	return kilo * 1000
}

// An artifact of 512 MB is hashed and sealed; of-openssl is the speed beside SHA-256 and AES-256-GCM of OpenSSL one after
// the other. Where the disk is slow, that is measured: the syncs of Commit are in it.
func BenchmarkPut(b *testing.B) {
	const size = 512 << 20
	series := 1 / (1/openssl(b, "sha256") + 1/openssl(b, "aes-256-gcm"))
	v := open(b, b.TempDir(), 0)
	p := bytesOf(16 << 20)
	var parts []io.Reader
	b.SetBytes(size)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		p[0], p[1] = byte(i), byte(i>>8)
		parts = parts[:0]
		for range size / len(p) {
			parts = append(parts, bytes.NewReader(p))
		}
		stored, err := v.Put(b.Context(), io.MultiReader(parts...), Meta{})
		if err != nil {
			b.Fatal(err)
		}
		if err := v.root.Remove(stored.SHA256 + suffix); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(size*float64(b.N)/b.Elapsed().Seconds()/series, "of-openssl")
}
