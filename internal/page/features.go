package page

import (
	"bytes"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"lurehound"
)

// Caps on what is kept of one page.
const (
	maxText      = 2 << 10 // bytes of visible text
	maxTitle     = 300     // bytes; also of other one-line texts
	maxAssets    = 200
	maxHosts     = 50
	maxFrames    = 20
	maxDownloads = 50
	maxForms     = 20
	maxLinks     = 20_000  // links that are looked at
	maxOffers    = 500     // links to files that are taken apart
	maxScripts   = 1 << 20 // bytes of inline scripts that are searched
	maxWordBytes = 3 << 20 // bytes of visible text that are split into words
	minShown     = 20      // words; a page that shows fewer is read with what it hides
)

// Features reads a page. Base is the URL that it came from, contentType the
// header that came with it. It never fails: what could not be read is told by
// ParseError, and the rest is there.
func Features(body []byte, baseURL string, contentType string) lurehound.PageFacts {
	text, problem := decode(body, contentType)
	x, s := extract(text, baseURL, false)
	if x.words.count < minShown && x.hidSome && len(text) < maxWordBytes {
		// A preloader hides the page until a script shows it.
		if all, t := extract(text, baseURL, true); all.words.count >= minShown {
			x, s = all, t
		}
	}
	f := x.facts()
	f.Tags = s.tags
	f.TLSH = TLSH(body)
	switch {
	case x.textBytes > maxWordBytes:
		f.ParseError = "too large: only the first 3 MiB of text were read"
	case x.deepest > maxDepth:
		f.ParseError = "nested deeper than 512 elements"
	case s.problem != "":
		f.ParseError = s.problem
	default:
		f.ParseError = problem
	}
	return f
}

func extract(text []byte, baseURL string, showHidden bool) (*extractor, *scan) {
	x := newExtractor(baseURL)
	x.showHidden = showHidden
	s := newScan(text)
	x.walk(s)
	return x, s
}

// extractor gathers features along the token stream.
type extractor struct {
	page base // URL of the page
	base base // what links resolve against: <base>, or page
	open stack

	title, description, lang string
	hasTitle, hasBase        bool
	text                     []byte
	textBytes                int // of visible text, kept or not
	words                    words
	structure, shaped        shingles
	names, own, inline       sketch
	contents                 []uint64
	linkHosts                []string
	seenLink                 map[string]bool
	ids                      int
	assets, assetHosts       []string
	seenAsset, seenHost      map[string]bool
	icon                     string
	downloads                []lurehound.Download
	links, offers            int
	inLink                   int // index+1 of the download whose link is open
	forms                    forms
	frames                   []string
	refresh, canonical       string
	scriptBytes              int
	onScript                 func([]byte)

	hidden     int // open elements whose text is not shown
	showHidden bool
	hidSome    bool
	deepest    int
	attr       attributes
}

func newExtractor(baseURL string) *extractor {
	b := parseBase(baseURL)
	return &extractor{
		page: b, base: b,
		words:     words{shingles: shingles{n: 3}}, // words: long enough to be a phrase
		structure: shingles{n: 4},                  // elements: an item of a list with its parts
		shaped:    shingles{n: 4},
		seenLink:  map[string]bool{},
		seenAsset: map[string]bool{}, seenHost: map[string]bool{},
		open: newStack(),
	}
}

func (x *extractor) walk(s *scan) {
	for {
		switch tt := s.next(); tt {
		case html.ErrorToken:
			return
		case html.StartTagToken, html.SelfClosingTagToken:
			name, more := s.z.TagName()
			if tt == html.StartTagToken {
				s.opened(name)
			}
			x.attr.read(s, more)
			x.start(name)
			if tt == html.StartTagToken {
				x.push(name)
			}
		case html.EndTagToken:
			name, _ := s.z.TagName()
			x.end(name)
		case html.TextToken:
			x.content(s.z.Text(), s.raw)
		}
	}
}

// attributes are the few attributes of one tag that features are made from.
type attributes struct {
	href, src, class, rel, content, httpEquiv, name, typ, action, style []byte
	lang, autocomplete, id, placeholder, poster, data, dataHref         []byte
	download                                                            []byte
	hasDownload, hidden                                                 bool
}

// read fills a from the tag that was just scanned. The slices hold until the
// next token.
func (a *attributes) read(s *scan, more bool) {
	*a = attributes{}
	for more {
		var k, v []byte
		k, v, more = s.z.TagAttr()
		s.attrs++
		if s.attrs > maxAttrs {
			return
		}
		switch string(k) {
		case "href":
			a.href = v
		case "src":
			a.src = v
		case "class":
			a.class = v
		case "rel":
			a.rel = v
		case "content":
			a.content = v
		case "http-equiv":
			a.httpEquiv = v
		case "name", "property":
			a.name = v
		case "type":
			a.typ = v
		case "action":
			a.action = v
		case "style":
			a.style = v
		case "lang":
			a.lang = v
		case "autocomplete":
			a.autocomplete = v
		case "id":
			a.id = v
		case "placeholder":
			a.placeholder = v
		case "poster":
			a.poster = v
		case "data":
			a.data = v
		case "data-href", "data-url", "data-link", "data-download", "onclick", "formaction":
			a.dataHref = v
		case "download":
			a.download, a.hasDownload = v, true
		case "hidden":
			a.hidden = true
		}
	}
}

