package page

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"lurehound"
)

const vendorPage = `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">
<title> Acme  Viewer — free
download </title><meta name="description" content="The viewer &amp; more">
<link rel="shortcut icon" href="/img/fav.ico?v=2"><link rel=stylesheet href="//cdn.example.net/css/site.css?1">
<link rel="canonical" href="https://acme.example/"><script src="js/app.js"></script></head>
<body class="home page"><nav><ul><li class=item><a href="/about">About</a><li class=item><a href="/help">Help</a></ul></nav>
<img src="https://img.example.net/logo.png"><p>Look at <b>medical</b> images. Cr&egrave;me.</p><p style="display: none">nothing here</p>
<a class=btn href="files/AcmeSetup%202.exe?ref=1">Download <i>now</i></a>
<a href="https://mirror.example/get.php?file=acme.zip">Mirror</a><a href="https://evil.zip/">no file</a>
<a href="/gen" download="Acme.bin">Other</a>
<form action="/login"><input name=user><input type=password name=p></form>
<form action="/pay"><input autocomplete="cc-number"></form><form action="/search"><input name=q></form>
<iframe src="/frame.html"></iframe><script>var u="https:\/\/cdn.example.net\/x\/setup.msi"; go(u)</script>
<script>if(a<b){"</p>"}</script><style>p{}</style><noscript>enable it</noscript></body></html>`

func TestFeatures(t *testing.T) {
	got := Features([]byte(vendorPage), "https://www.acme.example/start/", "text/html")
	want := lurehound.PageFacts{
		Title: "Acme Viewer — free download", Description: "The viewer & more", Lang: "en",
		Text:  "About Help Look at medical images. Crème. Download now Mirror no file Other",
		Words: 13, Tags: 37,
		Assets:     []string{"app.js", "fav.ico", "logo.png", "site.css"},
		AssetHosts: []string{"cdn.example.net", "img.example.net"},
		LinkHosts:  []string{"evil.zip", "mirror.example"},
		Favicon:    lurehound.Favicon{URL: "https://www.acme.example/img/fav.ico?v=2"},
		Downloads: []lurehound.Download{
			{URL: "https://www.acme.example/start/files/AcmeSetup%202.exe?ref=1", Name: "AcmeSetup 2.exe", Text: "Download now"},
			{URL: "https://mirror.example/get.php?file=acme.zip", Name: "acme.zip", Text: "Mirror"},
			{URL: "https://www.acme.example/gen", Name: "Acme.bin", Text: "Other"},
			{URL: "https://cdn.example.net/x/setup.msi", Name: "setup.msi"},
		},
		Forms:     []lurehound.Form{{Action: "https://www.acme.example/login", Password: true}, {Action: "https://www.acme.example/pay", Card: true}},
		Frames:    []string{"https://www.acme.example/frame.html"},
		Canonical: "https://acme.example/",
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(lurehound.PageFacts{}, "Structure", "Shape", "Names", "Own", "Scripts", "TextHash", "TLSH")); diff != "" {
		t.Errorf("Features (-want +got):\n%s", diff)
	}
	if len(got.Shape) == 0 || len(got.Names) != 3 || len(got.Own) != 1 || len(got.Scripts) != 1 {
		t.Errorf("shape %d, names %d, own assets %d, scripts %d", len(got.Shape), len(got.Names), len(got.Own), len(got.Scripts))
	}
	if len(got.Structure) == 0 || len(got.TextHash) != 11 || len(got.TLSH) != 72 {
		t.Errorf("structure %d, text %d, TLSH %q", len(got.Structure), len(got.TextHash), got.TLSH)
	}
}

