//go:build freebsd || dragonfly

package sandbox

import "syscall"

func setRlimit(r *syscall.Rlimit, n uint64) { r.Cur, r.Max = int64(n), int64(n) }
