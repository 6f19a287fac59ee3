package match

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/idna"
	"pgregory.net/rapid"

	"lurehound"
	"lurehound/internal/lexicon"
)

func TestStreamKeepsOrderAndCounts(t *testing.T) {
	ix := testIndex(t, testBrand(t, "MicroDicom", "microdicom.com"))
	var in bytes.Buffer
	var want []string
	counts := Counts{}
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 30_000 {
		switch r.IntN(40) {
		case 0:
			name := fmt.Sprintf("microdicom-%d.info", i)
			fmt.Fprintf(&in, "%s,2024-06-27,x\n", name)
			want = append(want, name)
			counts.Matched++
		case 1:
			in.WriteString("a..b\r\n")
			counts.Malformed++
		case 2:
			in.WriteString("\n# comment\n")
			continue
		case 3:
			if i%100 == 0 {
				in.WriteString(strings.Repeat("x", 70_000+r.IntN(70_000)) + "\n")
			} else {
				in.WriteString("http://203.0.113.7/\n")
			}
			counts.Malformed++
		default:
			fmt.Fprintf(&in, "zzyzx%d.org\n", i)
			counts.Unmatched++
		}
		counts.Read++
	}
	var got []string
	n, err := ix.Stream(context.Background(), &in, DefaultMinScore, func(h Hit) error {
		got = append(got, h.Domain.String())
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(counts, n); d != "" {
		t.Errorf("counts: -want +got\n%s", d)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("hits: -want +got\n%s", d)
	}
}

// However the lines come in, the same is found and counted.
func TestStreamInAnyPieces(t *testing.T) {
	ix := testIndex(t, testBrand(t, "MicroDicom", "microdicom.com"))
	in := "microdicom.info,x\r\n\"microdicom.net\"\n" + strings.Repeat("y", maxLine-1) + "\n" + strings.Repeat("z", 3*maxLine) + "\n\n#\n" +
		"microdicom.xyz," + strings.Repeat("x", maxLine) + "\n microdicom.org ;1\n" + strings.Repeat("zzyzx.org\n", 300) + strings.Repeat("#", 2*maxLine) + "\nmicrodicom.top"
	want := Counts{Read: 308, Matched: 4, Unmatched: 300, Malformed: 4}
	for name, r := range map[string]io.Reader{
		"whole": strings.NewReader(in), "octets": iotest.OneByteReader(strings.NewReader(in)),
		"halves": iotest.HalfReader(strings.NewReader(in)), "end with data": iotest.DataErrReader(strings.NewReader(in)),
	} {
		var got []string
		n, err := ix.Stream(context.Background(), r, DefaultMinScore, func(h Hit) error {
			got = append(got, h.Domain.String())
			return nil
		})
		if err != nil || n != want {
			t.Errorf("%s: got %+v, %v, want %+v", name, n, err, want)
		}
		if d := cmp.Diff([]string{"microdicom.info", "microdicom.net", "microdicom.org", "microdicom.top"}, got); d != "" {
			t.Errorf("%s: -want +got\n%s", name, d)
		}
	}
	broken := errors.New("line is dead")
	n, err := ix.Stream(context.Background(), io.MultiReader(strings.NewReader("microdicom.info\nzzyzx.org\n"), iotest.ErrReader(broken)), 0, func(Hit) error { return nil })
	if !errors.Is(err, broken) || n.Read != 2 {
		t.Errorf("got %+v, %v, want %v after two lines", n, err, broken)
	}
}

// Lists of links are lists of hosts.
func TestStreamReadsLinks(t *testing.T) {
	ix := testIndex(t, testBrand(t, "MicroDicom", "microdicom.com"))
	in := strings.Join([]string{
		"hxxp://rnicrodicom.com/a", "https://x.com", "mlcrodicom[.]info", "mlcrodicom[dot]info/a?b", "HXXPS[:]//microdicom[.]net:8443/x,2024",
		"ftp://user@microdicom.org/", "https://microdicom.top?a;b", "microdicom.xyz/a", "http://", "://", "[.]", "http://[::1]/", "http://203.0.113.7/",
		strings.Repeat("[", 9000) + "." + strings.Repeat("]", 9000), "http://microdicom.biz/" + strings.Repeat("a", 9000),
	}, "\n")
	want := []string{"rnicrodicom.com", "mlcrodicom.info", "mlcrodicom.info", "microdicom.net", "microdicom.org", "microdicom.top", "microdicom.biz"}
	var got []string
	n, err := ix.Stream(context.Background(), strings.NewReader(in), DefaultMinScore, func(h Hit) error {
		got = append(got, h.Domain.String())
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
	if d := cmp.Diff(Counts{Read: 15, Matched: 7, Unmatched: 1, Malformed: 7}, n); d != "" {
		t.Errorf("counts: -want +got\n%s", d)
	}
}

// The heading of a table is no name, and only the first line is a heading.
func TestStreamPassesOverHeading(t *testing.T) {
	ix := testIndex(t, testBrand(t, "MicroDicom", "microdicom.com"))
	for in, want := range map[string]Counts{
		"domain,seen\nmicrodicom.info,x\n":               {Read: 1, Matched: 1},
		"\ufeff\"Hostname\";\"IP\"\r\nmicrodicom.info;x": {Read: 1, Matched: 1},
		"# list\n\nURL\nhttps://microdicom.info/\n":      {Read: 1, Matched: 1},
		"\ufeffmicrodicom.info":                          {Read: 1, Matched: 1},
		"name":                                           {},
		"host\nhost\n":                                   {Read: 1, Unmatched: 1},
		"microdicom.info\ndomain\n":                      {Read: 2, Matched: 1, Unmatched: 1},
		"domain.info\n":                                  {Read: 1, Unmatched: 1},
	} {
		n, err := ix.Stream(context.Background(), strings.NewReader(in), DefaultMinScore, func(Hit) error { return nil })
		if err != nil || n != want {
			t.Errorf("%q: got %+v, %v, want %+v", in, n, err, want)
		}
	}
}

// silent is a reader that breaks its contract.
type silent struct{}

func (silent) Read([]byte) (int, error) { return 0, nil }

func TestStreamEndsWithWhatGivesNothing(t *testing.T) {
	ix := testIndex(t, testBrand(t, "MicroDicom", "microdicom.com"))
	if _, err := ix.Stream(context.Background(), silent{}, 0, nil); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("got %v", err)
	}
}

func TestStreamEndsWithWhatEmitSays(t *testing.T) {
	ix := testIndex(t, testBrand(t, "MicroDicom", "microdicom.com"))
	full := errors.New("disk full")
	in := strings.Repeat("microdicom.info\n", 50_000)
	_, err := ix.Stream(context.Background(), strings.NewReader(in), 0, func(Hit) error { return full })
	if !errors.Is(err, full) {
		t.Errorf("got %v, want %v", err, full)
	}
	ctx, cancel := context.WithCancel(context.Background())
	_, err = ix.Stream(ctx, strings.NewReader(in), 0, func(Hit) error { cancel(); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

func TestUnmatchedCostsNoAllocation(t *testing.T) {
	ix := testIndex(t, law(t)...)
	s := new(scratch) // the index's pool may be emptied by a garbage collection at any time
	for _, name := range []string{"zzyzxq.org", "Some-Longer.Name-0f.EXAMPLE.co.uk", "*.kkjjhh.net.", "a..b"} {
		look := func() {
			if _, class := ix.classify(s, name, DefaultMinScore); class == Matched {
				t.Fatal("matched")
			}
		}
		// The count is the whole process's. What a name costs is in every round.
		least := math.Inf(1)
		for range 5 {
			least = min(least, testing.AllocsPerRun(100, look))
		}
		if least > 0 {
			t.Errorf("%s costs %v allocations, made by:\n%s", name, least, allocators(look))
		}
	}
}

// allocators are the stacks that allocate while f runs many times.
func allocators(f func()) string {
	rate := runtime.MemProfileRate
	runtime.MemProfileRate = 1
	defer func() { runtime.MemProfileRate = rate }()
	before := map[[32]uintptr]int64{}
	read := func() []runtime.MemProfileRecord {
		runtime.GC() // two publish what was allocated before
		runtime.GC()
		n, _ := runtime.MemProfile(nil, true)
		all := make([]runtime.MemProfileRecord, n+100)
		n, _ = runtime.MemProfile(all, true)
		return all[:n]
	}
	for _, r := range read() {
		before[r.Stack0] += r.AllocObjects
	}
	for range 1000 {
		f()
	}
	var out strings.Builder
	for _, r := range read() {
		if n := r.AllocObjects - before[r.Stack0]; n >= 500 {
			fmt.Fprintf(&out, "%d objects:", n)
			frames := runtime.CallersFrames(r.Stack())
			for more := true; more; {
				var fr runtime.Frame
				fr, more = frames.Next()
				fmt.Fprintf(&out, " %s:%d", fr.Function, fr.Line)
			}
			out.WriteByte('\n')
		}
	}
	return out.String()
}

// The folded forms are lexicon's skeletons, made without allocating.
func TestWideFormIsSkeleton(t *testing.T) {
	f := newFolder()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`[a-z0-9]{1,20}`).Draw(t, "s")
		if got, want := f.wideForm(f.plainForm(s)), lexicon.Skeleton(s); got != want {
			t.Errorf("%q: got %q, want %q", s, got, want)
		}
	})
}

func TestPunycodeAsIDNADecodes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		u := rapid.StringMatching(`[a-z0-9àéîøüßабвдежміѕ日本語]{1,15}`).Draw(t, "u")
		a, err := idna.Punycode.ToASCII(u)
		if err != nil || !strings.HasPrefix(a, "xn--") || len(a) > lurehound.MaxLabelLen {
			t.Skip()
		}
		var out [lurehound.MaxLabelLen]rune
		n, ok := decodePunycode(&out, []byte(a[4:]))
		if got := string(out[:n]); !ok || got != u {
			t.Errorf("%s: got %q, %v, want %q", a, got, ok, u)
		}
	})
}

