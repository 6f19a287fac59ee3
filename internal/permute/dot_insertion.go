package permute

import (
	"iter"
	"slices"
	"strings"

	"lurehound"
	"lurehound/internal/lexicon"
)

// shareDotInsertion: none of 516 campaign names has it; the registrable part is
// mostly taken by somebody else. A guess, below what is seen once.
const shareDotInsertion = 0.002

// dotInsertion puts one dot into the label, or in place of one of its hyphens: the
// attacker registers what stands behind it. A word of hosts with a hyphen in front makes
// a name that reads as if the dot was there.
func dotInsertion() Technique {
	const (
		seamFactor = 15  // as in hyphenation
		shortRest  = 0.2 // one or two characters behind the dot are mostly taken or not sold
		frontWord  = 0.2
	)
	return Technique{
		Name: "dot-insertion", On: OnName, Weight: shareDotInsertion,
		Doc: "a dot inside, every place: micro.dicom.com; a word of hosts in front: login-microdicom.com",
		Apply: func(t Target, x *lexicon.Tables) iter.Seq[Edit] {
			return func(yield func(Edit) bool) {
				if isALabel(t.Label) {
					return
				}
				seams := t.seams()
				for i := 1; i < len(t.Label); i++ {
					e := lurehound.Edit{To: ".", At: i}
					w := 1.0
					switch {
					case t.Label[i] == '-' || slices.Contains(seams, i):
						w = seamFactor
					case len(t.Label)-i <= 2:
						w = shortRest
					}
					if t.Label[i] == '-' {
						e.From = "-"
					}
					changes := []lurehound.Edit{e}
					if !yield(Edit{Name: rewrite(t.Label, changes) + "." + t.Suffix, Changes: changes, Weight: w}) {
						return
					}
				}
				for _, w := range x.HostWords[1:] { // www is no subdomain that anybody means
					front := w + "-"
					if !yield(Edit{Name: front + t.Label + "." + t.Suffix, Changes: []lurehound.Edit{{To: front}}, Weight: frontWord}) {
						return
					}
				}
			}
		},
		ExplainName: func(t Target, d lurehound.Domain, x *lexicon.Tables) ([]lurehound.Edit, bool) {
			host, ok := strings.CutSuffix(d.String(), "."+t.Suffix) // disne.y.bg: y.bg is a suffix itself
			if isALabel(t.Label) || !ok || d.Label() == "" {
				return nil, false
			}
			if word, ok := strings.CutSuffix(d.Label(), "-"+t.Label); ok && d.Suffix() == t.Suffix {
				if word == x.HostWords[0] || !slices.Contains(x.HostWords, word) {
					return nil, false
				}
				return []lurehound.Edit{{To: word + "-", At: 0}}, true
			}
			return dotIn(t.Label, host)
		},
	}
}

// dotIn recognises the label at the end of a host with one dot more, or one in
// place of a hyphen.
func dotIn(label, host string) ([]lurehound.Edit, bool) {
	at := strings.LastIndexByte(host, '.')
	if at < 0 {
		return nil, false
	}
	behind := host[at+1:]
	front, ok := strings.CutSuffix(label, behind)
	if !ok || front == "" {
		return nil, false
	}
	host = host[:at]
	e := lurehound.Edit{To: ".", At: len(front)}
	if hyphened, ok := strings.CutSuffix(front, "-"); ok {
		e = lurehound.Edit{From: "-", To: ".", At: len(hyphened)}
		front = hyphened
	}
	rest, ok := strings.CutSuffix(host, front)
	if !ok || front == "" || rest != "" && rest[len(rest)-1] != '.' {
		return nil, false
	}
	return []lurehound.Edit{e}, true
}
