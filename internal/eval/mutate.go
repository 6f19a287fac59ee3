package eval

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"hash/fnv"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// mutation is one thing that copies of a page have changed.
type mutation struct {
	name string
	do   func(s site) []byte
}

var mutations = [...]mutation{
	{"the same bytes", func(s site) []byte { return s.html }},
	{"other links", func(s site) []byte { return rewrite(s.html, otherLinks(), nil) }},
	{"injected script", func(s site) []byte { return inject(s.html) }},
	{"changed text", func(s site) []byte { return rewrite(s.html, nil, changeWords(7)) }},
	{"minified", func(s site) []byte { return minify(s.html) }},
	{"re-ordered attributes", func(s site) []byte { return rewrite(s.html, reorder, nil) }},
	{"inlined images", func(s site) []byte { return rewrite(s.html, inlineFiles(s), nil) }},
	{"translated text", func(s site) []byte { return rewrite(s.html, nil, translate) }},
	{"base tag and wrapper", func(s site) []byte { return wrap(s) }},
	{"renamed classes", func(s site) []byte { return rewrite(s.html, renameClasses, nil) }},
	{"cut off after 60 %", func(s site) []byte { return s.html[:len(s.html)*6/10] }},
	{"links, script, text and classes", func(s site) []byte {
		links := otherLinks()
		return inject(rewrite(s.html, func(t *html.Token) { links(t); renameClasses(t) }, changeWords(9)))
	}},
}

// rewrite passes start tags to tag and visible text to text; either may be nil.
func rewrite(page []byte, tag func(*html.Token), text func(string) string) []byte {
	var out bytes.Buffer
	z := html.NewTokenizer(bytes.NewReader(page))
	raw := "" // element whose text is no text
	for {
		switch tt := z.Next(); tt {
		case html.ErrorToken:
			return out.Bytes()
		case html.StartTagToken, html.SelfClosingTagToken:
			before := slices.Clone(z.Raw())
			t := z.Token()
			raw = ""
			if t.Data == "script" || t.Data == "style" || t.Data == "code" {
				raw = t.Data
			}
			if tag == nil || len(t.Attr) == 0 {
				out.Write(before)
				continue
			}
			tag(&t)
			out.WriteString(t.String())
		case html.EndTagToken:
			raw = ""
			out.Write(z.Raw())
		case html.TextToken:
			if text == nil || raw != "" {
				out.Write(z.Raw())
				continue
			}
			out.WriteString(html.EscapeString(text(html.UnescapeString(string(z.Raw())))))
		default:
			out.Write(z.Raw())
		}
	}
}

func otherLinks() func(*html.Token) {
	n := 0
	return func(t *html.Token) {
		for i, a := range t.Attr {
			if t.Data == "a" && a.Key == "href" {
				n++
				t.Attr[i].Val = fmt.Sprintf("https://files.copy.example/go.php?id=%d", n)
			}
		}
	}
}

func inject(page []byte) []byte {
	const what = `<script src="https://cdn.copy.example/t.js"></script><script>(function(){var u=navigator.userAgent;if(u){document.cookie="v=1"}})()</script><div style="position:fixed" class="bar"><a href="/update.exe">Your version is out of date, update now</a></div>`
	if i := bytes.LastIndex(page, []byte("</body>")); i >= 0 {
		return slices.Concat(page[:i], []byte(what), page[i:])
	}
	return slices.Concat(page, []byte(what))
}

// changeWords replaces one word in every.
func changeWords(every int) func(string) string {
	n := 0
	return func(s string) string {
		return eachWord(s, func(w string) string {
			if n++; n%every == 0 {
				return "update"
			}
			return w
		})
	}
}

func eachWord(s string, do func(string) string) string {
	var b strings.Builder
	for _, part := range strings.SplitAfter(s, " ") {
		w := strings.TrimRight(part, " \n.,:;")
		if w == "" {
			b.WriteString(part)
			continue
		}
		b.WriteString(do(w))
		b.WriteString(part[len(w):])
	}
	return b.String()
}

// translate writes every word in a language of its own: the same word for the same word, of another length.
func translate(s string) string {
	return eachWord(s, func(w string) string {
		if strings.Trim(w, "0123456789.") == "" {
			return w
		}
		h := fnv.New32a()
		h.Write([]byte(strings.ToLower(strings.TrimSpace(w))))
		n := h.Sum32()
		var b strings.Builder
		for range 2 + n%4 {
			n = n*1664525 + 1013904223
			b.WriteByte("bdfgklmnprstvw"[(n>>16)%14])
			b.WriteByte("aeiou"[(n>>24)%5])
		}
		return b.String()
	})
}

// minify drops comments and the white space between words but for one space.
func minify(page []byte) []byte {
	var out bytes.Buffer
	z := html.NewTokenizer(bytes.NewReader(page))
	pre := false
	for {
		switch tt := z.Next(); tt {
		case html.ErrorToken:
			return out.Bytes()
		case html.CommentToken:
		case html.TextToken:
			if pre {
				out.Write(z.Raw())
				continue
			}
			text := strings.Join(strings.Fields(string(z.Raw())), " ")
			if text != "" && bytes.HasPrefix(z.Raw(), []byte(" ")) {
				text = " " + text
			}
			if last := z.Raw(); text != "" && last[len(last)-1] <= ' ' {
				text += " "
			}
			out.WriteString(text)
		default:
			raw := slices.Clone(z.Raw())
			name, _ := z.TagName()
			pre = tt == html.StartTagToken && (string(name) == "pre" || string(name) == "script") || pre && string(name) != "pre" && string(name) != "script"
			out.Write(bytes.Join(bytes.Fields(raw), []byte(" ")))
		}
	}
}

func reorder(t *html.Token) { slices.Reverse(t.Attr) }

// inlineFiles puts what images are into the page, as tools that save a page in one file do.
func inlineFiles(s site) func(*html.Token) {
	return func(t *html.Token) {
		for i, a := range t.Attr {
			if t.Data == "img" && a.Key == "src" {
				if b := s.file(a.Val); len(b) > 0 {
					t.Attr[i].Val = "data:image/png;base64," + base64.StdEncoding.EncodeToString(b)
				}
			}
		}
	}
}

func wrap(s site) []byte {
	out := bytes.Replace(s.html, []byte("<head>"), []byte(`<head><base href="`+s.url+`">`), 1)
	out = bytes.Replace(out, []byte("<body>"), []byte(`<body><div id="wrap-outer"><div class="w1"><div class="w2">`), 1)
	return bytes.Replace(out, []byte("</body>"), []byte("</div></div></div></body>"), 1)
}

func renameClasses(t *html.Token) {
	for i, a := range t.Attr {
		if a.Key == "class" {
			h := fnv.New32a()
			h.Write([]byte(a.Val))
			t.Attr[i].Val = fmt.Sprintf("c%08x", h.Sum32())
		}
	}
}

// fileLinks are what the page loads, as it says it.
func fileLinks(page []byte) (links []string) {
	rewrite(page, func(t *html.Token) {
		for _, a := range t.Attr {
			if a.Key == "src" && !strings.HasPrefix(a.Val, "data:") || t.Data == "link" && a.Key == "href" {
				if u, err := url.Parse(a.Val); err == nil && u.Host == "" && u.Path != "" {
					links = append(links, u.Path)
				}
			}
		}
	}, nil)
	return links
}
