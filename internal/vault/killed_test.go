package vault

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// storeUntilKilled stores what comes on standard input, and says after each chunk that it was taken.
func storeUntilKilled(dir, download string) {
	runtime.LockOSThread() // strace counts the calls of each thread by itself
	v, err := Open(filepath.Join(dir, "vault"), filepath.Join(dir, "vault.key"), 0)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	in := io.TeeReader(os.Stdin, &steps{})
	if download == "" {
		_, err = v.Put(context.Background(), in, Meta{})
	} else {
		var w *Writer
		if w, err = v.Resume(context.Background(), download); err == nil {
			if _, err = io.CopyN(io.Discard, in, w.Offset()); err == nil {
				if _, err = io.Copy(w, in); err == nil {
					_, err = w.Commit(Meta{})
				}
			}
		}
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

type steps struct{ n int }

func (s *steps) Write(p []byte) (int, error) {
	if s.n += len(p); s.n >= chunkSize {
		s.n -= chunkSize
		os.Stdout.Write([]byte{'.'})
	}
	return len(p), nil
}

// plainOf is the content's words at every 16th byte: 24 bytes of it in a row hold one of them.
func plainOf(content []byte) map[uint64]bool {
	words := make(map[uint64]bool, len(content)/16)
	for i := 0; i+8 <= len(content); i += 16 {
		words[binary.LittleEndian.Uint64(content[i:])] = true
	}
	return words
}

// plainIn counts the content's words at any offset of any file below dir.
func plainIn(t *testing.T, dir string, words map[uint64]bool) (found, files int) {
	t.Helper()
	err := filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(p)
		for i := 0; i+8 <= len(b); i++ {
			if words[binary.LittleEndian.Uint64(b[i:])] {
				found++
			}
		}
		files++
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found, files
}

// killPoint is where one process dies: after so many bytes, before its nth system call of a kind, or so long after the end.
type killPoint struct {
	download string
	before   int // bytes that an earlier, suspended try left
	sent     int
	call     string // of Linux; "" is killed by us
	nth      int
	after    time.Duration
}

func (k killPoint) String() string {
	return fmt.Sprintf("%q, %d bytes there, %d sent, before %s %d, after %v", k.download, k.before, k.sent, k.call, k.nth, k.after)
}

// killPoints are seeded: while bytes come, between the calls that make an artifact whole, and while a download is taken over.
func killPoints(n, size int, traced bool) (points []killPoint) {
	rng := rand.New(rand.NewPCG(50, 1))
	const url = "http://example.org/x.exe"
	ends := []killPoint{
		{call: "fchmod", nth: 1}, {call: "fsync", nth: 1}, {call: "renameat", nth: 1}, {call: "fsync", nth: 2}, // of Put
		{download: url, call: "fchmod", nth: 1}, {download: url, call: "fsync", nth: 1}, {download: url, call: "renameat", nth: 2}, {download: url, call: "fsync", nth: 2},
		{download: url, call: "renameat", nth: 1}, {download: url, call: "unlinkat", nth: 1}, // of taking over
	}
	for i := range n {
		var k killPoint
		switch kind := i % 5; {
		case kind == 0:
			k = killPoint{sent: rng.IntN(size)}
		case kind == 1:
			k = killPoint{download: url, sent: rng.IntN(size), before: rng.IntN(2) * rng.IntN(size)}
		case kind == 2 && traced:
			k = killPoint{sent: size, call: "write", nth: 1 + rng.IntN(40), download: []string{"", url}[rng.IntN(2)]}
		case traced:
			k = ends[i*2/5%len(ends)]
			k.sent = size
			if k.download != "" {
				k.before = rng.IntN(size)
			}
		default:
			k = killPoint{sent: size, after: time.Duration(rng.IntN(4000)) * time.Microsecond, download: []string{"", url}[rng.IntN(2)]}
		}
		k.sent = max(k.sent, k.before)
		points = append(points, k)
	}
	return points
}

// die runs the process to its kill point, and says whether it died.
func (k killPoint) die(t *testing.T, exe, dir string, content []byte) bool {
	t.Helper()
	cmd := exec.Command(exe)
	if k.call != "" {
		cmd = exec.Command("strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace="+k.call, "-e", fmt.Sprintf("inject=%s:signal=SIGKILL:when=%d", k.call, k.nth), exe)
	}
	cmd.Env = append(os.Environ(), "VAULT_STORE_IN="+dir, "VAULT_DOWNLOAD="+k.download, "TMPDIR="+dir)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		in.Write(content[:k.sent]) // it may die before it has all
		if k.call != "" || k.after > 0 {
			in.Close()
		}
	}()
	switch {
	case k.call != "":
		b, err := io.ReadAll(out)
		if err != nil || strings.Trim(string(b), ".") != "" {
			t.Fatalf("the process said %q, %v", b, err)
		}
	default:
		if n := k.sent/chunkSize - 1; n > 0 {
			if _, err := io.ReadFull(out, make([]byte, n)); err != nil {
				t.Fatalf("the process did not come so far: %v", err)
			}
		}
		time.Sleep(k.after)
		cmd.Process.Kill()
	}
	died := cmd.Wait() != nil
	in.Close()
	return died
}

// A process killed at any of fifty points leaves nothing in plain and nothing half, and a vault that opens, lists and
// verifies; what it downloaded goes on.
func TestKilled(t *testing.T) {
	points := 50
	if testing.Short() {
		points = 10
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	_, err = exec.LookPath("strace")
	if err != nil && os.Getenv("CI_REQUIRE") == "1" {
		t.Fatal(err)
	}
	traced := err == nil
	content := bytesOf(30*chunkSize + 777)
	words := plainOf(content)
	died, whole, searched := 0, 0, 0
	for i, k := range killPoints(points, len(content), traced) {
		dir := t.TempDir()
		v := open(t, dir, 0) // the key is there
		if k.before > 0 {
			w, err := v.Resume(t.Context(), k.download)
			if err == nil {
				_, err = w.Write(content[:k.before])
			}
			if err := errors.Join(err, w.Suspend()); err != nil {
				t.Fatal(err)
			}
		}
		v.Close()
		if k.die(t, exe, dir, content) {
			died++
		}

		plain, n := plainIn(t, dir, words)
		if searched += n; plain > 0 {
			t.Errorf("point %d (%v): %d words of the content in plain", i, k, plain)
		}
		v = open(t, dir, 0)
		list, problems, err := v.List(t.Context())
		if err != nil || len(problems) > 0 || len(list) > 1 || len(list) > 0 && list[0].SHA256 != shaOf(content) {
			t.Errorf("point %d (%v): %v, %q, %v", i, k, list, problems, err)
		}
		if problems, err := v.Verify(t.Context()); err != nil || len(problems) > 0 {
			t.Errorf("point %d (%v): verifying: %q, %v", i, k, problems, err)
		}
		whole += len(list)
		if k.download == "" {
			if left := files(t, dir); len(left) != len(list) {
				t.Errorf("point %d (%v) left %q", i, k, left)
			}
			continue
		}
		w, err := v.Resume(t.Context(), k.download)
		if err != nil {
			t.Fatal(err)
		}
		least := int64(k.before)/chunkSize*chunkSize - 2*blockSize // what was suspended is not lost
		if k.call == "" && k.after == 0 {
			least = max(least, int64(k.sent)-3*blockSize)
		}
		if w.Offset() > int64(k.sent) || len(list) == 0 && w.Offset() < least {
			t.Errorf("point %d (%v): goes on at %d", i, k, w.Offset())
		}
		w.Write(content[w.Offset():])
		if stored, err := w.Commit(Meta{}); err != nil || stored.SHA256 != shaOf(content) {
			t.Errorf("point %d (%v), resumed: %+v, %v", i, k, stored, err)
		}
		if problems, err := v.Verify(t.Context()); err != nil || len(problems) > 0 || len(files(t, dir)) != 1 {
			t.Errorf("point %d (%v), resumed: %q, %v, files %q", i, k, problems, err, files(t, dir))
		}
		if plain, _ := plainIn(t, dir, words); plain > 0 {
			t.Errorf("point %d (%v), resumed: %d words of the content in plain", i, k, plain)
		}
	}
	t.Logf("%d points, %d processes died, %d of them after the artifact was whole; %d files searched for 24 bytes of it: none", points, died, whole, searched)
	if died < points*9/10 {
		t.Errorf("only %d of %d processes died", died, points)
	}
	if n, _ := plainIn(t, writePlain(t, content), words); n == 0 {
		t.Error("the search finds nothing in a plain file")
	}
}

// writePlain gives a folder with 32 bytes of the content in a file.
func writePlain(t *testing.T, content []byte) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "x"), bytes.Join([][]byte{{1, 2, 3}, content[1001:1033], {4}}, nil), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}
