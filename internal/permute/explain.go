package permute

import (
	"slices"
	"strings"
	"sync"

	"lurehound"
	"lurehound/internal/lexicon"
)

// Explanation is one way from the brand's name to another one.
type Explanation struct {
	Word       string // the brand label or product that Changes start from
	Techniques []string
	Changes    []lurehound.Edit // of Word, then of the suffix
	Listed     bool             // the words that are added around are those of Permutations
}

// Explain says which techniques, alone or as they compose, lead from the
// target to the registrable part of d, the shortest way first; none when none does. Of
// many names for one target an Explainer is faster.
func Explain(t Target, d lurehound.Domain, x *lexicon.Tables) []Explanation {
	return NewExplainer(t, x).Explain(d)
}

// Explainer explains names as look-alikes of one target. It may be used by
// many goroutines at once.
type Explainer struct {
	t     Target
	x     *lexicon.Tables
	techs []Technique
	bases func() []explainedBase
}

// explainedBase is a base with all edits of those techniques that list them.
type explainedBase struct {
	base
	t      Target
	edits  map[string][]listedEdit // by label
	sorted []listedEdit            // in the order of the table
}

type listedEdit struct {
	technique string
	skeleton  string
	Edit
}

// NewExplainer prepares the target. The edits are listed at the first question.
func NewExplainer(t Target, x *lexicon.Tables) *Explainer {
	e := &Explainer{t: t, x: x, techs: Techniques()}
	e.bases = sync.OnceValue(e.list)
	return e
}

func (e *Explainer) list() []explainedBase {
	var out []explainedBase
	for _, b := range bases(e.t, e.techs, e.x) {
		eb := explainedBase{base: b, t: e.t, edits: map[string][]listedEdit{}}
		eb.t.Label = b.word
		for _, tech := range e.techs {
			if tech.On != OnLabel || tech.Explain != nil || isALabel(b.word) {
				continue
			}
			for ed := range tech.Apply(eb.t, e.x) {
				if ed.Label == b.word || !validLabel(ed.Label) || !ed.imitates(b.word) || slices.ContainsFunc(eb.edits[ed.Label], func(l listedEdit) bool { return l.technique == tech.Name }) {
					continue
				}
				l := listedEdit{tech.Name, lexicon.Skeleton(ed.Label), ed}
				eb.edits[ed.Label] = append(eb.edits[ed.Label], l)
				eb.sorted = append(eb.sorted, l)
			}
		}
		if isALabel(b.word) {
			eb.t.Label = e.t.Domain.UnicodeLabel() // what a reader compares
		}
		out = append(out, eb)
	}
	return out
}

func isALabel(l string) bool { return len(l) > 4 && l[:4] == "xn--" }

// Explain is Explain for the Explainer's target.
func (e *Explainer) Explain(d lurehound.Domain) []Explanation {
	if d.Label() == "" {
		return nil
	}
	labels := e.Label(d.UnicodeLabel())
	out := e.Name(d)
	if d.Suffix() == e.t.Suffix {
		out = append(slices.DeleteFunc(labels, func(x Explanation) bool { return len(x.Techniques) == 0 }), out...)
		slices.SortStableFunc(out, shorter)
		return out
	}
	for _, tech := range e.techs {
		if tech.On != OnSuffix {
			continue
		}
		changes, ok := e.suffix(tech, d.Suffix())
		if !ok {
			continue
		}
		for _, l := range labels {
			out = append(out, Explanation{l.Word, with(l.Techniques, tech.Name), slices.Concat(l.Changes, changes), l.Listed})
		}
	}
	slices.SortStableFunc(out, shorter)
	return out
}

func shorter(a, b Explanation) int { return len(a.Techniques) - len(b.Techniques) }

// Name explains a whole name by the techniques that make such.
func (e *Explainer) Name(d lurehound.Domain) []Explanation {
	var out []Explanation
	for _, tech := range e.techs {
		if tech.On != OnName {
			continue
		}
		if changes, ok := tech.ExplainName(e.t, d, e.x); ok {
			out = append(out, Explanation{e.t.Label, []string{tech.Name}, changes, true})
		}
	}
	return out
}

// Suffix names the techniques that lead from the target's suffix to this one.
func (e *Explainer) Suffix(suffix string) []string {
	var out []string
	for _, tech := range e.techs {
		if tech.On != OnSuffix {
			continue
		}
		if _, ok := e.suffix(tech, suffix); ok {
			out = append(out, tech.Name)
		}
	}
	return out
}

func (e *Explainer) suffix(tech Technique, suffix string) ([]lurehound.Edit, bool) {
	if tech.Explain != nil {
		return tech.Explain(e.t, suffix, e.x)
	}
	for ed := range tech.Apply(e.t, e.x) {
		if ed.Suffix == suffix {
			return ed.Changes, true
		}
	}
	return nil, false
}

