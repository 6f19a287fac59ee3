package lurehound

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// Defang makes a name or URL unclickable: the last dot of a host is bracketed,
// http becomes hxxp. Refang undoes it.
func Defang(s string) string {
	scheme, rest, isURL := strings.Cut(s, "://")
	if !isURL {
		return defangHost(s)
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	scheme = strings.Replace(scheme, "http", "hxxp", 1)
	return scheme + "://" + defangHost(rest[:end]) + rest[end:]
}

func defangHost(h string) string {
	i := strings.LastIndexByte(h, '.')
	if i < 0 {
		return h
	}
	return h[:i] + "[.]" + h[i+1:]
}

var (
	fangDot    = regexp.MustCompile(`(?i)\[(\.|dot)\]|\((\.|dot)\)|\{(\.|dot)\}|\[\.|\.\]`)
	fangScheme = regexp.MustCompile(`(?i)^h(?:xx|tt|\*\*|XX)p(s?)(?:\[:\]|:)(?://|\[//\])`)
)

// Refang undoes the usual ways to defang: [.] (.) {.} [dot], hxxp, [:]//.
func Refang(s string) string {
	if !strings.ContainsAny(s, "[](){}:") {
		return s
	}
	s = fangScheme.ReplaceAllString(s, "http$1://")
	for { // what one pass leaves may spell a bracketed dot again: [[.]]
		next := fangDot.ReplaceAllString(s, ".")
		if next == s {
			return s
		}
		s = next
	}
}

// Link is a name or URL that somebody asks about.
type Link struct {
	Domain Domain
	URL    string // "" when only a name was given
}

// ParseLink reads a domain or an http(s) URL, defanged or not.
func ParseLink(s string) (Link, error) {
	r := Refang(strings.TrimSpace(s))
	if !strings.Contains(r, "://") {
		if !strings.ContainsAny(r, ":/?#@") {
			d, err := ParseDomain(r)
			return Link{Domain: d}, err
		}
		if scheme, rest, ok := strings.Cut(r, ":"); ok && !strings.Contains(scheme, ".") && !startsWithDigit(rest) {
			return Link{}, fmt.Errorf("%s has the scheme %q; only http and https are visited", quote(s), scheme)
		}
		r = "http://" + r
	}
	u, err := url.Parse(r)
	if err != nil {
		return Link{}, fmt.Errorf("%s is no link that can be read", quote(s))
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return Link{}, fmt.Errorf("%s has the scheme %q; only http and https are visited", quote(s), u.Scheme)
	}
	d, err := ParseDomain(u.Hostname())
	if err != nil {
		return Link{}, err
	}
	u.User = nil
	u.Host = strings.Replace(u.Host, u.Hostname(), d.String(), 1)
	return Link{Domain: d, URL: u.String()}, nil
}

func startsWithDigit(s string) bool { return s != "" && '0' <= s[0] && s[0] <= '9' }
