package payload

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"lurehound"
	"lurehound/internal/lab/installer"
)

// wholeFile is an installer of the laboratory in memory.
func wholeFile(t testing.TB, name string) []byte {
	t.Helper()
	f, err := installer.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	r, err := installer.Open(f)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(io.NewSectionReader(r, 0, f.Size))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// changeable are good files of every format that is read here.
func changeable(t testing.TB) map[string][]byte {
	files := seeds(t)
	files["pe"] = wholeFile(t, "nsis-task")
	files["msi"] = wholeFile(t, "msi-service")
	files["lnk"] = lnkParts{items: []string{"C:", "a", "odd.exe"}, path: `C:\a\odd.exe`, arguments: "/run", environment: "%x%", machine: "m"}.made()
	dir := t.TempDir()
	setup := nsisInstaller(t, dir)
	signingCA(t, dir)
	needs(t, "osslsigncode")
	peRun(t, dir, "osslsigncode", "sign", "-certs", "code.pem", "-key", "code.key", "-h", "sha256", "-in", setup, "-out", "signed.exe")
	files["signed pe"] = readBytes(t, filepath.Join(dir, "signed.exe"))
	return files
}

// changed is a copy with a few changes, most of them where headers and directories are.
func changed(rng *rand.Rand, b []byte) []byte {
	c := bytes.Clone(b)
	for range 1 + rng.IntN(8) {
		at := rng.IntN(len(c))
		switch rng.IntN(3) {
		case 0:
			at = rng.IntN(min(len(c), 1024))
		case 1:
			at = len(c) - 1 - rng.IntN(min(len(c), 8<<10))
		}
		switch rng.IntN(5) {
		case 0:
			c[at] ^= 1 << rng.IntN(8)
		case 1:
			c[at] = byte(rng.Uint32())
		case 2:
			copy(c[at:], [][]byte{{0xff, 0xff, 0xff, 0xff}, {0xff, 0xff, 0xff, 0x7f}, {0, 0, 0, 0}, {0xfe, 0xff, 0xff, 0xff}}[rng.IntN(4)])
		case 3:
			from := rng.IntN(len(c))
			copy(c[at:], bytes.Clone(c[from:min(len(c), from+rng.IntN(256))]))
		case 4:
			if rng.IntN(3) == 0 {
				c = c[:max(1, at)]
			}
		}
	}
	return c
}

// A thousand changed copies of each format have each a result: no panic, no loop, and no more memory than the limits allow.
func TestChanged(t *testing.T) {
	lim := tight()
	lim.Decoded, lim.SevenZip = 4<<20, ""
	changes := 1000
	if testing.Short() {
		changes = 10
	}
	files := changeable(t)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		t.Run(name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(7, uint64(len(name))))
			types, said, most := map[lurehound.FileType]int{}, 0, uint64(0)
			for i := range changes {
				c := changed(rng, files[name])
				var got lurehound.PayloadFacts
				allocated := allocatedBy(func() { got = Triage(t.Context(), bytes.NewReader(c), int64(len(c)), "", lim) })
				if _, err := json.Marshal(got); err != nil || got.SHA256 != sumOf(c) || got.Type == "" || got.Signature.Digest == "" {
					t.Fatalf("change %d: %+v, %v", i, got, err)
				}
				if most = max(most, allocated); allocated > 64<<20 {
					t.Fatalf("change %d: %d MiB allocated", i, allocated>>20)
				}
				types[got.Type]++
				if len(got.Problems) > 0 {
					said++
				}
			}
			var kinds []string
			for _, typ := range slices.Sorted(maps.Keys(types)) {
				kinds = append(kinds, fmt.Sprint(types[typ], " ", typ))
			}
			t.Logf("%d changed copies of %d bytes, %d results: %s; %d with problems; at most %d MiB allocated", changes, len(files[name]), changes, strings.Join(kinds, ", "), said, most>>20)
		})
	}
}
