package feed

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// fakeISC answers as SANS ISC does, in memory, and watches the manners.
type fakeISC struct {
	t     *testing.T
	clock *fakeClock
	days  map[string][]string // names by day

	paged     bool // knows the form with pages
	maxCount  int  // of a page, unsaid; 0 is no limit
	oldLimit  int  // of the old form, unsaid; 0 is no limit
	oldRoot   string
	fileDays  int
	body      func(path string, b []byte) []byte // spoils an answer
	status    func(n int, path string) int       // 0 is the answer itself
	header    http.Header                        // of answers with another status
	latency   func() time.Duration               // on either way
	notFound  string                             // body for an empty answer of the old form
	requests  []string
	last      time.Time
	neglected int // requests less than a second after the one before
}

func newFake(t *testing.T) *fakeISC {
	return &fakeISC{t: t, clock: &fakeClock{now: day("2024-07-15").Add(10 * time.Hour)}, days: map[string][]string{},
		paged: true, oldRoot: "/api", fileDays: 7, latency: func() time.Duration { return 0 }, notFound: "null"}
}

func (f *fakeISC) config() Config {
	return Config{HTTP: f, Clock: f.clock, Contact: "hunter@example.org", Version: "1.2", BaseURL: "https://isc.example"}
}

func (f *fakeISC) Do(r *http.Request) (*http.Response, error) {
	f.clock.Sleep(context.Background(), f.latency())
	now := f.clock.Now()
	defer func() { f.clock.Sleep(context.Background(), f.latency()) }()
	if !f.last.IsZero() && now.Sub(f.last) < time.Second {
		f.neglected++
	}
	f.last = now
	f.requests = append(f.requests, r.URL.Path)
	if ua := r.UserAgent(); ua != "lurehound/1.2 (hunter@example.org)" {
		f.t.Errorf("User-Agent %q", ua)
	}
	res := &http.Response{StatusCode: 200, Header: http.Header{}, Request: r}
	if f.status != nil {
		if s := f.status(len(f.requests), r.URL.Path); s < 0 {
			return nil, errors.New("connection reset")
		} else if s > 0 {
			res.StatusCode, res.Body = s, io.NopCloser(strings.NewReader("no"))
			if f.header != nil {
				res.Header = f.header
			}
			return res, nil
		}
	}
	b, status := f.answer(r, res.Header)
	if f.body != nil && status == 200 {
		b = f.body(r.URL.Path, b)
	}
	res.StatusCode, res.Body = status, io.NopCloser(bytes.NewReader(b))
	return res, nil
}

func (f *fakeISC) answer(r *http.Request, h http.Header) ([]byte, int) {
	path := r.URL.Path
	if file, ok := strings.CutPrefix(path, "/feeds/domaindata."); ok {
		d := strings.TrimSuffix(strings.TrimSuffix(file, "json.gz"), ".")
		today := midnight(f.clock.Now())
		if d == "" && f.fileDays >= 0 {
			d = today.Format(time.DateOnly)
		} else if d == "" {
			return nil, 404
		} else if age := int(today.Sub(day(d)).Hours() / 24); age > f.fileDays {
			return nil, 404
		}
		h.Set("ETag", `"`+d+strconv.Itoa(len(f.days[d]))+`"`)
		if r.Header.Get("If-None-Match") == h.Get("ETag") {
			return nil, 304
		}
		return gz(f.json(f.days[d], d)), 200
	}
	if r.URL.RawQuery != "json" {
		return []byte("<?xml version='1.0'?><recentdomains/>"), 200
	}
	parts := strings.Split(strings.TrimPrefix(path, "/"), "/")
	if len(parts) == 6 && f.paged && parts[0] == "api" {
		start, _ := strconv.Atoi(parts[4])
		count, _ := strconv.Atoi(parts[5])
		if f.maxCount > 0 {
			count = min(count, f.maxCount)
		}
		m := f.matching(parts[2], parts[3])
		m = m[min(start, len(m)):]
		return f.json(m[:min(count, len(m))], parts[2]), 200
	}
	rest, ok := strings.CutPrefix(path, f.oldRoot+"/recentdomains/")
	if parts = strings.Split(rest, "/"); !ok || len(parts) != 2 {
		return nil, 404
	}
	m := f.matching(parts[0], parts[1])
	if f.oldLimit > 0 {
		m = m[:min(len(m), f.oldLimit)]
	}
	if len(m) == 0 {
		return []byte(f.notFound), 200
	}
	return f.json(m, parts[0]), 200
}

