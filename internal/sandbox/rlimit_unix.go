//go:build unix && !linux && !freebsd && !dragonfly

package sandbox

import "syscall"

func setRlimit(r *syscall.Rlimit, n uint64) { r.Cur, r.Max = n, n }
