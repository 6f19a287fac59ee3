package permute

import (
	"iter"
	"strings"

	"lurehound"
	"lurehound/internal/lexicon"
)

// shareSubstitution counts the labels of development campaigns with another letter
// that neither looks alike nor is a neighbour: 6 of 399 (keebass, advansed-ip-scanner).
const shareSubstitution = 0.015

// substitution puts any other letter or digit in place of one character.
func substitution() Technique {
	return Technique{
		Name: "substitution", On: OnLabel, Weight: shareSubstitution, Apply: lettersAt(substitutions).edits, Letters: substitutions,
		Doc:     "one character by any other letter or digit: macrodicom, microhicom; a vowel by a vowel first",
		Explain: substituted,
	}
}

// substitutions weighs as 161,010 registered names with one other character do (SquatPhi,
// 2017), each by how many such names there could be.
func substitutions(t Target, x *lexicon.Tables) iter.Seq2[letterPlace, *letterWeights] {
	const (
		classFactor = 2.5 // a vowel for a vowel, a consonant for a consonant
		digitFactor = 0.1
		firstFactor = 0.5
	)
	vowel := func(c byte) bool { return strings.IndexByte(x.Vowels, c) >= 0 }
	return func(yield func(letterPlace, *letterWeights) bool) {
		var weights letterWeights
		for i := range len(t.Label) {
			old := t.Label[i]
			if old == '-' {
				continue
			}
			for j := range len(alphanumeric) {
				c := alphanumeric[j]
				w := 1.0
				switch {
				case c == old:
					w = 0
				case isLetter(c) != isLetter(old):
					w = digitFactor
				case vowel(c) == vowel(old):
					w = classFactor
				}
				if i == 0 {
					w *= firstFactor
				}
				weights[j] = w
			}
			if !yield(letterPlace{i, 1}, &weights) {
				return
			}
		}
	}
}

// substituted recognises a label with one other letter or digit.
func substituted(t Target, label string, _ *lexicon.Tables) ([]lurehound.Edit, bool) {
	if len(label) != len(t.Label) {
		return nil, false
	}
	at := -1
	for i := range len(label) {
		if label[i] == t.Label[i] {
			continue
		}
		if at >= 0 || !isAlphanumeric(label[i]) || !isAlphanumeric(t.Label[i]) {
			return nil, false
		}
		at = i
	}
	if at < 0 {
		return nil, false
	}
	return []lurehound.Edit{{From: t.Label[at : at+1], To: label[at : at+1], At: at}}, true
}

func isAlphanumeric(c byte) bool { return isLDH(c) && c != '-' }

func isAlphanumerics(s string) bool {
	for i := range len(s) {
		if !isAlphanumeric(s[i]) {
			return false
		}
	}
	return true
}
