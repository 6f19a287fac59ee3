package lab

import (
	"crypto/x509"
	"io"

	"lurehound/internal/lab/installer"
)

// Installers lists every file that the sites of the laboratory can offer.
func Installers() ([]installer.File, error) { return installer.All() }

// Installer makes one of them readable, and gives its length. What is large in
// it is made while it is read.
func Installer(name string) (io.ReaderAt, int64, error) {
	f, err := installer.Find(name)
	if err != nil {
		return nil, 0, err
	}
	r, err := installer.Open(f)
	return r, f.Size, err
}

// SigningRoot is the root of those who signed the installers: another one than
// that of the sites' certificates.
func SigningRoot() (*x509.Certificate, error) { return installer.Root() }
