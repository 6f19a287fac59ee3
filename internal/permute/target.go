package permute

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"lurehound"
)

// Target is what is imitated. Label and Suffix are those of the brand's first
// domain; all strings are lower-case LDH.
type Target struct {
	Label, Suffix string
	Products      []string // other labels that people know the brand by: "advancedipscanner", "advanced-ip-scanner"
	Leads         []string // first words of product names of several, often enough alone: "obs", "notepad"
	Tails         []string // last words of such names: "sora" of OpenAI Sora
	Words         []string // single words of the product names: "dicom", "viewer"
	Parts         []string // words that the label or a product is made of: "micro", "dicom"
	Domain        lurehound.Domain
	Own           []lurehound.Domain // never made

	cuts *cuts // of a target by NewTarget

	// Where edits that are looked at one after the other have their changes. The engine asks for
	// thousands, of which it uses a few, and does without their labels; nil for edits with labels.
	passing *[]lurehound.Edit
}

// Caps on what a brand file can bring; a brand has a handful of each.
const (
	maxProducts = 32
	maxWords    = 64
	minLead     = 3 // letters; two ("ip") stand for nothing alone
)

// NewTarget prepares the brand for the techniques. It fails when the brand has
// no domain or when the first one has no registrable label.
func NewTarget(b lurehound.Brand) (Target, error) {
	if err := b.Check(); err != nil {
		return Target{}, fmt.Errorf("preparing permutations: %w", err)
	}
	d := b.Domains[0]
	t := Target{Label: d.Label(), Suffix: d.Suffix(), Domain: d, Own: b.Domains, cuts: &cuts{label: d.Label()}}
	for _, name := range b.Words {
		t.addName(name)
	}
	if _, err := lurehound.ParseDomain(b.Name); err != nil || !strings.Contains(b.Name, ".") {
		t.addName(b.Name)
	}
	if strings.HasPrefix(t.Label, "xn--") {
		t.addName(d.UnicodeLabel())
	} else {
		t.addParts(t.Label)
	}
	return t, nil
}

// addName takes in a product name as people write it.
func (t *Target) addName(name string) {
	tokens := tokenize(lurehound.WithoutLegalForm(name))
	if len(tokens) == 0 {
		return
	}
	var words []string
	for _, parts := range tokens {
		word := strings.Join(parts, "")
		words = append(words, word)
		t.Words = addNew(t.Words, word, maxWords)
		if len(parts) > 1 {
			for _, p := range parts {
				t.addParts(p)
			}
		}
	}
	if len(words) == 1 {
		t.addProduct(words[0])
		return
	}
	if lead := words[0]; len(lead) >= minLead && lead != t.Label && !slices.Contains(t.Products, lead) {
		t.Leads = addNew(t.Leads, lead, maxWords)
	}
	if tail := words[len(words)-1]; len(tail) >= minLead && tail != t.Label && !slices.Contains(t.Products, tail) {
		t.Tails = addNew(t.Tails, tail, maxWords)
	}
	for _, w := range words {
		t.addParts(w)
	}
	t.addProduct(strings.Join(words, ""))
	t.addProduct(strings.Join(words, "-"))
}

func (t *Target) addProduct(label string) {
	if label != t.Label && validLabel(label) {
		t.Products = addNew(t.Products, label, maxProducts)
	}
}

func (t *Target) addParts(word string) {
	for p := range strings.SplitSeq(word, "-") {
		if validLabel(p) {
			t.Parts = addNew(t.Parts, p, maxWords)
		}
	}
}

func addNew(list []string, s string, most int) []string {
	if len(list) >= most || slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// tokenize splits a product name into words and these into the parts that
// capitals show: "MicroDicom viewer" → [[micro dicom] [viewer]]. Diacritics are
// dropped, "+" is read as plus and "&" as and; what is not LDH after that is no part of a name.
func tokenize(name string) [][]string {
	var words [][]string
	var parts []string
	var part []byte
	endPart := func() {
		if len(part) > 0 {
			parts = append(parts, string(part))
			part = nil
		}
	}
	endWord := func() {
		endPart()
		if len(parts) > 0 {
			words = append(words, parts)
			parts = nil
		}
	}
	lowerBefore := false
	for _, r := range norm.NFKD.String(name) {
		switch l := unicode.ToLower(r); {
		case unicode.Is(unicode.Mn, r):
			continue
		case r == '+' || r == '&':
			endWord()
			parts = append(parts, map[rune]string{'+': "plus", '&': "and"}[r])
			endWord()
		case l < 0x80 && isLDH(byte(l)) && l != '-':
			if l != r && lowerBefore {
				endPart()
			}
			part = append(part, byte(l))
			lowerBefore = l == r
			continue
		case r == '\'' || r == '’':
			continue
		default:
			endWord()
		}
		lowerBefore = false
	}
	endWord()
	return words
}