// hides reports whether an inline style keeps an element from being seen.
func (a *attributes) hides() bool {
	if a.hidden {
		return true
	}
	if len(a.style) == 0 || len(a.style) > 4096 {
		return false
	}
	s := strings.ToLower(strings.Join(strings.Fields(string(a.style)), ""))
	return strings.Contains(s, "display:none") || strings.Contains(s, "visibility:hidden") ||
		strings.HasSuffix(s, "font-size:0") || strings.Contains(s, "font-size:0;") || strings.Contains(s, "font-size:0px")
}

// start takes in a start tag, whose attributes are in x.attr.
func (x *extractor) start(name []byte) {
	x.id()
	switch string(name) {
	case "meta":
		x.meta()
	case "link":
		x.linkElement()
	case "base":
		if !x.hasBase && len(x.attr.href) > 0 {
			if abs := x.page.absolute(string(x.attr.href)); abs != "" {
				x.base, x.hasBase = parseBase(abs), true
			}
		}
	case "html":
		x.lang = clean(string(x.attr.lang), 35) // RFC 5646, section 4.4.1: enough for every tag in use
	case "a", "area":
		x.anchor()
	case "script", "img", "source", "audio", "embed", "track":
		x.asset(x.attr.src)
	case "video":
		x.asset(x.attr.src)
		x.asset(x.attr.poster)
	case "object":
		x.asset(x.attr.data)
	case "iframe", "frame":
		x.frame()
	case "form":
		x.forms.begin(clean(x.base.absolute(string(x.attr.action)), maxURL))
	case "input":
		x.forms.field(&x.attr)
		if string(x.attr.typ) == "image" {
			x.asset(x.attr.src)
		}
	case "button", "div", "span":
		if len(x.attr.dataHref) > 0 {
			x.handler(x.attr.dataHref)
		}
	}
	x.shape(name)
}

// shape adds the element to the structure: its name and first class. What
// stands in the head, and scripts, vary with every counter that is added.
func (x *extractor) shape(name []byte) {
	switch string(name) {
	case "script", "style", "meta", "link", "noscript", "base":
		return
	}
	class := bytes.TrimLeft(x.attr.class, " \t\r\n")
	if i := bytes.IndexAny(class, " \t\r\n"); i >= 0 {
		class = class[:i]
	}
	h := fnvBytes(fnvOffset, name)
	x.shaped.add(mix(h))
	h = fnvBytes(fnvByte(h, '.'), class[:min(len(class), 64)])
	x.structure.add(h)
}

func (x *extractor) push(name []byte) {
	if isVoid(name) {
		return
	}
	hide := false
	switch string(name) {
	case "html", "body":
		// Hidden until a script shows it, against framing: the page is seen.
	case "svg", "math", "template", "noscript", "select", "datalist", "object":
		hide = true
	default:
		hide = !x.showHidden && x.attr.hides()
		x.hidSome = x.hidSome || hide
	}
	x.hidden -= x.open.push(name, hide)
	if hide {
		x.hidden++
	}
	x.deepest = max(x.deepest, len(x.open.elements))
}

func (x *extractor) end(name []byte) {
	switch string(name) {
	case "form":
		x.forms.end()
	case "a":
		x.inLink = 0
	}
	x.hidden -= x.open.pop(name)
}

// content takes in text. Raw names the element when it is raw text.
func (x *extractor) content(b []byte, raw string) {
	switch raw {
	case "title":
		if !x.hasTitle && x.hidden == 0 {
			x.title = clean(string(b), maxTitle)
			x.hasTitle = x.title != ""
		}
		return
	case "script":
		x.script(b)
		return
	case "textarea", "xmp", "plaintext", "":
	default: // style, noscript, iframe, noembed, noframes: not shown
		return
	}
	if x.hidden > 0 || len(b) == 0 {
		return
	}
	if x.textBytes += len(b); x.textBytes <= maxWordBytes {
		x.words.add(b)
	}
	if len(x.text) < maxText {
		if t := clean(string(b[:min(len(b), 4*maxText)]), maxText); t != "" {
			if len(x.text) > 0 {
				x.text = append(x.text, ' ')
			}
			x.text = append(x.text, t...)
		}
	}
	if x.inLink > 0 {
		if d := &x.downloads[x.inLink-1]; len(d.Text) < maxName {
			d.Text = clean(d.Text+" "+string(b[:min(len(b), maxName)]), maxName)
		}
	}
}

func (x *extractor) script(b []byte) {
	if x.onScript != nil {
		x.onScript(b)
	}
	x.inlineScript(b)
	if x.scriptBytes += len(b); x.scriptBytes <= maxScripts {
		linksInScript(b, func(link string) { x.offer(link, "", "") })
	}
}

func (x *extractor) facts() lurehound.PageFacts {
	slices.Sort(x.assets)
	slices.Sort(x.assetHosts)
	slices.Sort(x.linkHosts)
	slices.Sort(x.contents)
	f := lurehound.PageFacts{
		Title: x.title, Description: x.description, Lang: x.lang,
		Text: cut(string(x.text), maxText), Words: x.words.count,
		Structure: x.structure.hashes(), TextHash: x.words.shingles.hashes(),
		Shape: x.shaped.hashes(), Names: x.names.hashes(), Own: x.own.hashes(), Scripts: x.inline.hashes(),
		Assets: x.assets, AssetHosts: x.assetHosts, LinkHosts: x.linkHosts, Contents: slices.Compact(x.contents),
		Favicon:   x.favicon(),
		Downloads: x.downloads, Forms: x.forms.all(),
		Frames: x.frames, Canonical: x.canonical,
	}
	if x.refresh != "" {
		f.Refresh = x.base.absolute(x.refresh)
	}
	return f
}
