package permute

import (
	"cmp"
	"slices"
	"strings"

	"lurehound"
	"lurehound/internal/lexicon"
)

// shareSubdomainImpersonation: 24 of 516 hosts of development campaigns that
// imitate a brand have its name in front of a foreign domain, 3 of them all of it. The foreign
// domains are mostly broken into or bought in bulk; one that is made of lure words is a guess, so a third of that.
const shareSubdomainImpersonation = 0.015

// subdomainImpersonation puts the brand's whole name, its label or a product in
// front of a domain that is made of two lure words. The label alone stands there as often as all of the name.
func subdomainImpersonation() Technique {
	return Technique{
		Name: "subdomain-impersonation", On: OnName, Weight: shareSubdomainImpersonation, Apply: each(impersonations), BestFirst: impersonations,
		Doc:         "the whole brand in front of a foreign domain of lure words: microdicom.com.viewer-download.net",
		ExplainName: impersonated,
	}
}

// front is what of the brand stands in front.
type front struct {
	host    string
	changes []lurehound.Edit // of the brand's label
	p       float64
}

func (t Target) fronts() []front {
	out := []front{{host: t.Label + "." + t.Suffix, p: 0.5}, {host: t.Label, p: 0.25}}
	for _, p := range t.Products {
		out = append(out, front{p, productChange(t, p), 0.25 / float64(len(t.Products))})
	}
	return out
}

func productChange(t Target, product string) []lurehound.Edit {
	return []lurehound.Edit{{From: t.Label, To: product, At: 0}}
}

// lure is a word or suffix of a foreign domain; the likelihoods of a list add up to 1.
type lure struct {
	s string
	p float64
}

func likelihoods(list []lure) []lure {
	sum := 0.0
	for _, l := range list {
		sum += l.p
	}
	for i := range list {
		list[i].p /= sum
	}
	slices.SortStableFunc(list, func(a, b lure) int { return cmp.Compare(b.p, a.p) })
	return list
}

// lures are the words that foreign domains begin and end with. Single letters and
// numbers are no words, and the words of the brand's products lead.
func (t Target) lures(x *lexicon.Tables) (begin, end []lure) {
	const (
		minWord = 3
		most    = 80 // of each: further pairs are too many to be likely
	)
	for _, a := range x.Affixes {
		if len(a.Word) < minWord || !isLetters(a.Word) || len(end) == most {
			continue
		}
		if p := max(a.Before, a.After); !strings.Contains(t.Label, a.Word) {
			begin, end = append(begin, lure{a.Word, p}), append(end, lure{a.Word, p})
		}
	}
	for _, w := range t.Words {
		if len(w) >= minWord && !strings.Contains(t.Label, w) && len(begin) > 0 {
			begin = append(begin, lure{w, 2 * begin[0].p})
		}
	}
	return likelihoods(begin), likelihoods(end)
}

func impersonations(t Target, x *lexicon.Tables) func() (Edit, bool) {
	const hyphenShare = 0.6 // as in combosquatting
	begin, end := t.lures(x)
	pairs := &ranked[lure]{}
	words := newGrid(of(begin), of(end))
	pairs.more = func() (lure, bool) {
		for {
			i, j, p, ok := words.next()
			if !ok {
				return lure{}, false
			}
			if begin[i].s != end[j].s {
				return lure{begin[i].s + "-" + end[j].s, p}, true
			}
		}
	}
	tails := make([]int16, 0, len(x.Suffixes)) // which are the likeliest first as they are
	sum := 0.0
	for i := range x.Suffixes {
		if !isIDN(x.Suffixes[i].Name) {
			tails = append(tails, int16(i))
			sum += x.Suffixes[i].Weight
		}
	}
	tail := func(j int) (float64, bool) {
		if j >= len(tails) {
			return 0, false
		}
		return x.Suffixes[tails[j]].Weight / sum, true
	}
	type source struct {
		front
		glue bool
		grid *grid
	}
	var h heap[source]
	for _, f := range t.fronts() {
		for _, glue := range []bool{false, true} {
			p := f.p * hyphenShare
			if glue {
				p = f.p * (1 - hyphenShare)
			}
			g := newGrid(func(i int) (float64, bool) {
				l, ok := pairs.at(i)
				return p * l.p, ok
			}, tail)
			if top, ok := g.peek(); ok {
				h.push(top, source{f, glue, g})
			}
		}
	}
	return func() (Edit, bool) {
		if h.len() == 0 {
			return Edit{}, false
		}
		s := h.nodes[0].v
		i, j, p, _ := s.grid.next()
		if top, ok := s.grid.peek(); ok {
			h.replaceTop(top, s)
		} else {
			h.pop()
		}
		foreign := pairs.items[i].s
		if s.glue {
			foreign = strings.Replace(foreign, "-", "", 1)
		}
		name := s.host + "." + foreign + "." + x.Suffixes[tails[j]].Name
		return Edit{Name: name, Changes: t.inFront(s.changes, name), Weight: p}, true
	}
}

// of reads the likelihoods of a list for a grid.
func of(list []lure) func(int) (float64, bool) {
	return func(i int) (float64, bool) {
		if i >= len(list) {
			return 0, false
		}
		return list[i].p, true
	}
}

// inFront adds to the changes of the label what follows it in the name.
func (t Target) inFront(changes []lurehound.Edit, name string) []lurehound.Edit {
	word := t.Label
	if len(changes) > 0 {
		word = changes[0].To
	}
	_, behind := findLabel(name, word)
	return append(slices.Clip(changes), lurehound.Edit{From: t.Suffix, To: behind, At: lurehound.SuffixEdit})
}

// impersonated recognises the brand's label or a product as a label in front of a foreign
// domain, whatever that is made of.
func impersonated(t Target, d lurehound.Domain, _ *lexicon.Tables) ([]lurehound.Edit, bool) {
	end := len(d.String()) - len(d.Registrable())
	if end == 0 || d.Label() == "" {
		return nil, false
	}
	sub := d.String()[:end-1]
	if at, _ := findLabel(sub, t.Label); at >= 0 {
		return t.inFront(nil, d.String()), true
	}
	for _, p := range t.Products {
		if at, _ := findLabel(sub, p); at >= 0 {
			return t.inFront(productChange(t, p), d.String()), true
		}
	}
	return nil, false
}

// findLabel finds a label in a name: where it begins, -1 when it is none, and
// what stands behind it.
func findLabel(name, label string) (at int, behind string) {
	for from := 0; ; {
		i := strings.Index(name[from:], label)
		if i < 0 {
			return -1, ""
		}
		i += from
		end := i + len(label)
		if (i == 0 || name[i-1] == '.') && (end == len(name) || name[end] == '.') {
			return i, strings.TrimPrefix(name[end:], ".")
		}
		from = i + 1
	}
}
