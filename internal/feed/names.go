package feed

import (
	"bufio"
	"bytes"
	"io"
	"strings"
)

// Form is how names are written in a file.
type Form uint8

// The forms.
const (
	Lines        Form = iota // a name a line, or the first column of a table
	Zone                     // a zone in master format
	Certificates             // JSON lines of certificates
)

// headLength is how much of a file is looked at to tell its form: the keys and
// signatures that stand before the first delegation of a zone fit in.
const headLength = 64 << 10

// Names reads the names of a file in any form and gives them one a line. The form is told by the
// name of the file and by how it begins; asked is taken as it is unless it is Lines. wait allows to wait
// for the first headLength octets, which a pipe may never give.
func Names(r io.Reader, name string, asked Form, wait bool) (io.Reader, Form) {
	if asked == Lines {
		in := bufio.NewReaderSize(r, headLength)
		r = in
		head, _ := in.Peek(1) // what fails here fails again when it is read
		if wait {
			head, _ = in.Peek(headLength)
		} else if n := in.Buffered(); n > 0 {
			head, _ = in.Peek(n)
		}
		asked = formOf(name, head)
	}
	switch asked {
	case Zone:
		return newZoneReader(r), asked
	case Certificates:
		return newCertificateReader(r), asked
	}
	return r, asked
}

// formOf tells the form of a file.
func formOf(name string, head []byte) Form {
	name = strings.ToLower(name)
	for _, packed := range [...]string{".gz", ".zst"} {
		name = strings.TrimSuffix(name, packed)
	}
	head = bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")) // byte order mark
	switch {
	case strings.HasSuffix(name, ".zone"):
		return Zone
	case bytes.HasPrefix(bytes.TrimSpace(head), []byte("{")):
		return Certificates
	case bytes.IndexByte(head, '\n') >= 0 && isZone(head[:bytes.LastIndexByte(head, '\n')+1]):
		return Zone
	}
	return Lines
}
