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
	limits  []limit // of each word
	forms   []form
	wides   []wide
	tiers   [2]layers // what can reach DefaultMinScore, and the rest
	spreads *spreads
	affixes affixSet
	atMost  *most
	common  *background
	odds    suffixes
	explain *permute.Explainer
	ranks   map[string]int // of techniques in permute's table
	scratch sync.Pool
}

type brand struct {
	lurehound.Brand
	id     string
	own    []lurehound.Domain // registrable domains of the brand's own domains, or these themselves
	target permute.Target

	firstWord, lastWord int32    // its words in Index.words; lastWord is behind them
	family              []string // words of its names, which stand beside each other
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
	ix := &Index{x: x, fold: newFolder(), spreads: newSpreads(), common: common, odds: readSuffixes()}
	ix.atMost = newMost(ix.odds)
	ix.fold.readGlyphs(x)
	ix.explain, ix.ranks = permute.NewExplainer(x), map[string]int{}
	for i, t := range permute.Techniques() {
		ix.ranks[t.Name] = i
	}
	for _, b := range brands {
		if err := ix.addBrand(b); err != nil {
			return nil, fmt.Errorf("building index: brand %q: %w", b.Name, err)
		}
	}
	ix.file()
	ix.affixes.build(x, ix.fold)
	common.often = true // names are looked at for as long as it takes
	ix.scratch.New = func() any { return new(scratch) }
	return ix, nil
}

// file files all words in the layers.
func (ix *Index) file() {
	for i, w := range ix.wides {
		l := &ix.tiers[tier(ix.most(ix.forms[w.form].word, 0))]
		l.exact.add(int32(i), w.s, 0, len(w.s), 0)
	}
	var x text
	var h hashes
	for i, f := range ix.forms {
		if ix.words[f.word].kind == ofVariant {
			continue // permute edits a brand's own words and none of these
		}
		l := &ix.tiers[tier(ix.most(f.word, visible))]
		for at, n := 0, 0; f.edits > 0 && n <= f.edits; n++ {
			to := len(f.plain) * (n + 1) / (f.edits + 1)
			l.blocks.add(int32(i), f.plain, at, to, f.edits)
			at = to
		}
		x.spell(f.plain, f.plain, ix.fold)
		l.near.add(int32(i), &x, ix.spreads, &h)
		for _, s := range ix.fold.wideForms(f.plain) {
			if s != f.plain {
				x.spell(f.plain, s, ix.fold)
				l.near.add(int32(i), &x, ix.spreads, &h)
			}
		}
	}
	var all sync.WaitGroup
	for i := range ix.tiers {
		l := &ix.tiers[i]
		for _, build := range [...]func(){l.exact.build, l.blocks.build, l.near.build} {
			all.Go(build)
		}
	}
	all.Wait()
}

// tier is which layers a word of at most that score is filed in.
func tier(most float64) int {
	if most >= DefaultMinScore {
		return 0
	}
	return 1
}

// setOf is classBit of all classes.
func setOf(s string) (set uint32) {
	for i := range len(s) {
		set |= classBit(s[i])
	}
	return set
}

// spell makes t the text of a form as spelling writes it: plain itself, or one of
// its wide forms.
func (t *text) spell(plain, spelling string, f *folder) {
	t.n = copy(t.class[:], spelling)
	for at, i := 0, 0; i < t.n; at++ {
		t.at[i] = uint16(at)
		if i++; len(spelling) > len(plain) && f.wide[plain[at]][1] != 0 {
			t.at[i] = uint16(at)
			i++
		}
	}
	t.end()
}
