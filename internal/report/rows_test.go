package report

import (
	"bytes"
	"encoding/json"
	"io"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lurehound"
)

func TestRowsGolden(t *testing.T) {
	for _, format := range []string{"table", "json", "jsonl", "csv"} {
		golden(t, "permute."+format, rows(t, format, 80, Permutations, permutations(t)))
		golden(t, "match."+format, rows(t, format, 80, Matches, []Matched{
			{name(t, "mlcrodicom.info"), sample(t).Findings[0].Candidate.Best()},
			{name(t, "microdicom-installs.com"), lurehound.Match{Brand: "microdicom.com", Techniques: []string{"combosquatting"}, Score: 0.5,
				Why: "The brand's word stands at the beginning of the label, and what follows is a word that lures use."}},
		}))
		golden(t, "resolve."+format, rows(t, format, 80, Resolutions, []Resolved{
			{"mlcrodicom.info", lurehound.DNSFacts{Resolution: lurehound.Exists, A: []netip.Addr{netip.MustParseAddr("203.0.113.7")}, NS: []string{"ns1.example.net", "ns2.example.net"}, MX: []string{"mx.example.net"}}},
			{"microdicom.zip", lurehound.DNSFacts{Resolution: lurehound.NotResolvable, Reason: "servfail"}},
			{"wild.example", lurehound.DNSFacts{Resolution: lurehound.Exists, Wildcard: true, TXT: []string{"v=spf1 -all", "\x1b[31mred"}}},
		}))
		addr := netip.MustParseAddr("203.0.113.7")
		all := func(w io.Writer, format string, opt Options) (*Rows[Resolved], error) {
			return ResolutionsWith(w, format, opt, "caa", "ptr", "mail", "asn")
		}
		golden(t, "facts."+format, rows(t, format, 160, all, []Resolved{
			{"mlcrodicom.info", lurehound.DNSFacts{Resolution: lurehound.Exists, A: []netip.Addr{addr}, NS: []string{"ns1.sedoparking.com"},
				CAA: []string{`0 issue "ca.example"`}, PTR: []lurehound.PTRFacts{{Addr: addr, Names: []string{"vps7.example.net"}}},
				Mail: &lurehound.MailFacts{Receives: lurehound.MailByMX, SPF: "v=spf1 mx -all", DMARC: "v=DMARC1; p=none"},
				ASN:  []lurehound.ASNFacts{{Addr: addr, Number: 64500, Country: "ZZ", Name: "QUIET HARBOUR"}}, Hints: []lurehound.Hint{{Kind: "parking", By: "ns1.sedoparking.com"}}}},
			{"microdicom.zip", lurehound.DNSFacts{Resolution: lurehound.Exists, Missing: []string{"MX", "DMARC"}}},
		}))
		golden(t, "none."+format, rows(t, format, 80, Permutations, nil))
	}
}

func permutations(t testing.TB) []lurehound.Permutation {
	return []lurehound.Permutation{
		{Domain: name(t, "mlcrodicom.info"), Techniques: []string{"homoglyph", "tld-swap"}, Score: 1},
		{Domain: name(t, "micrödicom.com"), Techniques: []string{"homoglyph"}, Score: 0.73125},
		{Domain: name(t, "microdicm.com"), Techniques: []string{"omission"}, Score: 0.00004},
	}
}

