package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"lurehound"
)

// hostileParts are what terminals, spreadsheets and readers are steered with.
var hostileParts = [...]string{
	"\x1b[31m", "\x1b]0;title\a", "\x1b]8;;http://evil.example\x1b\\", "\x9b2J", "\u009b2J", "\u0085", "\x00", "\a", "\b\b\b", "\r", "\n", "\t", "\v", "\f", "\x7f",
	"\u202e", "\u2066", "\u2069", "\u200b", "\u200d", "\ufeff", "\u00ad", "\u061c", "\u2028", "\u2029", "\u3164", "\u2800", "\ufe0f", "\U000e0041", "\U000e0100", "\u034f", "\u115f",
	"\xff", "\xc3", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\U0010ffff", "\ue000", strings.Repeat("\u0301", 30),
	"=cmd|'/C calc'!A0", "+1", "-1", "@SUM(A1)", "\"", "'", ",", ";", "|", "\\", "\\x1b", "<script>", "{", "}", "[", "]", "%s%n", "ẞ", "微软", "🦊", "عربى", "a", "b c", " ",
}

func hostile(rnd *rand.Rand) string {
	var b strings.Builder
	for range 1 + rnd.IntN(5) {
		if rnd.IntN(4) == 0 {
			b.WriteByte(byte(rnd.IntN(256)))
			continue
		}
		b.WriteString(hostileParts[rnd.IntN(len(hostileParts))])
	}
	return b.String()
}

// hostileHunt has foreign text wherever it can be; s gives another one each time.
func hostileHunt(t testing.TB, s func() string) lurehound.Hunt {
	d, err := lurehound.ParseDomain(s() + ".info")
	if err != nil {
		d = name(t, "mlcrodicom.info")
	}
	n := 0.5
	return lurehound.Hunt{
		Brands: []lurehound.Brand{{Name: s(), Domains: []lurehound.Domain{d}, Words: []string{s()}, References: []lurehound.Reference{{URL: s(), Problem: s()}}}},
		Feeds:  []lurehound.FeedReport{{Feed: s(), Days: 1, Names: 1, Problems: []string{s()}}},
		Counts: lurehound.Counts{Permutations: 1, Candidates: 1}, Unknown: []lurehound.Undecided{{Domain: s(), Outcome: lurehound.Resolution(s()), Reason: s()}, {Domain: s(), Outcome: lurehound.Resolution(s())}},
		Findings: []lurehound.Finding{
			{
				Candidate: lurehound.Candidate{Domain: d, Brand: s(), Matches: []lurehound.Match{{Brand: s(), Word: s(), Techniques: []string{s()}, Edits: []lurehound.Edit{{From: s(), To: s()}, {To: s(), At: -1}}, Score: 1, Why: s()}},
					Sightings: []lurehound.Sighting{{Feed: s(), IP: s(), Score: s(), Reason: s()}}, Links: []string{s()}},
				Observations: []lurehound.Observation{
					{DNS: &lurehound.DNSFacts{NS: []string{s()}, MX: []string{s()}}},
					{Registration: &lurehound.RegistrationFacts{Registered: now, Status: []string{s()}, Registrar: s(), Abuse: s(), NS: []string{s()}}},
					{Visit: &lurehound.VisitFacts{URL: s(), Status: 200, Page: &lurehound.PageFacts{Title: s()}}},
				},
				Comparison: lurehound.Comparison{Reference: s(), URL: s(), Similarity: &n},
				Signals:    []lurehound.Signal{{Rule: s(), Why: s(), Evidence: s()}}, Verdict: lurehound.TakenDown, Earlier: lurehound.Verdict(s()), State: lurehound.State(s()), Note: s(), Campaign: "c", Since: now, Changes: []string{s(), s()},
			},
			{Candidate: lurehound.Candidate{Domain: d, Matches: []lurehound.Match{{Why: s()}}}, Verdict: lurehound.Verdict(s()), Campaign: s()},
			{Candidate: lurehound.Candidate{Domain: d}, Verdict: lurehound.Inconclusive},
		},
		Campaigns: []lurehound.Campaign{{ID: "c", Name: s(), Domains: []string{s()}, Shared: []lurehound.Pivot{{Kind: lurehound.PivotKind(s()), Value: s()}, {Kind: lurehound.PivotPage, Value: s()}, {Kind: lurehound.PivotNameServer, Value: s()}},
			Timeline: []lurehound.Event{{Date: now, Event: s(), What: s()}}}},
		Views: []lurehound.View{{Profile: s(), Route: s()}}, Problems: []string{s()}, Next: []string{s()},
	}
}

