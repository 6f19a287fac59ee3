package cli

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"lurehound/internal/lab"
)

// plainBytes are pieces of a payload, 32 bytes each, of which none stands anywhere by chance.
type plainBytes struct {
	pieces map[[32]byte]bool
	filter []bool // by the hash of a piece's first word: most bytes of other files begin none
}

func wordHash(b []byte) uint32 {
	return uint32(binary.LittleEndian.Uint64(b) * 0x9e3779b97f4a7c15 >> 40)
}

// piecesOf takes every 32nd place of the first megabytes, and of every fourth page behind them: text is left out,
// for what is found in a payload may be told.
func piecesOf(t *testing.T, r io.ReaderAt, size int64) plainBytes {
	t.Helper()
	p := plainBytes{map[[32]byte]bool{}, make([]bool, 1<<24)}
	page := make([]byte, 4096)
	for at := int64(0); at+4096 <= size; at += 4096 {
		if at >= 8<<20 && at/4096%4 != 0 {
			continue
		}
		if _, err := r.ReadAt(page, at); err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(page); i += 32 {
			b := page[i : i+32]
			if distinct := slices.Compact(slices.Sorted(slices.Values(b))); len(distinct) >= 20 && (distinct[0] < ' ' || distinct[len(distinct)-1] > '~') {
				p.pieces[[32]byte(b)], p.filter[wordHash(b)] = true, true
			}
		}
	}
	return p
}

// in counts the pieces that stand at any place in r.
func (p plainBytes) in(r io.Reader) (found int, err error) {
	buf, kept := make([]byte, 1<<20), 0
	for {
		n, err := r.Read(buf[kept:])
		b := buf[:kept+n]
		for i := 0; i+32 <= len(b); i++ {
			if p.filter[wordHash(b[i:])] && p.pieces[[32]byte(b[i:])] {
				found++
			}
		}
		kept = copy(buf, b[max(0, len(b)-31):])
		if err == io.EOF {
			return found, nil
		}
		if err != nil {
			return found, err
		}
	}
}

var (
	traceExec  = regexp.MustCompile(`execve(?:at)?\((?:[^"]*, )?"([^"]*)".*= 0$`)
	traceWrite = regexp.MustCompile(`\b(?:write|pwrite64)\(\d+<([^>]*)>[^,]*, "([^"]*)"`)
	traceOpen  = regexp.MustCompile(`\bopenat\([^,]*, "([^"]*)", O_(?:WRONLY|RDWR)[^)]*\) = \d+<([^>]*)>`)
)

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, `\x`, ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// A whole hunt that downloads and takes payloads apart executes our own binary and 7z, and nothing else; it writes
// below its own folder only, and nowhere a payload's plain bytes. The kernel's own record says so.
func TestNothingIsExecuted(t *testing.T) {
	if testing.Short() {
		t.Skip("hunts with every system call traced")
	}
	strace, err := exec.LookPath("strace")
	if errors.Is(err, exec.ErrNotFound) && os.Getenv("CI_REQUIRE") != "1" {
		t.Skip("strace is not installed")
	}
	if err != nil {
		t.Fatal(err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	home, trace := t.TempDir(), filepath.Join(t.TempDir(), "trace")
	own := filepath.Join(t.TempDir(), "lurehound")
	if err := os.Symlink(exe, own); err != nil {
		t.Fatal(err)
	}
	tmp := filepath.Join(home, "tmp")
	if err := os.Mkdir(tmp, 0o700); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), strace, "-f", "--seccomp-bpf", "-qq", "-y", "-xx", "-s", "96", "-e", "trace=execve,execveat,openat,creat,write,pwrite64", "-o", trace,
		own, "hunt", "microdicom.com", "--lab", "--payloads", "--format", "jsonl")
	cmd.Env = append(os.Environ(), "HOME="+home, "XDG_DATA_HOME="+home, "XDG_CACHE_HOME="+home, "XDG_CONFIG_HOME="+home, "TMPDIR="+tmp)
	out, err := cmd.CombinedOutput()
	var status *exec.ExitError
	if err != nil && (!errors.As(err, &status) || status.ExitCode() != 3) {
		t.Fatalf("%v\n%s", err, out)
	}
	payload, size, err := lab.Installer("fake")
	if err != nil {
		t.Fatal(err)
	}
	pieces := piecesOf(t, payload, size)
	if n, err := pieces.in(io.NewSectionReader(payload, 1001, 1<<20)); n == 0 || err != nil {
		t.Fatalf("the payload itself has %d of its pieces, %v", n, err)
	}
	traced(t, trace, home, []string{exe, own}, pieces)
	kept := 0
	err = filepath.WalkDir(home, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		f, err := os.Open(p)
		if err != nil {
			return err
		}
		defer f.Close()
		n, err := pieces.in(f)
		if n > 0 {
			t.Errorf("%s has %d pieces of the payload in plain", p, n)
		}
		if st, err := f.Stat(); err == nil && strings.HasSuffix(p, ".q") && st.Size() > size {
			kept++
		}
		return err
	})
	if err != nil || kept != 1 {
		t.Errorf("%d payloads are in the vault, %v", kept, err)
	}
}

// traced reads the record of a run: what was executed, opened for writing, and written to files.
func traced(t *testing.T, trace, home string, binaries []string, pieces plainBytes) {
	t.Helper()
	f, err := os.Open(trace)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	executed, writes, sealed := map[string]int{}, 0, 0
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Text()
		if strings.Contains(line, "execve") && !strings.HasSuffix(line, "= 0") && !strings.Contains(line, "= -1") && !strings.Contains(line, "unfinished") && !strings.Contains(line, "resumed") {
			t.Errorf("a line of the record is not understood: %.200s", line)
		}
		if m := traceExec.FindStringSubmatch(strings.Replace(line, " <unfinished ...>", ") = 0", 1)); m != nil {
			path := string(unhex(t, m[1]))
			executed[path]++
			if path == "/proc/self/exe" || slices.Contains(binaries, path) {
				continue
			}
			if filepath.Base(path) != "7z" || strings.HasPrefix(path, home) {
				t.Errorf("%s was executed", path)
			}
		}
		if m := traceOpen.FindStringSubmatch(line); m != nil {
			// The kernel's pseudo files and memory are no disk.
			if path := string(unhex(t, m[2])); !strings.HasPrefix(path, home+"/") && !strings.HasPrefix(path, "/dev/") && !strings.HasPrefix(path, "/proc/") && !strings.HasPrefix(path, "/sys/") && !strings.HasPrefix(path, "/memfd:") {
				t.Errorf("%s was opened for writing", path)
			}
		}
		if m := traceWrite.FindStringSubmatch(line); m != nil {
			path := string(unhex(t, m[1]))
			if !strings.HasPrefix(path, home) {
				continue // a pipe, a socket, memory: what is opened for writing elsewhere is said above
			}
			writes++
			if strings.Contains(path, "/vault/") {
				sealed++
			}
			if n, _ := pieces.in(bytes.NewReader(unhex(t, m[2]))); n > 0 {
				t.Errorf("plain bytes of the payload were written to %s", path)
			}
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	if len(executed) < 2 || sealed < 100 {
		t.Errorf("the record is too short: executed %v, %d writes into the vault", executed, sealed)
	}
	t.Logf("executed %v; %d writes to files, %d of them into the vault", executed, writes, sealed)
}
