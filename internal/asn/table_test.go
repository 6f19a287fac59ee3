package asn

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

const iptoasn = `1.0.0.0	1.0.0.255	13335	US	CLOUDFLARENET
1.0.1.0	1.0.3.255	0	None	Not routed
203.0.113.0	203.0.113.127	64500	ZZ	QUIET HARBOUR
203.0.113.128	203.0.113.255	64501	ZZ	LOUD HARBOUR
2001:db8::	2001:db8:ffff:ffff:ffff:ffff:ffff:ffff	64502	ZZ	SIX
255.255.255.255	255.255.255.255	64503	ZZ	LAST
`

const pfx2as = "1.0.0.0\t24\t13335\n10.0.0.0\t8\t64510\n10.1.0.0\t16\t64511\n10.1.2.0\t24\t64512_64513\n10.1.3.0\t24\t{64514,64515}\n10.255.0.0\t16\t64516,64517\n2001:db8::\t32\t64502\n"

func read(t testing.TB, s string) *Table {
	t.Helper()
	table, err := Read(strings.NewReader(s))
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func TestLookup(t *testing.T) {
	for _, tc := range []struct {
		file, addr string
		want       string
	}{
		{iptoasn, "1.0.0.0", "13335 US CLOUDFLARENET"}, {iptoasn, "1.0.0.255", "13335 US CLOUDFLARENET"}, {iptoasn, "1.0.1.0", ""}, {iptoasn, "0.255.255.255", ""},
		{iptoasn, "203.0.113.127", "64500 ZZ QUIET HARBOUR"}, {iptoasn, "203.0.113.128", "64501 ZZ LOUD HARBOUR"}, {iptoasn, "203.0.114.0", ""},
		{iptoasn, "::ffff:203.0.113.7", "64500 ZZ QUIET HARBOUR"}, {iptoasn, "2001:db8::1", "64502 ZZ SIX"}, {iptoasn, "2001:db9::", ""}, {iptoasn, "2001:db7:ffff::", ""},
		{iptoasn, "255.255.255.255", "64503 ZZ LAST"}, {iptoasn, "::", ""},
		{pfx2as, "10.0.0.0", "64510  "}, {pfx2as, "10.0.255.255", "64510  "}, {pfx2as, "10.1.0.0", "64511  "}, {pfx2as, "10.1.2.255", "64512  "},
		{pfx2as, "10.1.3.0", "64514  "}, {pfx2as, "10.1.4.0", "64511  "}, {pfx2as, "10.2.0.0", "64510  "}, {pfx2as, "10.255.255.255", "64516  "}, {pfx2as, "11.0.0.0", ""},
		{pfx2as, "2001:db8:ffff::", "64502  "},
	} {
		got := ""
		if o, ok := read(t, tc.file).Lookup(netip.MustParseAddr(tc.addr)); ok {
			got = fmt.Sprintf("%d %s %s", o.Number, o.Country, o.Name)
		}
		if got != tc.want {
			t.Errorf("%s: %q, want %q", tc.addr, got, tc.want)
		}
	}
}

func TestReadGzip(t *testing.T) {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte("# comment\n\n" + iptoasn)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	whole := b.Bytes()
	table, err := Read(bytes.NewReader(whole))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(5, table.Len()); d != "" {
		t.Errorf("ranges (-want +got)\n%s", d)
	}
	if _, err := Read(bytes.NewReader(whole[:len(whole)-6])); err == nil {
		t.Error("a file that was cut off is no error")
	}
}

func TestReadRefuses(t *testing.T) {
	for in, want := range map[string]string{
		"": "no table", "# only a comment\n": "no table", "hello\n": "line 1", "1.0.0.0\t1.0.0.255\n": "line 1", "a\tb\tc\n": "line 1",
		"1.0.0.0\t33\t1\n": "length 33", "1.0.0.9\t1.0.0.1\t1\n": "no range", "1.0.0.0\t::1\t1\n": "no range", "1.0.0.0\t24\tx\n": "no AS number",
		"1.0.0.0\t24\t4294967296\n": "no AS number", "1.0.0.0\t24\t1\nfe80::1%eth0\t64\t1\n": "line 2", strings.Repeat("x", maxLine+1): "too long",
	} {
		_, err := Read(strings.NewReader(in))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %v, want %q", in, err, want)
		}
	}
	if _, err := Read(strings.NewReader("x\n")); !errors.Is(err, ErrFormat) {
		t.Error(err)
	}
}

