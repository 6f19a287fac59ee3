//go:build linux

package browser

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"lurehound"
	"lurehound/internal/egress"
)

// census notes every process that our browsers ever had.
type census struct {
	stop context.CancelFunc
	done sync.WaitGroup
	seen map[member]bool
}

func newCensus(t *testing.T) *census {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	c := &census{stop: stop, seen: map[member]bool{}}
	c.done.Go(func() {
		for ctx.Err() == nil {
			for _, leader := range children() {
				for _, m := range family(leader) {
					c.seen[member{pid: m.pid, session: m.session}] = true
				}
			}
			time.Sleep(3 * time.Millisecond)
		}
	})
	return c
}

// children are the browsers that this process began: each leads a session.
func children() []int {
	var pids []int
	for _, m := range family(os.Getpid()) {
		if m.parent == os.Getpid() && m.session == m.pid {
			pids = append(pids, m.pid)
		}
	}
	return pids
}

// left are those that still live, as who they were.
func (c *census) left() (left []member, all int) {
	c.stop()
	c.done.Wait()
	for m := range c.seen {
		if now, ok := readMember(m.pid); ok && now.session == m.session {
			left = append(left, now)
		}
	}
	return left, len(c.seen)
}

// TestNothingIsLeft ends 25 looks in the middle in every way there is.
func TestNothingIsLeft(t *testing.T) {
	w := newWeb(t, func(rw http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(rw, `<iframe src="https://other.example/"></iframe><script>new Worker(URL.createObjectURL(new Blob(["for (;;);"]))); for (;;) document.body.append("x")</script>`)
	})
	if testing.Short() {
		t.Skip("a browser takes long to start")
	}
	home := t.TempDir()
	if err := os.Chmod(filepath.Dir(home), 0o755); err != nil { // the browser's user has to get in
		t.Fatal(err)
	}
	program, err := Find()
	if errors.Is(err, ErrNoBrowser) && os.Getenv("CI_REQUIRE") == "" {
		t.Skip(err)
	}
	// Two that do not end with the browser, one of them in a session of its own; both hold its pipes.
	stubborn := writeScript(t, "(trap '' TERM HUP; exec sleep 300) &\nsetsid sleep 300 &\nexec "+program+" \"$@\"\n")
	c := openChromium(t, Config{Gateway: w.gateway, LookUp: lookUp, Limits: Limits{Load: 200 * time.Millisecond}, Program: stubborn})
	t.Setenv("TMPDIR", home)
	all := newCensus(t)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 25 {
		ctx, cancel := context.WithCancelCause(t.Context())
		ended := errors.New("enough")
		var ending sync.WaitGroup
		after := time.Duration(r.IntN(700)) * time.Millisecond
		ending.Go(func() {
			time.Sleep(after)
			if i%5 == 4 { // somebody else ends the browser
				for _, pid := range children() {
					_ = syscall.Kill(pid, syscall.SIGKILL)
				}
				time.Sleep(100 * time.Millisecond)
			}
			cancel(ended)
		})
		began := time.Now()
		look := c.Look(ctx, egress.DefaultProfile(), "https://lure.example/")
		took := time.Since(began)
		ending.Wait()
		if look.Outcome != lurehound.Unknown || look.Reason == "" || took > after+3*time.Second {
			t.Errorf("ended after %s: %s (%s), %s", after, look.Outcome, look.Reason, took)
		}
		if pids := children(); len(pids) != 0 {
			t.Errorf("ended after %s: browsers %v are left", after, pids)
		}
	}
	left, count := all.left()
	if len(left) != 0 || count < 50 {
		t.Errorf("of %d processes %d are left: %v", count, len(left), left)
	}
	if folders, _ := os.ReadDir(home); len(folders) != 0 {
		t.Errorf("%d folders are left", len(folders))
	}
	t.Logf("25 ends, %d processes, %d left", count, len(left))
}

// TestBrowserDies: it is gone between two looks. The next look has a new one.
func TestBrowserDies(t *testing.T) {
	t.Parallel()
	w := newWeb(t, func(rw http.ResponseWriter, _ *http.Request) { fmt.Fprint(rw, "<h1>shown") })
	c := w.open(t, Limits{Quiet: 50 * time.Millisecond})
	for i := range 3 {
		look := c.Look(t.Context(), egress.DefaultProfile(), "https://lure.example/")
		if look.Outcome != lurehound.Found {
			t.Fatalf("look %d: %s (%s)", i, look.Outcome, look.Reason)
		}
		_ = syscall.Kill(c.running.cmd.Process.Pid, syscall.SIGKILL)
		<-c.running.gone
	}
}

// writeScript makes a program that the browser's user may run.
func writeScript(t *testing.T, text string) string {
	t.Helper()
	script := filepath.Join(t.TempDir(), "chromium")
	if err := os.WriteFile(script, []byte("#!/bin/sh\n"+text), 0o755); err != nil {
		t.Fatal(err)
	}
	for dir := filepath.Dir(script); dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return script
}

