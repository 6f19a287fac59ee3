package permute

import (
	"slices"

	"lurehound"
	"lurehound/internal/lexicon"
)

// bothSlips recognises two slips in a long word: the first before some place in it, the other behind.
// Of several ways it takes the one whose first slip comes first.
func bothSlips(t Target, label string, techs []namedTechnique, x *lexicon.Tables) (names []string, changes []lurehound.Edit, ok bool) {
	if d := len(label) - len(t.Label); d < -2 || d > 2 || lengthOf(t.Label) == 0 {
		return nil, nil, false
	}
	head, tail := t, t
	from := common(t.Label, label)
	for i := max(1, from); i < len(t.Label); i++ {
		for d := -1; d <= 1; d++ {
			j := i + d
			if j < 1 || j >= len(label) {
				continue
			}
			head.Label, tail.Label = t.Label[:i], t.Label[i:]
			for a := range techs {
				one, ok := techs[a].Explain(head, label[:j], x)
				if !ok || len(one) != 1 {
					continue
				}
				for b := range techs {
					two, ok := techs[b].Explain(tail, label[j:], x)
					if !ok || len(two) != 1 {
						continue
					}
					two[0].At += i
					return slipNames(techs, a, b), slices.Concat(one, two), true
				}
			}
		}
	}
	return nil, nil, false
}

// slipNames names two techniques in the order of the table, and one that is taken twice once.
func slipNames(techs []namedTechnique, a, b int) []string {
	switch {
	case a == b:
		return techs[a].names
	case a > b:
		a, b = b, a
	}
	return []string{techs[a].Name, techs[b].Name}
}
