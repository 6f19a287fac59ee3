//go:build unix && !solaris && !aix

package vault

import (
	"os"
	"syscall"
)

// lock tells other processes that f's writer lives. It ends with the descriptor.
func lock(f *os.File) error {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}
