package sandbox

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

const nobody = 65534

// inputFD is where the input is inherited: the first descriptor after the standard ones.
const inputFD = 3

func rootDir() string { return "/" }

func systemEnv() []string { return nil }

// hand lets the child inherit the input.
func hand(cmd *exec.Cmd, input *os.File) (handle uintptr, release func(), err error) {
	cmd.ExtraFiles = []*os.File{input}
	return inputFD, func() {}, nil
}

// confineStart asks for namespaces of the child's own: without network, with mounts that it can make
// read-only, and with process numbers, so that the end of the child is the end of all that it started.
// Who is not root needs a namespace of users for that.
func confineStart(cmd *exec.Cmd, apart bool) {
	attr := &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if apart {
		attr.Cloneflags = syscall.CLONE_NEWNET | syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWIPC
		if os.Geteuid() != 0 {
			attr.Cloneflags |= syscall.CLONE_NEWUSER
			attr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
			attr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
		}
	}
	cmd.SysProcAttr = attr
}

// namespacesRefused is whether the same start may succeed without namespaces.
func namespacesRefused(err error) bool {
	for _, e := range []error{syscall.EPERM, syscall.EACCES, syscall.ENOSYS, syscall.EINVAL, syscall.ENOSPC, syscall.EUSERS, syscall.ENOMEM} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// wait returns when the child has ended, and ends what is left of its group while the group's number cannot be another's yet.
func (c *child) wait() (*os.ProcessState, error) {
	for unix.Waitid(unix.P_PID, c.cmd.Process.Pid, nil, unix.WEXITED|unix.WNOWAIT, nil) == unix.EINTR {
	}
	c.kill()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reaped = true
	return c.cmd.Process.Wait()
}

// kill ends the child's group, unless the child is reaped: then its number may be another's.
func (c *child) kill() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.reaped {
		return
	}
	syscall.Kill(-c.cmd.Process.Pid, syscall.SIGKILL)
	c.cmd.Process.Kill()
}

// confine takes on all limits, before a hostile byte is read. What is refused is noted; only the
// bounds that every Linux has are worth failing for.
func confine(req request) (Measures, error) {
	var m Measures
	lim := req.Limits
	apart := errors.New("namespaces are refused here")
	if req.Apart {
		apart = nil
	}
	m.note("ends with all that it started", apart)
	readOnly := apart
	if req.Apart {
		readOnly = unix.MountSetattr(unix.AT_FDCWD, "/", unix.AT_RECURSIVE,
			&unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY | unix.MOUNT_ATTR_NOSUID, Propagation: unix.MS_PRIVATE})
	}
	m.note("all file systems read-only", readOnly)
	m.note("an unprivileged user", dropUser())
	if err := unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(syscall.SIGKILL), 0, 0, 0); err != nil { // a change of user unset it
		return m, fmt.Errorf("asking to die with the parent: %w", err)
	}
	if err := setLimits(lim); err != nil {
		return m, err
	}
	m.note("bounded memory, processor time and files", nil)
	filter := filterCalls(lim)
	m.note("no new privileges", filter)
	network := filter
	if req.Apart {
		network = nil
	}
	m.note("no network", network)
	m.note("system calls filtered", filter)
	return m, nil
}

func setLimits(lim Limits) error {
	cpu := uint64(lim.CPU / time.Second)
	if lim.CPU%time.Second != 0 {
		cpu++
	}
	// SIGXCPU comes at the soft limit and the kernel kills at the hard one. Go dies of the first anyway;
	// this way it says so in one word. The loop that spends the time is preempted for it.
	spent := make(chan os.Signal, 1)
	signal.Notify(spent, syscall.SIGXCPU)
	go func() { <-spent; os.Exit(exitCPU) }()
	signal.Ignore(syscall.SIGXFSZ) // writing fails with EFBIG instead
	for _, l := range []struct {
		what      string
		resource  int
		soft, top uint64
	}{
		{"memory", unix.RLIMIT_DATA, uint64(lim.Memory) + raceMemory, uint64(lim.Memory) + raceMemory},
		{"processor time", unix.RLIMIT_CPU, cpu, cpu + 1},
		{"file size", unix.RLIMIT_FSIZE, uint64(lim.Memfd), uint64(lim.Memfd)},
		{"descriptors", unix.RLIMIT_NOFILE, 64, 64},
		{"core file", unix.RLIMIT_CORE, 0, 0},
	} {
		if err := unix.Setrlimit(l.resource, &unix.Rlimit{Cur: l.soft, Max: l.top}); err != nil {
			return fmt.Errorf("bounding the %s: %w", l.what, err)
		}
	}
	return nil
}

// dropUser leaves root's user, or in a namespace of users, where there is no other, all capabilities.
func dropUser() error {
	if os.Geteuid() == 0 {
		if err := syscall.Setgroups([]int{}); err == nil {
			if err := syscall.Setresgid(nobody, nobody, nobody); err == nil {
				if err := syscall.Setresuid(nobody, nobody, nobody); err == nil {
					return nil
				}
			}
		}
	}
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var none [2]unix.CapUserData
	if _, _, e := syscall.AllThreadsSyscall(unix.SYS_CAPSET, uintptr(unsafe.Pointer(&header)), uintptr(unsafe.Pointer(&none)), 0); e != 0 {
		return e
	}
	return nil
}
