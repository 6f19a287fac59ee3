package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if Main(hostile) {
		return
	}
	goleak.VerifyTestMain(m)
}

// hostile are parsers that do what a hostile file could make a parser do.
var hostile = map[string]Parser{
	"upper": func(ctx context.Context, input *os.File, args []byte) (any, error) {
		b, err := io.ReadAll(io.NewSectionReader(input, 0, 1<<20))
		return map[string]string{"text": strings.ToUpper(string(b)), "args": string(args)}, err
	},
	"refuse": func(context.Context, *os.File, []byte) (any, error) { return nil, errors.New("no PE header") },
	"hog": func(context.Context, *os.File, []byte) (any, error) {
		var held [][]byte
		for {
			b := make([]byte, 16<<20)
			for i := 0; i < len(b); i += 4096 {
				b[i] = 1
			}
			held = append(held, b)
			if len(held) > 1<<20 {
				return len(held), nil
			}
		}
	},
	"once": func(context.Context, *os.File, []byte) (any, error) {
		b := make([]byte, 1<<40)
		b[len(b)-1] = 1
		return len(b), nil
	},
	"loop": func(context.Context, *os.File, []byte) (any, error) {
		for n := 0; ; n++ {
			if n < 0 {
				return n, nil
			}
		}
	},
	"sleep": func(context.Context, *os.File, []byte) (any, error) {
		time.Sleep(time.Hour)
		return nil, nil
	},
	"deaf": func(context.Context, *os.File, []byte) (any, error) {
		signal.Ignore(syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
		time.Sleep(time.Hour)
		return nil, nil
	},
	"recurse": func(context.Context, *os.File, []byte) (any, error) { return deep(0), nil },
	"panic": func(context.Context, *os.File, []byte) (any, error) {
		var p []int
		return p[len(os.Args)+5], nil
	},
	"race": func(context.Context, *os.File, []byte) (any, error) {
		m := map[int]int{}
		for i := range 8 {
			go func() {
				for {
					m[i]++
				}
			}()
		}
		time.Sleep(time.Minute)
		return len(m), nil
	},
	"write": func(_ context.Context, _ *os.File, args []byte) (any, error) {
		var done []string
		for _, dir := range []string{string(args), "/tmp", "/dev/shm", "/var/tmp", "/", "/run", "."} {
			f, err := os.Create(filepath.Join(dir, "lurehound-sandbox-test"))
			if err != nil {
				continue
			}
			_, err = f.WriteString("marker")
			done = append(done, fmt.Sprintf("%s: made, writing: %v", dir, err))
			os.Remove(f.Name())
		}
		return done, nil
	},
	"overwrite": func(_ context.Context, input *os.File, _ []byte) (any, error) {
		_, err := input.WriteAt([]byte("changed"), 0)
		return fmt.Sprint(err), nil
	},
	"dial": func(_ context.Context, _ *os.File, args []byte) (any, error) {
		c, err := net.DialTimeout("tcp", string(args), time.Second)
		if err != nil {
			return err.Error(), nil
		}
		c.Close()
		return "connected", nil
	},
	"fork": func(_ context.Context, _ *os.File, args []byte) (any, error) {
		var errs []string
		for range 4 {
			cmd := exec.Command("/usr/bin/setsid", "/bin/sleep", string(args))
			if err := cmd.Start(); err != nil {
				errs = append(errs, err.Error())
			}
		}
		return errs, nil
	},
	"shout": func(context.Context, *os.File, []byte) (any, error) { return strings.Repeat("x", 100<<20), nil },
	"pour": func(context.Context, *os.File, []byte) (any, error) {
		out := os.NewFile(1, "answer")
		for range 100 << 4 {
			out.Write(bytes.Repeat([]byte("A"), 64<<10))
		}
		return nil, nil
	},
	"mumble": func(context.Context, *os.File, []byte) (any, error) {
		fmt.Println("{}")
		for range 1 << 10 {
			fmt.Fprint(os.Stderr, strings.Repeat("noise\n", 1<<10))
		}
		return "said", nil
	},
	"leave":    func(context.Context, *os.File, []byte) (any, error) { os.Exit(0); return nil, nil },
	"leave 7":  func(context.Context, *os.File, []byte) (any, error) { os.Exit(7); return nil, nil },
	"secrets":  func(context.Context, *os.File, []byte) (any, error) { return os.Environ(), nil },
	"identity": identity,
}

func identity(context.Context, *os.File, []byte) (any, error) {
	dir, _ := os.Getwd()
	return map[string]any{"uid": os.Getuid(), "dir": dir}, nil
}

//go:noinline
func deep(n int) int {
	if n < 0 {
		return 0
	}
	return deep(n+1) + n
}

func input(t testing.TB, text string) *os.File {
	t.Helper()
	name := filepath.Join(t.TempDir(), "input")
	if err := os.WriteFile(name, []byte(text), 0o400); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func TestAnswer(t *testing.T) {
	got, err := Run(t.Context(), "upper", input(t, "hello"), []byte("a\x00b"), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"args":"a\u0000b","text":"HELLO"}`; string(got) != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// What ends a child is told apart, and the parent lives.
func TestReasons(t *testing.T) {
	for _, c := range []struct {
		parser string
		lim    Limits
		want   Reason
		detail string
	}{
		{"refuse", Limits{}, Failed, "no PE header"},
		{"hog", Limits{Memory: 256 << 20}, OutOfMemory, "256 MiB"},
		{"once", Limits{}, OutOfMemory, "512 MiB"},
		{"loop", Limits{CPU: time.Second}, OutOfCPU, "1s"},
		{"sleep", Limits{Wall: 200 * time.Millisecond}, TimedOut, "200ms"},
		{"deaf", Limits{Wall: 200 * time.Millisecond}, TimedOut, "200ms"},
		{"recurse", Limits{}, Crashed, "stack overflow"},
		{"panic", Limits{}, Crashed, "index out of range"},
		{"race", Limits{}, Crashed, "concurrent map"},
		{"shout", Limits{Memory: 2 << 30}, AnswerTooLarge, "1048576"},
		{"pour", Limits{}, AnswerTooLarge, "1048576"},
		{"leave", Limits{}, Crashed, "without an answer"},
		{"leave 7", Limits{}, Crashed, "exit status 7"},
		{"no such", Limits{}, NotStarted, "no such parser"},
	} {
		t.Run(c.parser, func(t *testing.T) {
			t.Parallel()
			if raceMemory != 0 && (c.want == OutOfMemory || c.parser == "race" || c.parser == "recurse" || c.parser == "shout") {
				t.Skip("the race detector's own memory cannot be bounded")
			}
			got, err := Run(t.Context(), c.parser, input(t, "x"), nil, c.lim)
			var f *Failure
			if !errors.As(err, &f) || f.Reason != c.want || !strings.Contains(f.Detail, c.detail) {
				t.Fatalf("got %.100s, %v; want %s, %s\n%s", got, err, c.want, c.detail, stderrOf(f))
			}
			if len(f.Stderr) > 2*keptStderr {
				t.Errorf("%d bytes of standard error", len(f.Stderr))
			}
		})
	}
}

func stderrOf(f *Failure) string {
	if f == nil {
		return ""
	}
	return f.Stderr
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(100*time.Millisecond, cancel)
	_, err := Run(ctx, "deaf", nil, nil, Limits{})
	var f *Failure
	if !errors.As(err, &f) || f.Reason != Cancelled || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if _, err := Run(ctx, "upper", nil, nil, Limits{}); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end: %v", err)
	}
}

func TestNoise(t *testing.T) {
	got, err := Run(t.Context(), "mumble", nil, nil, Limits{})
	if err != nil || string(got) != `"said"` {
		t.Errorf("got %s, %v", got, err)
	}
}

func TestArgumentsAreBounded(t *testing.T) {
	if _, err := Run(t.Context(), "identity", nil, make([]byte, maxArgs), Limits{}); err != nil {
		t.Errorf("the most that is allowed: %v", err)
	}
	if _, err := Run(t.Context(), "identity", nil, make([]byte, maxArgs+1), Limits{}); err == nil {
		t.Error("more than is allowed was taken")
	}
}

func TestEnvironmentIsEmpty(t *testing.T) {
	t.Setenv("LUREHOUND_CONTACT", "canary@example.org")
	got, err := Run(t.Context(), "secrets", nil, nil, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	var env []string
	if err := json.Unmarshal(got, &env); err != nil {
		t.Fatal(err)
	}
	for _, kv := range env {
		if name, _, _ := strings.Cut(kv, "="); name != "GOMEMLIMIT" && name != "GOTRACEBACK" && name != "SystemRoot" {
			t.Errorf("%s reached the child", kv)
		}
	}
}

// What a hostile parser may not do, it cannot.
func TestConfined(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux confines that far; Strength says so")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	open := t.TempDir()
	os.Chmod(filepath.Dir(open), 0o777)
	os.Chmod(open, 0o777)
	name := filepath.Join(open, "input")
	if err := os.WriteFile(name, []byte("original"), 0o666); err != nil {
		t.Fatal(err)
	}
	writable, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer writable.Close()
	run := func(parser, args string, lim Limits) string {
		got, err := Run(t.Context(), parser, writable, []byte(args), lim)
		if err != nil {
			t.Errorf("%s: %v", parser, err)
		}
		return string(got)
	}
	if got := run("write", open, Limits{}); got != "null" {
		t.Errorf("files were made: %s", got)
	}
	if got := run("overwrite", "", Limits{}); !strings.Contains(got, "too large") {
		t.Errorf("writing to the input: %s", got)
	}
	if got := run("dial", l.Addr().String(), Limits{}); strings.Contains(got, "connected") {
		t.Errorf("dialling: %s", got)
	}
	var id struct {
		UID int
		Dir string
	}
	json.Unmarshal([]byte(run("identity", "", Limits{})), &id)
	if os.Getuid() == 0 && id.UID != nobody || id.Dir != "/" {
		t.Errorf("the child is %+v", id)
	}
	if got := run("fork", "3601", Limits{}); strings.Count(got, "not permitted") != 4 {
		t.Errorf("forking: %s", got)
	}
	if got := run("fork", "3602", Limits{Programs: true}); got != "null" {
		t.Errorf("forking, with permission: %s", got)
	}
	for _, arg := range []string{"3601", "3602"} {
		if left := processes(t, "sleep\x00"+arg); left != 0 {
			t.Errorf("%d processes are left of %s", left, arg)
		}
	}
}

// processes counts those whose command line holds words.
func processes(t *testing.T, words string) int {
	t.Helper()
	names, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, name := range names {
		b, _ := os.ReadFile(name)
		if bytes.Contains(b, []byte(words)) {
			n++
		}
	}
	return n
}

// Without namespaces the filter alone keeps the network shut and processes few.
func TestConfinedWithoutNamespaces(t *testing.T) {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" && runtime.GOARCH != "arm64" {
		t.Skip("no filter here")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for parser, want := range map[string]string{"dial": "not permitted", "fork": "not permitted", "write": "null"} {
		got, err := runApart(t, parser, l.Addr().String(), false)
		if parser == "write" {
			if err != nil || strings.Contains(string(got), "writing: <nil>") {
				t.Errorf("%s: %s, %v", parser, got, err)
			}
			continue
		}
		if err != nil || !strings.Contains(string(got), want) {
			t.Errorf("%s: %s, %v", parser, got, err)
		}
	}
}

// runApart is Run with or without namespaces.
func runApart(t *testing.T, name, args string, apart bool) (json.RawMessage, error) {
	t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	lim := Limits{}.filled()
	c, err := startApart(name, input(t, "x"), lim, apart)
	if err != nil {
		t.Fatal(err)
	}
	return c.answer(t.Context(), request{Name: name, Args: []byte(args), Limits: lim, Apart: apart, Input: c.input})
}

func TestStrength(t *testing.T) {
	m, err := Strength(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("held: %q; missing: %q", m.Held, m.Missing)
	if len(m.Held) == 0 || runtime.GOOS == "linux" && os.Getuid() == 0 && len(m.Held)+len(m.Missing) < 7 {
		t.Errorf("got %+v", m)
	}
}

// Fifty at once, all hostile, each told apart; nothing is left behind.
func TestFiftyAtOnce(t *testing.T) {
	kinds := []struct {
		parser string
		lim    Limits
		want   Reason
	}{
		{"upper", Limits{}, ""}, {"panic", Limits{}, Crashed}, {"leave", Limits{}, Crashed}, {"deaf", Limits{Wall: 3 * time.Second}, TimedOut},
		{"pour", Limits{}, AnswerTooLarge}, {"refuse", Limits{}, Failed}, {"once", Limits{}, OutOfMemory}, {"recurse", Limits{}, Crashed},
		{"hog", Limits{Memory: 160 << 20}, OutOfMemory}, {"loop", Limits{CPU: time.Second, Wall: time.Minute}, OutOfCPU},
	}
	in := input(t, "hello")
	var wg sync.WaitGroup
	for i := range 50 {
		k := kinds[i%len(kinds)]
		if raceMemory != 0 && (k.want == OutOfMemory || k.parser == "recurse") {
			continue
		}
		if testing.Short() && i >= 20 && k.parser == "loop" {
			continue // each takes a second of a processor
		}
		wg.Go(func() {
			_, err := Run(t.Context(), k.parser, in, nil, k.lim)
			var f *Failure
			if k.want == "" {
				if err != nil {
					t.Errorf("%s: %v", k.parser, err)
				}
			} else if !errors.As(err, &f) || f.Reason != k.want {
				t.Errorf("%s: %v\n%s", k.parser, err, stderrOf(f))
			}
		})
	}
	wg.Wait()
	if left := children(t); left != 0 {
		t.Errorf("%d children are left", left)
	}
}

// children counts the processes whose parent we are, zombies too.
func children(t *testing.T) int {
	t.Helper()
	names, err := filepath.Glob("/proc/self/task/*/children")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, name := range names {
		b, _ := os.ReadFile(name)
		n += len(strings.Fields(string(b)))
	}
	return n
}

func BenchmarkRun(b *testing.B) {
	in := input(b, "hello")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Run(b.Context(), "upper", in, nil, Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}
