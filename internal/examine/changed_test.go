package examine

import (
	"archive/zip"
	"bytes"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"lurehound/internal/lab"
)

// Changed copies of good files, each read by a child of its own: every one has its hash, and a result or a sentence.
func TestChangedInAChild(t *testing.T) {
	var packed bytes.Buffer
	z := zip.NewWriter(&packed)
	w, err := z.Create("a/readme.txt")
	if err == nil {
		_, err = w.Write(bytes.Repeat([]byte("what a container holds\n"), 500))
	}
	if err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{"zip": packed.Bytes()}
	for _, name := range []string{"nsis-task", "msi-service"} {
		r, size, err := lab.Installer(name)
		if err != nil {
			t.Fatal(err)
		}
		if files[name], err = io.ReadAll(io.NewSectionReader(r, 0, size)); err != nil {
			t.Fatal(err)
		}
	}
	changes := 50
	if testing.Short() {
		changes = 3
	}
	for name, good := range files {
		rng := rand.New(rand.NewPCG(3, uint64(len(name))))
		failed := 0
		for i := range changes {
			b := bytes.Clone(good)
			for range 1 + rng.IntN(20) {
				b[[]int{rng.IntN(len(b)), rng.IntN(min(len(b), 1024))}[rng.IntN(2)]] = byte(rng.Uint32())
			}
			p, err := Examiner{}.File(t.Context(), onDisk(t, string(b)), int64(len(b)), name)
			if p.SHA256 == "" || p.Size != int64(len(b)) || p.Type == "" || err != nil && !strings.Contains(strings.Join(p.Problems, ""), "not taken apart") {
				t.Errorf("%s, change %d: %+v, %v", name, i, p, err)
			}
			if err != nil {
				failed++
			}
		}
		t.Logf("%s: %d changed copies, %d children that gave no answer", name, changes, failed)
	}
}
