package sandbox

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

func rootDir() string { return os.Getenv("SystemRoot") }

// systemEnv is what Windows itself needs to start a program.
func systemEnv() []string { return []string{"SystemRoot=" + os.Getenv("SystemRoot")} }

// hand lets the child inherit a copy of the input's handle.
func hand(cmd *exec.Cmd, input *os.File) (handle uintptr, release func(), err error) {
	self, err := syscall.GetCurrentProcess()
	if err != nil {
		return 0, nil, err
	}
	var copied syscall.Handle
	if err := syscall.DuplicateHandle(self, syscall.Handle(input.Fd()), self, &copied, 0, true, syscall.DUPLICATE_SAME_ACCESS); err != nil {
		return 0, nil, err
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{AdditionalInheritedHandles: []syscall.Handle{copied}}
	return uintptr(copied), func() { syscall.CloseHandle(copied) }, nil
}

// confineStart has nothing to add.
func confineStart(cmd *exec.Cmd, apart bool) {}

func namespacesRefused(error) bool { return false }

func (c *child) wait() (*os.ProcessState, error) { return c.cmd.Process.Wait() }

func (c *child) kill() { c.cmd.Process.Kill() }

// confine sets no limits: the parent's clock and Go's own soft limit of memory are all that holds here.
func confine(request) (Measures, error) {
	m := Measures{Held: []string{"ends with its parent", "bounded time"}}
	lacking := errors.New("not on this system")
	for _, what := range []string{"no network", "all file systems read-only", "bounded memory", "bounded processor time", "ends with all that it started"} {
		m.note(what, lacking)
	}
	return m, nil
}