func (f *fakeISC) matching(day, text string) (out []string) {
	for _, n := range f.days[day] {
		if text == anyName || strings.Contains(n, text) {
			out = append(out, n)
		}
	}
	return out
}

func (f *fakeISC) json(names []string, day string) []byte {
	out := []map[string]any{}
	for _, n := range names {
		out = append(out, map[string]any{"domainname": n, "ip": nil, "type": nil, "firstseen": day, "score": 0, "scorereason": "x"})
	}
	b, _ := json.Marshal(out)
	return b
}

// month fills 31 days with names, and the founding case into one of them.
func (f *fakeISC) month(perDay int) {
	for i := range 31 {
		d := day("2024-07-15").AddDate(0, 0, -i).Format(time.DateOnly)
		for j := range perDay {
			f.days[d] = append(f.days[d], fmt.Sprintf("name-%d-%d.com", i, j))
		}
		slices.Sort(f.days[d])
	}
	f.days["2024-06-27"] = append(f.days["2024-06-27"], "microdicom.info", "microdlcom.info", "mlcrodicom.info")
}

func openFake(t *testing.T, c Config) Feed {
	t.Helper()
	f, err := openISC(c, "")
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func names(records []record) (out []string) {
	for _, r := range records {
		out = append(out, r.name)
	}
	return out
}

func TestISCFindsTheFoundingCase(t *testing.T) {
	for form, prepare := range map[string]func(*fakeISC){
		"paged":     func(*fakeISC) {},
		"old":       func(f *fakeISC) { f.paged = false },
		"older":     func(f *fakeISC) { f.paged, f.oldRoot = false, "" },
		"no files":  func(f *fakeISC) { f.fileDays = -1 },
		"all pages": func(f *fakeISC) { f.fileDays = 31 },
	} {
		t.Run(form, func(t *testing.T) {
			fake := newFake(t)
			fake.month(50)
			prepare(fake)
			c := fake.config()
			c.Fragments = []string{"dicom", "micro", "com.info"}
			got, malformed, last := all(t, openFake(t, c), "")
			for _, want := range fake.days["2024-06-27"][50:] {
				if !slices.Contains(names(got), want) {
					t.Errorf("%s is missing", want)
				}
			}
			if malformed != 0 || last.Report.Names != len(got) || last.Report.Days != 31 {
				t.Errorf("%d malformed, report %+v", malformed, last.Report)
			}
			if newest := last.Report.Newest; !newest.Equal(day("2024-07-15")) && form != "no files" {
				t.Errorf("newest is %s", newest)
			}
			said := strings.Join(last.Report.Problems, "|")
			if searched := strings.Contains(said, "one of 3 fragments"); searched == (form == "all pages") {
				t.Errorf("problems %q", said)
			}
			if fake.neglected > 0 {
				t.Errorf("%d requests came too fast", fake.neglected)
			}
		})
	}
}

func TestISCNeedsAContact(t *testing.T) {
	for _, contact := range []string{"", "me", "a@b\r\nX: y"} {
		c := newFake(t).config()
		c.Contact = contact
		if _, err := openISC(c, ""); !errors.Is(err, ErrNoContact) || !strings.Contains(err.Error(), "LUREHOUND_CONTACT") {
			t.Errorf("%q: %v", contact, err)
		}
		if _, err := Search(t.Context(), c, "com.info", 3, nil); !errors.Is(err, ErrNoContact) {
			t.Errorf("%q: %v", contact, err)
		}
	}
}

// TestISCKeepsItsDistance: with delays on the way, at the server still never two
// requests in one second.
func TestISCKeepsItsDistance(t *testing.T) {
	fake := newFake(t)
	fake.month(300)
	fake.fileDays = 3
	rnd := rand.New(rand.NewPCG(1, 2))
	fake.latency = func() time.Duration { return time.Duration(rnd.IntN(1500)) * time.Millisecond }
	c := fake.config()
	c.Fragments = []string{"dicom", "name", "com.info", "micro"}
	all(t, openFake(t, c), "")
	if len(fake.requests) < 100 || fake.neglected > 0 {
		t.Errorf("%d of %d requests came too fast", fake.neglected, len(fake.requests))
	}
	// A second run with the same cache directory keeps the distance to the first.
	c.CacheDir = t.TempDir()
	c.Days = 1
	all(t, openFake(t, c), "")
	all(t, openFake(t, c), "")
	if fake.neglected > 0 {
		t.Errorf("runs do not know of each other: %d requests came too fast", fake.neglected)
	}
}

func TestISCRestsWhenToldTo(t *testing.T) {
	for _, test := range []struct {
		name   string
		header http.Header
		rest   time.Duration
	}{
		{"five minutes", http.Header{}, 5 * time.Minute},
		{"seconds", http.Header{"Retry-After": {"90"}}, 90 * time.Second},
		{"date", http.Header{"Retry-After": {"Mon, 15 Jul 2024 10:20:00 GMT"}}, 20 * time.Minute},
	} {
		fake := newFake(t)
		fake.month(5)
		fake.header = test.header
		fake.status = func(n int, _ string) int {
			if n == 1 {
				return 429
			}
			return 0
		}
		c := fake.config()
		c.Days = 1
		start := fake.clock.Now()
		got, _, last := all(t, openFake(t, c), "")
		if rest := fake.clock.Now().Sub(start); rest < test.rest || rest > test.rest+2*time.Second {
			t.Errorf("%s: rested %s, want %s", test.name, rest, test.rest)
		}
		if len(got) != 5 || len(last.Report.Problems) != 0 {
			t.Errorf("%s: %d names, problems %v", test.name, len(got), last.Report.Problems)
		}
	}
}

func TestISCLeavesADownServerAlone(t *testing.T) {
	for name, status := range map[string]int{"reset": -1, "500": 500, "429": 429, "403": 403} {
		fake := newFake(t)
		fake.month(5)
		fake.status = func(int, string) int { return status }
		c := fake.config()
		c.Fragments = []string{"dicom"}
		got, _, last := all(t, openFake(t, c), "")
		if len(got) != 0 || last.Report.Days != 0 || len(fake.requests) > downAfter*tries {
			t.Errorf("%s: %d requests, report %+v", name, len(fake.requests), last.Report)
		}
		said := strings.Join(last.Report.Problems, "|")
		if !strings.Contains(said, "(31 days): not covered") && !strings.Contains(said, "(30 days): not covered") ||
			!strings.Contains(said, "no names at all") {
			t.Errorf("%s: problems %q", name, said)
		}
	}
}

func TestISCBudget(t *testing.T) {
	fake := newFake(t)
	fake.month(5)
	c := fake.config()
	c.CacheDir = t.TempDir()
	c.Budget = 20
	c.Fragments = []string{"dicom", "micro", "com.info"}
	_, _, last := all(t, openFake(t, c), "")
	if len(fake.requests) != 20 {
		t.Errorf("%d requests", len(fake.requests))
	}
	said := strings.Join(last.Report.Problems, "|")
	if !strings.Contains(said, "not covered") || !strings.Contains(said, "daily budget of requests is spent (20)") {
		t.Errorf("problems %q", said)
	}
	if got := last.Report.Days; got < 8 || got > 14 {
		t.Errorf("%d days were read", got)
	}
	// The next run of the same day asks for nothing; the one of the next day does.
	all(t, openFake(t, c), "")
	if len(fake.requests) != 20 {
		t.Errorf("the budget was forgotten: %d requests", len(fake.requests))
	}
	fake.clock.Sleep(context.Background(), 24*time.Hour)
	all(t, openFake(t, c), "")
	if len(fake.requests) != 40 {
		t.Errorf("%d requests on the second day", len(fake.requests)-20)
	}
}

func TestISCOldFormIsCutOff(t *testing.T) {
	for _, limit := range []int{26, 40, 150} {
		fake := newFake(t)
		fake.paged = false
		fake.oldLimit = limit
		fake.fileDays = -1
		want := []string{}
		for i := range 400 {
			want = append(want, fmt.Sprintf("dicom%s%03d.com", string("abcdefghijklmnopqrst"[i%20]), i))
		}
		slices.Sort(want)
		fake.days["2024-07-15"] = want
		c := fake.config()
		c.Days, c.Fragments = 1, []string{"dicom", "micro"}
		got, _, last := all(t, openFake(t, c), "")
		if d := cmp.Diff(want, names(got)); d != "" {
			t.Errorf("limit %d: %s", limit, d)
		}
		if said := strings.Join(last.Report.Problems, "|"); strings.Contains(said, "not complete") {
			t.Errorf("limit %d: problems %q", limit, said)
		}
	}
}

func TestISCOldFormCutOffBeyondMending(t *testing.T) {
	fake := newFake(t)
	fake.paged = false
	fake.oldLimit = 30
	fake.fileDays = -1
	for i := range 100 {
		fake.days["2024-07-15"] = append(fake.days["2024-07-15"], fmt.Sprintf("dicomxyz%03d.com", i))
	}
	c := fake.config()
	c.Days, c.Fragments = 1, []string{"dicom"}
	_, _, last := all(t, openFake(t, c), "")
	if said := strings.Join(last.Report.Problems, "|"); !strings.Contains(said, `answers were cut off for "dicom"`) {
		t.Errorf("problems %q", said)
	}
}

// TestISCPages: whatever limit the server has, and without asking twice for
// every small answer.
func TestISCPages(t *testing.T) {
	for _, most := range []int{0, 17, 100, 1000} {
		fake := newFake(t)
		fake.fileDays = -1
		fake.maxCount = most
		var want []string
		for i := range 2345 {
			want = append(want, fmt.Sprintf("dicom%04d.com", i))
		}
		fake.days["2024-07-15"] = want
		fake.days["2024-07-14"] = want[:5]
		c := fake.config()
		c.Days, c.Fragments = 2, []string{"dicom"}
		got, _, _ := all(t, openFake(t, c), "")
		if d := cmp.Diff(append(slices.Clone(want), want[:5]...), names(got)); d != "" {
			t.Errorf("limit %d: %s", most, d)
		}
	}
}

func TestISCServerWithoutPagesIsNoticed(t *testing.T) {
	fake := newFake(t)
	fake.fileDays = -1
	fake.body = func(path string, b []byte) []byte { // the same page for every start
		if strings.Count(path, "/") == 6 {
			return fake.json(fake.days["2024-07-15"][:500], "2024-07-15")
		}
		return b
	}
	for i := range 600 {
		fake.days["2024-07-15"] = append(fake.days["2024-07-15"], fmt.Sprintf("dicom%s%d.com", string("abcdefghij"[i%10]), i))
	}
	c := fake.config()
	c.Days, c.Fragments = 1, []string{"dicom"}
	got, _, _ := all(t, openFake(t, c), "")
	if len(got) != 600 {
		t.Errorf("%d names", len(got))
	}
}

func TestISCManyFragmentsReadPages(t *testing.T) {
	fake := newFake(t)
	fake.month(30)
	c := fake.config()
	for i := range manyFragments + 1 {
		c.Fragments = append(c.Fragments, fmt.Sprintf("frag%d", i))
	}
	got, _, last := all(t, openFake(t, c), "")
	if len(got) != 31*30+3 || len(fake.requests) > 100 || len(last.Report.Problems) != 0 {
		t.Errorf("%d names, problems %v", len(got), last.Report.Problems)
	}
	fake.paged = false // then the fragments are what is left
	_, _, last = all(t, openFake(t, c), "")
	if said := strings.Join(last.Report.Problems, "|"); !strings.Contains(said, "one of 49 fragments") {
		t.Errorf("problems %q", said)
	}
}

func TestISCTruncated(t *testing.T) {
	for name, spoil := range map[string]func([]byte) []byte{
		"gzip": func(b []byte) []byte { return b[:len(b)*2/3] },
		"checksum": func(b []byte) []byte {
			b = bytes.Clone(b)
			b[len(b)-6] ^= 1
			return b
		},
		"json":     func([]byte) []byte { return gz([]byte(`[{"domainname":"a.com"},{"domainname":"b`)) },
		"trailing": func([]byte) []byte { return gz([]byte(`[{"domainname":"a.com"}]<html>`)) },
	} {
		for _, dir := range []string{"", t.TempDir()} {
			fake := newFake(t)
			fake.month(500)
			whole := false
			fake.body = func(path string, b []byte) []byte {
				if strings.Contains(path, "2024-07-13") && !whole {
					return spoil(b)
				}
				return b
			}
			c := fake.config()
			c.CacheDir, c.Days = dir, 4
			got, _, last := all(t, openFake(t, c), "")
			said := strings.Join(last.Report.Problems, "|")
			if !strings.Contains(said, "2024-07-13: not complete") || len(got) < 3*500+1 {
				t.Errorf("%s: %d names, problems %q", name, len(got), said)
			}
			whole = true // the day stayed open: it is read anew
			got, _, last = all(t, openFake(t, c), "")
			if len(got) != 4*500 || len(last.Report.Problems) != 0 {
				t.Errorf("%s, again: %d names, problems %v", name, len(got), last.Report.Problems)
			}
		}
	}
}

func TestISCUselessFilesAreSearched(t *testing.T) {
	for name, b := range map[string]string{"empty": "[]", "null": "null", "html": "<html>", "nothing": "", "error": `{"error":"x"}`} {
		fake := newFake(t)
		fake.month(5)
		fake.body = func(path string, was []byte) []byte {
			if strings.Contains(path, "2024-07-13.json") {
				return []byte(b)
			}
			return was
		}
		c := fake.config()
		c.Days, c.Fragments = 3, []string{"name-2-3"}
		got, _, last := all(t, openFake(t, c), "")
		said := strings.Join(last.Report.Problems, "|")
		if len(got) != 11 || !strings.Contains(said, "2024-07-13: its file ") || !strings.Contains(said, "it was searched through") {
			t.Errorf("%s: %d names, problems %q", name, len(got), said)
		}
	}
}

func TestISCStaleShortFuture(t *testing.T) {
	fake := newFake(t)
	for i := range 4 {
		d := day("2024-07-15").AddDate(0, 0, -i).Format(time.DateOnly)
		for j := range 12_000 {
			fake.days[d] = append(fake.days[d], fmt.Sprintf("name-%d-%d.com", i, j))
		}
	}
	fake.days["2024-07-13"] = fake.days["2024-07-13"][:100]
	fake.body = func(path string, b []byte) []byte {
		switch {
		case path == "/feeds/domaindata.json.gz":
			return gz(bytes.ReplaceAll(fake.json(fake.days["2024-07-15"][:3], "2024-07-15"), []byte("2024-07-15"), []byte("2031-01-01")))
		case strings.Contains(path, "2024-07-14"):
			return gz(bytes.ReplaceAll(fake.json(fake.days["2024-07-14"], "2024-07-14"), []byte("2024-07-14"), []byte("2024-07-10")))
		}
		return b
	}
	c := fake.config()
	c.Days = 4
	got, _, last := all(t, openFake(t, c), "")
	said := strings.Join(last.Report.Problems, "|")
	for _, want := range []string{"3 records are dated in the future", "stale: the newest name is 2024-07-13, today is 2024-07-15", "short, where another day has 12000 names: 2024-07-13 (100)"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not in %q", want, said)
		}
	}
	if got[0].day != "" {
		t.Errorf("a date of the future was kept: %v", got[0])
	}
}