func FuzzIndexMatch(f *testing.F) {
	for _, s := range []string{
		"mlcrodicom.info", "MICRODICOM.COM.viewer-download.net.", "xn--mcrodcom-q2aa.com", "micro.dicom.com", "a\x00b.com", "\xff\xfe.com",
		"xn--.com", "xn--99999999999.com", "192.0.2.1", "[2001:db8::1]", "microdicom[.]info", "*.", ".", "", "co.uk", strings.Repeat("m", 64) + ".com",
		strings.Repeat("rn", 31) + ".info", strings.Repeat("a.", 126) + "a", "ﬁlezilla.org", "мicrodicom.com", "microdicom。info", "com",
		"xn--zzs-1la.com", "m1c 0a", "MICROD(10M.com", "a\vb.com", "microdicæs.com", // an affix that begins in the middle of a ligature
	} {
		f.Add(s)
	}
	var brands []lurehound.Brand
	for _, b := range []string{"microdicom.com", "filezilla-project.org", "hp.com", "advanced-ip-scanner.com"} {
		brands = append(brands, testBrand(f, "", b))
	}
	ix := testIndex(f, brands...)
	f.Fuzz(func(t *testing.T, s string) {
		h, class := ix.Classify(s, 0)
		bare := strings.TrimPrefix(strings.TrimSpace(s), "*.")
		d, err := lurehound.ParseDomain(bare)
		if (err != nil) != (class == Malformed) {
			t.Fatalf("%q: class %d, but ParseDomain says %v", s, class, err)
		}
		if class != Matched {
			return
		}
		if h.Domain != d {
			t.Fatalf("%q: got %v, want %v", s, h.Domain, d)
		}
		for _, m := range h.Matches {
			if m.Score < 0 || m.Score > 1 || m.Brand == "" || m.Why == "" || len(m.Techniques) == 0 {
				t.Fatalf("%q: %+v", s, m)
			}
		}
		for _, b := range brands {
			if b.Owns(d) {
				for _, m := range h.Matches {
					if m.Brand == b.ID() {
						t.Fatalf("%q is the brand's own and matches it", s)
					}
				}
			}
		}
		ix.Explain(d)
	})
}

