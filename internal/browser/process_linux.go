package browser

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// nobody is the user as whom a browser runs when we are root: the one that owns no files.
const nobody = 65534

// owner is the user as whom a browser runs.
func owner() int {
	if uid := os.Geteuid(); uid != 0 {
		return uid
	}
	return nobody
}

// process is one running browser: a session of processes with a folder of its own.
type process struct {
	*wire
	cmd    *exec.Cmd
	home   string
	said   *tail
	keep   string        // the page that keeps the browser open, never shown anything
	exited chan struct{} // closed when the first process has been waited for
	reader sync.WaitGroup
}

// start runs a browser that has no page yet. What it was given is taken back by stop.
func start(program string, flags []string) (*process, error) {
	home, err := os.MkdirTemp(homeBase(), "lurehound-browser-")
	if err != nil {
		return nil, err
	}
	p := &process{home: home, said: &tail{}, exited: make(chan struct{})}
	if err := p.start(program, flags); err != nil {
		_ = os.RemoveAll(home)
		return nil, err
	}
	return p, nil
}

func (p *process) start(program string, flags []string) error {
	uid := owner()
	if uid != os.Geteuid() {
		if err := os.Chown(p.home, uid, uid); err != nil {
			return err
		}
	}
	theirIn, ourOut, err := os.Pipe()
	if err != nil {
		return err
	}
	ourIn, theirOut, err := os.Pipe()
	if err != nil {
		_ = errors.Join(theirIn.Close(), ourOut.Close())
		return err
	}
	p.wire = newWire(ourIn, ourOut)
	p.cmd = exec.Command(program, append(flags, "--user-data-dir="+filepath.Join(p.home, "profile"))...)
	p.cmd.Dir = p.home
	// Of our own environment nothing: it may hold secrets, and flags.
	p.cmd.Env = []string{"HOME=" + p.home, "TMPDIR=" + p.home, "PATH=/usr/bin:/bin", "LANG=C.UTF-8", "DBUS_SESSION_BUS_ADDRESS=disabled:"}
	p.cmd.ExtraFiles = []*os.File{theirIn, theirOut}
	p.cmd.Stderr = p.said
	p.cmd.WaitDelay = time.Second
	// Pdeathsig ends it when we die without a chance to.
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL}
	if uid != os.Geteuid() {
		p.cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(uid)}
	}
	started := make(chan error, 1)
	go func() {
		// The signal comes when the thread ends that started it, not the process.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := p.cmd.Start()
		started <- err
		if err == nil {
			_ = p.cmd.Wait() // it is killed as a rule
		}
		close(p.exited)
	}()
	err = <-started
	_ = errors.Join(theirIn.Close(), theirOut.Close())
	if err != nil {
		p.close()
		return err
	}
	_ = unix.Prlimit(p.cmd.Process.Pid, unix.RLIMIT_CORE, &unix.Rlimit{}, nil) // a page's memory is nobody's business; failing costs disk only
	p.reader.Go(p.listen)
	return nil
}

// stop ends every process of the session, whoever descends from it, and whoever has its environment; it waits until there is none, and removes the folder.
func (p *process) stop() error {
	leader := p.cmd.Process.Pid
	deadline := time.Now().Add(5 * time.Second)
	for {
		// Listed before the first is killed, while it is known who began whom.
		alive := append(family(leader), withHome(p.home)...)
		for _, m := range alive {
			_ = syscall.Kill(m.pid, syscall.SIGKILL)
		}
		if len(alive) == 0 && isClosed(p.exited) {
			break
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("ending the browser: %d of its processes are left", len(alive))
		}
		time.Sleep(2 * time.Millisecond)
	}
	p.close()
	p.reader.Wait()
	if err := os.RemoveAll(p.home); err != nil {
		return fmt.Errorf("ending the browser: %w", err)
	}
	return nil
}

// unsafe are the flags that open the sandbox; scripts in front of a browser may add them.
var unsafe = [...]string{"--no-sandbox", "--disable-seccomp-filter-sandbox", "--disable-namespace-sandbox", "--single-process", "--no-zygote"}

// sandboxed proves that pages are shut in: no flag says otherwise, and a process that runs pages has its filter of system
// calls (seccomp mode 2) and is in a PID namespace of its own. nil when it is so. A process that has just begun gets a moment
// to lock itself in: it has no page yet.
func (p *process) sandboxed(ctx context.Context) error {
	for {
		final, err := p.shutIn()
		if err == nil || final {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// shutIn looks once; a final no cannot become a yes.
func (p *process) shutIn() (final bool, err error) {
	var pages []int
	for _, m := range family(p.cmd.Process.Pid) {
		args, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", m.pid))
		if err != nil {
			continue // it has ended
		}
		// Children of the browser write their arguments anew, with spaces between.
		words := strings.FieldsFunc(string(args), func(r rune) bool { return r == 0 || r == ' ' })
		for _, w := range words {
			if slices.Contains(unsafe[:], w) {
				return true, fmt.Errorf("it runs with %s", w)
			}
		}
		if slices.Contains(words, "--type=renderer") {
			pages = append(pages, m.pid)
		}
	}
	shut := 0
	for _, pid := range pages {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		if err != nil {
			continue
		}
		if s := field(status, "Seccomp:"); s != "2" {
			return false, fmt.Errorf("a process for pages has no filter of system calls (Seccomp: %s)", s)
		}
		if len(strings.Fields(field(status, "NSpid:"))) < 2 {
			return false, errors.New("a process for pages shares our namespace of processes")
		}
		shut++
	}
	if shut == 0 {
		return false, errors.New("there is no process for pages")
	}
	return true, nil
}
