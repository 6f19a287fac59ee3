package payload

import (
	"net/netip"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// siteLike reports whether a name under a suffix that is a word of programs is a site's all the same: a label
// before the suffix has a word in it, and a hyphen, or digits and some length; or the name is a string
// of its own, is long, and its suffix is the name of no property or file. It is the project's own rule:
// evil-site.io is a name, and this.name and console.app are none.
func siteLike(low string, whole bool) bool {
	last := low[strings.LastIndexByte(low, '.')+1:]
	if slices.Contains(strings.Fields("cs py rs md sh zip mov pl so cat ps js ts java text mm cpa test ms foo int as"), last) {
		return false // as often a file's ending
	}
	if !wordLike(low) {
		return false
	}
	suffix, _ := publicsuffix.PublicSuffix(low)
	for label := range strings.SplitSeq(strings.TrimSuffix(low, "."+suffix), ".") {
		if strings.Contains(label, "-") || len(label) >= 8 && strings.ContainsAny(label, "0123456789") {
			return true
		}
	}
	return whole && len(low)-len(suffix) >= 9 && strings.Count(low, ".") == 1 && slices.Contains(strings.Fields("io cc me ai us be la st win pub"), last)
}

// codeHead reports whether a name begins as the parts of objects in program text do, and names of sites hardly ever:
// options.family, i32.store. The words are those of Node.js's own scripts.
func codeHead(low string) bool {
	head, _, _ := strings.Cut(low, ".")
	if n := len(head); n <= 5 && n > 1 && strings.IndexByte("iufvx", head[0]) >= 0 && strings.Trim(head[1:], "0123456789x") == "" {
		return true
	}
	return slices.Contains(strings.Fields(`this self that new options opts dnsopts process module module2 node methods method result results response
		request req res body target url urls object obj window document event events console string array handle addr value values shard cmd
		relative resolved constructor iter iterator errors error err assert consume consume2 exports params args config context ctx state
		props item items entry element parent child stream socket server client buffer message msg data info util utils path file callback
		func prototype number math date promise proxy reflect symbol global globals globalthis`), head)
}

// wordLike reports whether four letters stand together in a label that is no part of the public suffix.
func wordLike(low string) bool {
	suffix, _ := publicsuffix.PublicSuffix(low)
	n := 0
	for i := range len(low) - len(suffix) {
		if n++; !letter(low[i]) {
			n = 0
		}
		if n == 4 {
			return true
		}
	}
	return false
}

// ip6 adds the IPv6 address whose first colon is at i. In the text of programs much has colons: only the
// ranges count that hosts have, global, unique local and link local, documentation's among them.
func (f finder) ip6(i int) {
	t := f.run.text
	hex := func(c byte) bool { return digit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }
	s, e := i, i+1
	for s > 0 && i-s <= 4 && hex(t[s-1]) {
		s--
	}
	if i-s != 4 || s > 0 && (wordByte(t[s-1]) || t[s-1] == ':' || t[s-1] == '.' || t[s-1] == '-') {
		return
	}
	for e < len(t) && e-s < 46 && (hex(t[e]) || t[e] == ':' || t[e] == '.') {
		e++
	}
	if e < len(t) && (wordByte(t[e]) || t[e] == '-') {
		return
	}
	text := strings.TrimRight(string(t[s:e]), ".")
	if strings.HasSuffix(text, ":") && !strings.HasSuffix(text, "::") {
		text = text[:len(text)-1]
	}
	a, err := netip.ParseAddr(text)
	if err != nil || text[len(text)-1] == ':' { // a prefix is no host
		return
	}
	for _, p := range []string{"2000::/3", "fc00::/7", "fe80::/10"} {
		if netip.MustParsePrefix(p).Contains(a) {
			f.add("ip", a.String(), s)
		}
	}
}
