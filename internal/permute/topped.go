package permute

import (
	"math/bits"

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
	for under := range e.underLookalikes(t.Label, label) {
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
				dst = append(dst, Explanation{Techniques: e.tops[i].names, Changes: compose(inner, over), Listed: true})
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
func (l *lookalikeEnds) grow(e *Explainer, word, label string, backward bool) {
	n, m := len(word), len(label)
	l[0] = 1
	for i := range n {
		for rest := l[i]; rest != 0; rest &= rest - 1 {
			j := bits.TrailingZeros64(rest)
			// One character for one, or for two as "rn" is for "m".
			for _, s := range [...]struct{ di, dj int }{{1, 1}, {1, 2}, {2, 1}} {
				if i+s.di > n || j+s.dj > m {
					continue
				}
				from, to := word[i:i+s.di], label[j:j+s.dj]
				if backward {
					from, to = word[n-i-s.di:n-i], label[m-j-s.dj:m-j]
				}
				if e.glyph(from, to) {
					l[i+s.di] |= 1 << (j + s.dj)
				}
			}
		}
	}
}

// glyph reports whether one character looks like one or two others, in ASCII.
func (e *Explainer) glyph(a, b string) bool {
	switch {
	case len(a) > 1:
		return e.glyph(b, a)
	case len(b) == 1:
		return e.alike[a[0]] == e.alike[b[0]]
	}
	s := e.alike[a[0]]
	return len(s) == 2 && sameSkeleton(a, b)
}

// underLookalikes yields the labels that one edit makes of the word and that look
// like the label; and the word without hyphens.
func (e *Explainer) underLookalikes(word, label string) func(yield func(string) bool) {
	const longest = 2 // octets that an edit takes out or puts in
	return func(yield func(string) bool) {
		var begin, end lookalikeEnds
		end.grow(e, word, label, true)
		begin.grow(e, word, label, false)
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
