package permute

import (
	"iter"

	"lurehound"
	"lurehound/internal/lexicon"
)

// shareAddition counts the labels of development campaigns with one character more at
// the end of a word: 14 of 399, all of which insertion makes too.
const shareAddition = 0.03

// addition appends one letter or digit to the label, or to a word before a hyphen.
func addition() Technique {
	return Technique{
		Name: "addition", On: OnLabel, Weight: shareAddition, Apply: lettersAt(additions).edits, Letters: additions,
		Doc:     "appends one letter or digit, before a hyphen too: microdicoms, advancede-ip-scanner; an s first",
		Explain: added,
	}
}

// additions weighs as 41,546 registered names with one character more at the end do (SquatPhi, 2017): an
// s is four times as frequent as another letter, a digit a thirtieth.
func additions(t Target, _ *lexicon.Tables) iter.Seq2[letterPlace, *letterWeights] {
	const (
		pluralFactor = 4
		digitFactor  = 0.03
		hyphenFactor = 0.5 // 2 of the 14 stand before a hyphen, in labels that have two
	)
	return func(yield func(letterPlace, *letterWeights) bool) {
		var weights letterWeights
		for i := 1; i <= len(t.Label); i++ {
			where := 1.0
			if i < len(t.Label) {
				if t.Label[i] != '-' || t.Label[i-1] == '-' {
					continue
				}
				where = hyphenFactor
			}
			for j := range weights {
				weights[j] = where
				switch c := alphanumeric[j]; {
				case c == 's':
					weights[j] *= pluralFactor
				case c <= '9':
					weights[j] *= digitFactor
				}
			}
			if !yield(letterPlace{at: i}, &weights) {
				return
			}
		}
	}
}

// added recognises a label with one letter or digit more before a hyphen or at the end.
func added(t Target, label string, _ *lexicon.Tables) ([]lurehound.Edit, bool) {
	l := t.Label
	if len(label) != len(l)+1 {
		return nil, false
	}
	// The last place where the character can have been added: behind the common beginning.
	at := 0
	for at < len(l) && l[at] == label[at] {
		at++
	}
	// In a run of one character it may have been any of them; only the last stands at the end.
	if at == 0 || at < len(l) && l[at] != '-' || !isAlphanumeric(label[at]) || l[at:] != label[at+1:] || l[at-1] == '-' {
		return nil, false
	}
	return []lurehound.Edit{{To: label[at : at+1], At: at}}, true
}
