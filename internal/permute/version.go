package permute

import (
	"iter"
	"strings"

	"lurehound"
	"lurehound/internal/lexicon"
)

// shareVersion counts the labels of development campaigns that are a product with a year or
// a number and nothing else: 12 of 399 (7zip2024, 2024concur, openaisora2).
const shareVersion = 0.03

// version puts a year, number or edition beside the label. It changes the label
// rather than standing in its place: the label is in the name as it is, where anything finds it.
func version() Technique {
	const hyphenShare = 0.25 // 3 of 12 have one between
	return Technique{
		Name: "version", On: OnLabel, Weight: shareVersion, Around: true,
		Doc: "a year, version or edition beside the label: microdicom2024, 2024-microdicom, microdicomx64; years and numbers first",
		Apply: func(t Target, x *lexicon.Tables) iter.Seq[Edit] {
			return func(yield func(Edit) bool) {
				for _, v := range x.Versions() {
					at := len(t.Label)
					if v.Before {
						at = 0
					}
					if !yield(t.single("", v.Word, at, v.Weight*(1-hyphenShare))) ||
						!yield(t.single("", v.Hyphened, at, v.Weight*hyphenShare)) {
						return
					}
				}
			}
		},
		Explain: versioned,
	}
}

// versioned recognises the label with a version word, listed or not, on one side.
func versioned(t Target, label string, x *lexicon.Tables) ([]lurehound.Edit, bool) {
	l := t.Label
	switch {
	case l == "" || label == l:
		return nil, false
	case strings.HasPrefix(label, l):
		if added := label[len(l):]; isVersion(strings.TrimPrefix(added, "-"), false, x) {
			return []lurehound.Edit{{To: added, At: len(l)}}, true
		}
	case strings.HasSuffix(label, l):
		if added := label[:len(label)-len(l)]; isVersion(strings.TrimSuffix(added, "-"), true, x) {
			return []lurehound.Edit{{To: added, At: 0}}, true
		}
	}
	return nil, false
}

// isVersion reports whether s says a version: digits and hyphens between them, also behind
// a v ("v2", "2024", "1-508"), or a listed word.
func isVersion(s string, before bool, x *lexicon.Tables) bool {
	const most = 8 // octets of a version: a date
	if s == "" || len(s) > most {
		return false
	}
	for _, v := range x.Versions() {
		if v.Word == s && v.Before == before {
			return true
		}
	}
	n := strings.TrimPrefix(s, "v")
	if n == "" || n[0] == '-' || n[len(n)-1] == '-' {
		return false
	}
	for i := range len(n) {
		if n[i] != '-' && (n[i] < '0' || n[i] > '9') {
			return false
		}
	}
	return true
}
