//go:build unix && !linux

package sandbox

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"
)

const inputFD = 3

func rootDir() string { return "/" }

func systemEnv() []string { return nil }

// hand lets the child inherit the input.
func hand(cmd *exec.Cmd, input *os.File) (handle uintptr, release func(), err error) {
	cmd.ExtraFiles = []*os.File{input}
	return inputFD, func() {}, nil
}

func confineStart(cmd *exec.Cmd, apart bool) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}

func namespacesRefused(error) bool { return false }

func (c *child) wait() (*os.ProcessState, error) {
	state, err := c.cmd.Process.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reaped = true
	return state, err
}

func (c *child) kill() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.reaped {
		return // its number may be another's
	}
	syscall.Kill(-c.cmd.Process.Pid, syscall.SIGKILL)
	c.cmd.Process.Kill()
}

// confine sets what every Unix has. The heap is bounded by Go's own soft limit only.
func confine(req request) (Measures, error) {
	var m Measures
	spent := make(chan os.Signal, 1)
	signal.Notify(spent, syscall.SIGXCPU)
	go func() { <-spent; os.Exit(exitCPU) }()
	cpu := uint64((req.Limits.CPU + time.Second - 1) / time.Second)
	for _, l := range []struct {
		what     string
		resource int
		soft     uint64
	}{
		{"processor time", syscall.RLIMIT_CPU, cpu},
		{"file size", syscall.RLIMIT_FSIZE, uint64(req.Limits.Memfd)},
		{"core file", syscall.RLIMIT_CORE, 0},
	} {
		var r syscall.Rlimit
		setRlimit(&r, l.soft)
		if err := syscall.Setrlimit(l.resource, &r); err != nil {
			return m, fmt.Errorf("bounding the %s: %w", l.what, err)
		}
		m.note("bounded "+l.what, nil)
	}
	lacking := errors.New("not on this system")
	for _, what := range []string{"no network", "all file systems read-only", "bounded memory", "no new privileges", "ends with all that it started"} {
		m.note(what, lacking)
	}
	return m, nil
}
