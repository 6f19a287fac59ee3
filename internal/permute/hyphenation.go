package permute

import (
	"iter"
	"slices"
	"strings"

	"lurehound"
	"lurehound/internal/lexicon"
)

// hyphenation inserts one hyphen, or removes one or all of those there are.
func hyphenation() Technique {
	const seamFactor = 15 // where two words of the brand meet: deep-seek, not d-eepseek
	return Technique{
		Name: "hyphenation", On: OnLabel, Weight: shareHyphenation,
		Doc: "inserts a hyphen, or removes one or all: micro-dicom, advancedipscanner; between words first",
		Apply: func(t Target, _ *lexicon.Tables) iter.Seq[Edit] {
			return func(yield func(Edit) bool) {
				seams := t.seams()
				for i := 1; i < len(t.Label); i++ {
					w := 1.0
					if slices.Contains(seams, i) {
						w = seamFactor
					}
					if !yield(t.single("", "-", i, w)) {
						return
					}
				}
				all := t.hyphens()
				for _, h := range all {
					if !yield(t.single("-", "", h.At, seamFactor)) {
						return
					}
				}
				if len(all) > 1 {
					yield(t.edit(2*seamFactor, all...))
				}
			}
		},
		Explain: func(t Target, label string, _ *lexicon.Tables) ([]lurehound.Edit, bool) {
			if at, ok := oneMore(t.Label, label); ok && label[at] == '-' && at > 0 && at < len(t.Label) {
				return []lurehound.Edit{{To: "-", At: at}}, true
			}
			if at, ok := oneMore(label, t.Label); ok && t.Label[at] == '-' {
				return []lurehound.Edit{{From: "-", At: at}}, true
			}
			if !sameBut(t.Label, label, '-') {
				return nil, false
			}
			return t.hyphens(), true
		},
	}
}

// hyphens are the removals of all there are.
func (t Target) hyphens() (all []lurehound.Edit) {
	for i := range len(t.Label) {
		if t.Label[i] == '-' {
			all = append(all, lurehound.Edit{From: "-", At: i})
		}
	}
	return all
}

// seams are the places of the label where a word of the brand begins or ends.
func (t Target) seams() []int {
	var at []int
	for _, p := range t.Parts {
		if p == t.Label {
			continue
		}
		for from := 0; ; {
			i := strings.Index(t.Label[from:], p)
			if i < 0 {
				break
			}
			at = append(at, from+i, from+i+len(p))
			from += i + len(p)
		}
	}
	return at
}