// harmless fails the test where anything but visible text and line feeds is in
// the output.
func harmless(t *testing.T, what, in string, out []byte) {
	t.Helper()
	if !utf8.Valid(out) {
		t.Fatalf("%s: %q gave invalid UTF-8", what, in)
	}
	for i, r := range string(out) {
		if ' ' <= r && r <= '~' || r == '\n' || r == utf8.RuneError {
			continue
		}
		if r < ' ' || 0x7f <= r && r < 0xa0 || unicode.In(r, unicode.Cf, unicode.Cc, unicode.Zl, unicode.Zp, unicode.Co, unicode.Bidi_Control, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point) {
			t.Fatalf("%s: %q gave %U at %d: %q", what, in, r, i, out[max(0, i-40):min(len(out), i+10)])
		}
	}
}

// TestHostile puts 10,000 hostile strings through every writer, several of them
// in every hunt and row.
func TestHostile(t *testing.T) {
	const at = 8
	rnd := rand.New(rand.NewPCG(7, 11))
	n := 10_000
	if testing.Short() {
		n = 800
	}
	for range n / at {
		var batch [at]string
		for i := range batch {
			batch[i] = hostile(rnd)
		}
		next := 0
		s := func() string { next++; return batch[next%at] }
		h := hostileHunt(t, s)
		in := strings.Join(batch[:], " ¦ ")
		for _, f := range Formats() {
			out := written(t, f.Name, h, Options{Width: 60 + rnd.IntN(60)})
			harmless(t, f.Name, in, out)
			wellFormed(t, f.Name, in, out, 3)
			rows := hostileRows(t, f.Name, s)
			harmless(t, f.Name+" rows", in, rows)
			wellFormed(t, f.Name, in, rows, 2)
		}
		colored := string(written(t, "table", h, Options{Color: true}))
		for _, ours := range []string{bold, faint, red, green, yellow, magenta, cyan, reset} {
			colored = strings.ReplaceAll(colored, ours, "")
		}
		harmless(t, "coloured table", in, []byte(colored))
	}
}

// hostileRows writes two rows, with four hostile texts and more in each.
func hostileRows(t *testing.T, format string, s func() string) []byte {
	var b bytes.Buffer
	r, err := Resolutions(&b, format, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := r.Write(Resolved{Name: s(), DNS: lurehound.DNSFacts{Resolution: lurehound.Resolution(s()), Reason: s(), TXT: []string{s(), s()}, NS: []string{s()}}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// wellFormed expects as many records as were written, no cell a formula.
func wellFormed(t *testing.T, format, in string, out []byte, records int) {
	t.Helper()
	switch format {
	case "json":
		if !json.Valid(out) {
			t.Fatalf("%q gave bad JSON: %s", in, out)
		}
	case "jsonl":
		lines := bytes.Split(bytes.TrimSuffix(out, []byte("\n")), []byte("\n"))
		if len(lines) != records {
			t.Fatalf("%q gave %d lines", in, len(lines))
		}
		for _, l := range lines {
			if !json.Valid(l) {
				t.Fatalf("%q gave bad JSON: %s", in, l)
			}
		}
	case "csv":
		rows, err := csv.NewReader(bytes.NewReader(out)).ReadAll()
		if err != nil || len(rows) != records+1 {
			t.Fatalf("%q gave %d records, error %v", in, len(rows), err)
		}
		for _, row := range rows {
			for _, cell := range row {
				if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
					t.Fatalf("%q gave the cell %q", in, cell)
				}
			}
		}
	}
}

// FuzzVisible holds the escapes to their laws on any octets.
func FuzzVisible(f *testing.F) {
	for _, p := range hostileParts {
		f.Add(p)
		f.Add("a " + p)
	}
	f.Add("\xf3 \u0741") // a word that has no width
	f.Fuzz(func(t *testing.T, s string) {
		v := visible(s)
		harmless(t, "visible", s, []byte(v))
		if strings.ContainsRune(v, '\n') {
			t.Fatalf("%q is on two lines", s)
		}
		if visible(v) != v {
			t.Fatalf("%q is escaped twice: %q, %q", s, v, visible(v))
		}
		var back string
		if err := json.Unmarshal(appendString(nil, s), &back); err != nil {
			t.Fatal(err)
		}
		if want := strings.ToValidUTF8(s, "\ufffd"); utf8.ValidString(s) && back != want {
			t.Fatalf("%q came back from JSON as %q", s, back)
		}
		for _, n := range []int{1, 7, 40} {
			lines := wrap(v, n)
			if got, want := strings.Join(lines, ""), strings.Join(strings.Fields(v), ""); strings.ReplaceAll(got, " ", "") != want {
				t.Fatalf("%q lost something when wrapped: %q", want, got)
			}
			for _, l := range lines {
				if columns(l) > max(n, 2) {
					t.Fatalf("a line of %q has %d columns, not %d", v, columns(l), n)
				}
			}
		}
	})
}
