// Package testbed is what our resolver and our ways out are held against: name servers, proxies
// and a web server that others wrote, started on free ports of the loopback, a relay that loses and
// delays packets between them and us, and a plain client to compare with.
// Tests and bench use it. It speaks to loopback addresses only, and it
// judges nothing.
package testbed

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// Campaign is a numbered list of names under com, of which one in Share exists.
type Campaign struct {
	Names int
	Share int
}

// Name is the i-th name, without the final dot; all are 18 octets long.
func (Campaign) Name(i int) string { return fmt.Sprintf("micr0dlc%06d.com", i) }

// Exists reports whether the i-th name has records.
func (c Campaign) Exists(i int) bool { return i%c.Share == c.Share/2 }

// Existing is how many do.
func (c Campaign) Existing() int {
	n := c.Names / c.Share
	if c.Names%c.Share > c.Share/2 {
		n++
	}
	return n
}

// WriteNames writes the names, one a line.
func (c Campaign) WriteNames(w io.Writer) error {
	b := bufio.NewWriter(w)
	for i := range c.Names {
		fmt.Fprintln(b, c.Name(i))
	}
	return b.Flush()
}

// apex begins every zone file. The server's own name is in each, so that none
// needs another.
const apex = `$TTL 300
@ SOA a.nic h.nic 1 3600 600 86400 300
@ NS a.nic
a.nic A 127.0.0.1
`

// Zones are the zone files by the names of the zones: com with the records of
// the names that exist, and the other top-level domains under which a resolver
// is asked for random names before it is believed. An existing name has an
// address of each kind and an MX; it is no zone of its own, so that one server
// is the authority for all that is asked.
func (c Campaign) Zones() map[string]string {
	var b strings.Builder
	b.WriteString(apex)
	for i := range c.Names {
		if c.Exists(i) {
			label := strings.TrimSuffix(c.Name(i), ".com")
			fmt.Fprintf(&b, "%s A 203.0.113.%d\n%s AAAA 2001:db8::%x:%x\n%s MX 10 mx.%s\nmx.%s A 203.0.113.%d\n",
				label, 1+i%250, label, i>>16, i&0xffff, label, label, label, 1+i%250)
		}
	}
	return map[string]string{"com": b.String(), "org": apex, "info": apex, "de": apex}
}