// TestISCResumes kills the stream at every batch boundary, with and without a
// cache directory: what was taken is the whole, and nothing twice.
func TestISCResumes(t *testing.T) {
	for _, dir := range []string{"", t.TempDir()} {
		for _, size := range []int{11, 1000} {
			fake := newFake(t)
			fake.month(15)
			fake.body = func(path string, b []byte) []byte { // a malformed record in some days
				if strings.Contains(path, "2024-07-12") {
					return gz(append([]byte(`[{"domainname":7},`), fake.json(fake.days["2024-07-12"], "2024-07-12")[1:]...))
				}
				return b
			}
			c := fake.config()
			c.BatchSize, c.CacheDir = size, dir
			c.Fragments = []string{"dicom", "micro", "com.info", "name-2"}
			c.Budget = 1 << 20
			want, wantBad, wantLast := all(t, openFake(t, c), "")
			got, bad, last := killed(t, func() Feed { return openFake(t, c) })
			if d := cmp.Diff(want, got, cmp.AllowUnexported(record{})); d != "" || bad != wantBad || bad != 1 {
				t.Fatalf("batches of %d: %d malformed, want %d\n%s", size, bad, wantBad, d)
			}
			if d := cmp.Diff(wantLast.Report, last.Report); d != "" {
				t.Errorf("batches of %d: %s", size, d)
			}
			again, _, end := all(t, openFake(t, c), last.Cursor)
			if len(again) != 0 || !cmp.Equal(end.Report, last.Report) {
				t.Errorf("the end is not the end: %d names, %+v", len(again), end.Report)
			}
			if dir != "" && fake.neglected > 0 {
				t.Errorf("%d requests came too fast", fake.neglected)
			}
		}
	}
}