func TestFeaturesText(t *testing.T) {
	utf16le := func(s string) string {
		b := []byte{0xff, 0xfe}
		for _, u := range utf16.Encode([]rune(s)) {
			b = append(b, byte(u), byte(u>>8))
		}
		return string(b)
	}
	tests := []struct{ name, body, contentType, title, text string }{
		{"windows-1251 by header", "<title>\xcf\xf0\xe8\xe2\xe5\xf2</title>", "text/html; charset=windows-1251", "Привет", ""},
		{"by meta", "<meta charset=shift_jis><title>\x83\x65\x83\x58\x83\x67</title>", "", "テスト", ""},
		{"UTF-16 by mark", utf16le("<title>Zażółć</title><p>x"), "text/html; charset=utf-8", "Zażółć", "x"},
		{"UTF-8 found late", "<!--" + strings.Repeat("x", 2000) + "--><title>Ä</title>", "", "Ä", ""},
		{"UTF-8 mark", "\xef\xbb\xbf<title>é</title>", "text/html; charset=latin1", "é", ""},
		{"wrong charset", "<title>a\xffb</title>", "text/html; charset=utf-8", "a\uFFFDb", ""},
		{"UTF-7 is not read", "<meta charset=utf-7><title>+AGE-</title>", "", "+AGE-", ""},
		{"NUL", "<title>a\x00b</title><p>c\x00d", "", "a\uFFFDb", "c\u2400d"},
		{"hidden attribute", "<p hidden>a<p>b", "", "", "b"},
		{"hidden by style", "<div style='x:y; VISIBILITY : hidden'><div>a</div></div>b", "", "", "b"},
		{"all hidden is shown", "<div style='display:none'><p>" + strings.Repeat("all ", 20) + "</div>Loading", "", "", strings.Repeat("all ", 20) + "Loading"},
		{"hidden body is shown", "<body style='display:none'>seen", "", "", "seen"},
		{"template and svg", "<template>a</template><svg><title>t</title><text>b</text></svg>c", "", "", "c"},
		{"right to left and zero width", "<p>\u202egnp\u200b.exe", "", "", "\u202egnp\u200b.exe"},
		{"first title", "<title> </title><title>a</title><title>b</title>", "", "a", ""},
		{"open title", "<title>never closed", "", "never closed", ""},
		{"entities", "<p>&lt;b&gt;&nbsp;&#x41;", "", "", "<b> A"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := Features([]byte(tt.body), "https://a.example/", tt.contentType)
			if f.Title != tt.title || f.Text != tt.text {
				t.Errorf("title %q, text %q; want %q, %q", f.Title, f.Text, tt.title, tt.text)
			}
		})
	}
}

func TestWords(t *testing.T) {
	tests := []struct {
		in   string
		want int
	}{
		{"", 0}, {"a", 1}, {" one, two-three ", 3}, {"C64 8bit", 2}, {"Über\u200bmut", 1}, {"日本語 ok", 4}, {"\xff\xfe", 0},
	}
	for _, tt := range tests {
		w := words{shingles: shingles{n: 3}}
		if w.add([]byte(tt.in)); w.count != tt.want {
			t.Errorf("words of %q: %d, want %d", tt.in, w.count, tt.want)
		}
	}
}

func TestOffered(t *testing.T) {
	tests := []struct {
		link, name string
		ok         bool
	}{
		{"setup.exe", "setup.exe", true},
		{"/a/b/Setup.MSI?x=1#y", "Setup.MSI", true},
		{"https://x.example/dl?f=%2Fa%2Fviewer%2Eiso&z", "viewer.iso", true},
		{"https://setup.exe", "", false},
		{"https://setup.exe/", "", false},
		{"/.exe", "", false},
		{"/download", "", false},
		{"/download.html", "", false},
		{"/download.php?id=3", "download.php", true},
		{"https://drive.google.com/uc?export=download&id=1", "uc", true},
		{"https://mega.nz/about", "", false},
		{"app.tar.gz", "app.tar.gz", true},
		{"mailto:a@b.sh", "mailto:a@b.sh", true}, // dropped when it is made absolute
	}
	for _, tt := range tests {
		name, ok := offered(tt.link)
		if ok != tt.ok || ok && name != tt.name {
			t.Errorf("offered(%q) = %q, %v; want %q, %v", tt.link, name, ok, tt.name, tt.ok)
		}
	}
	if f := Features([]byte("<a href='mailto:a@b.sh'>m</a><a href='javascript:x.exe'>"), "http://a.example/", ""); len(f.Downloads) != 0 {
		t.Errorf("no download, got %v", f.Downloads)
	}
}

