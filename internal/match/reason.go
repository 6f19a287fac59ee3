package match

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"lurehound"
)

// Names of techniques, as permute's table has them where it has them.
const (
	homoglyph              = "homoglyph"
	idnHomograph           = "idn-homograph"
	hyphenation            = "hyphenation"
	transposition          = "transposition"
	repetition             = "repetition"
	omission               = "omission"
	vowelSwap              = "vowel-swap"
	replacement            = "replacement"
	insertion              = "insertion"
	addition               = "addition"
	substitution           = "substitution"
	fauxTLD                = "faux-tld"
	combosquatting         = "combosquatting"
	bitsquatting           = "bitsquatting"
	productWord            = "product-word"
	wordOrder              = "word-order"
	tldSwap                = "tld-swap"
	tldAppend              = "tld-append"
	wrongSecondLevel       = "wrong-second-level"
	hosted                 = "hosted"
	dotInsertion           = "dot-insertion"
	dotOmission            = "dot-omission"
	dotHyphen              = "dot-hyphen"
	subdomainImpersonation = "subdomain-impersonation"
	move                   = "move"
	plural                 = "plural"
	version                = "version"
	numeral                = "numeral"
	misspelling            = "misspelling"
	homophone              = "homophone"
)

// efforts are the techniques, the first the one that people accept as the
// explanation before the others: what looks the same, then a slip, then words around it, and
// last what is another word. Those of the suffix and of the place in the name are the same for all
// explanations of a label.
var efforts = [...]string{
	tldSwap, tldAppend, wrongSecondLevel, hosted, subdomainImpersonation,
	idnHomograph, homoglyph, hyphenation, transposition, repetition, plural, omission, vowelSwap, replacement, addition, version,
	insertion, move, substitution, fauxTLD, dotHyphen, dotOmission, dotInsertion, combosquatting, bitsquatting,
	numeral, productWord, misspelling, homophone, wordOrder,
}

// ofSuffix is how many of efforts, from the first on, are no effort.
const ofSuffix = 5

// reason is one way from a word of the brand to the name.
type reason struct {
	word       string
	techniques []string // of the word, of the label, then of the suffix or place
	edits      []lurehound.Edit
	steps      int  // how often a technique is applied
	sub        bool // the word stands below the registrable domain
	free       bool // adds a word that permute does not know
}

// effort adds up the places of the techniques. Many suffixes are words too:
// where lures add such a word, it is a word that was added, and no suffix.
func (ix *Index) effort(r *reason, own string) int {
	sum := 0
	for _, t := range r.techniques {
		at := slices.Index(efforts[:], t)
		if at < 0 {
			at = len(efforts)
		}
		at = max(at-ofSuffix+1, 0)
		if t == fauxTLD && slices.ContainsFunc(r.edits, func(e lurehound.Edit) bool { return e.From == "" && ix.addsWord(e.To, own) }) {
			at = len(efforts)
		}
		sum += at
	}
	return sum
}

// addsWord reports whether what was drawn in is an ordinary word rather than a
// suffix. The open suffixes of RFC 920 are read as nothing else.
func (ix *Index) addsWord(added, own string) bool {
	added = strings.Trim(added, "-")
	_, listed := ix.x.WordRank(added)
	return (ix.x.IsAffix(added) || listed && len(added) > 3) && !slices.Contains([]string{own, "com", "net", "org"}, added)
}

// torn is how many characters are dropped where others are added: substitutions
// that are read as two changes.
func (r *reason) torn() int {
	n := 0
	for _, drop := range r.edits {
		for _, add := range r.edits {
			if drop.To == "" && add.From == "" && drop.At >= 0 && (add.At == drop.At || add.At == drop.At+len(drop.From)) {
				n++
			}
		}
	}
	return n
}

// changed is how many characters the edits drop and add.
func (r *reason) changed() int {
	n := 0
	for _, e := range r.edits {
		if e.At != lurehound.SuffixEdit {
			n += len(e.From) + len(e.To)
		}
	}
	return n
}

// reason reads the anatomy as an explanation: each visible change is a step,
// all look-alikes together are one, and so are all hyphens.
func (a *anatomy) reason(all *reasons) reason {
	r := reason{word: a.word, edits: a.edits(all), sub: a.at.sub || a.at.over}
	start := len(all.names)
	take := func(t string, again bool) {
		known := slices.Contains(all.names[start:], t)
		if !known {
			all.names = append(all.names, t)
		}
		if again || !known {
			r.steps++
		}
	}
	if a.base != "" {
		take(a.base, false)
	}
	for i, c := range a.changes {
		switch c.kind {
		case same:
		case glyph, leetDigit:
			take(homoglyph, false)
		case confusable:
			take(idnHomograph, false)
		case hyphen:
			if c.to != "." { // see located
				take(hyphenation, false)
			}
		default:
			take(c.technique(i == len(a.changes)-1), true)
		}
	}
	if a.before != "" || a.behind != "" {
		take(combosquatting, false)
	}
	n := len(all.names)
	all.names = a.at.located(all.names, all.suffix)
	r.steps += len(all.names) - n
	if r.steps == 0 { // the brand's own name, but for another of its suffixes
		all.names, r.steps = append(all.names, wordOrder), 1
	}
	r.techniques = all.names[start:len(all.names):len(all.names)]
	return r
}

