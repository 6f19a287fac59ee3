package match

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	"lurehound"
	"lurehound/internal/lexicon"
	"lurehound/internal/permute"
)

// Index finds names that resemble its brands. It is never changed after
// NewIndex and may be used by many goroutines at once.
type Index struct {
	x       *lexicon.Tables
	fold    *folder
	brands  []brand
	words   []word
	forms   []form
	wides   []wide
	near    nearTable // by plain form
	nearBy  nearTable // by wide form
	exact   seedTable // of wides
	blocks  seedTable // of forms that may have edits
	affixes affixSet
	common  *background
	scratch sync.Pool
}

type brand struct {
	lurehound.Brand
	own       []lurehound.Domain // registrable domains of the brand's own domains, or these themselves
	explainer *permute.Explainer
}

// wordKind is where a word comes from, the most telling first.
type wordKind uint8

const (
	ofLabel   wordKind = iota // label of an own domain
	ofProduct                 // whole product name
	ofVariant                 // what else permute puts in a label's place
	ofLead                    // first word of a product name of several
	ofPart                    // another word of several
)

// word is one thing that a brand is recognised by.
type word struct {
	text   string // lower case; hyphens as the label has them
	plain  string
	brand  int32
	kind   wordKind
	rarity float64 // [0,1]: how unlikely innocent names hold it
	why    string  // the same in words
	most   float64 // the highest score it can give
}

// form is a word as it is looked for.
type form struct {
	plain string
	word  int32
	edits int // that it may have inside a longer name
}

// wide is the wide form of a form.
type wide struct {
	s    string
	form int32
}

// Lengths of a folded word from which a longer name may hold it with one, two,
// three edits. A block between edits then has four characters or more: shorter
// ones stand everywhere.
const (
	oneEdit    = 8
	twoEdits   = 12
	threeEdits = 16
)

// What a single word of a product name must be to be looked for alone.
const (
	minPart  = 4   // characters
	rarePart = 0.5 // rarity: in less than one of 3,000 innocent labels
)

// ErrNoBrands is what NewIndex fails with when there is nothing to protect.
var ErrNoBrands = errors.New("no brands to match names against")

// NewIndex prepares the brands. It fails on a brand without a usable domain.
func NewIndex(brands []lurehound.Brand, x *lexicon.Tables) (*Index, error) {
	if len(brands) == 0 {
		return nil, ErrNoBrands
	}
	common, err := readBackground()
	if err != nil {
		return nil, fmt.Errorf("building index: %w", err)
	}
	// Sorting the sample takes as long as reading it through for some hundred words.
	common.often = len(brands) >= 100
	ix := &Index{x: x, fold: newFolder(), common: common}
	for _, b := range brands {
		if err := ix.addBrand(b); err != nil {
			return nil, fmt.Errorf("building index: brand %q: %w", b.Name, err)
		}
	}
	forms := new(view)
	read := func(f form) *view {
		if !forms.read(f.plain, ix.fold) {
			forms.plain.n, forms.wide.n = 0, 0
		}
		return forms
	}
	ix.near.build(ix.forms, func(f form) []*text { return []*text{&read(f).plain} })
	ix.nearBy.build(ix.forms, func(f form) []*text {
		texts := []*text{&read(f).wide}
		for _, s := range ix.fold.wideForms(f.plain)[1:] {
			other := forms.wide // with other classes at the same places
			copy(other.class[:other.n], s)
			texts = append(texts, &other)
		}
		return texts
	})
	ix.exact.code, ix.blocks.code = &ix.fold.code, &ix.fold.code
	for i, w := range ix.wides {
		ix.exact.add(int32(i), w.s, 0, len(w.s))
	}
	for i, f := range ix.forms {
		for at, n := 0, 0; f.edits > 0 && n <= f.edits; n++ {
			to := len(f.plain) * (n + 1) / (f.edits + 1)
			ix.blocks.add(int32(i), f.plain, at, to)
			at = to
		}
	}
	ix.exact.build()
	ix.blocks.build()
	ix.affixes.build(x, ix.fold)
	ix.scratch.New = func() any { return new(scratch) }
	return ix, nil
}

func (ix *Index) addBrand(b lurehound.Brand) error {
	t, err := permute.NewTarget(b)
	if err != nil {
		return err
	}
	id := int32(len(ix.brands))
	e := brand{Brand: b, explainer: permute.NewExplainer(t, ix.x)}
	seen := map[string]bool{}
	for _, d := range b.Domains {
		own := d
		if r, err := lurehound.ParseDomain(d.Registrable()); err == nil {
			own = r
		}
		e.own = append(e.own, own)
		ix.addWord(id, d.UnicodeLabel(), ofLabel, seen)
	}
	ix.brands = append(ix.brands, e)
	for _, p := range t.Products {
		ix.addWord(id, p, ofProduct, seen)
	}
	for _, name := range append([]string{b.Name}, b.Words...) {
		// A product name of three words or more is cut short at either end.
		if f := strings.Fields(name); len(f) >= 3 {
			ix.addWord(id, strings.Join(f[:len(f)-1], ""), ofLead, seen)
			ix.addWord(id, strings.Join(f[1:], ""), ofLead, seen)
		}
	}
	for _, p := range t.Leads {
		ix.addWord(id, p, ofLead, seen)
	}
	for _, technique := range permute.Techniques() {
		if technique.On == permute.OnBase {
			for edit := range technique.Apply(t, ix.x) {
				ix.addWord(id, edit.Label, ofVariant, seen)
			}
		}
	}
	for _, p := range append(t.Words, t.Parts...) {
		// Ordinary words of a name tell nothing, and would match every feed.
		if r, _ := ix.common.rarity(p); len(p) >= minPart && r >= rarePart {
			ix.addWord(id, p, ofPart, seen)
		}
	}
	return nil
}

// addWord files a word unless the brand has one of the same form already.
func (ix *Index) addWord(brand int32, text string, kind wordKind, seen map[string]bool) {
	text = strings.ToLower(text)
	plain := ix.fold.plainForm(text)
	if plain == "" || strings.IndexByte(plain, other) >= 0 || len(plain) > lurehound.MaxLabelLen || seen[plain] {
		return
	}
	seen[plain] = true
	w := word{text: text, plain: plain, brand: brand, kind: kind}
	w.rarity, w.why = ix.common.rarity(strings.ReplaceAll(text, "-", ""))
	w.most = mostScore(w)
	f := form{plain: plain, word: int32(len(ix.words))}
	switch n := len(plain); {
	case kind == ofPart: // ordinary words have ordinary neighbours
	case n >= threeEdits:
		f.edits = 3
	case n >= twoEdits:
		f.edits = 2
	case n >= oneEdit:
		f.edits = 1
	}
	for _, s := range ix.fold.wideForms(plain) {
		ix.wides = append(ix.wides, wide{s, int32(len(ix.forms))})
	}
	ix.words = append(ix.words, w)
	ix.forms = append(ix.forms, f)
}