// hostilePages are the pages that break readers of pages. Each hides the title
// "sentinel" and a link to sentinel.exe behind what is hostile, where the
// standard lets a browser see it there.
func hostilePages() map[string]string {
	tail := `</div><title>sentinel</title><a href="/sentinel.exe">get</a>`
	many := func(s string, n int) string { return strings.Repeat(s, max(n/shrink, min(n, 600))) }
	numbered := func(format string, n int) string {
		var b strings.Builder
		for i := range n / shrink {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	u16 := func(s string) string {
		var b bytes.Buffer
		b.WriteString("\xfe\xff")
		for _, u := range utf16.Encode([]rune(s)) {
			b.Write([]byte{byte(u >> 8), byte(u)})
		}
		return b.String()
	}
	return map[string]string{
		"P01 513 deep":           many("<div>", 513) + tail,
		"P01 100,000 deep":       many("<div>", 100_000),
		"P02 one huge attribute": "<div title='" + many("x> ", 50<<20/3) + "'>" + tail,
		"P03 1 M attributes":     "<div " + numbered("a%d=1 ", 1_000_000) + ">" + tail,
		"P04 1 M links":          many("<a href='/x.exe'>y</a>", 1_000_000),
		"P05 endless comment":    tail + "<!--" + many("x-->", 1)[:1] + many("- >", 5<<20),
		"P05 huge comment":       "<!--" + many("x", 10<<20) + "-->" + tail,
		"P06 no closing tags":    tail + many("<p><b><i>x", 30_000),
		"P07 NUL bytes":          many("\x00", 5000) + tail + many("<\x00p>", 5000),
		"P08 UTF-7":              "<meta charset=utf-7>" + tail + many("+ADw-script+AD4-", 5000),
		"P09 UTF-16":             u16(tail + many("<p>ż", 300_000)),
		"P10 wrong charset":      "<meta charset=utf-8>" + tail + many("\xe4\xf6\xfc<p>", 200_000),
		"P11 base elsewhere":     "<base href='//other.example:99/a/'>" + tail,
		"P12 foreign nesting":    many("<template><svg><math><mtext><style>a</style>", 10_000) + many("</math>", 10_000),
		"P13 10,000 frames":      tail + many("<iframe src='//a.example/x'></iframe>", 10_000),
		"P14 refresh to itself":  "<meta http-equiv=refresh content='0'>" + tail,
		"P15 20 MB of script":    "<script>" + many("var a='<p>';\n", 20<<20/13) + "</SCRIPT >" + tail,
		"P16 data: links":        many("<img src='data:image/png;base64,"+many("A", 50_000)+"'>", 100) + tail,
		"P17 right to left":      many("<p>\u202e\u200b\u200d\ufeffabc", 30_000) + tail,
		"P18 one line":           many("word ", 400_000) + tail,
		"P19 empty":              "",
		"P20 binary":             tail + string(bytes.Repeat([]byte{0, 1, 2, 0xff, 0xfe, '<', 'a', ' ', '=', '"', '\n', 0x80}, 300_000)),
	}
}

// unreachable are pages where nothing stands behind what is hostile.
var unreachable = []string{"P01 100,000 deep", "P04 1 M links", "P12 foreign nesting", "P19 empty"}

func TestHostilePages(t *testing.T) {
	const limit = 10 * time.Second // the slowest takes 0.1 s; what grows with the square takes minutes
	for name, body := range hostilePages() {
		t.Run(name, func(t *testing.T) {
			b := []byte(body)
			took := time.Hour
			var f lurehound.PageFacts
			for range 5 { // the fastest of five: other work on the machine is not the page's
				start := time.Now()
				f = Features(b, "http://a.example/x/", "text/html")
				took = min(took, time.Since(start))
				if took < limit {
					break
				}
			}
			if took > limit {
				t.Errorf("took %v, want at most %v", took, limit)
			}
			t.Logf("%8.1f ms %9d bytes %q", float64(took.Microseconds())/1000, len(b), f.ParseError)
			if len(f.Text) > maxText || len(f.Downloads) > maxDownloads || len(f.Frames) > maxFrames || !utf8.ValidString(f.Text+f.Title) {
				t.Errorf("caps do not hold: %d bytes of text, %d downloads, %d frames", len(f.Text), len(f.Downloads), len(f.Frames))
			}
			for _, u := range unreachable {
				if name == u {
					return
				}
			}
			if f.Title != "sentinel" || len(f.Downloads) != 1 || f.Downloads[0].Name != "sentinel.exe" {
				t.Errorf("title %q, downloads %v: what stands behind is lost", f.Title, f.Downloads)
			}
		})
	}
}

func TestParseErrorIsSaid(t *testing.T) {
	if shrink > 1 {
		t.Skip("the pages are too small under the race detector")
	}
	pages := hostilePages()
	for name, want := range map[string]string{
		"P01 513 deep": "512", "P01 100,000 deep": "512", "P02 one huge attribute": "longer than", "P05 huge comment": "longer than",
		"P04 1 M links": "too large", "P19 empty": "", "P18 one line": "longer than", "P11 base elsewhere": "",
	} {
		got := Features([]byte(pages[name]), "http://a.example/", "").ParseError
		if want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%s: parse error %q, want one with %q", name, got, want)
		}
	}
}

// TestHostilePagesTellTheTruth holds what the hostile part itself says.
func TestHostilePagesTellTheTruth(t *testing.T) {
	pages := hostilePages()
	for number := range 20 {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(pages)), func(n string) bool { return strings.HasPrefix(n, fmt.Sprintf("P%02d ", number+1)) }) {
			t.Errorf("no page has the number %d", number+1)
		}
	}
	read := func(name string) lurehound.PageFacts {
		return Features([]byte(pages[name]), "http://a.example/x/", "text/html")
	}
	if f := read("P11 base elsewhere"); len(f.Downloads) != 1 || f.Downloads[0].URL != "http://other.example:99/sentinel.exe" {
		t.Errorf("base elsewhere: %v", f.Downloads)
	}
	if f := read("P13 10,000 frames"); !slices.Equal(f.Frames, slices.Repeat([]string{"http://a.example/x"}, maxFrames)) {
		t.Errorf("frames: %q", f.Frames)
	}
	if f := read("P14 refresh to itself"); f.Refresh != "" {
		t.Errorf("a refresh to itself leads to %q", f.Refresh)
	}
	if f := read("P17 right to left"); !strings.Contains(f.Text, "\u202e") {
		t.Errorf("the text is rewritten: %.60q", f.Text)
	}
	if f := read("P16 data: links"); len(f.Assets) != 0 {
		t.Errorf("data: links are assets: %.60q", f.Assets)
	}
	nothing := lurehound.PageFacts{Favicon: lurehound.Favicon{URL: "http://a.example/favicon.ico"}} // where browsers ask for one
	if diff := cmp.Diff(nothing, read("P19 empty"), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("empty (-want +got):\n%s", diff)
	}
}

