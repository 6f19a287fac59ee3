package payload

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"crypto"
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"lurehound"
)

// tight are limits under which a bomb is cheap to test: what it holds is far
// more than they allow.
func tight() Limits {
	lim := DefaultLimits()
	lim.Decoded = 64 << 20
	lim.Held = 8 << 20
	lim.HeldAll = 16 << 20
	return lim
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func zipOf(t testing.TB, fill func(*zip.Writer)) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	fill(w)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func zipWith(t testing.TB, name string, b []byte) []byte {
	return zipOf(t, func(w *zip.Writer) { f, _ := w.Create(name); f.Write(b) })
}

// cabOf makes a cabinet with one file in MSZIP blocks of zeros.
func cabOf(blocks int, size uint32) []byte {
	var z bytes.Buffer
	w, _ := flate.NewWriter(&z, 9)
	w.Write(make([]byte, 32<<10))
	w.Close()
	b := make([]byte, 36)
	copy(b, "MSCF")
	binary.LittleEndian.PutUint32(b[16:], 44)
	binary.LittleEndian.PutUint16(b[26:], 1)
	binary.LittleEndian.PutUint16(b[28:], 1)
	b = binary.LittleEndian.AppendUint32(b, 44+16+2)
	b = binary.LittleEndian.AppendUint16(b, uint16(blocks))
	b = binary.LittleEndian.AppendUint16(b, 1)
	b = binary.LittleEndian.AppendUint32(b, size)
	b = append(b, make([]byte, 12)...)
	b = append(b, "a\x00"...)
	for range blocks {
		b = binary.LittleEndian.AppendUint32(b, 0)
		b = binary.LittleEndian.AppendUint16(b, uint16(z.Len()+2))
		b = binary.LittleEndian.AppendUint16(b, 32<<10)
		b = append(append(b, "CK"...), z.Bytes()...)
	}
	binary.LittleEndian.PutUint32(b[8:], uint32(len(b)))
	return b
}

// overlapping is a zip whose entries all have the same bytes.
func overlapping(t testing.TB) []byte {
	b := zipWith(t, "a", bytes.Repeat([]byte("x"), 100_000))
	dir := bytes.Index(b, []byte(zipEntrySig))
	end := bytes.Index(b, []byte(zipEndSig))
	out := bytes.Clone(b[:dir])
	for range 50 {
		out = append(out, b[dir:end]...)
	}
	tail := bytes.Clone(b[end:])
	binary.LittleEndian.PutUint16(tail[8:], 50)
	binary.LittleEndian.PutUint16(tail[10:], 50)
	binary.LittleEndian.PutUint32(tail[12:], uint32(50*(end-dir)))
	return append(out, tail...)
}

// quine is a zip with itself as a member: the entry's bytes are said to be the
// whole file, by a stored method.
func quine(t testing.TB) []byte {
	b := zipOf(t, func(w *zip.Writer) {
		f, _ := w.CreateHeader(&zip.FileHeader{Name: "self.zip", Method: zip.Store})
		f.Write([]byte("PK"))
	})
	dir := bytes.Index(b, []byte(zipEntrySig))
	binary.LittleEndian.PutUint32(b[dir+20:], uint32(len(b)))
	binary.LittleEndian.PutUint32(b[dir+24:], uint32(len(b)))
	return b
}

func patchDir(b []byte, off int, v uint32) []byte {
	binary.LittleEndian.PutUint32(b[bytes.Index(b, []byte(zipEntrySig))+off:], v)
	return b
}

func bombs(t testing.TB) map[string][]byte {
	nestedGzip := gzipped(t, make([]byte, 1<<20))
	nestedZip := zipWith(t, "zeros", make([]byte, 4<<20))
	wide := 16
	if testing.Short() {
		wide = 6
	}
	for i := range 6 {
		nestedGzip = gzipped(t, nestedGzip)
		inner := nestedZip
		nestedZip = zipOf(t, func(w *zip.Writer) {
			for k := range wide {
				f, _ := w.Create(fmt.Sprintf("%d-%d.zip", i, k))
				f.Write(inner)
			}
		})
	}
	lyingGzip := gzipped(t, make([]byte, 5000))
	lyingGzip[len(lyingGzip)-1] ^= 1
	huge := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR"), 0, 1, 0x86, 0xa0, 0, 1, 0x86, 0xa0, 8, 2, 0, 0, 0)
	all := map[string][]byte{
		"gzip 10 GiB":     gzipBomb(t),
		"zip 10 GiB":      zipBomb(t),
		"zip 100 deep":    deepZip(t),
		"cab shared":      sharedCab(),
		"gzip nested":     nestedGzip,
		"gzip lying":      lyingGzip,
		"zip zeros":       zipOf(t, func(w *zip.Writer) { f, _ := w.Create("z"); io.CopyN(f, zeros{}, 256<<20) }),
		"zip nested":      nestedZip,
		"zip overlapping": overlapping(t),
		"zip 100,000 entries": zipOf(t, func(w *zip.Writer) {
			for i := range 100_000 {
				w.CreateHeader(&zip.FileHeader{Name: fmt.Sprint(i)})
			}
		}),
		"zip lying size":     patchDir(zipWith(t, "a", make([]byte, 3<<20)), 24, 10),
		"zip lying packed":   patchDir(zipWith(t, "a", noise(5000)), 20, 0x7fffffff),
		"zip64 without":      patchDir(zipWith(t, "a", noise(5000)), 20, 0xffffffff),
		"zip in itself":      quine(t),
		"zip name of 64 KiB": zipWith(t, strings.Repeat("n", 65535), []byte("x")),
		"cab zeros":          cabOf(10_000, 10_000*32<<10),
		"cab lying":          cabOf(2, 1<<31),
		"png huge":           huge,
	}
	maps.Copy(all, cfbBombs())
	return all
}

// allocatedBy returns how many bytes f allocated in all, which is more than it ever
// held at one time.
func allocatedBy(f func()) uint64 {
	var a, b runtime.MemStats
	runtime.ReadMemStats(&a)
	f()
	runtime.ReadMemStats(&b)
	return b.TotalAlloc - a.TotalAlloc
}

func TestBombsGiveAResultAndASentence(t *testing.T) {
	for name, b := range bombs(t) {
		t.Run(name, func(t *testing.T) {
			var got lurehound.PayloadFacts
			allocated := allocatedBy(func() {
				got = Triage(t.Context(), bytes.NewReader(b), int64(len(b)), "bomb", tight())
			})
			if len(got.Problems) == 0 {
				t.Fatalf("no sentence: %+v", got)
			}
			if got.SHA256 != sumOf(b) {
				t.Error("it has no hash")
			}
			if allocated > 1<<30 { // in all: a decoder for each of 10,000 files is most of it
				t.Errorf("%d MiB were allocated", allocated>>20)
			}
			if len(got.Contains) > 10_000 {
				t.Errorf("%d contained files", len(got.Contains))
			}
			t.Logf("%d MiB allocated, %d files, %q", allocated>>20, len(got.Contains), got.Problems[0])
		})
	}
}

func TestZerosAreInflatedAndHashed(t *testing.T) {
	b := zipOf(t, func(w *zip.Writer) {
		f, _ := w.Create("setup.exe")
		f.Write(noise(1000))
		io.CopyN(f, zeros{}, 12<<20)
	})
	got := triageBytes(t, b, "")
	if !got.Inflated || len(got.Contains) != 1 || !got.Contains[0].Inflated || got.Contains[0].SHA256 == "" {
		t.Errorf("%+v", got)
	}
}

func TestSevenZipZerosEnd(t *testing.T) {
	t.Parallel()
	needs(t, "7z")
	dir := t.TempDir()
	write(t, dir, "z", nil)
	if err := os.Truncate(filepath.Join(dir, "z"), 80<<20); err != nil {
		t.Fatal(err)
	}
	run(t, dir, "7z", "a", "-mx1", "z.7z", "z")
	b, err := os.ReadFile(filepath.Join(dir, "z.7z"))
	if err != nil {
		t.Fatal(err)
	}
	got := Triage(t.Context(), bytes.NewReader(b), int64(len(b)), "", tight())
	if !hasProblem(got, errDecoded.Error()) || !got.Inflated {
		t.Errorf("%+v", got)
	}
}

// padded is a program with size bytes of noise behind it, which are never there
// as a whole.
type padded struct {
	head []byte
	size int64
}

func (p padded) ReadAt(b []byte, off int64) (int, error) {
	n := int(min(int64(len(b)), p.size-off))
	if n <= 0 {
		return 0, io.EOF
	}
	for i := range n {
		if o := off + int64(i); o < int64(len(p.head)) {
			b[i] = p.head[o]
		} else {
			b[i] = byte(o*2654435761>>13) | 1
		}
	}
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

// tinyPE is the headers of a program with one empty section.
func tinyPE() []byte {
	b := make([]byte, 1024)
	copy(b, "MZ")
	b[60] = 64
	copy(b[64:], "PE\x00\x00\x64\x86\x01\x00")
	b[64+20] = 240
	binary.LittleEndian.PutUint16(b[64+24:], 0x20b)
	s := b[64+24+240:]
	copy(s, ".text")
	binary.LittleEndian.PutUint32(s[16:], 512)
	binary.LittleEndian.PutUint32(s[20:], 512)
	return b
}

func TestPaddedProgramIsNotHeld(t *testing.T) {
	p := padded{tinyPE(), 18 << 20}
	if !testing.Short() {
		p.size = 200 << 20
	}
	var got lurehound.PayloadFacts
	allocated := allocatedBy(func() { got = Triage(t.Context(), p, p.size, "setup.exe", DefaultLimits()) })
	if got.Type != lurehound.TypePE || len(got.Contains) != 1 || got.Contains[0].Name != "[overlay]" || got.Contains[0].SHA256 == "" {
		t.Errorf("%+v", got)
	}
	if allocated > 16<<20 {
		t.Errorf("%d MiB were allocated for %d", allocated>>20, p.size>>20)
	}
	t.Logf("%d KiB allocated for %d MiB", allocated>>10, p.size>>20)
}

// smallCFB is a compound file of two storages with a large and a small stream.
func smallCFB() []byte {
	const free, end = 0xffffffff, 0xfffffffe
	b := make([]byte, 512*16)
	le := binary.LittleEndian
	copy(b, cfbMagic)
	le.PutUint16(b[30:], 9)
	le.PutUint16(b[32:], 6)
	le.PutUint32(b[44:], 1)
	le.PutUint32(b[48:], 1) // directory
	le.PutUint32(b[56:], 4096)
	le.PutUint32(b[60:], 2) // table of small streams
	le.PutUint32(b[68:], end)
	for i := range 109 {
		le.PutUint32(b[76+4*i:], free)
	}
	le.PutUint32(b[76:], 0)
	sector := func(n int) []byte { return b[512*(n+1) : 512*(n+2)] }
	for i := range 128 {
		le.PutUint32(sector(0)[4*i:], free)
		le.PutUint32(sector(2)[4*i:], free)
	}
	le.PutUint32(sector(0), 0xfffffffd)
	for _, s := range []int{1, 2, 3} {
		le.PutUint32(sector(0)[4*s:], end)
	}
	for s := 4; s < 13; s++ {
		le.PutUint32(sector(0)[4*s:], uint32(s+1))
	}
	le.PutUint32(sector(0)[4*13:], end)
	le.PutUint32(sector(2), 1)
	le.PutUint32(sector(2)[4:], end)
	entry := func(i int, name string, kind byte, left, right, down, start uint32, size int) {
		e := sector(1)[128*i:]
		for k, c := range name {
			le.PutUint16(e[2*k:], uint16(c))
		}
		le.PutUint16(e[64:], uint16(2*len(name)+2))
		e[66] = kind
		le.PutUint32(e[68:], left)
		le.PutUint32(e[72:], right)
		le.PutUint32(e[76:], down)
		le.PutUint32(e[116:], start)
		le.PutUint32(e[120:], uint32(size))
	}
	entry(0, "Root Entry", 5, free, free, 1, 3, 128)
	entry(1, "large", 2, free, 2, free, 4, 5000)
	entry(2, "folder", 1, free, free, 3, 0, 0)
	entry(3, "small", 2, free, free, free, 0, 100)
	copy(sector(3), bytes.Repeat([]byte("small "), 20))
	for s := 4; s < 14; s++ {
		copy(sector(s), bytes.Repeat([]byte("large"), 102))
	}
	return b
}

// smallNSIS is a program with a non-solid installer behind it.
func smallNSIS() []byte {
	var parts []byte
	for _, s := range []string{strings.Repeat("header ", 40), strings.Repeat("file ", 100), "x"} {
		var z bytes.Buffer
		w, _ := flate.NewWriter(&z, 9)
		io.WriteString(w, s)
		w.Close()
		parts = binary.LittleEndian.AppendUint32(parts, uint32(z.Len())|nsisPacked)
		parts = append(parts, z.Bytes()...)
	}
	b := append(tinyPE(), 0, 0, 0, 0)
	b = append(b, nsisMark...)
	b = binary.LittleEndian.AppendUint32(b, 280)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(parts)+nsisHeadLen+4))
	return append(append(b, parts...), 1, 2, 3, 4)
}

