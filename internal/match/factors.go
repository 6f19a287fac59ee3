package match

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf8"
)

// Factor is one part of a score: evidence for (Value > 0) or against it. The score is
// 1/(1+2^-sum) of all values: each bit doubles the odds.
type Factor struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"` // bits
	Why   string  `json:"why"`
}

// factors takes a rating apart for people.
func (ix *Index) factors(w *word, r rating) []Factor {
	bits := func(from, to feature) float64 {
		z := 0.0
		for f := from; f <= to; f++ {
			z += r.evidence[f] * weights[f]
		}
		return z / math.Ln2
	}
	likeness := fmt.Sprintf("nothing in %q is changed", w.text)
	if r.cost > 0 {
		likeness = fmt.Sprintf("%s: it counts as %.1f wrong characters of %d", r.seen(), r.cost, utf8.RuneCountInString(w.plain))
	}
	if r.evidence[becomesOrdinary] == 1 {
		likeness += "; what stands here is an ordinary word too"
	}
	all := []Factor{
		{"at first", bits(bias, bias), "before anything is known of a name: most imitate nobody"},
		{"word", bits(bias+1, isPart), ix.common.why(strings.ReplaceAll(w.text, "-", ""))},
		{"changes", bits(changes, hyphenInside), likeness},
		{"setting", bits(gluedSides, contract), r.setting.String()},
		{"suffix", bits(free, ownSuffix), fmt.Sprintf("campaigns use .%s %s", r.setting.public, oftener(r.evidence[suffixOdds]))},
		{"reading", bits(segmented, segmented), readAs(r.setting.reading, w.text)},
	}
	out := all[:0]
	for _, f := range all {
		if f.Value = math.Round(f.Value*10) / 10; f.Value != 0 {
			out = append(out, f)
		}
	}
	return out
}

func oftener(odds float64) string {
	switch {
	case odds > 0.2:
		return "more often than popular sites do"
	case odds < -0.2:
		return "less often than popular sites do"
	}
	return "as often as popular sites do"
}

func readAs(reading float64, word string) string {
	if reading > 0 {
		return fmt.Sprintf("read as words, the label makes more sense with %q than without", word)
	}
	return fmt.Sprintf("read as words, the label makes more sense without %q", word)
}

// seen says in words how much of the changes a person sees.
func (r rating) seen() string {
	switch {
	case r.cost < visible:
		return "a person hardly sees the change"
	case r.evidence[changesShare] <= 0.2:
		return "a person who looks sees the change"
	}
	return "a person sees the change"
}
