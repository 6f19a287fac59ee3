package match

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

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
	bases   []permute.Technique // that put words in place of a label
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
	if common.often = len(brands) >= 4; common.often {
		x.Words().Prepare()
	}
	ix := &Index{x: x, fold: newFolder(), spreads: newSpreads(), common: common, odds: readSuffixes()}
	ix.atMost = newMost(ix.odds)
	ix.fold.readGlyphs(x)
	ix.explain, ix.ranks = permute.NewExplainer(x), map[string]int{}
	for i, t := range permute.Techniques() {
		ix.ranks[t.Name] = i
		if t.On == permute.OnBase {
			ix.bases = append(ix.bases, t)
		}
	}
	if err := ix.addBrands(brands); err != nil {
		return nil, err
	}
	ix.file()
	ix.affixes.build(x, ix.fold)
	common.often = true // names are looked at for as long as it takes
	ix.scratch.New = func() any { return new(scratch) }
	return ix, nil
}

// atOnce is how many brands are prepared at once: it takes a few milliseconds.
const atOnce = 64

// addBrands adds the brands in their order. They are prepared on all processors.
func (ix *Index) addBrands(brands []lurehound.Brand) error {
	parts := make([]Index, (len(brands)+atOnce-1)/atOnce)
	failed := make([]error, len(parts))
	var next atomic.Int32
	var all sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(parts)) {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(parts); i = int(next.Add(1)) - 1 {
				part := &parts[i]
				*part = Index{x: ix.x, fold: ix.fold, common: ix.common, atMost: ix.atMost, bases: ix.bases}
				for _, b := range brands[i*atOnce : min((i+1)*atOnce, len(brands))] {
					if err := part.addBrand(b); err != nil {
						failed[i] = fmt.Errorf("building index: brand %q: %w", b.Name, err)
						break
					}
				}
			}
		})
	}
	all.Wait()
	words, wides := 0, 0
	for i := range parts {
		if failed[i] != nil {
			return failed[i]
		}
		words, wides = words+len(parts[i].words), wides+len(parts[i].wides)
	}
	ix.brands = make([]brand, 0, len(brands))
	ix.words, ix.limits, ix.forms = make([]word, 0, words), make([]limit, 0, words), make([]form, 0, words)
	ix.wides = make([]wide, 0, wides)
	for i := range parts {
		ix.take(&parts[i])
	}
	return nil
}

// take adds what another index has, whose numbers begin at 0.
func (ix *Index) take(part *Index) {
	brands, words, forms := int32(len(ix.brands)), int32(len(ix.words)), int32(len(ix.forms))
	for i := range part.brands {
		part.brands[i].firstWord += words
		part.brands[i].lastWord += words
	}
	for i := range part.words {
		part.words[i].brand += brands
	}
	for i := range part.forms {
		part.forms[i].word += words
	}
	for i := range part.wides {
		part.wides[i].form += forms
	}
	ix.brands = append(ix.brands, part.brands...)
	ix.words = append(ix.words, part.words...)
	ix.limits = append(ix.limits, part.limits...)
	ix.forms = append(ix.forms, part.forms...)
	ix.wides = append(ix.wides, part.wides...)
}

// file files all words in the layers.
func (ix *Index) file() {
	asIs, edited := make([]uint8, len(ix.words)), make([]uint8, len(ix.words)) // their tiers
	for i := range ix.words {
		asIs[i] = tier(ix.most(int32(i), 0))
		if ix.words[i].kind != ofVariant { // permute edits a brand's own words and none of these
			edited[i] = tier(ix.most(int32(i), visible))
		}
	}
	var all sync.WaitGroup
	all.Go(func() {
		for i, w := range ix.wides {
			word := ix.forms[w.form].word
			l := &ix.tiers[asIs[word]]
			seed := wideSeed{int32(i), word, ix.worthOf(word, len(w.s))}
			t := &l.exact
			if len(w.s) < maxSeed && asIs[word] == 0 && ix.bordered(&seed.worth, DefaultMinScore) {
				t = &l.bordered
			}
			t.add(w.s, seed)
		}
		for i := range ix.tiers {
			l := &ix.tiers[i]
			l.exact.build()
			l.bordered.build()
		}
	})
	all.Go(func() {
		ix.fileBlocks(edited)
		ix.fileNear(edited)
	})
	all.Wait()
}

// fileBlocks files all words that may have edits anywhere in a name.
func (ix *Index) fileBlocks(tiers []uint8) {
	for i, f := range ix.forms {
		if ix.words[f.word].kind == ofVariant {
			continue
		}
		for at, n := 0, 0; f.edits > 0 && n <= f.edits; n++ {
			to := len(f.plain) * (n + 1) / (f.edits + 1)
			blocks := &ix.tiers[tiers[f.word]].blocks
			addBlock(blocks, int32(i), f.word, f.plain, at, to, f.edits)
			if f.edits > 1 && to < len(f.plain) {
				addSwapped(blocks, int32(i), f.word, f.plain, at, to, f.edits)
			}
			at = to
		}
	}
	for i := range ix.tiers {
		ix.tiers[i].blocks.build()
	}
}

// fileNear files all words that may have an edit between borders.
func (ix *Index) fileNear(tiers []uint8) {
	var x text
	var h hashes
	for i, f := range ix.forms {
		if ix.words[f.word].kind == ofVariant {
			continue
		}
		l := &ix.tiers[tiers[f.word]]
		x.spell(f.plain, f.plain, ix.fold)
		l.near.add(int32(i), &x, ix.spreads, &h)
		for _, s := range ix.fold.wideForms(f.plain) {
			if s != f.plain {
				x.spell(f.plain, s, ix.fold)
				l.near.add(int32(i), &x, ix.spreads, &h)
			}
		}
	}
	for i := range ix.tiers {
		ix.tiers[i].near.build()
	}
}

// tier is which layers a word of at most that score is filed in.
func tier(most float64) uint8 {
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
