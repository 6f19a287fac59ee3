package feed

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
)

func readString(s string) (got []Name, malformed int, err error) {
	err = readRecords(strings.NewReader(s), day("2024-06-27"), func(n Name, ok bool) error {
		if ok {
			got = append(got, n)
		} else {
			malformed++
		}
		return nil
	})
	return got, malformed, err
}

func TestRecords(t *testing.T) {
	d, other := day("2024-06-27"), day("2024-06-26")
	for _, test := range []struct {
		name, in  string
		want      []Name
		malformed int
		err       error
	}{
		{"as in the feed", `[{"domainname":"a.com","ip":null,"type":null,"firstseen":"2024-06-26","score":0,"scorereason":"High entropy: 3.57 (+0.36)"}]`,
			[]Name{{"a.com", "", other, "0", "High entropy: 3.57 (+0.36)"}}, 0, nil},
		{"score is a fraction", `[{"domainname":"a.com","score":1.25,"ip":"192.0.2.1"}]`, []Name{{"a.com", "192.0.2.1", d, "1.25", ""}}, 0, nil},
		{"score is a string", `[{"domainname":"a.com","score":"-2"}]`, []Name{{"a.com", "", d, "-2", ""}}, 0, nil},
		{"fields of other types", `[{"domainname":"a.com","score":{"x":[1]},"ip":false,"firstseen":20240627}]`, []Name{{"a.com", "", d, "", ""}}, 0, nil},
		{"a date that is none", `[{"domainname":"a.com","firstseen":"0000-00-00"}]`, []Name{{"a.com", "", d, "", ""}}, 0, nil},
		{"escapes", `[{"domainname":"m\u0131c.com","scorereason":"a\\\"},{b"}]`, []Name{{"mıc.com", "", d, "", `a\"},{b`}}, 0, nil},
		{"none", ` [ ] `, nil, 0, nil},
		{"null", "null\n", nil, 0, nil},
		{"object", `{}`, nil, 0, nil},
		{"object with a message", `{"message":"no match"}`, nil, 0, nil},
		{"object with an error", `{"error":"overloaded"}`, nil, 0, errSaid},
		{"one record", `{"domainname":"a.com"}`, []Name{{"a.com", "", d, "", ""}}, 0, nil},
		{"bad ones between", `[{"domainname":"a.com"},{"domainname":null},7,"x",[1,{"domainname":"no.com"}],{},{"domainname":"x y"},{"domainname":"b.com"}]`,
			[]Name{{"a.com", "", d, "", ""}, {"b.com", "", d, "", ""}}, 6, nil},
		{"a bad escape", `[{"domainname":"\q.com"},{"domainname":"b.com"}]`, []Name{{"b.com", "", d, "", ""}}, 1, nil},
		{"empty elements", `[,{"domainname":"b.com"},]`, []Name{{"b.com", "", d, "", ""}}, 2, nil},
		{"a quote is missing", `[{"domainname":"a.com"},{"domainname":"b.com},{"domainname":"c.com"},{"domainname":"d.com"}]`,
			[]Name{{"a.com", "", d, "", ""}, {"c.com", "", d, "", ""}, {"d.com", "", d, "", ""}}, 1, nil},
		{"a bracket too few", `[{"domainname":"a.com","score":{},{"domainname":"b.com"},{"domainname":"c.com"}]`, []Name{{"b.com", "", d, "", ""}, {"c.com", "", d, "", ""}}, 1, nil},
		{"an endless record", `[{"domainname":"` + strings.Repeat("x", maxRecord) + `"},{"domainname":"b.com"}]`, nil, 1, errCut},
		{"cut", `[{"domainname":"a.com"},{"domainname":"b.c`, []Name{{"a.com", "", d, "", ""}}, 1, errCut},
		{"cut between", `[{"domainname":"a.com"},`, []Name{{"a.com", "", d, "", ""}}, 0, errCut},
		{"not closed", `[{"domainname":"a.com"}`, []Name{{"a.com", "", d, "", ""}}, 0, errCut},
		{"nothing", "", nil, 0, errCut},
		{"xml", "<?xml version='1.0'?>", nil, 0, errNotJSON},
		{"text", "nothing found", nil, 0, errNotJSON},
		{"more behind", `[] []`, nil, 0, errTrailing},
	} {
		got, malformed, err := readString(test.in)
		if d := cmp.Diff(test.want, got); d != "" || malformed != test.malformed || !errors.Is(err, test.err) {
			t.Errorf("%s: %d malformed, want %d, error %v, want %v\n%s", test.name, malformed, test.malformed, err, test.err, d)
		}
	}
}

