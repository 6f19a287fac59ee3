//go:build linux && (amd64 || arm64)

package sandbox

import (
	"fmt"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Offsets in struct seccomp_data (linux/seccomp.h): the call's number, the architecture, the first argument.
const (
	dataCall = 0
	dataArch = 4
	dataArg0 = 16 // its lower half: both architectures are little-endian
)

// filterCalls forbids, for all threads and for good, the calls that open ways out: sockets,
// io_uring (which makes sockets past the filter), tracing others, new namespaces; and, unless
// the parser may start programs, new processes. A forbidden call fails with EPERM. It also gives
// up new privileges, which the kernel wants first.
func filterCalls(lim Limits) error {
	prog := callFilter(lim)
	runtime.LockOSThread() // the promise is the thread's; TSYNC passes it on to the others
	defer runtime.UnlockOSThread()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("giving up new privileges: %w", err)
	}
	fprog := unix.SockFprog{Len: uint16(len(prog)), Filter: &prog[0]}
	_, _, e := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&fprog)))
	if e != 0 {
		return fmt.Errorf("filtering system calls: %w", e)
	}
	return nil
}

func callFilter(lim Limits) []unix.SockFilter {
	load := func(at uint32) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: at}
	}
	jump := func(op uint16, k uint32, yes, no uint8) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_JMP | op | unix.BPF_K, Jt: yes, Jf: no, K: k}
	}
	end := func(k uint32) unix.SockFilter { return unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: k} }
	refuse := end(unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM))
	absent := end(unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS))

	prog := []unix.SockFilter{
		// Numbers mean other calls on another architecture.
		load(dataArch), jump(unix.BPF_JEQ, auditArch, 1, 0), end(unix.SECCOMP_RET_KILL_PROCESS),
		load(dataCall),
		// x32 calls of amd64 have this bit; arm64 has no calls that high.
		jump(unix.BPF_JGE, 0x40000000, 0, 1), refuse,
	}
	forbidden := []uint32{unix.SYS_SOCKET, unix.SYS_IO_URING_SETUP, unix.SYS_PTRACE, unix.SYS_PROCESS_VM_WRITEV, unix.SYS_PROCESS_VM_READV,
		unix.SYS_UNSHARE, unix.SYS_SETNS, unix.SYS_MOUNT, unix.SYS_BPF, unix.SYS_PERF_EVENT_OPEN, unix.SYS_KEYCTL, unix.SYS_ADD_KEY}
	if !lim.Programs {
		forbidden = append(forbidden, unix.SYS_EXECVE, unix.SYS_EXECVEAT)
		forbidden = append(forbidden, forkCalls...)
		// clone3's flags are behind a pointer that a filter cannot read; without it programs use clone.
		prog = append(prog,
			jump(unix.BPF_JEQ, unix.SYS_CLONE3, 0, 1), absent,
			jump(unix.BPF_JEQ, unix.SYS_CLONE, 0, 4), load(dataArg0), jump(unix.BPF_JSET, unix.CLONE_THREAD, 1, 0), refuse, end(unix.SECCOMP_RET_ALLOW))
	}
	for _, call := range forbidden {
		prog = append(prog, jump(unix.BPF_JEQ, call, 0, 1), refuse)
	}
	return append(prog, end(unix.SECCOMP_RET_ALLOW))
}
