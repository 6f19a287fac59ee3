package permute

import (
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/publicsuffix"
	"pgregory.net/rapid"

	"lurehound"
	"lurehound/internal/lexicon"
)

func brand(t testing.TB, name, domain string, words ...string) lurehound.Brand {
	t.Helper()
	d, err := lurehound.ParseDomain(domain)
	if err != nil {
		t.Fatal(err)
	}
	return lurehound.Brand{Name: name, Domains: []lurehound.Domain{d}, Words: words}
}

func target(t testing.TB, name, domain string, words ...string) Target {
	t.Helper()
	tg, err := NewTarget(brand(t, name, domain, words...))
	if err != nil {
		t.Fatal(err)
	}
	return tg
}

// brands are of all shapes: short, hyphened, with digits, products under
// another name, second-level suffixes, own names below a site, IDN.
func brands(t testing.TB) []Target {
	var out []Target
	for _, b := range [][]string{
		{"MicroDicom", "microdicom.com", "MicroDicom DICOM Viewer"},
		{"Advanced IP Scanner", "advanced-ip-scanner.com", "Advanced IP Scanner"},
		{"PuTTY", "chiark.greenend.org.uk", "PuTTY"}, {"7-Zip", "7-zip.org", "7-Zip"},
		{"Notepad++", "notepad-plus-plus.org", "Notepad++"}, {"OBS Studio", "obsproject.com", "OBS Studio"},
		{"X", "x.com"}, {"HP", "hp.com"}, {"3M", "3m.com"}, {"Visa", "visa.com"}, {"arc", "arc.net"},
		{"Truist", "truist.com"}, {"Google Meet", "meet.google.com"}, {"paint.net", "getpaint.net"},
		{"Correios", "correios.com.br"}, {"Australia Post", "auspost.com.au"}, {"i4Tools", "i4.cn"},
		{"WinRAR", "rarlab.com", "WinRAR"}, {"CPU-Z", "cpuid.com", "CPU-Z"}, {"KS DB Merge", "ksdbmerge.tools"},
		{"Canada Post", "canadapost-postescanada.ca"}, {"RVTools", "robware.net", "RVTools"},
		{"Müller", "müller.de", "Müller Drogerie"}, {"президент", "президент.рф"}, {"Bücher", "www.bücher.com"}, {"naïve", "naïve.org"},
		{"modern", "modern.io"}, {"www", "www.com"}, {"rnn", "rnnmvvw.org"}, {"0", "0.pl"},
		{"a--b", "abc--d.com"}, {"long", strings.Repeat("a", 63) + ".com"}, {"long2", strings.Repeat("mi", 31) + ".info"},
		{"Mozilla", "mozilla.org", "Firefox", "Thunderbird"}, {"Oracle", "virtualbox.org", "VirtualBox"},
		{"WinSCP", "winscp.net"}, {"FileZilla", "filezilla-project.org", "FileZilla"}, {"KeePass", "keepass.info"},
		{"AnyDesk", "anydesk.com"}, {"TeamViewer", "teamviewer.com"}, {"Slack", "slack.com"}, {"Zoom", "zoom.us"},
		{"Wireshark", "wireshark.org"}, {"GIMP", "gimp.org"}, {"Blender", "blender.org"}, {"VLC", "videolan.org", "VLC media player"},
		{"Audacity", "audacityteam.org", "Audacity"}, {"CCleaner", "ccleaner.com"}, {"Rufus", "rufus.ie"},
		{"Evri", "evri.com"}, {"USPS", "usps.com"}, {"DeepSeek", "deepseek.com"}, {"SSA", "ssa.gov"}, {"ICJ", "icj-cij.org"},
		{"GitHub pages", "lurehound.github.io"}, {"uk", "bbc.co.uk"}, {"words", "example.com", "viewer", "download", "!!", ""},
	} {
		out = append(out, target(t, b[0], b[1], b[2:]...))
	}
	return out
}

func TestFoundingCase(t *testing.T) {
	tg := target(t, "MicroDicom", "microdicom.com", "MicroDicom DICOM Viewer")
	missing := map[string][]string{
		"mlcrodicom.info":         {"homoglyph", "tld-swap"},
		"microdlcom.info":         {"homoglyph", "tld-swap"},
		"mlcrodlcom.info":         {"homoglyph", "tld-swap"},
		"rnicrodicom.com":         {"homoglyph"},
		"microdicom-download.com": {"combosquatting"},
		"microdicomcom.info":      {"faux-tld", "tld-swap"},
		"micro-dicom.org":         {"hyphenation", "tld-swap"},
		"microdicom.net":          {"tld-swap"},
		"mlcrodicom-viewer.com":   {"homoglyph", "combosquatting"},
	}
	for p := range Permutations(tg, lexicon.Default(), Options{Budget: 50000}) {
		if want, ok := missing[p.Domain.String()]; ok {
			if diff := cmp.Diff(want, p.Techniques); diff != "" {
				t.Errorf("%s (-want +got):\n%s", p.Domain, diff)
			}
			delete(missing, p.Domain.String())
		}
	}
	if len(missing) > 0 {
		t.Errorf("not among 50000 permutations: %v", missing)
	}
}

