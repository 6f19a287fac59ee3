package permute

import (
	"maps"
	"math"
	"slices"
	"strings"

	"lurehound"
	"lurehound/internal/lexicon"
)

// Sample is a real look-alike: a domain that imitates a brand.
type Sample struct {
	Brand  lurehound.Brand
	Domain lurehound.Domain
}

// Learn counts how look-alikes are made. Nothing but the samples is counted, and
// what they say of words and suffixes rests on x's Lures and Suffixes, which no campaign has
// touched: weights learnt from some campaigns can be measured by others.
//
// Samples that no technique explains count for their suffix only. A brand's samples together
// weigh less than as many brands', as those of one campaign repeat each other.
func Learn(samples []Sample, x *lexicon.Tables) *Weights {
	return newLearner(x).learn(samples)
}

// repeats is the power of a brand's samples that its weight falls with: 0 would let
// one brand of the development campaigns, with 150 of 500, decide alone; 1 would count brands only.
const repeats = 0.6

// again is the power by which a suffix counts less each time it occurs with a brand again.
const again = 0.7

// learner counts samples. What it has found out of a brand's names serves all
// weights that it learns.
type learner struct {
	x         *lexicon.Tables
	techs     []Technique
	explainer *Explainer
	brands    map[string]*learnt
}

func newLearner(x *lexicon.Tables) *learner {
	return &learner{x: x, techs: Techniques(), explainer: NewExplainer(x), brands: map[string]*learnt{}}
}

// learnt is a brand as samples are held against it.
type learnt struct {
	target   Target
	ok       bool
	bases    []base
	ways     map[string][]madeWay              // by label
	words    map[lexicon.Beside]bool           // beside it, already counted
	suffixes map[suffixOf]float64              // times counted
	expected map[[2]string]map[feature]float64 // features among all edits of a technique, by word and technique
}

type suffixOf struct {
	kind   kind
	suffix string
}

func (l *learner) brand(b lurehound.Brand) *learnt {
	key := b.ID() + "\x00" + b.Name + "\x00" + strings.Join(b.Words, "\x00")
	if l.brands[key] == nil {
		t, err := NewTarget(b)
		l.brands[key] = &learnt{
			target: t, ok: err == nil, bases: bases(t, l.techs, l.x),
			ways: map[string][]madeWay{}, expected: map[[2]string]map[feature]float64{},
		}
	}
	return l.brands[key]
}

func (l *learner) learn(samples []Sample) *Weights {
	w := newWeights()
	of := map[*learnt]float64{}
	for _, s := range samples {
		b := l.brand(s.Brand)
		of[b]++
		b.words, b.suffixes = map[lexicon.Beside]bool{}, map[suffixOf]float64{}
	}
	seen := map[string]bool{}
	for _, s := range samples {
		b := l.brand(s.Brand)
		key := s.Brand.ID() + "\x00" + s.Domain.Registrable()
		if !b.ok || s.Domain.Label() == "" || seen[key] {
			continue
		}
		seen[key] = true
		l.count(w, b, s.Domain, math.Pow(of[b], -repeats))
	}
	return w
}

// count takes in one look-alike.
func (l *learner) count(w *Weights, b *learnt, d lurehound.Domain, weight float64) {
	all, ok := b.ways[d.Label()]
	if !ok {
		all = l.explain(b, d.Label())
		b.ways[d.Label()] = all
	}
	k := slipped
	for _, e := range all {
		k = l.explained(w, b, e, weight/float64(len(all)))
	}
	own := d.Suffix() == b.target.Suffix
	if siteItself := len(all) > 0 && len(all[0].Techniques) == 0 && len(all[0].names) == 0; !siteItself {
		t := w.own[k]
		t.expected += weight
		if own {
			t.seen += weight
		}
		w.own[k] = t
	}
	if !own {
		key := suffixOf{k, d.Suffix()}
		n := b.suffixes[key]
		b.suffixes[key]++
		w.suffix[k][d.Suffix()] += math.Pow(n+1, 1-again) - math.Pow(n, 1-again)
	}
}

// madeWay is one way that a label was made from one of a brand's bases.
type madeWay struct {
	*base
	Explanation
}

