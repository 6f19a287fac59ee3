package payload

import (
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// inMemory copies f into a file that has no name in any folder and cannot be
// executed, and seals it against writing.
func inMemory(f file) (*os.File, error) {
	fd, err := unix.MemfdCreate("archive", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING|unix.MFD_NOEXEC_SEAL)
	if err == unix.EINVAL { // a kernel before 6.3 knows no NOEXEC
		fd, err = unix.MemfdCreate("archive", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	}
	if err != nil {
		return nil, err
	}
	m := os.NewFile(uintptr(fd), "archive")
	if _, err := io.Copy(m, io.NewSectionReader(f.r, 0, f.size)); err != nil {
		m.Close()
		return nil, err
	}
	if _, err := unix.FcntlInt(m.Fd(), unix.F_ADD_SEALS, unix.F_SEAL_WRITE|unix.F_SEAL_GROW|unix.F_SEAL_SHRINK|unix.F_SEAL_SEAL); err != nil {
		m.Close()
		return nil, err
	}
	return m, nil
}
