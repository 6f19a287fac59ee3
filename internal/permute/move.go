package permute

import (
	"iter"
	"unicode/utf8"

	"lurehound"
	"lurehound/internal/lexicon"
)

// shareMove is 2 of the 399 labels of development campaigns, rounded up from
// the one that there is (notepadpl-us-plus, a hyphen): less than any other slip.
const shareMove = 0.005

// move takes one character out and puts it back elsewhere. A swap of neighbours
// is a move by one place, which is transposition's.
func move() Technique {
	return Technique{
		Name: "move", On: OnLabel, Weight: shareMove,
		Doc:     "takes one character out and puts it back two or more places away, the end too: icrodicomm; short ways first",
		Apply:   moves,
		Explain: moved,
	}
}

func moves(t Target, _ *lexicon.Tables) iter.Seq[Edit] {
	const firstFactor = 0.3 // readers miss a letter at the start at once
	return func(yield func(Edit) bool) {
		l := t.Label
		for from := range len(l) {
			for to := range len(l) { // where the character stands afterwards
				way := max(from-to, to-from)
				if way < 2 {
					continue
				}
				w := 1 / float64(way)
				if from == 0 || to == 0 {
					w *= firstFactor
				}
				if !yield(t.edit(w, moveChanges(l, from, to)...)) {
					return
				}
			}
		}
	}
}

func moveChanges(l string, from, to int) []lurehound.Edit {
	c := l[from : from+1]
	if from < to {
		return []lurehound.Edit{{From: c, At: from}, {To: c, At: to + 1}}
	}
	return []lurehound.Edit{{To: c, At: to}, {From: c, At: from}}
}

// moved recognises a label in which one character stands two or more places away.
func moved(t Target, label string, _ *lexicon.Tables) ([]lurehound.Edit, bool) {
	l := t.Label
	if len(label) != len(l) {
		return nil, false
	}
	i, j := 0, len(l)-1
	for i < j && l[i] == label[i] {
		i++
	}
	for i < j && l[j] == label[j] {
		j--
	}
	if i >= j || l[i] >= utf8.RuneSelf || l[j] >= utf8.RuneSelf {
		return nil, false
	}
	right := l[i] == label[j] && l[i+1:j+1] == label[i:j]
	left := l[j] == label[i] && l[i:j] == label[i+1:j+1]
	if right {
		if from, to := stretch(l, i, j); to-from >= 2 {
			return moveChanges(l, from, to), true
		}
	}
	if left {
		if to, from := stretch(l, j, i); from-to >= 2 {
			return moveChanges(l, from, to), true
		}
	}
	return nil, false
}

// stretch puts the two ends of a move from one place to another as far apart as the runs of
// the character that it touches allow: within them nobody can tell. The lower end comes first.
func stretch(l string, from, to int) (low, high int) {
	c := l[from]
	low, high = min(from, to), max(from, to)
	for low > 0 && l[low-1] == c {
		low--
	}
	for high < len(l)-1 && l[high+1] == c {
		high++
	}
	return low, high
}