// TestPermutationLaws holds for every brand: registrable, admitted by the suffix's registry, no duplicate,
// none of the brand's own, ranked, in the same order each time; the edits lead from the word
// to the name, and the name is explained by at least what made it.
func TestPermutationLaws(t *testing.T) {
	x := lexicon.Default()
	all := brands(t)
	e := NewExplainer(x)
	rapid.Check(t, func(t *rapid.T) {
		i := rapid.IntRange(0, len(all)-1).Draw(t, "brand")
		opt := Options{
			Budget:     rapid.IntRange(1, 500).Draw(t, "budget"),
			Techniques: rapid.SliceOfNDistinct(rapid.SampledFrom(names()), 0, 5, rapid.ID).Draw(t, "techniques"),
		}
		every := rapid.IntRange(5, 50).Draw(t, "explain every")
		tg := all[i]
		seen := map[string]bool{}
		last, n := 1.0, 0
		var order []string
		for p := range Permutations(tg, x, opt) {
			n++
			checkName(t, tg, p, seen)
			if p.Score > last || p.Score <= 0 || n == 1 && p.Score != 1 {
				t.Fatalf("%s has score %g after %g", p.Domain, p.Score, last)
			}
			last = p.Score
			for _, name := range p.Techniques {
				if len(opt.Techniques) > 0 && !slices.Contains(opt.Techniques, name) {
					t.Fatalf("%s is made by %s, which was not asked for", p.Domain, name)
				}
			}
			order = append(order, p.Domain.String())
			if n%every == 0 && !explained(explain(e, tg, p.Domain), p.Techniques) {
				t.Fatalf("%s is made by %v, but explained by %v", p.Domain, p.Techniques, explain(e, tg, p.Domain))
			}
		}
		if n > opt.Budget {
			t.Fatalf("%d names, the budget is %d", n, opt.Budget)
		}
		k := 0
		for p := range Permutations(tg, x, opt) {
			if p.Domain.String() != order[k] {
				t.Fatalf("name %d is %s the first time, %s the second", k, order[k], p.Domain)
			}
			if k++; k == 200 {
				break
			}
		}
	})
}

func checkName(t *rapid.T, tg Target, p lurehound.Permutation, seen map[string]bool) {
	name := p.Domain.String()
	if seen[name] {
		t.Fatalf("%s comes twice", name)
	}
	seen[name] = true
	if p.Domain.Problem() != "" {
		t.Fatalf("%s cannot be registered: %s", name, p.Domain.Problem())
	}
	if slices.ContainsFunc(Techniques(), func(tech Technique) bool { return tech.On == OnName && tech.Name == p.Techniques[0] }) {
		checkWhole(t, tg, p)
		return
	}
	if !p.Domain.Apex() {
		t.Fatalf("%s is below a registrable name", name)
	}
	if s, icann := publicsuffix.PublicSuffix(name); s != p.Domain.Suffix() || !icann && !strings.Contains(s, ".") {
		t.Fatalf("%s has suffix %q", name, s)
	}
	if p.Domain.Label() != tg.Label && !validLabel(p.Domain.UnicodeLabel()) {
		t.Fatalf("%s is no name that is sold", name)
	}
	if !lexicon.Default().Admits(p.Domain.Suffix(), p.Domain.UnicodeLabel()) {
		t.Fatalf("%s is not admitted", p.Domain.Unicode())
	}
	for _, own := range tg.Own {
		if name == own.Registrable() || p.Domain.Within(own) {
			t.Fatalf("%s is the brand's own", name)
		}
	}
	if len(p.Techniques) == 0 || len(p.Edits()) == 0 {
		t.Fatalf("%s has techniques %v and edits %v", name, p.Techniques, p.Edits())
	}
	label := p.Edits()
	if last := label[len(label)-1]; last.At == lurehound.SuffixEdit {
		if last.From != tg.Suffix || last.To != p.Domain.Suffix() {
			t.Fatalf("%s has the suffix edit %v", name, last)
		}
		label = label[:len(label)-1]
	}
	word := p.Word
	if !slices.ContainsFunc(p.Techniques, func(name string) bool { return on(name) == OnLabel }) && on(p.Techniques[0]) == OnBase {
		word = tg.Label // the base itself
	}
	if got := rewrite(word, label); got != p.Domain.Label() && got != p.Domain.UnicodeLabel() {
		t.Fatalf("the edits %v make %q of %q, not %q", label, got, word, p.Domain.Label())
	}
}

