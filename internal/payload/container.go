package payload

import (
	"context"
	"io"

	"lurehound"
)

// file is one file on its way through triage.
type file struct {
	name  string // as the containers give it, joined with " > "; "" for the file itself
	r     io.ReaderAt
	size  int64
	depth int   // containers around it
	whole int64 // its real size, when only the first size bytes are held; else 0
	seen  bool  // its bytes were searched already, as part of the file that they stand in
}

// member is a file in a container. It is only good during the visit: the next
// one may read on in the same stream.
type member struct {
	name    string
	size    int64 // as declared; -1 when it is not
	packed  int64 // bytes that it takes in the container; 0 when that cannot be told
	open    func() (io.Reader, error)
	direct  io.ReaderAt // the member's bytes where they stand, for one that is stored; nil for all others
	problem string      // why it cannot be opened, or what is wrong with it; with open nil nothing is read
}

// containerReader visits the files of a container in their order. It stops at
// the first error of visit and returns that; its own errors are sentences about
// the container. It takes every entry from the budget before it visits it, and
// it allocates nothing by a declared size.
type containerReader func(ctx context.Context, f file, b *budget, visit func(member) error) error

// readerOf is the table of the containers that are opened; nil for all others.
func readerOf(t lurehound.FileType) containerReader {
	switch t {
	case lurehound.TypeGzip:
		return readGzip
	case lurehound.TypePE:
		return readProgram
	case lurehound.TypeZip, lurehound.TypeAPK:
		return readZip
	case lurehound.TypeCab:
		return readCab
	case lurehound.TypeCFB:
		return readCompound
	case lurehound.TypeMSI:
		return readMSI
	case lurehound.Type7z, lurehound.TypeRAR, lurehound.TypeISO, lurehound.TypeDMG, lurehound.TypePKG:
		return bySevenZip(t)
	}
	return nil
}
