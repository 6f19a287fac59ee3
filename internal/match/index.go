package match

import (
	"errors"
	"fmt"
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
	// Filing the sample takes as long as reading it through for some ten words.
	common.often = len(brands) >= 4
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
	common.often = true // names are looked at for as long as it takes
	ix.scratch.New = func() any { return new(scratch) }
	return ix, nil
}
