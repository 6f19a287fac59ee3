package feed

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// certificateReader reads JSON lines as monitors of certificate logs write them, and
// gives every name of every certificate, one a line. Names are looked for where these have them:
//
//	{"dns_names":["a","*.b"]}
//	{"data":{"leaf_cert":{"all_domains":["a","*.b"]}}}    certstream
//	{"message_type":"dns_entries","data":["a","*.b"]}     certstream, names only
//	{"domain":"a"}                                        lines of match and permute
//
// A line that has none of these is given as one that is no name, so that it counts.
type certificateReader struct {
	in  *bufio.Reader
	out []byte
	err error
}

// maxCertificate is the most octets of a line: a certificate of 100 names with its
// whole chain takes some 60,000.
const maxCertificate = 1 << 20

func newCertificateReader(r io.Reader) *certificateReader {
	return &certificateReader{in: bufio.NewReaderSize(r, maxCertificate), out: []byte(heading)}
}

func (c *certificateReader) Read(p []byte) (int, error) {
	for len(c.out) == 0 {
		if c.err != nil {
			return 0, c.err
		}
		line, err := c.in.ReadSlice('\n')
		long := false
		for errors.Is(err, bufio.ErrBufferFull) {
			long = true
			_, err = c.in.ReadSlice('\n')
		}
		c.out, c.err = c.out[:0], err
		if cut := err != nil && !errors.Is(err, io.EOF) && len(line) > 0; long || cut {
			c.out = appendName(c.out, nil)
		} else {
			c.line(line)
		}
	}
	n := copy(p, c.out)
	c.out = c.out[n:]
	return n, nil
}

// certificateLine is what is looked at of a line.
type certificateLine struct {
	Type   string          `json:"message_type"`
	Names  []string        `json:"dns_names"`
	All    []string        `json:"all_domains"`
	Domain *string         `json:"domain"`
	Data   json.RawMessage `json:"data"`
}

func (c *certificateReader) line(b []byte) {
	if b = bytes.TrimSpace(b); len(b) == 0 {
		return
	}
	var l certificateLine
	if json.Unmarshal(b, &l) != nil {
		c.out = appendName(c.out, nil)
		return
	}
	lists := [][]string{l.Names, l.All}
	switch {
	case l.Type == "heartbeat":
		return
	case l.Domain != nil:
		lists = append(lists, []string{*l.Domain})
	case l.Data != nil:
		var names []string
		var data struct {
			Leaf struct {
				All []string `json:"all_domains"`
			} `json:"leaf_cert"`
		}
		if json.Unmarshal(l.Data, &names) == nil {
			lists = append(lists, names)
		} else if json.Unmarshal(l.Data, &data) == nil {
			lists = append(lists, data.Leaf.All)
		}
	}
	some := false
	for _, list := range lists {
		some = some || list != nil
		for _, n := range list {
			c.out = appendName(c.out, []byte(n))
		}
	}
	if !some {
		c.out = appendName(c.out, nil)
	}
}