// technique names a visible change; last is one at the end of the word.
func (c change) technique(last bool) string {
	const vowels = "aeiouy"
	switch c.kind {
	case repeat:
		if c.to != "" {
			return repetition
		}
		return omission
	case drop:
		return omission
	case swapped:
		return transposition
	case add:
		if last {
			return addition
		}
		return insertion
	}
	if strings.Contains(vowels, c.from) && strings.Contains(vowels, c.to) {
		return vowelSwap
	}
	return substitution
}

// located adds to the techniques of a label those that say where in the name it
// stands: suffix is that of another public suffix.
func (l label) located(names []string, suffix string) []string {
	if l.over {
		names = append(names, dotInsertion)
	}
	if l.sub {
		names = append(names, subdomainImpersonation)
	}
	if !l.over && !l.sub && suffix != "" {
		names = append(names, suffix)
	}
	return names
}

// why says the reason in one sentence.
func (r *reason) why(all *reasons, d lurehound.Domain, b *brand) string {
	around := slices.ContainsFunc(r.techniques, func(t string) bool {
		return t == combosquatting || t == fauxTLD || t == dotHyphen || t == dotOmission
	})
	end := utf8.RuneCountInString(r.word)
	s := r.instead(all.sentence[:0], b)
	next := func() {
		if len(s) > 0 {
			s = append(s, ", "...)
		}
	}
	suffix, edits := -1, r.edits
	if slices.Contains(r.techniques, move) {
		s, edits = appendMove(s, edits)
	}
	for i, e := range edits {
		added := strings.Trim(e.To, "-")
		switch {
		case e.At == lurehound.SuffixEdit:
			suffix = i // comes last
			continue
		case around && e.From == "" && added != "" && (e.At == 0 || e.At == end):
			next()
			s = strconv.AppendQuote(s, added)
			if e.At == 0 {
				s = append(s, " added in front of "...)
			} else {
				s = append(s, " added behind "...)
			}
			s = append(s, r.word...)
		default:
			next()
			s = e.AppendTo(s)
		}
	}
	if r.sub {
		if len(s) == 0 {
			s = append(append(s, r.word...), " stands"...)
		} else {
			s = append(s, ',')
		}
		s = append(append(s, " in a name below "...), d.Registrable()...)
	}
	if suffix >= 0 {
		next()
		s = edits[suffix].AppendTo(s)
	}
	if len(s) == 0 {
		s = append(append(s, r.word...), " stands there as it is"...)
	}
	all.sentence = s
	return string(s)
}

// instead appends what of the brand stands in place of the site's label.
func (r *reason) instead(s []byte, b *brand) []byte {
	own := b.target.Label
	if len(r.techniques) == 0 || r.word == own {
		return s
	}
	part := slices.Contains(b.target.Parts, r.word) || slices.Contains(b.target.Words, r.word)
	switch t := r.techniques[0]; {
	case t != productWord && t != wordOrder:
		return s
	case part && strings.Contains(own, r.word):
		return append(append(append(append(s, "only "...), r.word...), " of "...), own...)
	case t == productWord:
		return append(append(append(append(s, "product "...), r.word...), " instead of "...), own...)
	case part:
		return append(append(s, r.word...), ", a word of the brand's name"...)
	}
	return append(append(s, r.word...), ", the brand's words otherwise"...)
}

// appendMove says the first two edits as one when a character is only taken elsewhere, and gives the others.
func appendMove(b []byte, edits []lurehound.Edit) ([]byte, []lurehound.Edit) {
	if len(edits) < 2 || edits[0].From+edits[0].To != edits[1].From+edits[1].To {
		return b, edits
	}
	from, to := edits[0].At+1, edits[1].At // counted from 1; what is in front of the place moves up
	if edits[0].From == "" {
		from, to = edits[1].At+1, edits[0].At+1
	}
	if len(b) > 0 {
		b = append(b, ", "...)
	}
	b = append(strconv.AppendQuote(b, edits[0].From+edits[0].To), " moved from position "...)
	b = strconv.AppendInt(append(strconv.AppendInt(b, int64(from), 10), " to "...), int64(to), 10)
	return b, edits[2:]
}
