package match

import (
	"fmt"
	"slices"
	"strings"

	"lurehound"
	"lurehound/internal/permute"
)

// Techniques that only show where in a name the word stands; permute makes
// registrable names and has no part in them.
const (
	subdomainImpersonation = "subdomain-impersonation"
	dotInsertion           = "dot-insertion"
	tldSwap                = "tld-swap"
	hosted                 = "hosted"
)

// describe makes the match of the finding: its techniques, edits and reason.
func (ix *Index) describe(s *scratch, d lurehound.Domain, f finding) lurehound.Match {
	w := &ix.words[f.word]
	b := &ix.brands[w.brand]
	a := ix.anatomy(s, d, f)
	return lurehound.Match{
		Brand:      b.ID(),
		Word:       w.text,
		Techniques: ix.techniques(b, d, a),
		Edits:      a.edits(),
		Score:      f.score,
		Why:        a.why(),
	}
}

// anatomy is a name taken apart around the word that it resembles.
type anatomy struct {
	word           string
	changes        []change // from the word to the piece that stands for it
	before, behind string   // rest of the labels that the piece stands in
	labels         string   // those labels
	sub            bool     // in front of the registrable label
	over           bool     // across a dot
	domain         lurehound.Domain
	own            lurehound.Domain // whose suffix the name's is compared with
}

func (ix *Index) anatomy(s *scratch, d lurehound.Domain, f finding) anatomy {
	w := &ix.words[f.word]
	raw := string(s.view.raw)
	start := strings.LastIndexByte(raw[:f.from], '.') + 1
	end := len(raw)
	if i := strings.IndexByte(raw[f.to:], '.'); i >= 0 {
		end = f.to + i
	}
	a := anatomy{
		word: w.text, before: raw[start:f.from], behind: raw[f.to:end], labels: raw[start:end],
		sub: f.setting.sub, over: f.setting.over, domain: d, own: ix.brands[w.brand].Domains[0],
	}
	if n, m, ok := s.align.read(w.text, s.view.raw[f.from:f.to]); ok {
		s.align.align(ix.fold, n, m)
		a.changes = s.align.changes(n, m)
	}
	return a
}

// edits are the changes of the word, what stands around it, and the suffix.
func (a anatomy) edits() []lurehound.Edit {
	var out []lurehound.Edit
	if a.before != "" {
		out = append(out, lurehound.Edit{To: a.before, At: 0})
	}
	out = append(out, edits(a.changes)...)
	if a.behind != "" {
		out = append(out, lurehound.Edit{To: a.behind, At: len([]rune(a.word))})
	}
	if a.otherSuffix() {
		out = append(out, lurehound.Edit{From: a.own.Suffix(), To: a.domain.Suffix(), At: lurehound.SuffixEdit})
	}
	return out
}

// otherSuffix reports whether the word is in the registrable label and the
// suffix is not the brand's.
func (a anatomy) otherSuffix() bool {
	return !a.sub && !a.over && a.domain.Suffix() != a.own.Suffix()
}

// why says the match in one sentence.
func (a anatomy) why() string {
	var parts []string
	for _, e := range edits(a.changes) {
		parts = append(parts, e.String())
	}
	if b := strings.Trim(a.before, "-"); b != "" {
		parts = append(parts, fmt.Sprintf("%q added in front of %s", b, a.word))
	}
	if b := strings.Trim(a.behind, "-"); b != "" {
		parts = append(parts, fmt.Sprintf("%q added behind %s", b, a.word))
	}
	if a.sub || a.over {
		parts = append(parts, fmt.Sprintf("%s stands in a name below %s", a.word, a.domain.Registrable()))
	}
	if a.otherSuffix() {
		parts = append(parts, lurehound.Edit{From: a.own.Suffix(), To: a.domain.Suffix(), At: lurehound.SuffixEdit}.String())
	}
	if len(parts) == 0 {
		return a.word + " stands there as it is"
	}
	return strings.Join(parts, ", ")
}

// techniques are all that explain the name, in the order of permute's table,
// then those that permute has no part in.
func (ix *Index) techniques(b *brand, d lurehound.Domain, a anatomy) []string {
	set := map[string]bool{}
	known := false
	take := func(list []permute.Explanation) {
		for _, x := range list {
			known = true
			for _, t := range x.Techniques {
				set[t] = true
			}
		}
	}
	take(b.explainer.Explain(d))
	take(b.explainer.Label(d.UnicodeLabel()))
	if a.sub || a.over {
		take(b.explainer.Label(a.labels))
	}
	if !a.sub && d.Suffix() != b.Domains[0].Suffix() && !slices.ContainsFunc(onSuffix(), func(t string) bool { return set[t] }) {
		if d.Hosted() {
			set[hosted] = true
		} else {
			set[tldSwap] = true
		}
	}
	if !known {
		a.name(set)
	}
	if len(set) == 0 && !a.sub && !a.over {
		set["word-order"] = true // part of a product's name, nothing else
	}
	var out []string
	for _, t := range permute.Techniques() {
		if set[t.Name] {
			out = append(out, t.Name)
			delete(set, t.Name)
		}
	}
	if a.sub {
		set[subdomainImpersonation] = true
	}
	if a.over {
		set[dotInsertion] = true
	}
	rest := make([]string, 0, len(set))
	for t := range set {
		rest = append(rest, t)
	}
	slices.Sort(rest)
	return append(out, rest...)
}

func onSuffix() []string {
	var out []string
	for _, t := range permute.Techniques() {
		if t.On == permute.OnSuffix {
			out = append(out, t.Name)
		}
	}
	return append(out, tldSwap, hosted)
}

// name names the changes one by one, for what no single composition of permute
// explains.
func (a anatomy) name(set map[string]bool) {
	for i, c := range a.changes {
		switch c.kind {
		case glyph, leetDigit:
			set["homoglyph"] = true
		case confusable:
			set["idn-homograph"] = true
		case hyphen:
			set["hyphenation"] = true
		case repeat:
			if c.to != "" {
				set["repetition"] = true
			} else {
				set["omission"] = true
			}
		case drop:
			set["omission"] = true
		case add:
			if i == len(a.changes)-1 {
				set["addition"] = true
			} else {
				set["insertion"] = true
			}
		case substitute:
			set["substitution"] = true
		case swapped:
			set["transposition"] = true
		}
	}
	if a.before != "" || a.behind != "" {
		set["combosquatting"] = true
	}
}