func seeds(t testing.TB) map[string][]byte {
	text := []byte(strings.Repeat("what a container holds\n", 50))
	return map[string][]byte{
		"zip":  zipOf(t, func(w *zip.Writer) { f, _ := w.Create("a"); f.Write(text); f, _ = w.Create("b/c"); f.Write(text[:30]) }),
		"cab":  cabOf(2, 40_000),
		"cfb":  smallCFB(),
		"nsis": smallNSIS(),
	}
}

func TestSeedsAreRead(t *testing.T) {
	want := map[string]int{"zip": 2, "cab": 1, "cfb": 2, "nsis": 3}
	for name, b := range seeds(t) {
		got := triageBytes(t, b, "")
		if len(got.Contains) != want[name] || len(got.Problems) > 0 {
			t.Errorf("%s: contains %+v, problems %q", name, got.Contains, got.Problems)
		}
	}
}

// fuzzed reads a container to the end of all its members.
func fuzzed(f *testing.F, read containerReader, seed []byte) {
	f.Add(seed)
	f.Fuzz(func(t *testing.T, b []byte) {
		lim := tight()
		lim.SevenZip, lim.Decoded = "", 1<<20
		bud := newBudget(lim, nil)
		read(t.Context(), file{r: bytes.NewReader(b), size: int64(len(b))}, bud, func(m member) error {
			if m.open == nil {
				return nil
			}
			r, err := m.open()
			if err != nil {
				return nil
			}
			n, _ := io.Copy(io.Discard, io.LimitReader(r, lim.Decoded+1-bud.decoded))
			return bud.decode(n)
		})
		if bud.entries > lim.Entries {
			t.Errorf("%d entries", bud.entries)
		}
	})
}

func FuzzZip(f *testing.F)  { fuzzed(f, readZip, seeds(f)["zip"]) }
func FuzzCab(f *testing.F)  { fuzzed(f, readCab, seeds(f)["cab"]) }
func FuzzNSIS(f *testing.F) { fuzzed(f, readProgram, seeds(f)["nsis"]) }
func FuzzCFB(f *testing.F) {
	fuzzed(f, func(ctx context.Context, fl file, b *budget, visit func(member) error) error {
		if c, err := openCompound(fl.r, fl.size, b.lim.Entries); err == nil {
			c.msiDigest(crypto.SHA256)
			if db, err := openMSI(c); err == nil {
				db.facts(func(string) {})
				db.installed(func(string) {})
			}
		}
		return readCompound(ctx, fl, b, visit)
	}, seeds(f)["cfb"])
}
