package permute

import (
	"iter"
	"slices"
	"strings"

	"lurehound"
	"lurehound/internal/lexicon"
)

// How likely a label is joined with what stands beside it, relative to each
// other: www and the suffix are known to everybody, the brand's own hosts to its users (by
// registered look-alikes: www- and -com are about as frequent).
const (
	joinWWW    = 1.0
	joinSuffix = 1.0
	joinFirst  = 0.2 // bbcco, which with the suffix uk is bbc.co.uk without a dot
	joinOwn    = 1.0
	joinBoth   = 0.2 // www-microdicom-com
	joinWord   = 0.2 // another word of hosts
)

// joined yields the label joined by sep with the words of hosts in front of it and
// with the brand's suffix behind it.
func (t Target) joined(sep string, x *lexicon.Tables) iter.Seq[Edit] {
	return func(yield func(Edit) bool) {
		n := len(t.Label)
		behind := sep + strings.ReplaceAll(t.Suffix, ".", sep)
		if strings.Contains(t.Suffix, "xn--") {
			behind = ""
		}
		if behind != "" && !yield(t.single("", behind, n, joinSuffix)) {
			return
		}
		if first, _, ok := strings.Cut(t.Suffix, "."); ok && behind != "" && !yield(t.single("", sep+first, n, joinFirst)) {
			return
		}
		for i, w := range x.HostWords {
			weight := joinWord
			if i == 0 {
				weight = joinWWW
			}
			front := w + sep
			if !yield(t.single("", front, 0, weight)) {
				return
			}
			if i == 0 && behind != "" && !yield(t.edit(joinBoth, lurehound.Edit{To: front}, lurehound.Edit{To: behind, At: n})) {
				return
			}
		}
		for _, own := range t.Own {
			host := t.hostOf(own)
			if host == "" || slices.Contains(x.HostWords, host) {
				continue
			}
			if !yield(t.single("", strings.ReplaceAll(host, ".", sep)+sep, 0, joinOwn)) {
				return
			}
		}
	}
}

// hostOf is what stands in front of the registrable label of an own name, when
// that is the label of the target.
func (t Target) hostOf(own lurehound.Domain) string {
	if own.Label() != t.Label {
		return ""
	}
	host, _ := strings.CutSuffix(own.String(), own.Registrable())
	return strings.TrimSuffix(host, ".")
}

// unjoined recognises what joined makes.
func (t Target) unjoined(sep, label string, x *lexicon.Tables) ([]lurehound.Edit, bool) {
	if front, ok := strings.CutSuffix(label, t.Label); ok && front != "" && t.isFront(front, sep, x) {
		return surround(front, "", len(t.Label)), true
	}
	first, _, _ := strings.Cut(t.Suffix, ".")
	if changes, ok := t.unjoinedSuffix(sep, label, t.Suffix, x); ok {
		return changes, true
	}
	return t.unjoinedSuffix(sep, label, first, x)
}

// unjoinedSuffix recognises the label with suffix joined behind it, and perhaps a host in front.
func (t Target) unjoinedSuffix(sep, label, suffix string, x *lexicon.Tables) ([]lurehound.Edit, bool) {
	n := len(label) - len(sep) - len(suffix) - (len(sep)-1)*strings.Count(suffix, ".")
	if n < len(t.Label) || label[n:n+len(sep)] != sep || !joinedWith(label[n+len(sep):], suffix, sep) {
		return nil, false
	}
	front, ok := strings.CutSuffix(label[:n], t.Label)
	if !ok || front != "" && !t.isFront(front, sep, x) {
		return nil, false
	}
	return surround(front, label[n:], len(t.Label)), true
}

// isFront reports whether front is a host of the brand's, or a word of hosts, and sep.
func (t Target) isFront(front, sep string, x *lexicon.Tables) bool {
	host, ok := strings.CutSuffix(front, sep)
	return ok && host != "" && (slices.Contains(x.HostWords, host) || slices.ContainsFunc(t.Own, func(own lurehound.Domain) bool {
		return joinedWith(host, t.hostOf(own), sep)
	}))
}

// joinedWith reports whether s is name with its dots replaced by sep.
func joinedWith(s, name, sep string) bool {
	for {
		i := strings.IndexByte(name, '.')
		if i < 0 {
			return s == name
		}
		if !strings.HasPrefix(s, name[:i]) || !strings.HasPrefix(s[i:], sep) {
			return false
		}
		s, name = s[i+len(sep):], name[i+1:]
	}
}
