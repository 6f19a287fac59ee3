package match

import (
	"cmp"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"lurehound"
)

// Hit is a name that resembles brands.
type Hit struct {
	Domain  lurehound.Domain
	Matches []lurehound.Match // one for each brand, the highest score first
}

// Candidates are the hit's candidates, one for each brand, seen as s says.
func (h Hit) Candidates(s lurehound.Sighting) []lurehound.Candidate {
	var out []lurehound.Candidate
	for _, m := range h.Matches {
		out = append(out, lurehound.Candidate{
			Domain: h.Domain, Brand: m.Brand, Matches: []lurehound.Match{m}, Sightings: []lurehound.Sighting{s},
		})
	}
	return out
}

// Class is what became of a name.
type Class uint8

// The classes. Every name is in exactly one.
const (
	Unmatched Class = iota
	Matched
	Malformed // cannot be a name
)

// Match says which brands a raw name resembles with a score of at least
// minScore. It is Classify for those who do not count malformed names.
func (ix *Index) Match(name string, minScore float64) (Hit, bool) {
	h, c := ix.Classify(name, minScore)
	return h, c == Matched
}

// Classify reads a name as a feed writes it: any case, A-labels or Unicode, with or
// without trailing dot, garbage. Own domains of a brand, and names below them, never match it.
// A name that matches nothing costs no allocation, unless it is an IDN.
func (ix *Index) Classify(name string, minScore float64) (Hit, Class) {
	s := ix.scratch.Get().(*scratch)
	defer ix.scratch.Put(s)
	return ix.classify(s, name, minScore)
}

// classify is Classify with borrowed memory. It keeps nothing of name.
func (ix *Index) classify(s *scratch, name string, minScore float64) (Hit, Class) {
	if !s.view.read(name, ix.fold) {
		return Hit{}, Malformed
	}
	s.min = minScore
	ix.find(s)
	if len(s.found) == 0 {
		return Hit{}, Unmatched
	}
	best := ix.best(s)
	if len(best) == 0 {
		return Hit{}, Unmatched
	}
	d, err := lurehound.ParseDomain(strings.Clone(s.view.asked))
	if err != nil {
		return Hit{}, Malformed
	}
	h := Hit{Domain: d}
	for _, f := range best {
		a := ix.anatomy(s, d, f)
		h.Matches = append(h.Matches, ix.describe(s, d, &a, f.score))
	}
	slices.SortStableFunc(h.Matches, func(a, b lurehound.Match) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), strings.Compare(a.Brand, b.Brand))
	})
	return h, Matched
}

// finding is the best place for one brand.
type finding struct {
	place
	rating
}

// best are the highest rated places, one for each brand, by brand. What cannot
// reach the score that is asked for, however it stands in the name, is not looked at further.
func (ix *Index) best(s *scratch) []finding {
	var out []finding
	b, known := bounds{}, false
	for _, p := range s.found {
		r := ix.resemblance(s, p)
		if r.score < s.min {
			continue
		}
		if ix.surround(s, p, &r); r.score < s.min {
			continue
		}
		if !known {
			b, known = s.view.bounds(), true
		}
		if p.from >= b.suffix {
			continue // the public suffix itself imitates nobody
		}
		if p.to > b.suffix && r.cost >= visible {
			continue // the suffix is no other way to write a word's end
		}
		id := ix.words[p.word].brand
		if ix.owned(s.view.lower(), id) {
			continue
		}
		if ix.stand(s, p, b, &r); r.score < s.min {
			continue
		}
		i := slices.IndexFunc(out, func(f finding) bool { return ix.words[f.word].brand == id })
		switch {
		case i < 0:
			out = append(out, finding{p, r})
		case better(ix, finding{p, r}, out[i]):
			out[i] = finding{p, r}
		}
	}
	return out
}

// spanning is how much lower the score of a place may be that holds another one
// and tells of more of the name.
const spanning = 0.2

// spans reports whether f tells of all that g tells, and of more.
func (f finding) spans(g finding) bool {
	return f.from <= g.from && f.to >= g.to && f.to-f.from > g.to-g.from && f.score > g.score-spanning
}

// better prefers the place that spans the other one, the score, then the longer
// word, then the place further right.
func better(ix *Index, a, b finding) bool {
	if x, y := a.spans(b), b.spans(a); x != y {
		return x
	}
	if a.score != b.score {
		return a.score > b.score
	}
	if x, y := len(ix.words[a.word].plain), len(ix.words[b.word].plain); x != y {
		return x > y
	}
	return a.from > b.from
}

// bounds finds the registrable label and the public suffix in raw. The public
// suffix list is in A-labels, the name as asked for is too.
func (v *view) bounds() bounds {
	suffix, icann := publicsuffix.PublicSuffix(v.lower())
	labels := strings.Count(suffix, ".") + 1
	b := bounds{public: suffix, free: !icann && labels > 1}
	end := len(v.raw)
	for range labels {
		i := lastDot(v.raw[:end])
		if i < 0 {
			if _, above, ok := strings.Cut(suffix, "."); ok {
				suffix = above // a bare suffix is its own label, below what is above it
			}
			return bounds{suffix: len(v.raw), public: suffix}
		}
		end = i
	}
	b.suffix = end + 1
	b.label = lastDot(v.raw[:end]) + 1
	return b
}

func lastDot(b []byte) int {
	for i := len(b) - 1; i >= 0; i-- {
		if b[i] == '.' {
			return i
		}
	}
	return -1
}

// owned reports whether the name is the brand's own or below it.
func (ix *Index) owned(name string, brand int32) bool {
	for _, own := range ix.brands[brand].own {
		o := own.String()
		rest := len(name) - len(o)
		if rest >= 0 && name[rest:] == o && (rest == 0 || name[rest-1] == '.') {
			return true
		}
	}
	return false
}
