package permute

import (
	"slices"
	"strings"
	"unicode/utf8"

	"lurehound"
	"lurehound/internal/lexicon"
)

// Explanation is one way in which techniques make a label, suffix or name.
type Explanation struct {
	Techniques []string         // shared: not to be changed
	Changes    []lurehound.Edit // of what Target.Label holds, or of the suffix
	Listed     bool             // the words that are added around are those of Permutations
	Around     bool             // something is put around what is left of the word
	Again      bool             // the last technique is applied twice
}

// Explainer recognises what techniques make, alone and in pairs. It lists
// nothing: one serves all targets, and many goroutines at once.
type Explainer struct {
	x        *lexicon.Tables
	labels   []namedTechnique // the parts of the table
	suffixes []namedTechnique
	wholes   []namedTechnique
	wraps    []wrap // by what is put around
	tops     []top
	alike    [utf8.RuneSelf]string // skeletons of single characters
	slips    []namedTechnique      // of which two meet in a long word
}

// namedTechnique has its name as Explanation.Techniques wants it.
type namedTechnique struct {
	Technique
	names []string
	alone bool // Technique.single
}

// wrap is the pairs of techniques that change the label with one that puts something
// around it.
type wrap struct {
	outer  Technique
	inners []inner
	bits   uint64 // of all inners
}

type inner struct {
	namedTechnique      // names has both
	bit            uint // of the pair among those that were recognised
}

// top is a pair of which over replaces letters of what under left of the label.
type top struct {
	over, under Technique
	names       []string
}

// NewExplainer takes the techniques of the table.
func NewExplainer(x *lexicon.Tables) *Explainer {
	e := &Explainer{x: x}
	for c := range e.alike {
		e.alike[c] = lexicon.Skeleton(string(rune(c)))
	}
	byName := map[string]Technique{}
	for _, t := range Techniques() {
		byName[t.Name] = t
		named := namedTechnique{t, []string{t.Name}, t.single()}
		switch t.On {
		case OnLabel:
			e.labels = append(e.labels, named)
			if slices.Contains(slips(), t.Name) {
				e.slips = append(e.slips, named)
			}
		case OnSuffix:
			e.suffixes = append(e.suffixes, named)
		case OnName:
			e.wholes = append(e.wholes, named)
		case OnBase: // these are known by the words that they put in place of the label
		}
	}
	for bit, p := range pairs() {
		first, second, names := byName[p.first], byName[p.second], []string{p.first, p.second}
		if !second.Around {
			e.tops = append(e.tops, top{first, second, names})
			continue
		}
		i := slices.IndexFunc(e.wraps, func(w wrap) bool { return w.outer.Name == p.second })
		if i < 0 {
			i = len(e.wraps)
			e.wraps = append(e.wraps, wrap{outer: second})
		}
		e.wraps[i].inners = append(e.wraps[i].inners, inner{namedTechnique{first, names, first.single()}, uint(bit)})
		e.wraps[i].bits |= 1 << bit
	}
	return e
}

// Core is the piece label[From:To] that may stand for the word.
type Core struct{ From, To int }

// Label appends the ways in which label techniques make the label, in Unicode form, of
// t.Label: the ways of one technique, then those of two. A label that is the word itself
// is explained by no technique: an Explanation without any. cores are where to look for a
// changed word with something around it; one or two characters more or less are looked
// at too. Ways that put a word around it which Permutations does not are left out when
// they take more techniques than most.
func (e *Explainer) Label(dst []Explanation, t Target, label string, cores []Core, most int) []Explanation {
	if t.Label == "" {
		return dst // nothing is made of no word
	}
	if label == t.Label {
		return append(dst, Explanation{Listed: true})
	}
	ascii, simple, beside := isASCII(t.Label), false, false
	longer := len(label) - len(t.Label)
	few := ascii && (-slipReach <= longer && longer <= slipReach || sameBut(t.Label, label, '-'))
	whole := strings.Contains(label, t.Label)
	for i := range e.labels {
		tech := &e.labels[i]
		if !few && tech.alone || !whole && tech.Around {
			continue // edits of single octets mean nothing in Unicode
		}
		changes, ok := tech.Explain(t, label, e.x)
		if !ok || !(Edit{Label: label, Changes: changes}).imitates(t.Label) {
			continue
		}
		listed := !tech.Around || e.listed(t, tech.Name, changes)
		simple, beside = simple || tech.alone, beside || tech.Around && listed
		dst = append(dst, Explanation{Techniques: tech.names, Changes: changes, Listed: listed, Around: tech.Around})
	}
	if simple || !ascii || !isASCII(label) || sameSkeleton(t.Label, label) { // as pairSource has it
		return dst
	}
	dst = e.slipsIn(dst, t, label, cores)
	dst = e.topped(dst, t, label, cores)
	if beside { // the words around it make the name likelier than a changed word and others
		return dst
	}
	return e.wrapped(dst, t, label, cores, most)
}

