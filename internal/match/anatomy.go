package match

import (
	"strings"

	"lurehound"
)

// anatomy is a name taken apart around the word that it resembles.
type anatomy struct {
	brand          int32
	word           string
	kind           wordKind
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
		brand: w.brand, word: w.text, kind: w.kind, before: raw[start:f.from], behind: raw[f.to:end], labels: raw[start:end],
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
