package match

import (
	"fmt"
	"slices"
	"strings"

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
	hosted                 = "hosted"
	dotInsertion           = "dot-insertion"
	dotOmission            = "dot-omission"
	dotHyphen              = "dot-hyphen"
	subdomainImpersonation = "subdomain-impersonation"
)

// efforts are the techniques, the first the one that people accept as the
// explanation before the others: what looks the same, then a slip, then words around it, and
// last what is another word.
var efforts = [...]string{
	idnHomograph, homoglyph, hyphenation, transposition, repetition, omission, vowelSwap, replacement, insertion, addition,
	substitution, fauxTLD, dotHyphen, dotOmission, dotInsertion, combosquatting, bitsquatting, productWord, wordOrder,
}

// reason is one way from a word of the brand to the name.
type reason struct {
	word       string
	techniques []string // of the word, of the label, then of the suffix or place
	edits      []lurehound.Edit
	steps      int  // how often a technique is applied
	effort     int  // of all techniques, in places of efforts
	sub        bool // the word stands below the registrable domain
	free       bool // adds a word that permute does not know
}

// effort adds up the places of the techniques. Many suffixes are words too:
// where lures add such a word, it is a word that was added, and no suffix.
func (ix *Index) effort(r reason, own string) int {
	sum := 0
	for _, t := range r.techniques {
		at := max(slices.Index(efforts[:], t), 0)
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
	return ix.x.IsAffix(added) && !slices.Contains([]string{own, "com", "net", "org"}, added)
}

// torn is how many characters are dropped where others are added: substitutions
// that are read as two changes.
func (r reason) torn() int {
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
func (r reason) changed() int {
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
func (a anatomy) reason() reason {
	r := reason{word: a.word, edits: a.edits(), sub: a.sub || a.over}
	take := func(t string, again bool) {
		known := slices.Contains(r.techniques, t)
		if !known {
			r.techniques = append(r.techniques, t)
		}
		if again || !known {
			r.steps++
		}
	}
	switch a.kind {
	case ofProduct, ofVariant:
		take(productWord, false)
	case ofLead, ofPart:
		take(wordOrder, false)
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
	n := len(r.techniques)
	if a.otherSuffix() {
		r.techniques = append(r.techniques, tldSwap)
	}
	r.techniques = a.located(r.techniques)
	r.steps += len(r.techniques) - n
	if r.steps == 0 { // the brand's own name, but for another of its suffixes
		r.techniques, r.steps = []string{wordOrder}, 1
	}
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

// located adds to the techniques of a label those that say where in the name it stands.
func (a anatomy) located(techniques []string) []string {
	if i := slices.Index(techniques, tldSwap); i >= 0 {
		techniques[i] = a.suffixTechnique()
	}
	if a.over {
		techniques = append(techniques, dotInsertion)
	}
	if a.sub {
		techniques = append(techniques, subdomainImpersonation)
	}
	return techniques
}

func (a anatomy) suffixTechnique() string {
	if a.domain.Hosted() {
		return hosted
	}
	return tldSwap
}

// why says the reason in one sentence.
func (r reason) why(d lurehound.Domain) string {
	around := slices.ContainsFunc(r.techniques, func(t string) bool {
		return slices.Contains([]string{combosquatting, fauxTLD, dotHyphen, dotOmission}, t)
	})
	end := len([]rune(r.word))
	var parts, last []string
	for _, e := range r.edits {
		added := strings.Trim(e.To, "-")
		switch {
		case e.At == lurehound.SuffixEdit:
			last = append(last, e.String())
		case around && e.From == "" && added != "" && e.At == 0:
			parts = append(parts, fmt.Sprintf("%q added in front of %s", added, r.word))
		case around && e.From == "" && added != "" && e.At == end:
			parts = append(parts, fmt.Sprintf("%q added behind %s", added, r.word))
		default:
			parts = append(parts, e.String())
		}
	}
	if r.sub {
		parts = append(parts, fmt.Sprintf("%s stands in a name below %s", r.word, d.Registrable()))
	}
	if parts = append(parts, last...); len(parts) == 0 {
		return r.word + " stands there as it is"
	}
	return strings.Join(parts, ", ")
}
