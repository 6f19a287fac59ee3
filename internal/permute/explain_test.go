package permute

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"lurehound"
	"lurehound/internal/lexicon"
)

func parse(t testing.TB, name string) lurehound.Domain {
	t.Helper()
	d, err := lurehound.ParseDomain(name)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// way is an Explanation of a whole name, with the word that it starts from.
type way struct {
	Explanation
	word string
}

// explain asks about every base and every part of the label, as match cannot
// afford to: the shortest explanations first.
func explain(e *Explainer, t Target, d lurehound.Domain) []way {
	label, suffixes := d.UnicodeLabel(), []Explanation{{}}
	if label == "" || slices.ContainsFunc(t.Own, d.Within) {
		return nil
	}
	if d.Suffix() != t.Suffix {
		suffixes = e.Suffix(nil, t, d.Suffix())
	}
	var cores []Core
	for size := 1; size < len(label); size++ {
		cores = append(cores, Core{0, size}, Core{len(label) - size, len(label)})
	}
	slices.Reverse(cores)
	var out []way
	all := bases(t, nil, e.x)
	for _, tech := range Techniques() {
		if tech.On == OnBase { // another may make the same word
			all = append(all, bases(t, []Technique{tech}, e.x)[1:]...)
		}
	}
	for _, b := range all {
		bt := t
		bt.Label = b.word
		if b.word == t.Label {
			bt.Label = t.Domain.UnicodeLabel()
		}
		for _, l := range e.Label(nil, bt, label, cores, 9) {
			if len(l.Techniques) == 0 {
				l.Changes = b.changes
			}
			for _, s := range suffixes {
				w := l
				w.Techniques = slices.Concat(b.names, l.Techniques, s.Techniques)
				w.Changes = slices.Concat(l.Changes, s.Changes)
				if len(w.Techniques) > 0 {
					out = append(out, way{w, b.word})
				}
			}
		}
	}
	for _, x := range e.Name(nil, t, d) {
		out = append(out, way{x, t.Label})
	}
	slices.SortStableFunc(out, func(a, b way) int { return len(a.Techniques) - len(b.Techniques) })
	return out
}

// first is the shortest explanation as one line.
func first(all []way) string {
	if len(all) == 0 {
		return ""
	}
	var edits []string
	for _, e := range all[0].Changes {
		edits = append(edits, e.String())
	}
	return fmt.Sprintf("%s: %s: %s", all[0].word, strings.Join(all[0].Techniques, "+"), strings.Join(edits, ", "))
}

func TestExplain(t *testing.T) {
	e := NewExplainer(lexicon.Default())
	micro := target(t, "MicroDicom", "microdicom.com", "MicroDicom DICOM Viewer")
	scanner := target(t, "Advanced IP Scanner", "advanced-ip-scanner.com", "Advanced IP Scanner")
	putty := target(t, "PuTTY", "chiark.greenend.org.uk", "PuTTY")
	mueller := target(t, "Müller", "müller.de")
	for _, c := range []struct {
		tg         Target
		name, want string
	}{
		{micro, "mlcrodicom.info", "microdicom: homoglyph+tld-swap: i→l at position 2, .com→.info"},
		{micro, "mlcrodlcom.info", "microdicom: homoglyph+tld-swap: i→l at position 2, i→l at position 7, .com→.info"},
		{micro, "www.rnicrodicom.com", "microdicom: homoglyph: m→rn at position 1"},
		{micro, "mıcrodicom.com", "microdicom: idn-homograph: i→ı at position 2"},
		{micro, "microdicom.duckdns.org", "microdicom: hosted: .com→.duckdns.org"},
		{micro, "microdicom.com.br", "microdicom: tld-append: .com→.com.br"},
		{micro, "wwwmicrodicom.com", `microdicom: dot-omission: "www" added at position 1`},
		{micro, "www-microdicom.com", `microdicom: dot-hyphen: "www-" added at position 1`},
		{micro, "micro.dicom.com", `microdicom: dot-insertion: "." added at position 6`},
		{putty, "putty.co.uk", "putty: product-word+wrong-second-level: greenend→putty at position 1, .org.uk→.co.uk"},
		{micro, "micodicom.com", `microdicom: omission: "r" dropped at position 4`},
		{micro, "mlcrodicomcom.info", `microdicom: homoglyph+combosquatting+tld-swap: i→l at position 2, "com" added at position 11, .com→.info`},
		{micro, "mircodicom-download.com", `microdicom: transposition+combosquatting: cr→rc at position 3, "-download" added at position 11`},
		{micro, "microdicom.com", ""},
		{micro, "example.com", ""},
		{micro, "com", ""},
		{scanner, "adevanced-lp-scanner.net", `advanced-ip-scanner: homoglyph+insertion+tld-swap: "e" added at position 3, i→l at position 10, .com→.net`},
		{scanner, "advancedlpscanner.com", `advanced-ip-scanner: homoglyph+hyphenation: "-" dropped at position 9, i→l at position 10, "-" dropped at position 12`},
		{putty, "putty.org.uk", "putty: product-word: greenend→putty at position 1"},
		{putty, "pytty.id", "putty: product-word+replacement+tld-swap: u→y at position 2, .org.uk→.id"},
		{mueller, "muller.de", "xn--mller-kva: idn-homograph: ü→u at position 2"},
	} {
		if got := first(explain(e, c.tg, parse(t, c.name))); got != c.want {
			t.Errorf("%s is explained by\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
}

// TestLabelOfOwn: the word itself is recognised by no technique.
func TestLabelOfOwn(t *testing.T) {
	got := NewExplainer(lexicon.Default()).Label(nil, target(t, "", "microdicom.com"), "microdicom", nil, 1)
	if len(got) != 1 || len(got[0].Techniques) != 0 {
		t.Errorf("microdicom is explained by %v", got)
	}
}

func TestCompose(t *testing.T) {
	for _, c := range []struct{ first, second, want string }{
		{"", "1x", "1x"},
		{"+2e", "9x", "8x"},   // behind an insertion: one further left in the label before
		{"+2e", "1x", "1x"},   // before it
		{"+2e", "2x", "2x"},   // within it: at its place
		{"-2a", "5x", "6x"},   // behind a removal
		{"-0a", "0x", "1x"},   // a removal at the start
		{"+0eee", "3x", "0x"}, // right behind an insertion at the start
	} {
		var first []lurehound.Edit
		if c.first != "" {
			e := lurehound.Edit{At: int(c.first[1] - '0')}
			if c.first[0] == '+' {
				e.To = c.first[2:]
			} else {
				e.From = c.first[2:]
			}
			first = append(first, e)
		}
		second := lurehound.Edit{From: "y", To: "x", At: int(c.second[0] - '0')}
		got := compose(first, []lurehound.Edit{second})
		if !slices.ContainsFunc(got, func(e lurehound.Edit) bool { return e.To == "x" && e.At == int(c.want[0]-'0') }) {
			t.Errorf("%s then %s: %v, want %s", c.first, c.second, got, c.want)
		}
	}
}

func TestAlignGlyphs(t *testing.T) {
	for _, c := range []struct {
		from, to string
		want     []lurehound.Edit
	}{
		{"modern", "modem", []lurehound.Edit{{From: "rn", To: "m", At: 4}}},
		{"rm", "mn", []lurehound.Edit{{From: "rm", To: "mn", At: 0}}},
		{"microdicom", "mіcrodісom", []lurehound.Edit{{From: "i", To: "і", At: 1}, {From: "i", To: "і", At: 6}, {From: "c", To: "с", At: 7}}},
		{"microdicom", "microdicom", nil},
		{"microdicom", "macrodicom", nil},
	} {
		got, ok := alignGlyphs(Target{Label: c.from}, c.to, nil)
		if diff := cmp.Diff(c.want, got); diff != "" || ok != (c.want != nil) {
			t.Errorf("%s to %s (-want +got):\n%s", c.from, c.to, diff)
		}
	}
}

// FuzzExplain: no label makes it panic, and changes of an ASCII word lie within the word.
func FuzzExplain(f *testing.F) {
	for _, s := range []string{"", "mlcrodicom", "rnıcrodicom-download", "a", "-", "microdicommicrodicom", "\xff", "rrrrrrrrrrnnnnnnnn", "xn--a"} {
		f.Add("microdicom", s)
		f.Add("rn-m", s)
		f.Add("a", s)
	}
	e := NewExplainer(lexicon.Default())
	t0 := target(f, "MicroDicom", "microdicom.com", "MicroDicom DICOM Viewer")
	f.Fuzz(func(t *testing.T, word, label string) {
		if len(word) > lurehound.MaxLabelLen || len(label) > 4*lurehound.MaxLabelLen {
			return // no label in any form is longer
		}
		tg := t0
		tg.Label = word
		n := utf8.RuneCountInString(word)
		for _, x := range e.Label(nil, tg, label, []Core{{0, len(label)}, {len(label) / 2, len(label)}}, 2) {
			for _, c := range x.Changes {
				if c.At < 0 || c.At > n {
					t.Errorf("%q: change %v lies outside %q", label, c, word)
				}
			}
		}
	})
}

// TestExplainersCostNothing: what a technique does not recognise costs no memory.
func TestExplainersCostNothing(t *testing.T) {
	tg, x := target(t, "MicroDicom", "microdicom.com", "MicroDicom DICOM Viewer"), lexicon.Default()
	for _, tech := range Techniques() {
		if tech.On != OnLabel {
			continue
		}
		for _, label := range []string{"nothing-of-it", "microdic0n", "micrxdixcom", "qicrodicxm"} {
			if _, ok := tech.Explain(tg, label, x); ok {
				continue
			}
			if n := testing.AllocsPerRun(10, func() { tech.Explain(tg, label, x) }); n > 0 {
				t.Errorf("%s allocates %g times before it rejects %s", tech.Name, n, label)
			}
		}
	}
}

func BenchmarkExplain(b *testing.B) {
	e := NewExplainer(lexicon.Default())
	tg := target(b, "MicroDicom", "microdicom.com", "MicroDicom DICOM Viewer")
	var out []Explanation
	for _, c := range []struct {
		label string
		core  Core
	}{{"microdicom-downloads", Core{0, 10}}, {"mlcrodicim", Core{0, 10}}, {"get-miccrodicom", Core{4, 15}}} {
		b.Run(c.label, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				out = e.Label(out[:0], tg, c.label, []Core{c.core}, 2)
			}
		})
	}
}
