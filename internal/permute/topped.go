package permute

import (
	"lurehound"
)

// One edit with look-alikes around it is recognised from both ends: what lies in
// front of the edit looks like the word's beginning, what lies behind it like the
// word's end.

// topped explains by look-alikes on top of another technique's edit, for a label
// that is the word, more or less.
func (e *Explainer) topped(dst []Explanation, t Target, label string, cores []Core) []Explanation {
	if len(e.tops) == 0 || !nearlyAll(label, cores) || len(label) > lurehound.MaxLabelLen || len(t.Label) > lurehound.MaxLabelLen {
		return dst
	}
	var done uint64
	for under := range underLookalikes(t.Label, label) {
		if under == label || under == t.Label {
			continue
		}
		ut := t
		ut.Label = under
		for i := range e.tops {
			if done>>i&1 != 0 {
				continue
			}
			inner, ok := e.tops[i].under.Explain(t, under, e.x)
			if !ok {
				continue
			}
			if over, ok := e.tops[i].over.Explain(ut, label, e.x); ok {
				done |= 1 << i
				dst = append(dst, Explanation{e.tops[i].names, compose(inner, over), true})
			}
		}
	}
	return dst
}

// nearlyAll reports whether a core is all of the label but for its ends.
func nearlyAll(label string, cores []Core) bool {
	for _, c := range cores {
		if c.From+len(label)-c.To <= slack {
			return true
		}
	}
	return false
}

// lookalikeEnds has, for each length of the word's beginning (or end), the lengths of the
// label's that look like it: bit j of lookalike[i] for the first j octets of the label and
// the first i of the word. Labels have 63 octets.
type lookalikeEnds [lurehound.MaxLabelLen + 1]uint64

// grow fills them in from the beginnings, or backward from the ends.
func (l *lookalikeEnds) grow(word, label string, backward bool) {
	piece := func(s string, i, n int) string {
		if backward {
			return s[len(s)-i-n : len(s)-i]
		}
		return s[i : i+n]
	}
	l[0] = 1
	for i := 0; i < len(word); i++ {
		for j := 0; j <= len(label); j++ {
			if l[i]>>j&1 == 0 {
				continue
			}
			// One character for one, or for two as "rn" is for "m".
			for di := 1; di <= 2 && i+di <= len(word); di++ {
				for dj := 1; di+dj <= 3 && j+dj <= len(label); dj++ {
					from, to := piece(word, i, di), piece(label, j, dj)
					if from == to || sameSkeleton(from, to) {
						l[i+di] |= 1 << (j + dj)
					}
				}
			}
		}
	}
}

// underLookalikes yields the labels that one edit makes of the word and that look
// like the label; and the word without hyphens.
func underLookalikes(word, label string) func(yield func(string) bool) {
	const longest = 2 // octets that an edit takes out or puts in
	return func(yield func(string) bool) {
		var begin, end lookalikeEnds
		end.grow(word, label, true)
		begin.grow(word, label, false)
		for i := 0; i <= len(word); i++ {
			for j := 0; j <= len(label) && begin[i]>>j != 0; j++ {
				if begin[i]>>j&1 == 0 {
					continue
				}
				for out := 0; out <= longest && i+out <= len(word); out++ {
					for in := 0; in <= longest && j+in <= len(label); in++ {
						if end[len(word)-i-out]>>(len(label)-j-in)&1 != 0 && !yield(word[:i]+label[j:j+in]+word[i+out:]) {
							return
						}
					}
				}
			}
		}
		var b [lurehound.MaxLabelLen]byte
		bare := b[:0]
		for i := range len(word) {
			if word[i] != '-' {
				bare = append(bare, word[i])
			}
		}
		if len(bare) < len(word) && sameSkeleton(string(bare), label) {
			yield(string(bare))
		}
	}
}
