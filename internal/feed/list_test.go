package feed

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

func day(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

// record is a name of a batch that outlives it.
type record struct {
	name, day, ip string
}

// all drains a feed from a cursor and checks what holds for every batch.
func all(t *testing.T, f Feed, cursor string) (records []record, malformed int, last Batch) {
	t.Helper()
	cursors := map[string]bool{}
	err := f.Stream(context.Background(), cursor, func(b Batch) error {
		if b.Lines != len(b.Names)+b.Malformed {
			t.Errorf("a batch of %d lines has %d names and %d malformed ones", b.Lines, len(b.Names), b.Malformed)
		}
		if cursors[b.Cursor] {
			t.Errorf("two batches have the cursor %s", b.Cursor)
		}
		cursors[b.Cursor] = true
		records = append(records, recordsOf(b)...)
		malformed += b.Malformed
		last = b
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return records, malformed, last
}

func recordsOf(b Batch) (out []record) {
	for _, n := range b.Names {
		d := ""
		if !n.FirstSeen.IsZero() {
			d = n.FirstSeen.Format(time.DateOnly)
		}
		out = append(out, record{strings.Clone(n.Name), d, n.IP})
	}
	return out
}

func openText(t *testing.T, c Config, text string) Feed {
	t.Helper()
	path := filepath.Join(t.TempDir(), "names.txt")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := openList(c, path)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestListForms(t *testing.T) {
	plain := func(names ...string) (out []record) {
		for _, n := range names {
			out = append(out, record{name: n})
		}
		return out
	}
	for _, test := range []struct {
		name, in  string
		want      []record
		malformed int
	}{
		{"plain", "a.com\n\n# comment\n  b.com \r\nc.com", plain("a.com", "b.com", "c.com"), 0},
		{"byte order mark", "\xef\xbb\xbfa.com\nb.com\n", plain("a.com", "b.com"), 0},
		{"wildcards", "*.a.com\n.b.com\n", plain("a.com", "b.com"), 0},
		{"comment behind", "a.com # bad\nb.com\t; worse\n", plain("a.com", "b.com"), 0},
		{"one column with header", "domain\na.com\n", plain("a.com"), 0},
		{"csv with header", "domain,first_listed,list\na.com,2024-06-27,1m\nb.com,,1m\n",
			[]record{{"a.com", "2024-06-27", ""}, {"b.com", "", ""}}, 0},
		{"csv without header", "a.com,2024-06-27,1m\nb.com,2024-06-28\n",
			[]record{{"a.com", "2024-06-27", ""}, {"b.com", "2024-06-28", ""}}, 0},
		{"own csv", "domain,ip,firstseen\na.com,192.0.2.1,2024-06-27\n", []record{{"a.com", "2024-06-27", "192.0.2.1"}}, 0},
		{"columns elsewhere", "\"Date\";\"Domain\"\n\"2024-06-27\";\"a.com\"\n", []record{{"a.com", "2024-06-27", ""}}, 0},
		{"ranked", "1,a.com\n2,b.com\n", plain("a.com", "b.com"), 0},
		{"tabs", "a.com\t2024-06-27\nb.com\t\n", []record{{"a.com", "2024-06-27", ""}, {"b.com", "", ""}}, 0},
		{"space and date", "a.com 2024-06-27\n", []record{{"a.com", "2024-06-27", ""}}, 0},
		{"hosts", "127.0.0.1 localhost\n0.0.0.0 a.com b.com # two\n:: c.com\n::1\td.com\n",
			plain("localhost", "a.com", "b.com", "c.com", "d.com"), 0},
		{"hosts without a name", "0.0.0.0 # nothing\n0.0.0.0 a.com\n", plain("a.com"), 1},
		{"dnsmasq", "address=/a.com/\naddress=/b.com/0.0.0.0\nserver=/c.com/d.com/\nlocal=/.e.com/\n",
			plain("a.com", "b.com", "c.com", "d.com", "e.com"), 0},
		{"rpz", "$TTL 300\n@ IN SOA localhost. root.localhost. (\n 1 ; serial\n 2 3 4 5 )\n@ NS localhost.\n" +
			"a.com CNAME .\n*.a.com CNAME .\nb.com. 300 IN CNAME .\nc.com IN A 192.0.2.1\n32.1.2.0.192.rpz-ip CNAME .\n",
			plain("a.com", "a.com", "b.com", "c.com"), 1},
		{"urls", "http://a.com/x?y\nhxxps://user:pw@b[.]com:8443/\nc.com/path\n", plain("a.com", "b[.]com", "c.com"), 0},
		{"unicode", "mıcrodıcom.com\n", plain("mıcrodıcom.com"), 0},
		{"junk", "a.com\nnot a name\n\x00\x01\n,2024-06-27\na\x00b.com\n", plain("a.com"), 4},
		{"a bad date is no date", "a.com,2024-02-30\nb.com,2024-06-27T10:00:00Z\n",
			[]record{{"a.com", "", ""}, {"b.com", "2024-06-27", ""}}, 0},
		{"long line", "a.com\n" + strings.Repeat("x", 70_000) + "\n" + strings.Repeat("y", 600_000) + "\nb.com\n", plain("a.com", "b.com"), 2},
		{"long name", strings.Repeat("x", 1025) + "\na.com\n", plain("a.com"), 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, malformed, last := all(t, openText(t, Config{}, test.in), "")
			if d := cmp.Diff(test.want, got, cmp.AllowUnexported(record{})); d != "" {
				t.Error(d)
			}
			if malformed != test.malformed {
				t.Errorf("%d malformed, want %d", malformed, test.malformed)
			}
			if last.Report.Names != len(test.want)+test.malformed {
				t.Errorf("the report has %d names", last.Report.Names)
			}
		})
	}
}

func gz(b []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	z.Write(b)
	z.Close()
	return out.Bytes()
}

func TestListCompressed(t *testing.T) {
	text := []byte("domain,date\na.com,2024-06-27\nb.com,2024-06-28\n")
	zw, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, in := range map[string][]byte{
		"gzip": gz(text), "zstd": zw.EncodeAll(text, nil), "two gzip members": append(gz(text[:30]), gz(text[30:])...),
	} {
		got, _, last := all(t, openText(t, Config{}, string(in)), "")
		if want := []record{{"a.com", "2024-06-27", ""}, {"b.com", "2024-06-28", ""}}; !cmp.Equal(want, got, cmp.AllowUnexported(record{})) {
			t.Errorf("%s: %v", name, got)
		}
		if r := last.Report; r.Days != 2 || !r.Newest.Equal(day("2024-06-28")) || len(r.Problems) != 0 {
			t.Errorf("%s: report %+v", name, r)
		}
	}
}

func TestListSaysWhatItLacks(t *testing.T) {
	text := []byte(strings.Repeat("some-name-or-other.com\nanother.org\n", 2000))
	bomb := gz(make([]byte, 64<<20))
	for _, test := range []struct {
		name, in, problem string
	}{
		{"empty", "", "holds no names"},
		{"only comments", "# nothing\n", "holds no names"},
		{"gzip cut in the middle", string(gz(text)[:len(gz(text))/2]), "ended early"},
		{"bomb", string(bomb), "inflates more than 200 times"},
		{"dated in the future", "a.com,2031-01-01\n", "dated in the future"},
	} {
		c := Config{Clock: &fakeClock{now: day("2024-07-15")}}
		_, _, last := all(t, openText(t, c, test.in), "")
		if p := strings.Join(last.Report.Problems, "|"); !strings.Contains(p, test.problem) {
			t.Errorf("%s: problems %q", test.name, p)
		}
	}
}

func TestListOpen(t *testing.T) {
	for _, arg := range []string{"", t.TempDir(), "-"} {
		if _, err := openList(Config{}, arg); !errors.Is(err, ErrUsage) {
			t.Errorf("%q: %v", arg, err)
		}
	}
	if _, err := openList(Config{}, "/nowhere/at/all"); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

// killed streams a feed again and again, refusing a later batch each time, and
// returns what the batches that were taken hold.
func killed(t *testing.T, open func() Feed) (records []record, malformed int, last Batch) {
	t.Helper()
	kill := errors.New("killed")
	cursor := ""
	for {
		taken := 0
		err := open().Stream(context.Background(), cursor, func(b Batch) error {
			if taken == 1 {
				return kill
			}
			taken++
			records = append(records, recordsOf(b)...)
			malformed += b.Malformed
			cursor, last = b.Cursor, b
			return nil
		})
		if err == nil {
			return records, malformed, last
		}
		if !errors.Is(err, kill) {
			t.Fatal(err)
		}
	}
}

func TestListResumes(t *testing.T) {
	var text strings.Builder
	text.WriteString("domain,date\n")
	for i := range 280 {
		fmt.Fprintf(&text, "name%d.com,2024-06-%02d\n", i, 1+i%30)
		if i%7 == 0 {
			text.WriteString("# comment\n,no name\n")
		}
	}
	for _, size := range []int{1, 10, 160, 320, 5000} {
		c := Config{BatchSize: size}
		f := openText(t, c, text.String())
		want, wantBad, wantLast := all(t, f, "")
		got, bad, last := killed(t, func() Feed { return f })
		if d := cmp.Diff(want, got, cmp.AllowUnexported(record{})); d != "" || bad != wantBad {
			t.Fatalf("batches of %d: %d malformed, want %d\n%s", size, bad, wantBad, d)
		}
		if d := cmp.Diff(wantLast.Report, last.Report); d != "" {
			t.Errorf("batches of %d: %s", size, d)
		}
	}
}

func TestListStdinIsReadAgain(t *testing.T) {
	read := func(text, cursor string) (cursors []string) {
		f, err := openList(Config{Stdin: strings.NewReader(text), BatchSize: 2}, "-")
		if err != nil {
			t.Fatal(err)
		}
		err = f.Stream(context.Background(), cursor, func(b Batch) error {
			cursors = append(cursors, b.Cursor)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return cursors
	}
	first := read("a.com\nb.com\nc.com\n", "")
	if again := read("a.com\nb.com\nc.com\n", first[0]); !cmp.Equal(first, again) {
		t.Errorf("the same stream has other cursors: %v, %v", first, again)
	}
	if other := read("a.com\nx.com\nc.com\n", first[0]); other[0] == first[0] {
		t.Error("another stream has the same cursors")
	}
}

func TestListChangedFileIsReadFromItsStart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "names.txt")
	os.WriteFile(path, []byte("a.com\nb.com\n"), 0o600)
	f, err := openList(Config{BatchSize: 1}, path)
	if err != nil {
		t.Fatal(err)
	}
	var cursor string
	f.Stream(context.Background(), "", func(b Batch) error { cursor = b.Cursor; return io.EOF })
	os.WriteFile(path, []byte("new.com\na.com\nb.com\n"), 0o600)
	got, _, _ := all(t, f, cursor)
	if len(got) != 3 || got[0].name != "new.com" {
		t.Errorf("read %v", got)
	}
}

func TestListRealData(t *testing.T) {
	corpus := os.Getenv("LUREHOUND_CORPUS")
	if corpus == "" {
		t.Skip("LUREHOUND_CORPUS is not set")
	}
	if testing.Short() {
		t.Skip("three million names take a second")
	}
	for name, want := range map[string]int{"first-listed.csv.gz": 2_929_264, "one-day-2026-08-17.list.gz": 69_867} {
		f, err := openList(Config{}, filepath.Join(corpus, "nrd", name))
		if err != nil {
			t.Skip(err)
		}
		start, names, malformed := time.Now(), 0, 0
		var last Batch
		err = f.Stream(context.Background(), "", func(b Batch) error {
			names, malformed, last = names+len(b.Names), malformed+b.Malformed, b
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		took := time.Since(start)
		t.Logf("%s: %d names, %d malformed, %d days to %s, %.1f M names/s", name, names, malformed, last.Report.Days,
			last.Report.Newest.Format(time.DateOnly), float64(names)/took.Seconds()/1e6)
		if names+malformed != want || malformed != 0 || len(last.Report.Problems) != 0 {
			t.Errorf("%s: %d names and %d malformed of %d lines, problems %v", name, names, malformed, want, last.Report.Problems)
		}
	}
}

func FuzzLine(f *testing.F) {
	for _, s := range []string{
		"a.com", "domain,date", "a.com,2024-06-27,1m", "0.0.0.0 a.com b.com", "address=/a.com/", "a.com CNAME .",
		"@ IN SOA a. b. (", "\"a.com\";\"x\"", "http://u@a.com:80/", "=cmd", "\x00", "1,a.com", "a\tb\tc", ":: ", "\xef\xbb\xbf#",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		l := newLayout()
		for line := range strings.Lines(s) {
			l.parseLine([]byte(line), func(f found, ok bool) {
				if ok != plausibleName(string(f.name)) {
					t.Fatalf("%q: %q is called %v", line, f.name, ok)
				}
				if ok && !strings.Contains(line, string(f.name)) {
					t.Fatalf("%q does not hold %q", line, f.name)
				}
			})
		}
	})
}

func BenchmarkList(b *testing.B) {
	var text bytes.Buffer
	const names = 100_000
	for i := range names {
		fmt.Fprintf(&text, "some-name-%d.com,2024-06-27,1m\n", i)
	}
	b.ReportAllocs()
	for b.Loop() {
		f, err := openList(Config{Stdin: bytes.NewReader(text.Bytes())}, "-")
		if err != nil {
			b.Fatal(err)
		}
		n := 0
		f.Stream(context.Background(), "", func(bt Batch) error { n += len(bt.Names); return nil })
		if n != names {
			b.Fatal(n)
		}
	}
	b.ReportMetric(float64(b.N)*names/b.Elapsed().Seconds()/1e6, "Mnames/s")
}

// A zone is read as a list is: in batches, going on where it stopped.
func TestZoneFeed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "info")
	zone := "$ORIGIN info.\n@ SOA a. b. 1 2 3 4 5\nmlcrodicom NS x.\n NS y.\nns1.mlcrodicom A 192.0.2.1\nmicrodlcom 60 IN NS x.\nbroken\n"
	if err := os.WriteFile(path, []byte(zone), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := openZone(Config{BatchSize: 1}, path)
	if err != nil {
		t.Fatal(err)
	}
	names, malformed, last := all(t, f, "")
	want := []record{{name: "mlcrodicom.info"}, {name: "microdlcom.info"}}
	if diff := cmp.Diff(want, names, cmp.AllowUnexported(record{})); diff != "" {
		t.Error(diff)
	}
	if malformed != 1 || last.Report.Names != 3 || last.Report.Feed != "zone:"+path {
		t.Errorf("%d malformed, %+v", malformed, last.Report)
	}
	var first string
	stop := errors.New("stop")
	err = f.Stream(t.Context(), "", func(b Batch) error {
		if first != "" {
			return stop
		}
		first = b.Cursor
		return nil
	})
	if !errors.Is(err, stop) {
		t.Fatal(err)
	}
	if names, _, _ := all(t, f, first); len(names) != 1 || names[0].name != "microdlcom.info" {
		t.Errorf("behind the first batch: %v", names)
	}
}