func FuzzFeatures(f *testing.F) {
	f.Add([]byte(vendorPage), "https://a.example/", "text/html")
	for _, s := range []string{"", "<", "<a", "<a href", "<!--", "<title>", "</p>", "<p></b></p>", "\xff\xfe<\x00", "<base href=x:y><a href=b.exe>",
		"<script><!--<script></script>", "<a download href=data:x>", "<link rel=icon href=data:;base64,AAAA>", "<svg><title>"} {
		f.Add([]byte(s), "http://a.example/b", "text/html; charset=utf-16")
	}
	f.Fuzz(func(t *testing.T, body []byte, base, contentType string) {
		p := Features(body, base, contentType)
		for _, s := range append([]string{p.Title, p.Text, p.Description, p.Lang, p.Refresh, p.Canonical}, p.Assets...) {
			if !utf8.ValidString(s) || strings.ContainsRune(s, 0) || len(s) > max(maxText, maxURL) {
				t.Fatalf("not fit to be kept: %q", s)
			}
		}
		if len(p.Structure) > SketchSize || len(p.TextHash) > SketchSize || p.Words < 0 {
			t.Fatalf("caps do not hold: %d, %d, %d", len(p.Structure), len(p.TextHash), p.Words)
		}
		if diff := cmp.Diff(p, Features(body, base, contentType)); diff != "" {
			t.Fatalf("not deterministic:\n%s", diff)
		}
	})
}

// productPage is a page like a vendor's, of about size bytes.
func productPage(size int) []byte {
	var b bytes.Buffer
	b.WriteString("<!DOCTYPE html><html lang=en><head><title>Product</title><link rel=stylesheet href=/a.css></head><body>")
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, "<div class=\"row item\" id=\"r%d\"><h3 class='t'>Part number %d of the list</h3><p>Text that says something about part %d, "+
			"with <b>bold</b> words and a <a href=\"/part/%d.html\" title='x'>link to more</a>.</p><img src=\"/img/p%d.jpg\" alt=\"picture\" style=\"width:10px\"></div>\n", i, i*7, i, i, i%40)
	}
	b.WriteString("<a href=/setup.exe>Download</a></body></html>")
	return b.Bytes()
}

func BenchmarkFeatures(b *testing.B) {
	for _, size := range []int{80 << 10, 100 << 10} {
		b.Run(fmt.Sprintf("%dKiB", size>>10), func(b *testing.B) {
			p := productPage(size)
			b.SetBytes(int64(len(p)))
			b.ReportAllocs()
			for b.Loop() {
				Features(p, "https://a.example/", "text/html; charset=utf-8")
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "pages/s")
		})
	}
}