// TestLongestPrefixWins holds the table against a plain search of all prefixes.
func TestLongestPrefixWins(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type route struct {
			p  netip.Prefix
			as int
		}
		var routes []route
		var file strings.Builder
		seen := map[netip.Prefix]bool{}
		for i := range rapid.IntRange(1, 30).Draw(t, "routes") {
			a := netip.AddrFrom4([4]byte{rapid.SampledFrom([]byte{0, 1, 254, 255}).Draw(t, "a"), rapid.SampledFrom([]byte{0, 128, 255}).Draw(t, "b"), 0, rapid.Byte().Draw(t, "d")})
			p, err := a.Prefix(rapid.IntRange(0, 32).Draw(t, "length"))
			if err != nil {
				t.Fatal(err)
			}
			if seen[p] {
				continue
			}
			seen[p] = true
			routes = append(routes, route{p, i + 1})
			fmt.Fprintf(&file, "%s\t%d\t%d\n", p.Addr(), p.Bits(), i+1)
		}
		table, err := Read(strings.NewReader(file.String()))
		if err != nil {
			t.Fatal(err)
		}
		for range 50 {
			a := netip.AddrFrom4([4]byte{rapid.SampledFrom([]byte{0, 1, 2, 254, 255}).Draw(t, "a"), rapid.SampledFrom([]byte{0, 1, 128, 255}).Draw(t, "b"), rapid.SampledFrom([]byte{0, 255}).Draw(t, "c"), rapid.Byte().Draw(t, "d")})
			want, bits := 0, -1
			for _, r := range routes {
				if r.p.Contains(a) && r.p.Bits() > bits {
					want, bits = r.as, r.p.Bits()
				}
			}
			o, ok := table.Lookup(a)
			if int(o.Number) != want || ok != (want != 0) {
				t.Fatalf("%s: AS %d, want %d, in\n%s", a, o.Number, want, file.String())
			}
		}
	})
}

// big is a table of n ranges as the real ones are.
func big(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%d.%d.%d.0\t%d.%d.%d.255\t%d\tUS\tNAME OF %d\n", 1+i>>16, i>>8&255, i&255, 1+i>>16, i>>8&255, i&255, 64500+i%70000, i%70000)
	}
	return b.String()
}

func TestLookupDoesNotAllocate(t *testing.T) {
	table := read(t, iptoasn+pfx2as)
	four, six := netip.MustParseAddr("203.0.113.7"), netip.MustParseAddr("2001:db8::1")
	if n := testing.AllocsPerRun(100, func() { table.Lookup(four); table.Lookup(six) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkLookup(b *testing.B) {
	table := read(b, big(500_000))
	a := netip.MustParseAddr("5.77.7.7")
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := table.Lookup(a); !ok {
			b.Fatal("not found")
		}
	}
}

func BenchmarkRead(b *testing.B) {
	file := big(500_000)
	b.SetBytes(int64(len(file)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Read(strings.NewReader(file)); err != nil {
			b.Fatal(err)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{iptoasn, pfx2as, "1.0.0.0\t0\t1", "::\t0\t1\n::\t128\t2", "0.0.0.0\t255.255.255.255\t1\n", "\x1f\x8b"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		table, err := Read(bytes.NewReader(data))
		if err != nil {
			return
		}
		for _, list := range [][]span{table.four, table.six} {
			for i, s := range list {
				if s.last.compare(s.first) < 0 || i > 0 && s.first.compare(list[i-1].last) <= 0 {
					t.Fatalf("ranges %d and %d are out of order", i-1, i)
				}
			}
		}
		table.Lookup(netip.MustParseAddr("203.0.113.7"))
	})
}
