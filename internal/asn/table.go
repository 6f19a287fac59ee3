// Package asn says who announces an address, by a table that the user gives as
// a file: the TSV of iptoasn.com, or the prefix-to-AS files that CAIDA makes of
// RouteViews. It asks nobody.
package asn

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// Origin is an autonomous system. Name and Country are "" where the file does
// not have them.
type Origin struct {
	Number  uint32
	Country string
	Name    string
}

// Table is ranges of addresses and their origins. It is not changed after
// reading and may be used by many goroutines.
type Table struct {
	four, six []span // disjoint, in order
	origins   []Origin
}

// span is the addresses from first to last, both included; IPv4 in the low bits.
type span struct {
	first, last bits
	origin      uint32 // index
}

// bits is an address as a number.
type bits struct{ hi, lo uint64 }

func (a bits) compare(b bits) int {
	return cmp.Or(cmp.Compare(a.hi, b.hi), cmp.Compare(a.lo, b.lo))
}

func (a bits) next() bits {
	if a.lo++; a.lo == 0 {
		a.hi++
	}
	return a
}

func (a bits) before() bits {
	if a.lo == 0 {
		a.hi--
	}
	a.lo--
	return a
}

// number is an address as bits.
func number(a netip.Addr) bits {
	if a.Is4() {
		b := a.As4()
		return bits{lo: uint64(b[0])<<24 | uint64(b[1])<<16 | uint64(b[2])<<8 | uint64(b[3])}
	}
	b := a.As16()
	var n bits
	for i := range 8 {
		n.hi = n.hi<<8 | uint64(b[i])
		n.lo = n.lo<<8 | uint64(b[8+i])
	}
	return n
}

// Len is how many ranges the table has.
func (t *Table) Len() int { return len(t.four) + len(t.six) }

