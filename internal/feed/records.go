package feed

import (
	"errors"
	"io"
	"time"

	"github.com/klauspost/compress/gzip"
)

// readRecords yields the records of a JSON array in r, gzipped or not.
func readRecords(r io.Reader, day time.Time, yield yieldFunc) error {
	br, done, err := inflate(r)
	if err != nil {
		return err
	}
	defer done()
	err = readArray(br, func(element []byte) error {
		n, ok := Name{}, false
		if element != nil {
			n, ok = decodeRecord(element, day)
		}
		return yield(n, ok)
	})
	if errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, errCut) {
		err = errCut
	}
	return err
}

// writeRecords writes names as the feed does, gzipped.
func writeRecords(w io.Writer, names []Name) error {
	z := gzip.NewWriter(w)
	line := []byte("[")
	for i, n := range names {
		if i > 0 {
			line = append(line[:0], ",\n"...)
		}
		line = append(line, encodeRecord(n)...)
		if _, err := z.Write(line); err != nil {
			return err
		}
		line = line[:0]
	}
	if _, err := z.Write(append(line, "]\n"...)); err != nil {
		return err
	}
	return z.Close()
}