func TestRecordsRoundTrip(t *testing.T) {
	want := []Name{{"a.com", "192.0.2.1", day("2024-06-27"), "1.5", "why \"not\""}, {"mıc.com", "", day("2024-06-20"), "", ""}}
	for _, names := range [][]Name{nil, want[:1], want} {
		var b bytes.Buffer
		if err := writeRecords(&b, names); err != nil {
			t.Fatal(err)
		}
		got, malformed, err := readString(b.String())
		if d := cmp.Diff(names, got); d != "" || malformed != 0 || err != nil {
			t.Errorf("%d malformed, %v\n%s", malformed, err, d)
		}
	}
}

// TestRecordsStream reads a day of the size that the feed has at most, and looks
// at the memory on the way.
func TestRecordsStream(t *testing.T) {
	const records = 250_000
	var part strings.Builder // longer than gzip looks back, so that it shrinks as real days do
	for i := range 1000 {
		fmt.Fprintf(&part, `{"domainname":"some-name-%d.com","ip":null,"type":null,"firstseen":"2024-06-27","score":0.%d,"scorereason":"x"},`, i*i, i)
	}
	pr, pw := io.Pipe()
	go func() {
		z, _ := gzip.NewWriterLevel(pw, gzip.BestSpeed)
		io.WriteString(z, "[")
		for range records / 1000 {
			io.WriteString(z, part.String())
		}
		io.WriteString(z, `{"domainname":"last.com"}]`)
		pw.CloseWithError(z.Close())
	}()
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	n, most := 0, uint64(0)
	err := readRecords(pr, day("2024-06-27"), func(Name, bool) error {
		if n++; n%50_000 == 0 {
			runtime.GC()
			runtime.ReadMemStats(&now)
			most = max(most, now.HeapAlloc)
		}
		return nil
	})
	if err != nil || n != records+1 {
		t.Fatalf("%d records, %v", n, err)
	}
	if grown := int64(most) - int64(before.HeapAlloc); grown > 8<<20 {
		t.Errorf("the heap grew by %d bytes", grown)
	}
}

func FuzzRecords(f *testing.F) {
	for _, s := range []string{
		`[]`, `null`, `{}`, `[{"domainname":"a.com","ip":null,"score":1.5}]`, `[{"domainname":"b.com},{"domainname":"c.com"}]`,
		`[1,"x",[],{"domainname":"a"}`, `{"error":1}`, `[,]`, "\x1f\x8b", `[{"domainname":"a\u0000"}]`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if strings.HasPrefix(s, gzipMagic) || strings.HasPrefix(s, zstdMagic) {
			return
		}
		got, malformed, err := readString(s)
		for _, n := range got {
			if !plausibleName(n.Name) {
				t.Fatalf("%q: name %q", s, n.Name)
			}
		}
		var elements []json.RawMessage
		if strings.HasPrefix(strings.TrimSpace(s), "[") && json.Unmarshal([]byte(s), &elements) == nil {
			// What is valid is read as encoding/json does, whole or element by element.
			if err != nil || len(got)+malformed != len(elements) {
				t.Fatalf("%q: %d + %d of %d elements, %v", s, len(got), malformed, len(elements), err)
			}
			for _, e := range elements {
				if n, ok := decodeRecord(e, day("2024-06-27")); ok {
					if len(got) == 0 || got[0].Name != n.Name {
						t.Fatalf("%q: %q is missing", s, n.Name)
					}
					got = got[1:]
				}
			}
		}
	})
}

func FuzzElements(f *testing.F) {
	f.Add(`[{"a":"},{"},{}]`)
	f.Fuzz(func(t *testing.T, s string) {
		n := 0
		_ = readArray(bufio.NewReaderSize(strings.NewReader(s), 16), func(e []byte) error {
			if n++; n > len(s)+1 {
				t.Fatalf("%q: more elements than bytes", s)
			}
			return nil
		})
	})
}

func BenchmarkRecords(b *testing.B) {
	var text bytes.Buffer
	text.WriteString("[")
	const records = 10_000
	for i := range records {
		fmt.Fprintf(&text, `{"domainname":"some-name-%d.com","ip":null,"type":null,"firstseen":"2024-06-27","score":0,"scorereason":"High entropy: 3.57 (+0.36)"},`, i)
	}
	text.WriteString("{}]")
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		if err := readRecords(bytes.NewReader(text.Bytes()), day("2024-06-27"), func(Name, bool) error { n++; return nil }); err != nil || n != records+1 {
			b.Fatal(n, err)
		}
	}
	b.ReportMetric(float64(b.N)*records/b.Elapsed().Seconds()/1e6, "Mrecords/s")
}