// popularBrands are popular names as brands, one each.
func popularBrands(b *testing.B, n int) []lurehound.Brand {
	var out []lurehound.Brand
	for _, line := range corpusLines(b, "benign/top.list.gz") {
		if d, err := lurehound.ParseDomain(line); err == nil && d.Apex() && len(out) < n {
			out = append(out, lurehound.Brand{Name: line, Domains: []lurehound.Domain{d}})
		}
	}
	return out
}

// BenchmarkIndex prepares ten thousand brands.
func BenchmarkIndex(b *testing.B) {
	brands := popularBrands(b, 10_000)
	for b.Loop() {
		if _, err := NewIndex(brands, lexicon.Default()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(brands)*b.N)/b.Elapsed().Seconds(), "brands/s")
}

// BenchmarkStream reads new names as they come, for one brand, for those of the
// campaigns and for ten thousand.
func BenchmarkStream(b *testing.B) {
	lines := strings.Join(corpusLines(b, "nrd/one-day-2026-08-17.list.gz"), "\n")
	for _, brands := range [][]lurehound.Brand{{testBrand(b, "MicroDicom", "microdicom.com", "MicroDicom DICOM Viewer")}, goldBrands(b), popularBrands(b, 10_000)} {
		ix := testIndex(b, brands...)
		b.Run(fmt.Sprint(len(brands)), func(b *testing.B) {
			names := 0
			b.ReportAllocs()
			for b.Loop() {
				n, err := ix.Stream(context.Background(), strings.NewReader(lines), DefaultMinScore, func(Hit) error { return nil })
				if err != nil {
					b.Fatal(err)
				}
				names += n.Read
			}
			b.ReportMetric(float64(names)/b.Elapsed().Seconds(), "names/s")
		})
	}
}

func BenchmarkClassify(b *testing.B) {
	ix := testIndex(b, law(b)...)
	names := []string{"zzyzxq.org", "bestplumbersintown.com", "schoolofrock-2024.net", "xkjhsdf8798.top", "dentist-oslo.no", "mail.grandhotel.example.com"}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		ix.Classify(names[i%len(names)], DefaultMinScore)
		i++
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "names/s")
}