// Lookup finds the origin of an address; ok is false where nobody announces it.
// It does not allocate.
func (t *Table) Lookup(a netip.Addr) (o Origin, ok bool) {
	a = a.Unmap()
	list := t.six
	if a.Is4() {
		list = t.four
	}
	n := number(a)
	lo, hi := 0, len(list)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if list[mid].last.compare(n) < 0 {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo == len(list) || n.compare(list[lo].first) < 0 {
		return Origin{}, false
	}
	return t.origins[list[lo].origin], true
}

// Limits of what is read: the largest such files have some 1.2 million ranges.
const (
	maxRanges = 1 << 24
	maxLine   = 1 << 16
)

// ErrFormat is a file that is no such table.
var ErrFormat = errors.New("it is no table of AS numbers: neither \"first last AS country name\" nor \"prefix length AS\" in columns with tabs between")

// Read reads a table, gzipped or not. Lines that begin with # and blank ones
// are passed over; any other line that cannot be read is an error with its number.
func Read(r io.Reader) (*Table, error) {
	br := bufio.NewReaderSize(r, 1<<16)
	if magic, err := br.Peek(2); err == nil && magic[0] == 0x1f && magic[1] == 0x8b { // RFC 1952
		gz, err := gzip.NewReader(br)
		if err != nil {
			return nil, fmt.Errorf("reading gzip: %w", err)
		}
		defer gz.Close()
		br = bufio.NewReaderSize(gz, 1<<16)
	}
	b := builder{known: map[string]uint32{}, countries: map[string]string{}}
	sc := bufio.NewScanner(br)
	sc.Buffer(make([]byte, 0, maxLine), maxLine)
	for line := 1; sc.Scan(); line++ {
		text := bytes.TrimRight(sc.Bytes(), " \t\r")
		if len(text) == 0 || text[0] == '#' {
			continue
		}
		if err := b.line(text); err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
	}
	if err := sc.Err(); err != nil {
		return nil, err
	}
	if len(b.four)+len(b.six) == 0 {
		return nil, ErrFormat
	}
	return &Table{four: flat(b.four), six: flat(b.six), origins: b.origins}, nil
}

// builder collects ranges, which may lie in each other.
type builder struct {
	four, six []span
	origins   []Origin
	known     map[string]uint32 // what follows the range in a line → index
	countries map[string]string
}

// line reads "first TAB last TAB AS TAB country TAB name" or "prefix TAB length
// TAB AS", of which the second column tells which it is.
func (b *builder) line(text []byte) error {
	if len(b.four)+len(b.six) == maxRanges {
		return errors.New("more ranges than there are in the world")
	}
	var column [3]string
	rest := string(text)
	for i := range column {
		var more bool
		column[i], rest, more = strings.Cut(rest, "\t")
		if !more && i < 2 {
			return ErrFormat
		}
	}
	first, err := netip.ParseAddr(column[0])
	if err != nil || first.Zone() != "" {
		return ErrFormat
	}
	last, err := netip.ParseAddr(column[1])
	if err != nil {
		length, err := strconv.Atoi(column[1])
		if err != nil {
			return ErrFormat
		}
		p, err := first.Prefix(length)
		if err != nil {
			return fmt.Errorf("%s has no prefix of length %d", first, length)
		}
		first, last = p.Addr(), end(p)
	}
	if first.Is4() != last.Is4() || last.Less(first) {
		return fmt.Errorf("%s to %s is no range", first, last)
	}
	origin, announced, err := b.origin(column[2], rest)
	if err != nil || !announced {
		return err
	}
	s := span{number(first), number(last), origin}
	if first.Is4() {
		b.four = append(b.four, s)
	} else {
		b.six = append(b.six, s)
	}
	return nil
}

// end is the last address of a prefix.
func end(p netip.Prefix) netip.Addr {
	b := p.Addr().AsSlice()
	for i := p.Bits(); i < 8*len(b); i++ {
		b[i/8] |= 0x80 >> (i % 8)
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}

// origin is the index of an AS; announced is false for AS 0, which is nobody's
// (RFC 7607). Of several origins ("64500_64501", and sets with commas) the first
// counts.
func (b *builder) origin(as, rest string) (index uint32, announced bool, err error) {
	key := as + "\t" + rest
	if i, ok := b.known[key]; ok {
		return i, true, nil
	}
	digits := strings.TrimPrefix(as, "AS")
	if i := strings.IndexAny(digits, "_,"); i >= 0 {
		digits = digits[:i]
	}
	n, err := strconv.ParseUint(strings.Trim(digits, "{}"), 10, 32)
	if err != nil {
		return 0, false, fmt.Errorf("%.20q is no AS number", as)
	}
	if n == 0 {
		return 0, false, nil
	}
	country, name, _ := strings.Cut(rest, "\t")
	if country == "None" || country == "-" {
		country = ""
	}
	if known, ok := b.countries[country]; ok {
		country = known
	} else {
		b.countries[country] = country
	}
	index = uint32(len(b.origins))
	b.origins = append(b.origins, Origin{Number: uint32(n), Country: country, Name: name})
	b.known[key] = index
	return index, true, nil
}

// flat makes disjoint ranges of ranges that may lie in each other: an address
// belongs to the smallest that holds it, as packets follow the longest prefix.
// Where two overlap without one lying in the other, the later one begins anew.
func flat(list []span) []span {
	slices.SortStableFunc(list, func(a, b span) int {
		return cmp.Or(a.first.compare(b.first), b.last.compare(a.last))
	})
	out := make([]span, 0, len(list))
	var open []span // those that hold the place, the smallest last
	var at bits     // what is before it is done
	put := func(first, last bits, origin uint32) {
		if n := len(out); n > 0 && out[n-1].origin == origin && out[n-1].last.next() == first {
			out[n-1].last = last
			return
		}
		out = append(out, span{first, last, origin})
	}
	// closeTo writes what the open ranges hold before a place, or to their ends.
	closeTo := func(place bits, all bool) {
		for len(open) > 0 {
			top := open[len(open)-1]
			if !all && top.last.compare(place) >= 0 {
				if at.compare(place) < 0 {
					put(at, place.before(), top.origin)
				}
				break
			}
			open = open[:len(open)-1]
			if at.compare(top.last) <= 0 {
				put(at, top.last, top.origin)
				at = top.last.next()
				if at == (bits{}) {
					return // the last address there is
				}
			}
		}
	}
	for _, s := range list {
		closeTo(s.first, false)
		at = s.first
		// Whoever ends before the newcomer does lies across it, or is its twin: it ends here.
		for len(open) > 0 && open[len(open)-1].last.compare(s.last) <= 0 && open[len(open)-1].last.compare(s.first) >= 0 {
			open = open[:len(open)-1]
		}
		open = append(open, s)
	}
	closeTo(bits{}, true)
	return out
}
