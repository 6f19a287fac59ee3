package browser

import (
	"os"
	"path/filepath"
)

// homeBase is where a browser's folder is made: the temporary folder, unless it lies below one that only root may enter, as the
// browser then runs as somebody who has no rights there.
func homeBase() string {
	base := os.TempDir()
	if os.Geteuid() != 0 || enterable(base) {
		return base
	}
	for _, other := range []string{"/var/tmp", "/tmp"} {
		if enterable(other) {
			return other
		}
	}
	return base
}

// enterable reports whether everybody may enter a folder.
func enterable(dir string) bool {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return false
	}
	for ; ; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err != nil || !info.IsDir() || info.Mode().Perm()&0o001 == 0 {
			return false
		}
		if dir == filepath.Dir(dir) {
			return true
		}
	}
}
