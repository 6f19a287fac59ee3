package match

import (
	"slices"
	"strings"
	"unicode/utf8"

	"lurehound"
)

// anatomy is a name taken apart around the word that it resembles.
type anatomy struct {
	brand          int32
	word           string
	base           string   // technique that puts the word in place of the label, "" for none
	changes        []change // from the word to the piece that stands for it, until the next alignment
	before, behind string   // rest of the labels that the piece stands in
	raw            string   // the name in lower case, A-labels decoded
	at             label    // those labels in raw
	registrable    label
	domain         lurehound.Domain
	own            lurehound.Domain // whose suffix the name's is compared with
}

// label is one label of a name, or several when the word goes across a dot.
type label struct {
	from, to int
	sub      bool // in front of the registrable label
	over     bool // across a dot
}

func (ix *Index) anatomy(s *scratch, d lurehound.Domain, f finding) anatomy {
	w := &ix.words[f.word]
	raw := d.Unicode()
	if raw != string(s.view.raw) {
		raw = string(s.view.raw)
	}
	at := labelAround(raw, f.place)
	at.sub, at.over = f.setting.sub, f.setting.over
	a := anatomy{
		brand: w.brand, word: w.text, base: w.origins[0].technique, before: raw[at.from:f.from], behind: raw[f.to:at.to],
		raw: raw, at: at, registrable: registrable(raw, d), domain: d, own: ix.brands[w.brand].Domains[0],
	}
	a.changes = s.align.between(ix.fold, w.text, raw[f.from:f.to])
	return a
}

func labelAround(raw string, p place) label {
	l := label{from: strings.LastIndexByte(raw[:p.from], '.') + 1, to: len(raw)}
	if i := strings.IndexByte(raw[p.to:], '.'); i >= 0 {
		l.to = p.to + i
	}
	return l
}

// registrable is where the registrable label stands in raw, which may have
// U-labels where the domain has A-labels.
func registrable(raw string, d lurehound.Domain) label {
	if d.Label() == "" {
		return label{}
	}
	to := len(raw)
	for range strings.Count(d.Suffix(), ".") + 1 {
		to = max(strings.LastIndexByte(raw[:to], '.'), 0)
	}
	return label{from: strings.LastIndexByte(raw[:to], '.') + 1, to: to}
}

// labelOf is the label that the place is in, when that says what was done to the
// name: the one that resembles the brand most, or the registrable one.
func (a *anatomy) labelOf(p place) (label, bool) {
	l := labelAround(a.raw, p)
	switch {
	case l.from == a.at.from && l.to == a.at.to:
		return a.at, true
	case l.from == a.registrable.from && l.to == a.registrable.to:
		return a.registrable, true
	}
	return label{}, false
}

// unchanged reports whether a label or product of the brand stands there as it is.
func (a *anatomy) unchanged() bool {
	if a.base != "" && a.base != productWord {
		return false
	}
	for _, c := range a.changes {
		if c.kind != same {
			return false
		}
	}
	return true
}

// edits are the changes of the word, what stands around it, and the suffix.
func (a *anatomy) edits(all *reasons) []lurehound.Edit {
	start := len(all.edits)
	if a.before != "" {
		all.edits = append(all.edits, lurehound.Edit{To: a.before, At: 0})
	}
	for _, c := range a.changes {
		if c.kind != same {
			all.edits = append(all.edits, lurehound.Edit{From: c.from, To: c.to, At: c.at})
		}
	}
	if a.behind != "" {
		all.edits = append(all.edits, lurehound.Edit{To: a.behind, At: utf8.RuneCountInString(a.word)})
	}
	if a.otherSuffix() {
		all.edits = append(all.edits, a.suffixEdit())
	}
	return slices.Clip(all.edits[start:])
}

func (a *anatomy) suffixEdit() lurehound.Edit {
	return lurehound.Edit{From: a.own.Suffix(), To: a.domain.Suffix(), At: lurehound.SuffixEdit}
}

// otherSuffix reports whether the word is in the registrable label and the
// suffix is not the brand's.
func (a *anatomy) otherSuffix() bool {
	return !a.at.sub && !a.at.over && a.domain.Suffix() != a.own.Suffix()
}
