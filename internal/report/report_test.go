package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lurehound"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", file)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("%s: want, got (-update rewrites it):\n%s", path, d)
	}
}

func written(t testing.TB, format string, h lurehound.Hunt, opt Options) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, format, h, opt); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestGolden(t *testing.T) {
	for _, c := range []struct {
		file, format string
		opt          Options
	}{
		{"hunt.json", "json", Options{}},
		{"hunt.jsonl", "jsonl", Options{}},
		{"hunt.csv", "csv", Options{}},
		{"hunt-60.txt", "table", Options{Width: 60, Now: now}},
		{"hunt-80.txt", "table", Options{Width: 80, Now: now}},
		{"hunt-120.txt", "table", Options{Width: 120, Now: now}},
		{"hunt-color.txt", "table", Options{Width: 120, Color: true}},
	} {
		t.Run(c.file, func(t *testing.T) { golden(t, c.file, written(t, c.format, sample(t), c.opt)) })
	}
	empty := lurehound.Hunt{Brands: sample(t).Brands, Complete: true, Passive: true, Counts: lurehound.Counts{Permutations: 10, Resolved: 10}}
	for _, format := range []string{"json", "jsonl", "csv", "table"} {
		golden(t, "empty."+format, written(t, format, empty, Options{}))
	}
}

// TestContract names every key that scripts rely on, and what each is when
// nothing is known.
func TestContract(t *testing.T) {
	bare := lurehound.Hunt{Findings: []lurehound.Finding{{Candidate: lurehound.Candidate{Domain: name(t, "a.com")}}}}
	for what, h := range map[string]lurehound.Hunt{"full": sample(t), "bare": bare, "empty": {}} {
		var got map[string]any
		if err := json.Unmarshal(written(t, "json", h, Options{}), &got); err != nil {
			t.Fatal(err)
		}
		keys(t, what, got, "schema", "complete", "brands", "counts", "feeds", "unknown", "absent", "findings", "campaigns")
		if got["schema"] != "lurehound.hunt/1" {
			t.Errorf("schema is %v", got["schema"])
		}
		keys(t, what, got["counts"], "permutations", "resolved", "unknown", "feed_names", "candidates", "findings")
		for _, list := range []string{"brands", "feeds", "unknown", "absent", "findings", "campaigns"} {
			if _, ok := got[list].([]any); !ok {
				t.Errorf("%s: %s is %v, not a list", what, list, got[list])
			}
		}
		for _, f := range got["findings"].([]any) {
			keys(t, what, f, "domain", "unicode", "brand", "techniques", "why", "score", "verdict", "state", "sources", "first_seen",
				"registered", "expires", "status", "registrar", "abuse", "ips", "ns", "mx", "page", "cloaking", "payloads", "campaign", "signals")
			o := f.(map[string]any)
			keys(t, what, o["page"], "url", "title", "similarity")
			if d := cmp.Diff(map[string]any{"verdict": "untested", "differences": []any{}}, o["cloaking"]); d != "" {
				t.Error(d)
			}
			for _, list := range []string{"techniques", "why", "sources", "status", "ips", "ns", "mx", "payloads", "signals"} {
				if _, ok := o[list].([]any); !ok {
					t.Errorf("%s: %s is %v, not a list", what, list, o[list])
				}
			}
		}
	}
}

func keys(t *testing.T, what string, v any, want ...string) {
	t.Helper()
	o, ok := v.(map[string]any)
	if !ok {
		t.Errorf("%s: %v is no object", what, v)
	}
	for _, k := range want {
		if _, ok := o[k]; !ok {
			t.Errorf("%s: key %q is missing in %v", what, k, slices.Sorted(maps.Keys(o)))
		}
	}
}

func TestFindingValues(t *testing.T) {
	lines := strings.Split(string(written(t, "jsonl", sample(t), Options{})), "\n")
	var first, parked map[string]any
	if err := json.Unmarshal([]byte(lines[0]), &first); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(lines[7]), &parked); err != nil {
		t.Fatal(err)
	}
	for k, want := range map[string]any{
		"domain": "mlcrodicom.info", "first_seen": "2024-06-27", "registered": "2024-06-27T09:14:00Z", "expires": "2025-06-27T09:14:00Z",
		"sources": []any{"permute", "isc"}, "techniques": []any{"homoglyph", "tld-swap"}, "ips": []any{"203.0.113.7", "2001:db8::7"},
		"page":  map[string]any{"url": "https://mlcrodicom.info/", "title": "MicroDicom DICOM Viewer", "similarity": 0.9841},
		"score": 0.97, "campaign": "c-1", "payloads": []any{}, "abuse": "abuse@registrar.example",
	} {
		if d := cmp.Diff(want, first[k]); d != "" {
			t.Errorf("%s: want, got:\n%s", k, d)
		}
	}
	if s := parked["page"].(map[string]any)["similarity"]; s != nil {
		t.Errorf("a similarity that was not measured is %v, not null", s)
	}
	if parked["registered"] != nil || parked["first_seen"] != nil {
		t.Errorf("an unknown date is not null: %v, %v", parked["registered"], parked["first_seen"])
	}
}