func rows[T any](t testing.TB, format string, width int, open func(io.Writer, string, Options) (*Rows[T], error), values []T) []byte {
	t.Helper()
	var b bytes.Buffer
	r, err := open(&b, format, Options{Width: width})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range values {
		if err := r.Write(v); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestRowsLate expects a value in a table that comes in a column which was
// empty while the columns were measured.
func TestRowsLate(t *testing.T) {
	values := make([]Resolved, measuredRows+3)
	for i := range values {
		values[i] = Resolved{Name: "a.com", DNS: lurehound.DNSFacts{Resolution: lurehound.NXDomain}}
	}
	values[len(values)-1].DNS.TXT = []string{"here I am"}
	for _, width := range []int{40, 80, 200} {
		out := rows(t, "table", width, Resolutions, values)
		if !bytes.Contains(out, []byte("txt: here I am")) {
			t.Errorf("width %d: the text is lost", width)
		}
		if n := bytes.Count(out, []byte("a[.]com")); n != len(values) {
			t.Errorf("width %d: %d rows, want %d", width, n, len(values))
		}
		for line := range bytes.Lines(out) {
			if n := columns(string(bytes.TrimSuffix(line, []byte("\n")))); n >= width {
				t.Errorf("width %d: a line has %d columns", width, n)
			}
		}
	}
}

// BenchmarkPermuteJSONLines writes what permute streams.
func BenchmarkPermuteJSONLines(b *testing.B) {
	ps := permutations(b)
	r, err := Permutations(io.Discard, "jsonl", Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if err := r.Write(ps[i%len(ps)]); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkTable writes a hunt for people.
func BenchmarkTable(b *testing.B) {
	h := sample(b)
	b.ReportAllocs()
	for b.Loop() {
		if err := Write(io.Discard, "table", h, Options{Width: 100, Now: now}); err != nil {
			b.Fatal(err)
		}
	}
}

// TestResolutionsNarrow expects a table with outcome and reason at every width,
// and a word about every column that is left out.
func TestResolutionsNarrow(t *testing.T) {
	addr := netip.MustParseAddr
	values := []Resolved{
		{"mlcrodicom.info", lurehound.DNSFacts{Resolution: lurehound.Exists, A: []netip.Addr{addr("203.0.113.7"), addr("203.0.113.8")},
			AAAA: []netip.Addr{addr("2001:db8::7"), addr("2001:db8::8")}, NS: []string{"ns1.quiet-harbour.example", "ns2.quiet-harbour.example"}, MX: []string{"mx.example.net"}}},
		{strings.Repeat("a", 60) + ".com", lurehound.DNSFacts{Resolution: lurehound.NotResolvable, Reason: "no answer from two resolvers"}},
		{"", lurehound.DNSFacts{Resolution: lurehound.NotResolvable, Reason: "not a domain name"}},
	}
	for width := minWidth; width <= 250; width++ {
		out := string(rows(t, "table", width, Resolutions, values))
		header, _, _ := strings.Cut(out, "\n")
		_, left, _ := strings.Cut(out, "Left out for want of room: ")
		for i, column := range []string{"domain", "outcome", "reason", "addresses", "ns", "mx"} {
			if !slices.Contains(strings.Fields(header), column) && (i < 3 || !strings.Contains(left, column)) {
				t.Errorf("width %d: %s is nowhere:\n%s", width, column, out)
			}
		}
		if width >= 60 && !strings.Contains(header, "addresses") || !strings.Contains(out, "(blank)") || strings.Contains(out, "txt") {
			t.Errorf("width %d:\n%s", width, out)
		}
		for line := range strings.Lines(out) {
			if n := columns(strings.TrimSuffix(line, "\n")); n >= width {
				t.Errorf("width %d: a line has %d columns: %q", width, n, line)
			}
		}
	}
	if out := string(rows(t, "csv", 40, Resolutions, values)); strings.Contains(out, "blank") || !strings.Contains(out, "203.0.113.7|203.0.113.8,2001:db8::7|2001:db8::8") {
		t.Errorf("csv:\n%s", out)
	}
}

func TestCutList(t *testing.T) {
	for _, c := range []struct {
		list []string
		w    int
		want string
	}{
		{[]string{"a", "b", "c"}, 7, "a, b, c"},
		{[]string{"a", "b", "cc"}, 7, "a, b +1"},
		{[]string{"a", "b", "cc", "d"}, 6, "a +3"},
		{[]string{"abcdefghij", "b"}, 8, "abcd… +1"},
		{[]string{"abcdefghij"}, 8, "abcdefg…"},
		{[]string{"微微微微微", "b"}, 9, "微微… +1"},
		{nil, 9, ""},
	} {
		if got := cutList(c.list, c.w); got != c.want || columns(got) > c.w {
			t.Errorf("%q in %d columns is %q, want %q", c.list, c.w, got, c.want)
		}
	}
}

// TestRowsRepeated expects lines of equal and of changing lists and scores to be what
// encoding/json makes of them, also where the caller writes into the list that it gave.
func TestRowsRepeated(t *testing.T) {
	type line struct {
		Domain     string   `json:"domain"`
		Unicode    string   `json:"unicode"`
		Techniques []string `json:"techniques"`
		Score      float64  `json:"score"`
	}
	var got, want bytes.Buffer
	r, err := Permutations(&got, "jsonl", Options{})
	if err != nil {
		t.Fatal(err)
	}
	e := json.NewEncoder(&want)
	e.SetEscapeHTML(false)
	list := []string{"homoglyph", "tld-swap"}
	for i, score := range []float64{1, 1, 0.5, 0.5, 0.25, 1, 0, 0, 0.125} {
		if i%3 == 2 {
			list[0] = []string{"omission", `a "<b>"`, "homoglyph"}[i/3]
		}
		p := lurehound.Permutation{Domain: name(t, "mlcrodicom.info"), Techniques: list[:1+i%2], Score: score}
		if err := r.Write(p); err != nil {
			t.Fatal(err)
		}
		if err := e.Encode(line{p.Domain.String(), p.Domain.Unicode(), p.Techniques, score}); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.String(), got.String()); diff != "" {
		t.Error(diff)
	}
}
