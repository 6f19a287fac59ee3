package compare

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"lurehound"
	"lurehound/internal/page"
)

// prose is n words of a language that only seed speaks.
func prose(seed uint64, n int) string {
	r := rand.New(rand.NewPCG(seed, 7))
	var b strings.Builder
	for range n {
		for range 2 + r.IntN(3) {
			b.WriteByte("bcdfghklmnprstvz"[r.IntN(16)])
			b.WriteByte("aeiou"[r.IntN(5)])
		}
		b.WriteByte(' ')
	}
	return b.String()
}

// site is one page of a CMS: the template is the same for each seed, content and pictures differ.
func cms(seed uint64) string {
	var b strings.Builder
	b.WriteString(`<html><head><title>` + prose(seed, 3) + `</title><link rel=stylesheet href=/wp/theme.css><script src=/wp/jquery.min.js></script><script src=/wp/app.js></script></head>
<body class=home><header class=top><nav class=menu><ul class=nav><li class=i><a>Home</a><li class=i><a>About us</a><li class=i><a>Contact</a></ul></nav></header><main class=content>`)
	for i := range 8 {
		fmt.Fprintf(&b, `<article class=post><h2 class=title>%s</h2><img class=pic src=/up/%d-%d.jpg><p>%s</p><a class=more href=/p/%d>Read more</a></article>`,
			prose(seed+uint64(i)*100, 4), seed, i, prose(seed+1000+uint64(i), 50), i)
	}
	b.WriteString(`</main><footer class=foot><p>Powered by the same content management system. All rights reserved. Privacy policy and terms.</p></footer></body></html>`)
	return b.String()
}

// vendor is a vendor's page, with a small text.
func vendor(host, phone, extra string) string {
	return `<html lang=en><head><title>Acme Viewer</title><link rel=stylesheet href="https://` + host + `/site.css"><link rel=icon href=/favicon.ico></head>
<body class=page><div class=head><a class=logo href="https://` + host + `/"><img src="https://` + host + `/img/logo.png"></a><ul class=menu><li><a href="https://` + host + `/about">About</a><li><a href="/buy">Buy</a></ul></div>
<div class=main><h1>Acme Viewer</h1><p>The viewer that radiologists like best, free for private use, with all the tools that are needed to look at images and to measure them.</p>
<img src=/img/shot1.png><img src=/img/shot2.png><table class=f><tr><td>Open studies from disks<td>yes<tr><td>Print films and reports<td>yes</table>
<a class=btn href="https://` + host + `/files/acme-setup.exe">Download</a>` + extra + `</div><div class=foot>Call us: ` + phone + `. Copyright Acme Software Limited, Sofia.</div></body></html>`
}

// shop has its own design.
func shop(seed uint64) string {
	var b strings.Builder
	b.WriteString(`<html><body><table class=layout><tr><td class=left><font class=h>` + prose(seed, 5) + `</font>`)
	for i := range 12 {
		fmt.Fprintf(&b, `<section id=s%d class=dish><h4>%s</h4><em>%s</em><span class=price>%d</span></section>`, i, prose(seed+uint64(i), 3), prose(seed+50+uint64(i), 12), i)
	}
	b.WriteString(`<script src=menu.js></script><img src=table.jpg></table></body></html>`)
	return b.String()
}

func visit(u, body string) *lurehound.VisitFacts {
	f := page.Features([]byte(body), u, "text/html")
	return &lurehound.VisitFacts{URL: u, Status: 200, Page: &f}
}

func reference(body string) lurehound.Reference {
	return lurehound.Reference{URL: "https://www.acme.example/", Page: visit("https://www.acme.example/", body).Page}
}

func TestSimilarity(t *testing.T) {
	const other = "https://acrne.example/"
	genuine := vendor("www.acme.example", "+359 2 123456", "")
	tests := []struct {
		name     string
		ref, got string
		min, max float64
	}{
		{"the same bytes", genuine, genuine, 1, 1},
		{"hosts rewritten", genuine, vendor("acrne.example", "+359 2 123456", ""), 0.99, 1},
		{"another phone number", genuine, vendor("acrne.example", "+1 800 555", ""), 0.9, 0.999},
		{"a script added", genuine, strings.Replace(genuine, "</body>", "<script src=//counter.example/c.js></script><script>go()</script></body>", 1), 0.9, 1},
		{"another download", genuine, strings.ReplaceAll(genuine, "acme-setup.exe", "update.msi"), 0.99, 1},
		{"a banner added", genuine, vendor("acrne.example", "+359 2 123456", "<p>Update required now</p>"), 0.9, 0.999},
		{"phone, script, hosts and download", genuine, strings.Replace(strings.ReplaceAll(vendor("acrne.example", "+1 800 555", ""), "acme-setup", "setup"), "</body>", "<script src=//c.example/c.js></script>", 1), 0.9, 0.999},
		{"only the text is kept", genuine, "<html><body><pre>" + strip(genuine) + "</pre></body></html>", 0.5, 0.8},
		{"another site", genuine, shop(3), 0, 0.2},
		{"another site of another design", cms(1), shop(3), 0, 0.2},
		{"two sites of one template", cms(1), cms(50_000), 0, 0.2},
		{"a page of the same site, text replaced by half", cms(1), strings.Replace(cms(1), prose(1001, 50), prose(9, 50), 1), 0.8, 0.999},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := Pages(reference(tt.ref), []*lurehound.VisitFacts{visit(other, tt.got)})
			if c.Similarity == nil {
				t.Fatalf("no similarity: %s", c.Why)
			}
			if *c.Similarity < tt.min || *c.Similarity > tt.max {
				t.Errorf("similarity %.3f (%s), want %v to %v", *c.Similarity, c.Why, tt.min, tt.max)
			}
			t.Logf("%.3f %s", *c.Similarity, c.Why)
		})
	}
}