// TestNoSandbox: a script in front of the browser opens its sandbox, as those of containers do. Then nothing is looked at.
func TestNoSandbox(t *testing.T) {
	t.Parallel()
	w := newWeb(t, func(rw http.ResponseWriter, _ *http.Request) { fmt.Fprint(rw, "<h1>shown") })
	real := w.open(t, Limits{}).program
	for _, flag := range unsafe[:3] {
		script := writeScript(t, "exec "+real+" "+flag+" \"$@\"\n")
		c, err := Open(Config{Gateway: w.gateway, LookUp: lookUp, Program: script})
		if err != nil {
			t.Fatal(err)
		}
		look := c.Look(t.Context(), egress.DefaultProfile(), "https://lure.example/")
		if look.Outcome != lurehound.Unknown || !strings.Contains(look.Reason, "could not look") || look.PNG != nil {
			t.Errorf("%s: %s (%s)", flag, look.Outcome, look.Reason)
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		if len(w.asked()) != 0 {
			t.Errorf("%s: the page was asked for", flag)
		}
		t.Log(look.Reason)
	}
}

func TestFind(t *testing.T) {
	if _, err := find([]string{"/nowhere/chromium", "no-such-chromium"}); !errors.Is(err, ErrNoBrowser) {
		t.Error(err)
	}
	if path, err := find([]string{"/nowhere/chromium", "sh"}); err != nil || !filepath.IsAbs(path) {
		t.Error(path, err)
	}
}

func TestProgramThatIsNone(t *testing.T) {
	w := newWeb(t, func(http.ResponseWriter, *http.Request) {})
	for _, program := range []string{"/nowhere/chromium", "/bin/true", "/bin/cat"} {
		c, err := Open(Config{Gateway: w.gateway, LookUp: lookUp, Program: program})
		if err != nil {
			t.Fatal(err)
		}
		look := c.Look(t.Context(), egress.DefaultProfile(), "https://lure.example/")
		if look.Outcome != lurehound.Unknown || !strings.HasPrefix(look.Reason, "could not look: ") {
			t.Errorf("%s: %s (%s)", program, look.Outcome, look.Reason)
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestManyLooks: 50 in a row, one browser, and its memory does not grow.
func TestManyLooks(t *testing.T) {
	t.Parallel()
	w := newWeb(t, func(rw http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(rw, `<title>x</title><canvas id="c" width="1200" height="1200"></canvas><script>document.getElementById("c").getContext("2d").fillRect(9, 9, 900, 900)</script>`)
	})
	c := w.open(t, Limits{Quiet: 30 * time.Millisecond})
	var memory [50]int64
	var took, longest time.Duration
	for i := range memory {
		look := c.Look(t.Context(), egress.DefaultProfile(), "https://lure.example/")
		if look.Outcome != lurehound.Found {
			t.Fatalf("look %d: %s (%s)", i, look.Outcome, look.Reason)
		}
		memory[i] = c.running.resident() >> 20
		took += look.Took
		longest = max(longest, look.Took)
	}
	if c.looks != 50 {
		t.Errorf("this browser had %d looks", c.looks)
	}
	early, late := memory[5:15], memory[40:]
	if a, b := sum(early)/10, sum(late)/10; b > a+a/4+20 {
		t.Errorf("from %d MiB to %d", a, b)
	}
	t.Logf("%s each, %s the longest; MiB after each: %v", took/50, longest, memory)
}

func sum(list []int64) (n int64) {
	for _, v := range list {
		n += v
	}
	return n
}

// TestNothingIsSent has strace watch every packet while a page tries what leads around a proxy.
func TestNothingIsSent(t *testing.T) {
	t.Parallel()
	inner := newForbidden(t)
	w := newWeb(t, serveHostile(inner.port))
	c := w.open(t, Limits{})
	if _, err := exec.LookPath("strace"); err != nil {
		if os.Getenv("CI_REQUIRE") != "" {
			t.Fatal(err)
		}
		t.Skip("there is no strace: install strace")
	}
	if look := c.Look(t.Context(), egress.DefaultProfile(), "https://print.example/"); look.Outcome != lurehound.Found {
		t.Fatal(look.Reason)
	}
	record := filepath.Join(t.TempDir(), "record")
	args := []string{"-f", "-qq", "-yy", "-e", "trace=sendto,sendmsg,sendmmsg,write,writev,connect", "-e", "signal=none", "-o", record}
	for _, m := range family(c.running.cmd.Process.Pid) {
		args = append(args, "-p", fmt.Sprint(m.pid))
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	strace := exec.CommandContext(ctx, "strace", args...)
	strace.Cancel = func() error { return strace.Process.Signal(os.Interrupt) }
	if err := strace.Start(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"webrtc", "prefetch", "fetch"} {
		if look := c.Look(t.Context(), egress.DefaultProfile(), "https://"+name+".example/"); look.Outcome != lurehound.Found {
			t.Errorf("%s: %s (%s)", name, look.Outcome, look.Reason)
		}
	}
	cancel()
	_ = strace.Wait() // interrupted
	b, err := os.ReadFile(record)
	if err != nil {
		t.Fatal(err)
	}
	calls, proxied := 0, 0
	for line := range strings.Lines(string(b)) {
		calls++
		udp := strings.Contains(line, "<UDP") || strings.Contains(line, "<RAW") || strings.Contains(line, "<ICMP")
		tcp := strings.Contains(line, "<TCP")
		switch {
		case udp && !strings.Contains(line, "connect("): // to connect sends nothing, and is how a system is asked for its address
			t.Errorf("a packet: %s", line)
		case tcp && strings.Contains(line, "connect("):
			if !strings.Contains(line, `inet_addr("127.0.0.1")`) || strings.Contains(line, "htons("+inner.port+")") {
				t.Errorf("a connection: %s", line)
			}
			proxied++
		}
	}
	if calls < 100 || proxied == 0 {
		t.Errorf("strace saw %d calls and %d connections to the proxy", calls, proxied)
	}
	t.Logf("%d calls, %d connections to the proxy, none elsewhere", calls, proxied)
}