// explain finds the simplest ways that a label was made: of fewest changes, then techniques.
func (l *learner) explain(b *learnt, label string) []madeWay {
	var all []madeWay
	least := math.MaxInt
	for i := range b.bases {
		o := &b.bases[i]
		t := b.target
		t.Label = o.word
		var cores []Core
		for from := 0; from+len(o.word) <= len(label); from++ {
			cores = append(cores, Core{from, from + len(o.word)})
		}
		for _, e := range l.explainer.Label(nil, t, label, cores, 2) {
			n := 10*len(e.Changes) + len(e.Techniques)
			if n < least {
				all, least = all[:0], n
			}
			if n == least {
				all = append(all, madeWay{o, e})
			}
		}
	}
	return all
}

// explained takes in one way that a label was made.
func (l *learner) explained(w *Weights, b *learnt, e madeWay, weight float64) kind {
	t := b.target
	l.countBase(w, b, t.baseKind(e.word, e.names), weight)
	word := t
	word.Label = e.word
	var of [2]int // slips, and what is around
	for _, name := range e.Techniques {
		of[group(l.named(name))]++
	}
	h := asIs
	switch {
	case len(e.Techniques) == 0:
	case of[0] == 1 && of[1] == 0:
		h = oneSlip
	case of[0] == 0:
		h = oneAround
		if len(e.Changes) > 1 {
			h = twoAround
		}
	case of[1] > 0:
		h = slipAround
	default:
		h = twoSlips
	}
	w.hows[lengthOf(e.word)][h] += weight
	for _, name := range e.Techniques {
		tech := l.named(name)
		w.tech[group(tech)][name] += weight
		if tech.BestFirst == nil {
			for f, p := range l.expectedOf(b, word, tech) {
				c := w.features[f]
				c.expected += weight * p
				w.features[f] = c
			}
		}
	}
	for i := range e.Changes {
		l.countChange(w, b, word, &e.Changes[i], e.Techniques, weight)
	}
	return h.kind()
}

// countChange takes in what one change shows: a word around, or a place and letters.
func (l *learner) countChange(w *Weights, of *learnt, t Target, c *lurehound.Edit, names []string, weight float64) {
	if slices.Contains(names, combo) && isAround([]lurehound.Edit{*c}, len(t.Label)) {
		b := lexicon.Beside{Text: c.To, Behind: c.At > 0}
		word := strings.Trim(c.To, "-")
		if slices.ContainsFunc(t.Words, func(w string) bool { return !strings.Contains(t.Label, w) }) {
			w.ownWords.expected += weight // there was a word of its own to take
		}
		if slices.Contains(t.Words, word) {
			w.ownWords.seen += weight
		} else if word != "" && !of.words[b] {
			of.words[b] = true
			w.beside[b]++
		}
		return
	}
	at, letters, ok := features(t.Label, c)
	if slices.Contains(names, "homoglyph") && l.isGlyph(c) {
		add(w.features, feature{change: glyph, from: c.From, to: c.To}, weight)
		return
	}
	if ok {
		add(w.features, at, weight)
		add(w.features, letters, weight)
	}
}

func add(all map[feature]tally, f feature, weight float64) {
	t := all[f]
	t.seen += weight
	all[f] = t
}

func (l *learner) isGlyph(c *lurehound.Edit) bool {
	return slices.ContainsFunc(l.x.Glyphs, func(g lexicon.Glyph) bool { return g.From == c.From && g.To == c.To })
}

// countBase takes in which of the brand's bases was imitated, and which could have been.
func (l *learner) countBase(w *Weights, b *learnt, kind string, weight float64) {
	t := w.base[kind]
	t.seen += weight
	w.base[kind] = t
	for _, o := range b.bases {
		k := b.target.baseKind(o.word, o.names)
		t := w.base[k]
		t.expected += weight * o.p
		w.base[k] = t
	}
}

func (l *learner) named(name string) Technique {
	i := slices.IndexFunc(l.techs, func(t Technique) bool { return t.Name == name })
	if i < 0 {
		return Technique{Name: name}
	}
	return l.techs[i]
}

// expectedOf is how often each feature is among the edits of a technique, by its own weights.
func (l *learner) expectedOf(b *learnt, t Target, tech Technique) map[feature]float64 {
	key := [2]string{t.Label, tech.Name}
	if out, ok := b.expected[key]; ok {
		return out
	}
	out, sum := map[feature]float64{}, 0.0
	for e := range tech.Apply(t, l.x) {
		if e.Label == t.Label || !validLabel(e.Label) {
			continue
		}
		sum += e.Weight
		for i := range e.Changes {
			if at, letters, ok := features(t.Label, &e.Changes[i]); ok {
				out[at] += e.Weight
				out[letters] += e.Weight
			}
		}
	}
	for f := range maps.Keys(out) {
		out[f] /= sum
	}
	b.expected[key] = out
	return out
}
