package browser

import (
	"errors"
	"os/exec"
)

// ErrNoBrowser is that of a machine without Chromium. Everything else works without.
var ErrNoBrowser = errors.New("there is no Chromium: install chromium or Google Chrome, or name the program in the configuration")

// programs are where Chromium and its kin are. The binaries come before the scripts that distributions put in front of them,
// which read flags from files that others wrote.
var programs = [...]string{
	"/usr/lib/chromium/chromium", "/usr/lib64/chromium-browser/chromium-browser", "/opt/google/chrome/chrome",
	"chromium", "chromium-browser", "google-chrome-stable", "google-chrome",
}

// Find is the path of the browser that pages are looked at with, or ErrNoBrowser.
func Find() (string, error) { return find(programs[:]) }

func find(programs []string) (string, error) {
	for _, p := range programs {
		if path, err := exec.LookPath(p); err == nil {
			return path, nil
		}
	}
	return "", ErrNoBrowser
}
