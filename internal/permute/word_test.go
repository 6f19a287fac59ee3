package permute

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"lurehound/internal/lexicon"
)

// What one step makes is partly told by its form: it must be all that Apply lists, and nothing else.
func TestOneStep(t *testing.T) {
	x := lexicon.Default()
	for _, tg := range brands(t) {
		if isALabel(tg.Label) {
			continue
		}
		listed := map[string]bool{}
		var twice []string
		for _, tech := range Techniques() {
			if tech.On != OnLabel || !tech.single() {
				continue
			}
			for e := range tech.Apply(tg, x) {
				if !validLabel(e.Label) || e.Label == tg.Label || !e.imitates(tg.Label) {
					continue
				}
				listed[e.Label] = true
				if len(listed)%7 == 0 { // a seventh of them with another step on top
					second := tg
					second.Label = e.Label
					for f := range tech.Apply(second, x) {
						if validLabel(f.Label) && f.Label != tg.Label {
							twice = append(twice, f.Label)
						}
					}
				}
			}
		}
		w := newWord(&word{desk: &desk{}}, tg, base{word: tg.Label, p: 1}, Techniques(), nil, DefaultWeights().model(x))
		for label := range listed {
			if !w.oneStep([]byte(label), hashOf(label)) {
				t.Errorf("%s: %s is made in one step, which is not told", tg.Label, label)
			}
		}
		for _, label := range twice {
			if got := w.oneStep([]byte(label), hashOf(label)); got != listed[label] {
				t.Errorf("%s: one step makes %s: %v, told %v", tg.Label, label, listed[label], got)
			}
		}
	}
}

// Letters that are weighed place by place are the edits that Apply yields, with the same costs.
func TestLettersAreEdits(t *testing.T) {
	m := DefaultWeights().model(lexicon.Default())
	seen := 0
	for _, tg := range brands(t) {
		for i, tech := range Techniques() {
			w := newWord(&word{desk: &desk{}}, tg, base{word: tg.Label, by: -1, p: 1}, Techniques(), nil, m)
			if tech.Letters == nil || !w.plain || isALabel(tg.Label) {
				continue
			}
			list := func(tech Technique) []labelEdit {
				w.desk.edits = nil
				w.list(&tech, i)
				var out []labelEdit
				for k := range w.desk.edits {
					out = append(out, w.edit(&w.desk.edits[k]))
				}
				return out
			}
			byPlace := list(tech)
			tech.Letters = nil
			if diff := cmp.Diff(list(tech), byPlace, cmp.AllowUnexported(labelEdit{})); diff != "" {
				t.Errorf("%s of %s, one by one and by place:\n%s", tech.Name, tg.Label, diff)
			}
			seen += len(byPlace)
		}
	}
	if seen == 0 {
		t.Error("no brand has edits by letters")
	}
}
