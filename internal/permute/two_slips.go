package permute

import (
	"slices"

	"lurehound"
)

// slipsIn appends the ways in which two slips make the label of a long word: one in
// front of some place in it, the other behind. Slips are recognised one at a time, with
// the other undone.
func (e *Explainer) slipsIn(dst []Explanation, t Target, label string, cores []Core) []Explanation {
	const farther = 2 // characters that two slips make a word shorter or longer
	n, m := len(t.Label), len(label)
	if m-n < -farther || m-n > farther || lengthOf(t.Label) == 0 || !nearlyAll(label, cores) {
		return dst
	}
	from := common(t.Label, label)
	end := 0
	for end < min(n, m)-from && t.Label[n-1-end] == label[m-1-end] {
		end++
	}
	var told pairSet
	for i := from; i <= min(n-end+1, n); i++ {
		// Between slips that are far apart every place is as good as another.
		if i > from+3 && i < n-end-3 {
			continue
		}
		for j := max(0, i-1); j <= min(i+1, m); j++ {
			// What both begin with is no part of the slip in front; likewise behind.
			s, k := min(from, j), min(end, n-i, m-j)
			if withinSlip(t.Label[s:i], label[s:j]) && withinSlip(t.Label[i:n-k], label[j:m-k]) {
				dst = e.slipsAt(dst, t, label, i, j, &told)
			}
		}
	}
	return dst
}

// pairSet has bit b of a set for the slips a and b, in places of Explainer.slips.
type pairSet [16]uint16

// slipsAt is slipsIn for slips in word[:i], which became label[:j], and in what is behind.
func (e *Explainer) slipsAt(dst []Explanation, t Target, label string, i, j int, told *pairSet) []Explanation {
	front, behind := label[:j]+t.Label[i:], t.Label[:i]+label[j:]
	for a := range e.slips {
		one, ok := e.slips[a].Explain(t, front, e.x)
		if !ok || len(one) != 1 {
			continue
		}
		for b := range e.slips {
			two, ok := e.slips[b].Explain(t, behind, e.x)
			if !ok || len(two) != 1 || told[a]>>b&1 != 0 {
				continue
			}
			told[a] |= 1 << b
			changes := slices.Concat(one, two)
			slices.SortStableFunc(changes, func(x, y lurehound.Edit) int { return x.At - y.At })
			dst = append(dst, Explanation{Techniques: e.slipNames(a, b), Changes: changes, Listed: true, Again: a == b})
		}
	}
	return dst
}

// slipNames names two techniques in the order of the table, and one that is taken twice once.
func (e *Explainer) slipNames(a, b int) []string {
	switch {
	case a == b:
		return e.slips[a].names
	case a > b:
		a, b = b, a
	}
	return []string{e.slips[a].Name, e.slips[b].Name}
}