// strip is the text of a page.
func strip(s string) string {
	var b strings.Builder
	in := false
	for _, r := range s {
		switch {
		case r == '<':
			in = true
			b.WriteByte(' ')
		case r == '>':
			in = false
		case !in:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func TestNotMeasured(t *testing.T) {
	genuine := vendor("www.acme.example", "1", "")
	blank := visit("http://a.example/", "<html><body></body></html>")
	tests := []struct {
		name   string
		ref    lurehound.Reference
		visits []*lurehound.VisitFacts
		why    string
	}{
		{"no reference", lurehound.Reference{Problem: "timeout"}, []*lurehound.VisitFacts{blank}, "there is no reference page: timeout"},
		{"empty reference", reference("<p>x"), []*lurehound.VisitFacts{blank}, "reference page is too empty"},
		{"no visit", reference(genuine), nil, "no web server answered"},
		{"nil visit", reference(genuine), []*lurehound.VisitFacts{nil}, "no web server answered"},
		{"no HTML", reference(genuine), []*lurehound.VisitFacts{{URL: "http://a.example/", Status: 200}}, "no HTML"},
		{"refused", reference(genuine), []*lurehound.VisitFacts{{URL: "http://a.example/", Status: 403}}, "status 403"},
		{"blank", reference(genuine), []*lurehound.VisitFacts{blank}, "too empty"},
		{"the genuine site", reference(genuine), []*lurehound.VisitFacts{visit("https://acme.example/start", genuine)}, "reference's own site"},
		{"error page with text", reference(genuine), []*lurehound.VisitFacts{func() *lurehound.VisitFacts {
			v := visit("http://a.example/", shop(1))
			v.Status = 404
			return v
		}()}, "error page"},
	}
	for _, tt := range tests {
		c := Pages(tt.ref, tt.visits)
		if c.Similarity != nil || !strings.Contains(c.Why, tt.why) {
			t.Errorf("%s: similarity %v, why %q; want none, because %q", tt.name, c.Similarity, c.Why, tt.why)
		}
	}
}

func TestBestVisitCounts(t *testing.T) {
	genuine := vendor("www.acme.example", "1", "")
	clone := visit("http://a.example/clone", genuine)
	clone.Status = 403 // a clone is one, whatever the status says
	c := Pages(reference(genuine), []*lurehound.VisitFacts{
		visit("http://a.example/", "<p>x"), visit("http://a.example/shop", shop(1)), clone, visit("http://a.example/shop", shop(2)),
	})
	if c.Similarity == nil || *c.Similarity != 1 || c.URL != "http://a.example/clone" {
		t.Errorf("%+v, want the clone", c)
	}
}

func TestLaws(t *testing.T) {
	pages := []string{vendor("a.example", "1", ""), vendor("b.example", "2 3", "<b>x</b>"), cms(1), cms(50_000), shop(1), shop(2)}
	rapid.Check(t, func(t *rapid.T) {
		draw := func(label string) *lurehound.PageFacts {
			s := rapid.SampledFrom(pages).Draw(t, label)
			cut := rapid.IntRange(len(s)/2, len(s)).Draw(t, label+" cut")
			f := page.Features([]byte(s[:cut]), "http://x.example/", "")
			return &f
		}
		a, b := draw("a"), draw("b")
		var ab, ba, aa lurehound.Comparison
		measure(&ab, a, b, false)
		measure(&ba, b, a, false)
		measure(&aa, a, a, false)
		if math.Abs(*ab.Similarity-*ba.Similarity) > 1e-12 {
			t.Fatalf("not symmetric: %v, %v", *ab.Similarity, *ba.Similarity)
		}
		if *aa.Similarity != 1 || *ab.Similarity < 0 || *ab.Similarity > 1 {
			t.Fatalf("to itself %v, to another %v", *aa.Similarity, *ab.Similarity)
		}
	})
}

func TestPagesWithoutText(t *testing.T) {
	pictures := func(name string, n int) string {
		return "<body>" + strings.Repeat("<div class="+name+"><img src="+name+".png><i></i></div>", n)
	}
	a := reference(pictures("x", 30))
	if c := Pages(a, []*lurehound.VisitFacts{visit("http://b.example/", pictures("x", 30))}); c.Similarity == nil || *c.Similarity != 1 {
		t.Errorf("the same: %+v", c)
	}
	if c := Pages(a, []*lurehound.VisitFacts{visit("http://b.example/", pictures("y", 30))}); c.Similarity == nil || *c.Similarity > 0.2 {
		t.Errorf("another: %+v", c)
	}
}

func BenchmarkPages(b *testing.B) {
	r, v := reference(cms(1)), []*lurehound.VisitFacts{visit("http://a.example/", cms(50_000))}
	b.ReportAllocs()
	for b.Loop() {
		Pages(r, v)
	}
}
