package feed

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// maxRecord is the most bytes that one record may have; the feed's have about 150.
const maxRecord = 64 << 10

var (
	errNotJSON  = errors.New("the answer is no JSON")
	errCut      = errors.New("the answer ended in the middle")
	errTrailing = errors.New("something stands behind the end of the answer")
	errSaid     = errors.New("the server answered with an error")
)

// elements cuts a JSON array into its elements without looking into them, so
// that one bad record spoils no other. An element that never ends (a quote is
// missing) is given up at the next place that looks like the end of a record
// and the start of another: "},{".
type elements struct {
	r    *bufio.Reader
	buf  []byte
	back []byte // bytes to read again after an element was given up
	// whole is set while buf is a record that was read to its closing bracket.
	whole bool
}

// readArray yields every element of the array in r. It yields nil for an
// element that could not be told apart. null, and an object that is neither a
// record nor an error, are an empty array. Errors of yield are returned as they
// are; all others mean that the array was not read to its end.
func readArray(r *bufio.Reader, yield func(element []byte) error) error {
	e := &elements{r: r, buf: make([]byte, 0, 4<<10)}
	c, err := e.skipSpace()
	if err == io.EOF {
		return fmt.Errorf("%w: it is empty", errCut)
	}
	if err != nil {
		return err
	}
	switch c {
	case '[':
		return e.array(yield)
	case '{':
		return e.object(yield)
	case 'n':
		rest := make([]byte, 3)
		if _, err := io.ReadFull(r, rest); err != nil || string(rest) != "ull" {
			return errNotJSON
		}
		return e.end()
	}
	return errNotJSON
}

func (e *elements) array(yield func([]byte) error) error {
	for first := true; ; first = false {
		c, err := e.skipSpace()
		if err != nil {
			return cut(err)
		}
		if c == ']' && first {
			return e.end()
		}
		last, err := e.element(c)
		if err == io.EOF && e.whole {
			if yerr := yield(e.buf); yerr != nil {
				return yerr
			}
			return cut(err)
		}
		if err != nil {
			if yerr := yield(nil); yerr != nil { // what was begun and never ended
				return yerr
			}
			switch {
			case (err == errLost || err == io.EOF) && e.resync():
				continue
			case err == errLost:
				return e.toEnd()
			}
			return cut(err)
		}
		if yerr := yield(bytes.TrimSpace(e.buf)); yerr != nil {
			return yerr
		}
		if last {
			return e.end()
		}
	}
}

// object takes an object in place of the array.
func (e *elements) object(yield func([]byte) error) error {
	if err := e.value('{'); err != nil {
		return cut(err)
	}
	if bytes.Contains(e.buf, []byte(`"domainname"`)) {
		if err := yield(e.buf); err != nil {
			return err
		}
		return e.end()
	}
	if !isNoMatch(e.buf) {
		return fmt.Errorf("%w: %.200q", errSaid, e.buf)
	}
	return e.end()
}

// errLost says that the element in buf has no end within maxRecord bytes.
var errLost = errors.New("element without end")

// element reads one element that begins with c, and the comma or bracket behind it.
func (e *elements) element(c byte) (last bool, err error) {
	e.buf, e.whole = e.buf[:0], false
	if c == ',' || c == ']' { // an empty element
		return c == ']', nil
	}
	if err := e.value(c); err != nil {
		return false, err
	}
	e.whole = c == '{'
	for {
		c, err := e.next()
		if err != nil {
			return false, err
		}
		switch c {
		case ',':
			return false, nil
		case ']':
			return true, nil
		case ' ', '\t', '\r', '\n':
		default:
			e.whole = false
		}
		if e.buf = append(e.buf, c); len(e.buf) > maxRecord { // junk behind the value
			return false, errLost
		}
	}
}

// value reads a value that begins with c into buf: up to the bracket that closes
// it, or, for a scalar, up to the next comma or bracket.
func (e *elements) value(c byte) error {
	e.buf = append(e.buf[:0], c)
	depth, quoted, escaped := 0, c == '"', false
	if c == '{' || c == '[' {
		depth = 1
	}
	for depth > 0 || quoted {
		c, err := e.next()
		if err != nil {
			return err
		}
		if e.buf = append(e.buf, c); len(e.buf) > maxRecord {
			return errLost
		}
		switch {
		case escaped:
			escaped = false
		case quoted:
			switch c {
			case '\\':
				escaped = true
			case '"':
				quoted = false
			}
		case c == '"':
			quoted = true
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			if depth--; depth == 0 && (c == '}') != (e.buf[0] == '{') {
				return errLost // closed by what closes the array
			}
		}
	}
	return nil
}

// resync goes to the first "},{" in what was read and puts the bytes behind it
// back. It is false when there is none.
func (e *elements) resync() bool {
	for i := 1; i < len(e.buf); i++ {
		if e.buf[i] != '}' {
			continue
		}
		rest := bytes.TrimLeft(e.buf[i+1:], " \t\r\n")
		if len(rest) == 0 || rest[0] != ',' {
			continue
		}
		if rest = bytes.TrimLeft(rest[1:], " \t\r\n"); len(rest) > 0 && rest[0] == '{' {
			e.back = append(bytes.Clone(rest), e.back...)
			return true
		}
	}
	return false
}

// toEnd reads what is left after the thread was lost for good.
func (e *elements) toEnd() error {
	if _, err := io.Copy(io.Discard, e.r); err != nil {
		return err
	}
	return fmt.Errorf("%w: a record has no end", errCut)
}

// end makes sure that nothing but white space follows. It reads to the end of
// the stream, where a checksum may still fail.
func (e *elements) end() error {
	c, err := e.skipSpace()
	switch {
	case err == io.EOF:
		return nil
	case err != nil:
		return cut(err)
	}
	return fmt.Errorf("%w: it begins with %q", errTrailing, c)
}

func (e *elements) next() (byte, error) {
	if len(e.back) > 0 {
		c := e.back[0]
		e.back = e.back[1:]
		return c, nil
	}
	return e.r.ReadByte()
}

func (e *elements) skipSpace() (byte, error) {
	for {
		c, err := e.next()
		if err != nil || c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			return c, err
		}
	}
}

func cut(err error) error {
	if err == io.EOF {
		return errCut
	}
	return fmt.Errorf("%w: %w", errCut, err)
}