// Label explains one label in Unicode form, wherever in a name it stands. A
// label that is the brand's own is explained by no technique: an Explanation without any.
func (e *Explainer) Label(label string) []Explanation {
	var out []Explanation
	for _, b := range e.bases() {
		if label == b.t.Label {
			out = append(out, Explanation{b.word, b.names, b.changes, true})
			continue
		}
		out = e.singles(out, b, label)
		if len(b.edits[label]) == 0 && !sameSkeleton(b.t.Label, label) { // as pairSource has it
			out = e.pairs(out, b, label)
		}
	}
	slices.SortStableFunc(out, shorter)
	return out
}

func (e *Explainer) singles(out []Explanation, b explainedBase, label string) []Explanation {
	for _, l := range b.edits[label] {
		out = append(out, Explanation{b.word, with(b.names, l.technique), l.Changes, true})
	}
	for _, tech := range e.techs {
		if tech.On != OnLabel || tech.Explain == nil {
			continue
		}
		if changes, ok := tech.Explain(b.t, label, e.x); ok {
			out = append(out, Explanation{b.word, with(b.names, tech.Name), changes, tech.Name != combo || e.listed(b, changes, 1)})
		}
	}
	return out
}

// pairs explains by two label techniques: what lies between added words by the
// first and the words by the second, or the look-alikes by the first on top of the
// second's edit.
func (e *Explainer) pairs(out []Explanation, b explainedBase, label string) []Explanation {
	skeleton := lexicon.Skeleton(label)
	for _, p := range pairs() {
		first, second := e.named(p.first), e.named(p.second)
		var changes []lurehound.Edit
		var ok bool
		if second.Explain != nil {
			changes, ok = e.wrapped(b, first, second, label)
		} else {
			changes, ok = e.topped(b, first, p.second, label, skeleton)
		}
		if ok {
			most := 1
			if p.first == "insertion" || p.first == "repetition" {
				most = 2 // these add a character themselves
			}
			out = append(out, Explanation{b.word, with(b.names, p.first, p.second), changes, p.second != combo || e.listed(b, changes, most)})
		}
	}
	return out
}

// listed reports whether the words that combosquatting adds are of those that it
// lists, and no more than most. One character may be another technique's.
func (e *Explainer) listed(b explainedBase, changes []lurehound.Edit, most int) bool {
	for _, c := range changes {
		w := strings.Trim(c.To, "-")
		if w == "" || c.From != "" || c.At != 0 && c.At != len(b.t.Label) {
			continue
		}
		if most--; most < 0 || len(w) > 1 && !e.x.IsAffix(w) && !slices.Contains(b.t.Words, w) {
			return false
		}
	}
	return true
}

func (e *Explainer) named(name string) Technique {
	i := slices.IndexFunc(e.techs, func(t Technique) bool { return t.Name == name })
	return e.techs[i]
}

// wrapped looks for a part of the label that first makes of the base, and that
// second puts something around. The longest part wins.
func (e *Explainer) wrapped(b explainedBase, first, second Technique, label string) ([]lurehound.Edit, bool) {
	shortest := max(1, len(b.t.Label)/2) // look-alikes at most halve a label: all of it "rn" or "vv"
	longest := min(len(label)-1, 2*len(b.t.Label)+1)
	for size := longest; size >= shortest; size-- {
		for from := 0; from+size <= len(label); from++ {
			core := label[from : from+size]
			if core == b.t.Label {
				continue
			}
			inner, ok := e.single(b, first, core)
			if !ok {
				continue
			}
			ct := b.t
			ct.Label = core
			if outer, ok := second.Explain(ct, label, e.x); ok {
				return compose(inner, outer), true
			}
		}
	}
	return nil, false
}

func (e *Explainer) single(b explainedBase, tech Technique, label string) ([]lurehound.Edit, bool) {
	if tech.Explain != nil {
		return tech.Explain(b.t, label, e.x)
	}
	for _, l := range b.edits[label] {
		if l.technique == tech.Name {
			return l.Changes, true
		}
	}
	return nil, false
}

// topped looks for an edit of the technique called under that first turns into the label.
func (e *Explainer) topped(b explainedBase, first Technique, under, label, skeleton string) ([]lurehound.Edit, bool) {
	for _, l := range b.sorted {
		if l.technique != under || l.Label == label || l.skeleton != skeleton {
			continue
		}
		lt := b.t
		lt.Label = l.Label
		if top, ok := first.Explain(lt, label, e.x); ok {
			return compose(l.Changes, top), true
		}
	}
	return nil, false
}

// compose states changes of a label that first has made already as changes of
// the label before. Where both touch the same place, both are listed there.
func compose(first, second []lurehound.Edit) []lurehound.Edit {
	out := slices.Clone(first)
	for _, s := range second {
		grown := 0 // by the changes of first that lie before s
		for _, f := range first {
			start := f.At + grown
			if s.At < start {
				break
			}
			if s.At < start+len(f.To) {
				s.At, grown = f.At, 0
				break
			}
			grown += len(f.To) - len(f.From)
		}
		s.At -= grown
		out = append(out, s)
	}
	slices.SortStableFunc(out, func(a, b lurehound.Edit) int { return a.At - b.At })
	return out
}