// TestISCRebuiltList: today's list grows at its front while the hunt is dead.
// Nothing may be lost then.
func TestISCRebuiltList(t *testing.T) {
	fake := newFake(t)
	fake.month(60)
	c := fake.config()
	c.BatchSize, c.Days = 25, 2
	var got []record
	cursor := ""
	stop := errors.New("stop")
	err := openFake(t, c).Stream(t.Context(), "", func(b Batch) error {
		if cursor != "" {
			return stop
		}
		got, cursor = append(got, recordsOf(b)...), b.Cursor
		return nil
	})
	if !errors.Is(err, stop) {
		t.Fatal(err)
	}
	fake.days["2024-07-15"] = append([]string{"a-new-name.com"}, fake.days["2024-07-15"]...)
	more, _, last := all(t, openFake(t, c), cursor)
	got = append(got, more...)
	for _, want := range slices.Concat(fake.days["2024-07-15"], fake.days["2024-07-14"]) {
		if !slices.Contains(names(got), want) {
			t.Errorf("%s is lost", want)
		}
	}
	if last.Report.Names != len(got) {
		t.Errorf("%d names are reported, %d were emitted", last.Report.Names, len(got))
	}
}

func TestISCArchiveOutgrowsTheFeed(t *testing.T) {
	fake := newFake(t)
	fake.month(20)
	c := fake.config()
	c.CacheDir = t.TempDir()
	c.Fragments = []string{"dicom"}
	all(t, openFake(t, c), "")
	first := len(fake.requests)
	// Twenty days later the files of that week are gone from the server.
	fake.clock.Sleep(context.Background(), 20*24*time.Hour)
	for i := range 20 {
		d := day("2024-07-16").AddDate(0, 0, i).Format(time.DateOnly)
		fake.days[d] = []string{fmt.Sprintf("later-%d.com", i)}
	}
	got, _, last := all(t, openFake(t, c), "")
	for _, n := range fake.days["2024-07-12"] {
		if !slices.Contains(names(got), n) {
			t.Errorf("%s of a kept day is missing", n)
		}
	}
	for _, r := range fake.requests[first:] {
		if strings.Contains(r, "2024-07-12") || strings.Contains(r, "2024-07-06") {
			t.Errorf("asked for %s, which was kept", r)
		}
	}
	if last.Report.Days != 31 {
		t.Errorf("report %+v", last.Report)
	}
	files, err := os.ReadDir(filepath.Join(c.CacheDir, "isc"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if strings.HasPrefix(f.Name(), "tmp-") {
			t.Errorf("%s was left over", f.Name())
		}
	}
}

func TestISCDamagedArchiveIsNotRead(t *testing.T) {
	fake := newFake(t)
	fake.month(20)
	c := fake.config()
	c.CacheDir, c.Days = t.TempDir(), 5
	want, _, _ := all(t, openFake(t, c), "")
	files, _ := filepath.Glob(filepath.Join(c.CacheDir, "isc", "*"))
	for _, f := range files {
		if b, err := os.ReadFile(f); err == nil && len(b) > 0 {
			os.Chmod(f, 0o600)
			b[len(b)/2] ^= 0x40
			os.WriteFile(f, b, 0o600)
		}
	}
	got, malformed, last := all(t, openFake(t, c), "")
	if !cmp.Equal(want, got, cmp.AllowUnexported(record{})) || malformed != 0 || len(last.Report.Problems) != 0 {
		t.Errorf("%d names, %d malformed, problems %v", len(got), malformed, last.Report.Problems)
	}
}

func TestISCForeignCursor(t *testing.T) {
	fake := newFake(t)
	for _, cursor := range []string{"x", "{}", `{"v":1,"today":"x","days":3}`, `{"v":1,"today":"2024-07-15","days":-1}`, `{"v":2,"today":"2024-07-15","days":3}`} {
		if err := openFake(t, fake.config()).Stream(t.Context(), cursor, func(Batch) error { return nil }); !errors.Is(err, ErrCursor) {
			t.Errorf("%s: %v", cursor, err)
		}
	}
}

func TestISCEndsWithItsContext(t *testing.T) {
	fake := newFake(t)
	fake.month(5)
	ctx, cancel := context.WithCancel(t.Context())
	fake.status = func(n int, _ string) int {
		if n == 3 {
			cancel()
			return -1
		}
		return 0
	}
	if err := openFake(t, fake.config()).Stream(ctx, "", func(Batch) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// roundTrip makes a transport of the fake.
type roundTrip struct {
	do func(*http.Request) (*http.Response, error)
}

func (r roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return r.do(req) }

func TestISCContactStaysThere(t *testing.T) {
	fake := newFake(t)
	fake.month(5)
	var hosts []string
	c := fake.config()
	c.Days = 1
	c.HTTP = &http.Client{Transport: roundTrip{func(r *http.Request) (*http.Response, error) {
		hosts = append(hosts, r.URL.Host)
		return &http.Response{StatusCode: 302, Header: http.Header{"Location": {"https://elsewhere.example/x"}}, Body: http.NoBody, Request: r}, nil
	}}}
	_, _, last := all(t, openFake(t, c), "")
	if slices.Contains(hosts, "elsewhere.example") || len(hosts) == 0 {
		t.Errorf("asked %v", hosts)
	}
	if said := strings.Join(last.Report.Problems, "|"); !strings.Contains(said, `redirects to "elsewhere.example"`) {
		t.Errorf("problems %q", said)
	}
}

func TestArchiveSweepsWhatACrashLeft(t *testing.T) {
	dir := t.TempDir()
	os.Mkdir(filepath.Join(dir, "isc"), 0o700)
	old, young := filepath.Join(dir, "isc", "tmp-1"), filepath.Join(dir, "isc", "tmp-2")
	now := day("2024-07-15")
	for path, age := range map[string]time.Duration{old: 25 * time.Hour, young: time.Hour} {
		os.WriteFile(path, []byte("x"), 0o600)
		os.Chtimes(path, now.Add(-age), now.Add(-age))
	}
	if _, err := openArchive(dir, now); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(old); err == nil {
		t.Error("an old temporary file is still there")
	}
	if _, err := os.Stat(young); err != nil {
		t.Error("a file of a running process was removed")
	}
}
