package page

import (
	"bytes"
	"encoding/base64"
	"strings"

	"lurehound"
)

func (x *extractor) meta() {
	a := &x.attr
	switch {
	case x.refresh == "" && bytes.EqualFold(a.httpEquiv, []byte("refresh")) && x.open.count("noscript") == 0:
		x.refresh = refreshTarget(string(a.content[:min(len(a.content), maxURL+64)]))
		if x.refresh != "" {
			x.offer(x.refresh, "", "")
		}
	case x.description == "" && (bytes.EqualFold(a.name, []byte("description")) || bytes.EqualFold(a.name, []byte("og:description"))):
		x.description = clean(string(a.content), maxTitle)
	}
}

func (x *extractor) linkElement() {
	a := &x.attr
	for rel := range bytes.FieldsSeq(bytes.ToLower(a.rel[:min(len(a.rel), 200)])) {
		switch string(rel) {
		case "icon":
			if x.icon == "" && len(a.href) <= maxIcon {
				x.icon = string(a.href)
			}
			x.asset(a.href)
		case "stylesheet", "preload", "modulepreload", "apple-touch-icon", "manifest":
			x.asset(a.href)
		case "canonical":
			if x.canonical == "" {
				x.canonical = x.base.absolute(string(a.href[:min(len(a.href), maxURL+1)]))
			}
		}
	}
}

// asset notes the file name and the foreign host of something that the page loads.
func (x *extractor) asset(src []byte) {
	if x.carried(src) || len(src) == 0 || len(src) > maxURL || len(x.assets) >= maxAssets && len(x.assetHosts) >= maxHosts {
		return
	}
	link := trimURL(string(src))
	x.ownAsset(link)
	if i := strings.IndexByte(link, ':'); i > 0 && i < 12 && !strings.HasPrefix(link[i:], "://") {
		return // data:, blob:, javascript:
	}
	host, path, _ := splitURL(link)
	if host == "" {
		host = x.base.host
	}
	if name := clean(unescape(lastPart(path)), maxName); name != "" && !x.seenAsset[name] && len(x.assets) < maxAssets {
		x.seenAsset[name] = true
		x.assets = append(x.assets, name)
	}
	if host = clean(host, lurehound.MaxNameLen); host != "" && host != x.page.host && !x.seenHost[host] && len(x.assetHosts) < maxHosts {
		x.seenHost[host] = true
		x.assetHosts = append(x.assetHosts, host)
	}
}

func (x *extractor) frame() {
	if len(x.frames) < maxFrames && len(x.attr.src) > 0 && len(x.attr.src) <= maxURL {
		if u := x.base.absolute(string(x.attr.src)); u != "" {
			x.frames = append(x.frames, u)
		}
	}
}

func (x *extractor) anchor() {
	x.inLink = 0
	if x.links++; x.links > maxLinks || len(x.attr.href) == 0 {
		return
	}
	a := &x.attr
	x.leads(string(a.href[:min(len(a.href), maxURL)]))
	if a.hasDownload {
		name := clean(string(a.download[:min(len(a.download), 4*maxName)]), maxName)
		if name == "" {
			name = clean(unescape(lastPathPart(string(a.href[:min(len(a.href), maxURL)]))), maxName)
		}
		x.inLink = x.offer(string(a.href[:min(len(a.href), maxURL)]), name, "given")
		return
	}
	x.inLink = x.offer(string(a.href[:min(len(a.href), maxURL+1)]), "", "")
	if x.inLink == 0 && len(a.dataHref) > 0 {
		x.handler(a.dataHref)
	}
}

func lastPathPart(link string) string {
	_, path, _ := splitURL(link)
	return lastPart(path)
}

// handler looks for a download in an event handler or a data attribute.
func (x *extractor) handler(v []byte) {
	if len(v) > maxURL {
		return
	}
	if x.offer(string(v), "", "") == 0 {
		linksInScript(append(bytes.Clone(v), '\n'), func(link string) { x.offer(link, "", "") })
	}
}

// offer notes a download and gives its index+1; 0 when the link is none. With
// how "given" the page itself declares it to be one.
func (x *extractor) offer(link, name, how string) int {
	link = trimURL(link)
	if how == "" {
		var ok bool
		if name, ok = offered(link); !ok {
			return 0
		}
	}
	if x.offers++; x.offers > maxOffers {
		return 0
	}
	u := x.base.absolute(link)
	if u == "" {
		scheme, _, _ := strings.Cut(link, ":")
		if how == "" || scheme != "data" && scheme != "blob" {
			return 0
		}
		u = clean(link, maxName) // bytes that the page carries itself: enough to see that
	}
	for i := range x.downloads {
		if x.downloads[i].URL == u {
			return i + 1
		}
	}
	if len(x.downloads) >= maxDownloads {
		return 0
	}
	x.downloads = append(x.downloads, lurehound.Download{URL: u, Name: clean(name, maxName)})
	return len(x.downloads)
}

// maxIcon caps an icon that stands in the page as a data: URL, in bytes.
const maxIcon = 128 << 10

// favicon is where the icon is; one that the page carries itself is hashed.
func (x *extractor) favicon() lurehound.Favicon {
	if rest, ok := strings.CutPrefix(x.icon, "data:"); ok {
		if _, enc, ok := strings.Cut(rest, ";base64,"); ok {
			if b, err := base64.StdEncoding.DecodeString(trimURL(enc)); err == nil && len(b) > 0 {
				sha, murmur := FaviconHashes(b)
				return lurehound.Favicon{SHA256: sha, Murmur: murmur}
			}
		}
		return lurehound.Favicon{}
	}
	icon := x.icon
	if icon == "" {
		// Where browsers look when the page names none.
		return lurehound.Favicon{URL: x.page.absolute("/favicon.ico")}
	}
	return lurehound.Favicon{URL: x.base.absolute(icon)}
}
