package permute

import (
	"slices"

	"lurehound/internal/lexicon"
)

// respelled yields the name with one word as it sounds, or as it is misspelt, the likeliest first and
// no more than most. A word that comes again is respelled once.
func (t Target) respelled(x *lexicon.Tables, most int, sounds bool, yield func(Edit) bool) {
	const laterPhrase = 0.5 // a second and third name, relative to the one before
	type choice struct {
		phrase, word int
		s            lexicon.Spelling
	}
	phrases := t.phrases(x)
	var space [32]lexicon.Spelling
	var room [9]choice
	best := room[:0]
	scale := 1.0
	for p := range phrases {
		for k, w := range phrases[p].words {
			if isDigits(w) || slices.Contains(phrases[p].words[:k], w) || saidBefore(phrases[:p], w) {
				continue
			}
			var all []lexicon.Spelling
			if sounds {
				all = x.AppendHomophones(space[:0], w)
			} else {
				all = x.AppendMisspellings(space[:0], w)
			}
			for _, s := range all {
				s.Weight *= scale
				at := len(best)
				for at > 0 && best[at-1].s.Weight < s.Weight {
					at--
				}
				if at == most {
					continue
				}
				if len(best) == most {
					best = best[:most-1]
				}
				best = append(best, choice{})
				copy(best[at+1:], best[at:])
				best[at] = choice{p, k, s}
			}
		}
		scale *= laterPhrase
	}
	for _, c := range best {
		if !yield(t.respell(phrases[c.phrase], c.word, c.s.Word, c.s.Weight)) {
			return
		}
	}
}

func saidBefore(phrases []phrase, w string) bool {
	return slices.ContainsFunc(phrases, func(p phrase) bool { return slices.Contains(p.words, w) })
}