// checkWhole is checkName for a name that composes with nothing.
func checkWhole(t *rapid.T, tg Target, p lurehound.Permutation) {
	label := p.Edits()
	if last := label[len(label)-1]; last.At == lurehound.SuffixEdit {
		if label = label[:len(label)-1]; last.From != tg.Suffix || !strings.HasSuffix(p.Domain.String(), "."+last.To) {
			t.Fatalf("%s has the suffix edit %v", p.Domain, last)
		}
	}
	if len(p.Techniques) != 1 || p.Word != tg.Label || !strings.Contains("."+p.Domain.String(), "."+rewrite(p.Word, label)+".") {
		t.Fatalf("%s is made of %s by %v: %v", p.Domain, p.Word, p.Techniques, p.Edits())
	}
	for _, own := range tg.Own {
		if p.Domain.Registrable() == own.Registrable() {
			t.Fatalf("%s is below the brand's own %s", p.Domain, own)
		}
	}
}

func on(technique string) Part {
	list, err := Named([]string{technique})
	if err != nil {
		return -1
	}
	return list[0].On
}

func explained(all []way, by []string) bool {
	return slices.ContainsFunc(all, func(e way) bool {
		return !slices.ContainsFunc(by, func(name string) bool { return !slices.Contains(e.Techniques, name) })
	})
}

func names() []string {
	var out []string
	for _, tech := range Techniques() {
		out = append(out, tech.Name)
	}
	return out
}

func TestUnlimitedBudgetEnds(t *testing.T) {
	n := 0
	for range Permutations(target(t, "", "x.com"), lexicon.Default(), Options{Techniques: []string{"omission", "bitsquatting", "tld-swap"}}) {
		n++
	}
	if n < 1000 {
		t.Errorf("%d names, want those of all suffixes", n)
	}
}

func TestNamed(t *testing.T) {
	got, err := Named([]string{"tld-swap", "homoglyph"})
	if err != nil || len(got) != 2 {
		t.Errorf("Named gives %d techniques, %v", len(got), err)
	}
	if _, err := Named([]string{"homoglyphs"}); err == nil || !strings.Contains(err.Error(), "faux-tld") {
		t.Errorf("error %v, want one that lists the techniques", err)
	}
}

func TestNewTargetRefusesNoBrand(t *testing.T) {
	if _, err := NewTarget(lurehound.Brand{Name: "x"}); err == nil {
		t.Error("a brand without domain is taken")
	}
}

func BenchmarkPermutations(b *testing.B) {
	tg := target(b, "MicroDicom", "microdicom.com", "MicroDicom DICOM Viewer")
	x := lexicon.Default()
	for _, budget := range []int{10_000, 20_000, 1_000_000} {
		b.Run(strconv.Itoa(budget), func(b *testing.B) {
			b.ReportAllocs()
			total := 0
			for b.Loop() {
				for range Permutations(tg, x, Options{Budget: budget}) {
					total++
				}
			}
			b.ReportMetric(float64(total)/b.Elapsed().Seconds(), "names/s")
		})
	}
}

// An edit after which no character of the label is left imitates nobody.
func TestSomethingOfTheLabelIsLeft(t *testing.T) {
	for _, tt := range []struct{ domain, makes, not string }{
		{"x.org", "x.com xx.org xz.org x-download.org", "c.org d.org s.com c-2024.org y-download.org"},
		{"hp.com", "jp.com hl.com ph.com h.com", "jl.com"},
	} {
		names := map[string]bool{}
		for p := range Permutations(target(t, "", tt.domain), lexicon.Default(), Options{Budget: 20_000}) {
			names[p.Domain.String()] = true
		}
		for want := range strings.FieldsSeq(tt.makes) {
			if !names[want] {
				t.Errorf("%s is not made of %s", want, tt.domain)
			}
		}
		for not := range strings.FieldsSeq(tt.not) {
			if names[not] {
				t.Errorf("%s is made of %s", not, tt.domain)
			}
		}
	}
}

// TestMemory holds what a large budget keeps alive below 48 MiB.
func TestMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("makes 1,000,000 names")
	}
	const budget = 1_000_000
	tg := target(t, "Advanced IP Scanner", "advanced-ip-scanner.com", "Advanced IP Scanner")
	var before, during runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	n := 0
	for range Permutations(tg, lexicon.Default(), Options{Budget: budget}) {
		if n++; n == budget {
			runtime.GC()
			runtime.ReadMemStats(&during)
		}
	}
	live := int64(during.HeapAlloc) - int64(before.HeapAlloc)
	t.Logf("%d names keep %.1f MiB alive", n, float64(live)/(1<<20))
	if live > 48<<20 {
		t.Errorf("%d bytes are alive after %d names, more than 48 MiB", live, n)
	}
}