// listed reports whether the words that a technique adds around are of those that
// it lists.
func (e *Explainer) listed(t Target, technique string, changes []lurehound.Edit) bool {
	return technique != combo || len(changes) == 1 && e.isAddedWord(t, changes[0].To)
}

func (e *Explainer) isAddedWord(t Target, s string) bool {
	w := strings.Trim(s, "-")
	return e.x.IsAffix(w) || slices.Contains(t.Words, w)
}

// Suffix appends the ways in which techniques make the public suffix of t.Suffix.
func (e *Explainer) Suffix(dst []Explanation, t Target, suffix string) []Explanation {
	for i := range e.suffixes {
		if changes, ok := e.suffixes[i].Explain(t, suffix, e.x); ok {
			dst = append(dst, Explanation{Techniques: e.suffixes[i].names, Changes: changes, Listed: true})
		}
	}
	return dst
}

// Name appends the ways in which techniques make a name of several labels.
func (e *Explainer) Name(dst []Explanation, t Target, d lurehound.Domain) []Explanation {
	for i := range e.wholes {
		if changes, ok := e.wholes[i].ExplainName(t, d, e.x); ok {
			dst = append(dst, Explanation{Techniques: e.wholes[i].names, Changes: changes, Listed: true})
		}
	}
	return dst
}

// slack is how far the ends of a changed word may be from those of its core: two
// characters swapped at an end are.
const slack = 2

// wrapped explains by a changed word and something around it: of each pair
// the longest part of the label that does.
func (e *Explainer) wrapped(dst []Explanation, t Target, label string, cores []Core, most int) []Explanation {
	const techniques = 2
	var done uint64 // pairs that are explained
	for _, c := range cores {
		free := most >= techniques
		for size := c.To - c.From + 2*slack; size >= c.To-c.From-2*slack && size > 0; size-- {
			first, last := max(c.From-slack, c.To-slack-size, 0), min(c.From+slack, c.To+slack-size, len(label)-size)
			for from := first; from <= last; from++ {
				w := window{label: label, Core: Core{from, from + size}, free: free && c == Core{from, from + size}}
				// Permutations puts something on one side of a changed word.
				oneSide := (from == 0) != (w.To == len(label))
				if (oneSide || w.free && size < len(label)) && e.mayBeChanged(t.Label, w.core()) {
					dst = e.around(dst, t, &w, &done)
				}
			}
		}
	}
	return dst
}

// mayBeChanged reports whether a technique that others surround may make the core of the word: a slip,
// look-alikes, or what hyphenation does.
func (e *Explainer) mayBeChanged(word, core string) bool {
	if core == word {
		return false
	}
	if withinSlip(word, core) {
		return true
	}
	if isASCII(core) && e.alike[word[len(word)-1]] != e.alike[core[len(core)-1]] && len(e.alike[word[len(word)-1]])+len(e.alike[core[len(core)-1]]) == 2 {
		return false // both ends are one class each, and not the same
	}
	return sameBut(word, core, '-') || sameSkeleton(word, core)
}

// window is a part of a label that may be the changed word.
type window struct {
	label string
	Core
	free bool // any words may stand around it
}

func (w *window) core() string { return w.label[w.From:w.To] }

// around explains what lies outside the window by something that is put around, and
// the window by what changes the word.
func (e *Explainer) around(dst []Explanation, t Target, in *window, done *uint64) []Explanation {
	core, before, behind := in.core(), in.label[:in.From], in.label[in.To:]
	word := (before == "" || behind == "") && e.isAddedWord(t, before+behind)
	for i := range e.wraps {
		w := &e.wraps[i]
		if *done&w.bits == w.bits {
			continue
		}
		any := w.outer.Name == combo // puts any words around
		if any && !word && !in.free {
			continue
		}
		var outer []lurehound.Edit
		if !any {
			ct := t
			ct.Label = core
			if outer, _ = w.outer.Explain(ct, in.label, e.x); len(outer) == 0 {
				continue
			}
		}
		for j := range w.inners {
			k := &w.inners[j]
			if *done>>k.bit&1 != 0 {
				continue
			}
			changes, ok := k.Explain(t, core, e.x)
			if !ok {
				continue
			}
			if any {
				outer = surround(before, behind, utf8.RuneCountInString(core))
			}
			*done |= 1 << k.bit
			dst = append(dst, Explanation{Techniques: k.names, Changes: compose(changes, outer), Listed: !any || word, Around: true})
		}
	}
	return dst
}

// Compose states changes of a label that first has made already as changes of the label
// before, in octets.
func Compose(first, second []lurehound.Edit) []lurehound.Edit { return compose(first, second) }

// compose states changes of a label that first has made already as changes of
// the label before. Where both touch the same place, both are listed there.
func compose(first, second []lurehound.Edit) []lurehound.Edit {
	out := append(make([]lurehound.Edit, 0, len(first)+len(second)), first...)
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