// TestWidth expects every table line to leave the last column free.
func TestWidth(t *testing.T) {
	h := sample(t)
	long := plainFinding(t, strings.Repeat("a", 60)+"."+strings.Repeat("b", 60)+"."+strings.Repeat("微", 12)+".com", lurehound.Suspicious, strings.Repeat("x", 300))
	h.Findings = append(h.Findings, long)
	for w := minWidth; w <= 200; w++ {
		out := written(t, "table", h, Options{Width: w, Now: now})
		for line := range strings.Lines(string(out)) {
			if n := columns(strings.TrimSuffix(line, "\n")); n >= w {
				t.Fatalf("width %d: a line has %d columns: %q", w, n, line)
			}
		}
		flat := strings.Join(strings.Fields(string(out)), "")
		for _, want := range []string{"mlcrodicom[.]info", long.Candidate.Domain.Defanged(), "microdicom-j[.]com", "page98%alike", "hunter-j[.]com"} {
			if !strings.Contains(flat, want) {
				t.Fatalf("width %d: %q is nowhere:\n%s", w, want, out)
			}
		}
	}
}

// TestSimilar expects no word about pages that share what all pages share, and
// JSON to keep it.
func TestSimilar(t *testing.T) {
	for s, want := range map[float64]string{0.01: "", 0.1999: "", 0.2: "page 20 % alike", 0.999: "page 99 % alike", 1: "page 100 % alike"} {
		f := plainFinding(t, "micrdicom.com", lurehound.Parked, "The page sells the name.")
		f.Comparison.Similarity = &s
		out := string(written(t, "table", lurehound.Hunt{Findings: []lurehound.Finding{f}}, Options{}))
		if want == "" && strings.Contains(out, " % alike") || !strings.Contains(out, want) {
			t.Errorf("%v: want %q in\n%s", s, want, out)
		}
		if out := string(written(t, "json", lurehound.Hunt{Findings: []lurehound.Finding{f}}, Options{})); strings.Contains(out, `"similarity": null`) {
			t.Errorf("%v is not in the JSON", s)
		}
	}
}

// TestBounded expects the table never to say more than was tried.
func TestBounded(t *testing.T) {
	for _, h := range []lurehound.Hunt{sample(t), {}, {Brands: sample(t).Brands, Complete: true}} {
		out := strings.ToLower(string(written(t, "table", h, Options{})))
		if strings.Contains(out, "clean") || strings.Contains(out, " safe") {
			t.Errorf("the table clears something:\n%s", out)
		}
	}
}

// TestEveryFinding expects each finding in the table, whatever its verdict and campaign.
func TestEveryFinding(t *testing.T) {
	var h lurehound.Hunt
	for i, v := range append(lurehound.Verdicts(), "", "made-up") {
		for j, campaign := range []string{"", "listed", "unlisted"} {
			f := plainFinding(t, fmt.Sprintf("name-%d-%d.com", i, j), v, "a reason")
			f.Campaign = campaign
			h.Findings = append(h.Findings, f)
		}
	}
	for _, grave := range []bool{true, false} {
		h.Campaigns = []lurehound.Campaign{{ID: "listed", Name: "one"}}
		if !grave {
			h.Findings = slices.DeleteFunc(h.Findings, func(f lurehound.Finding) bool { return f.Verdict.Rank() <= lurehound.Suspicious.Rank() })
		}
		out := string(written(t, "table", h, Options{Width: 100}))
		for _, f := range h.Findings {
			if n := strings.Count(out, f.Candidate.Domain.Defanged()); n != 1 {
				t.Errorf("%s (%s, %q) is in the table %d times", f.Candidate.Domain, f.Verdict, f.Campaign, n)
			}
		}
	}
}

func TestCSV(t *testing.T) {
	r := csv.NewReader(bytes.NewReader(written(t, "csv", sample(t), Options{})))
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 10 || rows[0][0] != "domain" || rows[1][0] != "mlcrodicom.info" {
		t.Errorf("%d rows, beginning with %v", len(rows), rows[0])
	}
	for in, want := range map[string]string{
		"=cmd|'/C calc'!A0": "'=cmd|'/C calc'!A0", "+1": "'+1", "-1": "'-1", "@SUM": "'@SUM", "\tx": `'\tx`, "\rx": `'\rx`,
		" =1": "' =1", "＝1": "'＝1", "a=b": "a=b", "": "", "mlcrodicom.info": "mlcrodicom.info", "a\nb": `a\nb`,
	} {
		if got := cellText(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestNamed(t *testing.T) {
	if _, err := Named("yaml"); err == nil || !strings.Contains(err.Error(), "table, json, jsonl, csv") {
		t.Errorf("the error has to say what there is: %v", err)
	}
	if err := Write(failing{}, "json", sample(t), Options{}); err == nil {
		t.Error("an error of the writer below is lost")
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, os.ErrClosed }

func TestDefangText(t *testing.T) {
	for in, want := range map[string]string{
		"a copy of https://microdicom.com/a.html (98 %).":                  "a copy of hxxps://microdicom[.]com/a.html (98 %).",
		"Block mlcrodicom.info, microdlcom[.]info.":                        "Block mlcrodicom[.]info, microdlcom[.]info.",
		"abuse@registrar.example, MicroDicom.exe, 1.5 MB, v2.0, 192.0.2.1": "abuse@registrar.example, MicroDicom.exe, 1.5 MB, v2.0, 192.0.2.1",
		".com→.info": ".com→.info",
		"no names":   "no names",
	} {
		if got := defangText(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

// TestWrapWithoutRoom ends, and loses nothing.
func TestWrapWithoutRoom(t *testing.T) {
	for _, n := range []int{-5, 0, 1} {
		if got := strings.Join(wrap("ab c", n), ""); got != "abc" {
			t.Errorf("wrap to %d columns gave %q", n, got)
		}
	}
}
