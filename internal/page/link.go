package page

import (
	"net/url"
	"strings"
)

const (
	maxURL  = 2048 // bytes of a URL that is kept; browsers and servers rarely go further
	maxName = 120  // bytes of a file name that is kept
)

// Base is a URL that links on a page are resolved against.
type base struct {
	url  *url.URL
	host string // lower case, without port
}

func parseBase(s string) base {
	u, err := url.Parse(s)
	if err != nil {
		u = &url.URL{}
	}
	return base{u, strings.ToLower(u.Hostname())}
}

// absolute resolves a link as it stands in an attribute. It is "" for what
// leads to no http(s) URL.
func (b base) absolute(ref string) string {
	ref = trimURL(ref)
	if len(ref) > maxURL || ref == "" {
		return ""
	}
	u, err := url.Parse(ref)
	if err != nil {
		return ""
	}
	u = b.url.ResolveReference(u)
	if (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return ""
	}
	return clean(u.String(), maxURL)
}

// trimURL drops what browsers drop: spaces around, tabs and newlines within.
func trimURL(s string) string {
	s = strings.TrimSpace(s)
	if strings.ContainsAny(s, "\t\n\r") {
		s = strings.NewReplacer("\t", "", "\n", "", "\r", "").Replace(s)
	}
	return s
}

// splitURL cuts a link into host (lower case, no port; "" when relative), path
// and query, without the cost of parsing it.
func splitURL(s string) (host, path, query string) {
	s, _, _ = strings.Cut(s, "#")
	s, query, _ = strings.Cut(s, "?")
	rest, isAbs := strings.CutPrefix(s, "//")
	if !isAbs {
		if scheme, after, ok := strings.Cut(s, "://"); ok && !strings.Contains(scheme, "/") {
			rest, isAbs = after, true
		}
	}
	if !isAbs {
		return "", s, query
	}
	host, path, _ = strings.Cut(rest, "/")
	host = host[strings.LastIndexByte(host, '@')+1:]
	if i := strings.LastIndexByte(host, ':'); i >= 0 && !strings.HasSuffix(host, "]") {
		host = host[:i]
	}
	return strings.ToLower(host), path, query
}

func lastPart(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

// unescape undoes percent-encoding where it can be undone.
func unescape(s string) string {
	if strings.Contains(s, "%") {
		if u, err := url.PathUnescape(s); err == nil {
			return u
		}
	}
	return s
}
