package page

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"slices"
	"strings"

	"lurehound"
)

// Caps on what is hashed of a page's own names and of what it carries itself.
const (
	maxIDs      = 20_000
	maxCarried  = 128 << 10 // bytes of one data: URL that is decoded
	maxContents = 200
	leastAsset  = 64 // bytes; tracking pixels and empty files are everybody's
)

// id takes in the identifier of an element. Generators number what has no name.
func (x *extractor) id() {
	id := x.attr.id
	if len(id) == 0 || len(id) > maxName {
		return
	}
	if x.ids++; x.ids <= maxIDs {
		x.name(string(id))
	}
}

// name adds a link target or an identifier, unless many sites have it.
func (x *extractor) name(s string) {
	s = strings.ToLower(s)
	if len(s) < 3 || numbered(s) || common().names.has(s) {
		return
	}
	x.names.add(uint32(mix(fnvBytes(fnvOffset, []byte(s))) >> 32))
}

// numbered reports whether a name is at most two letters of its own besides
// numbers and the words for numbering: id-1.2.3, section-2, toc4.
func numbered(s string) bool {
	s = strings.TrimRight(s, "0123456789.-_:")
	switch s {
	case "id", "idp", "idm", "section", "sec", "toc", "item", "tab", "slide", "page", "figure", "fig", "table", "fn", "line", "l", "menu-item", "post":
		return true
	}
	return len(s) < 3
}

// leads takes in where a link leads: the last part of its path, and the host
// when it is another one.
func (x *extractor) leads(link string) {
	link = trimURL(link)
	if i := strings.IndexByte(link, ':'); i > 0 && i < 12 && !strings.HasPrefix(link[i:], "://") {
		return
	}
	host, path, _ := splitURL(link)
	if _, fragment, ok := strings.Cut(link, "#"); ok {
		x.name(clean(unescape(fragment), maxName))
	}
	x.name(clean(unescape(lastPart(strings.TrimRight(path, "/"))), maxName))
	if host == "" || host == x.page.host || len(x.linkHosts) >= maxHosts {
		return
	}
	if host = clean(host, lurehound.MaxNameLen); host != "" && !x.seenLink[host] {
		x.seenLink[host] = true
		x.linkHosts = append(x.linkHosts, host)
	}
}

// ownAsset adds the name of an asset that is the site's own.
func (x *extractor) ownAsset(link string) {
	if h, ok := ownName(link); ok {
		x.own.add(h)
	}
}

// ownName is the hashed file name of an asset; false where frameworks, themes
// and generators bring it, or every second site has one that is called so.
func ownName(link string) (uint32, bool) {
	if i := strings.IndexByte(link, ':'); i > 0 && i < 12 && !strings.HasPrefix(link[i:], "://") {
		return 0, false
	}
	host, path, _ := splitURL(strings.ToLower(link))
	name := clean(unescape(lastPart(path)), maxName)
	if len(name) < 3 || common().asset(host, "/"+path, name) {
		return 0, false
	}
	return uint32(mix(fnvBytes(fnvOffset, []byte(name))) >> 32), true
}

// carried takes in an asset that stands in the page as a data: URL.
func (x *extractor) carried(src []byte) bool {
	if len(src) < 5 || !strings.EqualFold(string(src[:5]), "data:") {
		return false
	}
	if len(src) > maxCarried || len(x.contents) >= maxContents {
		return true
	}
	head, enc, ok := strings.Cut(string(src), ",")
	if !ok || !strings.HasSuffix(strings.ToLower(head), ";base64") {
		return true
	}
	if b, err := base64.StdEncoding.DecodeString(trimURL(enc)); err == nil && len(b) >= leastAsset {
		x.contents = append(x.contents, contentHash(b))
	}
	return true
}

func contentHash(b []byte) uint64 {
	sum := sha256.Sum256(b)
	return binary.BigEndian.Uint64(sum[:])
}

// AddContent adds the bytes of an asset that was fetched from link to a page's
// facts. What frameworks bring is left out: many sites have the same bytes.
func AddContent(f *lurehound.PageFacts, link string, body []byte) {
	if _, own := ownName(link); !own || len(body) < leastAsset || len(f.Contents) >= maxContents {
		return
	}
	h := contentHash(body)
	if i, found := slices.BinarySearch(f.Contents, h); !found {
		f.Contents = slices.Insert(f.Contents, i, h)
	}
}

// inlineScript adds a script that stands in the page, without its white space.
func (x *extractor) inlineScript(b []byte) {
	h, n := uint64(fnvOffset), 0
	for _, c := range b[:min(len(b), maxScripts)] {
		if c > ' ' {
			h = fnvByte(h, c)
			n++
		}
	}
	if n >= 16 {
		x.inline.add(uint32(mix(h) >> 32))
	}
}
