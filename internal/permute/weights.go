package permute

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"lurehound/internal/lexicon"
)

// What is assumed before anything is counted, in names: that many counted ones outweigh it. Set where
// campaigns that were held back are found best; they differ so much that little should be believed of a few.
const (
	priorHow     = 60.0  // of what happens to a word
	priorTech    = 40.0  // of the techniques of a slip, or of what is put around
	priorBase    = 5.0   // of which of a brand's names is taken
	priorOwn     = 40.0  // of the brand's own suffix
	priorSuffix  = 500.0 // of suffixes
	priorKind    = 500.0 // of all suffixes, for those of one kind of label
	priorAffix   = 300.0 // of words
	onceSeen     = 0.95  // what a word's first brand counts less: most words are seen once, and never again
	listedShare  = 0.8   // of the words that were not counted, those that lures.txt has
	otherForms   = 0.4   // of a counted word, its forms on the other side, or with a hyphen
	priorFeature = 4.0   // 1, for a place or a pair of letters
)

// priorHows is how often the site's label or a product appears as it is, with one
// edit, or with two; in words of fewer letters than longWord, and in others.
func priorHows() [2][hows]float64 {
	return [2][hows]float64{
		{asIs: 0.20, oneSlip: 0.25, oneAround: 0.42, slipAround: 0.07, twoSlips: 0.02, twoAround: 0.04},
		{asIs: 0.20, oneSlip: 0.30, oneAround: 0.34, slipAround: 0.07, twoSlips: 0.06, twoAround: 0.03},
	}
}

// Weights say how look-alikes are made: counts of real ones on top of
// priors. They may be read by many goroutines at once.
type Weights struct {
	hows     [2][hows]float64
	tech     [2]map[string]float64 // techniques of slips, and of what is put around, by name
	base     map[string]tally      // bases by how they came about
	own      [kinds]tally          // the brand's own suffix
	suffix   [kinds]map[string]float64
	beside   map[lexicon.Beside]float64 // Weight is 0
	ownWords tally                      // words of the brand's own, beside it
	features map[feature]tally

	build sync.Once
	ready *model
}

// tally is how often something was seen, and how often it was to be expected.
type tally struct{ seen, expected float64 }

func newWeights() *Weights {
	w := &Weights{base: map[string]tally{}, beside: map[lexicon.Beside]float64{}, features: map[feature]tally{}}
	for i := range w.tech {
		w.tech[i] = map[string]float64{}
	}
	for i := range w.suffix {
		w.suffix[i] = map[string]float64{}
	}
	return w
}

// model is Weights worked out for the tables that they are used with.
type model struct {
	from      *lexicon.Tables
	tables    *lexicon.Tables // with the words, suffixes and look-alikes of the weights
	hows      [2][hows]int    // costs; for two edits beyond those of each alone
	share     map[string]float64
	base      map[string]float64
	own       [kinds]float64
	suffixes  [kinds]*levels[column]
	suffixID  map[string]int16 // place in tables.Suffixes
	sections  []atomic.Uint32  // a section each, by place in tables.Suffixes
	others    sync.Map         // section by suffix, of those that are in no table
	tableCost [kinds][]int16   // by place
	pool      sync.Pool        // of *rows that are no longer used, for their memory
	inSuffix  *hashSet
	factors   *factors
	single    [2][2]float64 // share of one slip, and of one thing around, in short words and long ones
	ahead     int           // how much cheaper two edits may be than each alone
}

// Prepare works out beforehand what Permutations else does when it is first called with the
// weights and tables.
func (w *Weights) Prepare(x *lexicon.Tables) { w.model(x) }

// model is worked out once for one set of tables, of which a program has one.
func (w *Weights) model(x *lexicon.Tables) *model {
	w.build.Do(func() { w.ready = w.newModel(x) })
	if w.ready.from == x {
		return w.ready
	}
	return w.newModel(x)
}

func (w *Weights) newModel(x *lexicon.Tables) *model {
	m := &model{from: x, share: map[string]float64{}, base: map[string]float64{}, factors: newFactors()}
	for f, t := range w.features {
		m.factors.set(f, (t.seen+priorFeature)/(t.expected+priorFeature))
	}
	w.shares(m)
	tables := *x
	m.tables = &tables
	var parts sync.WaitGroup // none needs another, and a short command waits for all
	parts.Go(func() { w.suffixShares(m, x) })
	parts.Go(func() {
		m.inSuffix = newHashSet(1 << 12) // about as many as there are
		for l := range x.SuffixLabels() {
			m.inSuffix.add(hashOf(l))
		}
	})
	tables.Learnt, tables.OwnBeside = w.besides(x)
	tables.Glyphs = slices.Clone(x.Glyphs)
	for i, g := range tables.Glyphs {
		if t, ok := w.features[feature{change: glyph, from: g.From, to: g.To}]; ok {
			tables.Glyphs[i].Weight *= (t.seen + priorFeature) / (t.expected + priorFeature)
		}
	}
	parts.Wait()
	return m
}

// shares works out what happens to words, and by which techniques.
func (w *Weights) shares(m *model) {
	for long, prior := range priorHows() {
		n := 0.0
		var p [hows]float64
		for _, c := range w.hows[long] {
			n += c
		}
		for h := range p {
			p[h] = (w.hows[long][h] + priorHow*prior[h]) / (n + priorHow)
		}
		m.single[long] = [2]float64{p[oneSlip], p[oneAround]}
		for h := range p {
			switch how(h) {
			case slipAround:
				p[h] /= p[oneSlip] * p[oneAround]
			case twoSlips:
				p[h] *= 2 / (p[oneSlip] * p[oneSlip]) // in either order
			case twoAround:
				p[h] *= 2 / (p[oneAround] * p[oneAround])
			}
			m.hows[long][h] = gainOf(p[h])
			m.ahead = max(m.ahead, -m.hows[long][h])
			m.ahead = max(m.ahead, -m.hows[long][h])
		}
	}
	var prior [2]map[string]float64
	var sum, n [2]float64
	prior[0], prior[1] = map[string]float64{}, map[string]float64{}
	for _, tech := range Techniques() {
		if tech.On == OnLabel {
			g := group(tech)
			prior[g][tech.Name] = tech.Weight
			sum[g] += tech.Weight
		}
		if tech.On == OnBase {
			m.base[tech.Name] = tech.Weight
		}
	}
	for g := range prior {
		for _, name := range slices.Sorted(maps.Keys(prior[g])) { // sums depend on their order
			n[g] += w.tech[g][name]
		}
		for name, p := range prior[g] {
			m.share[name] = (w.tech[g][name] + priorTech*p/sum[g]) / (n[g] + priorTech)
		}
	}
	for name, t := range w.base {
		m.base[name] = (t.seen + priorBase) / (t.expected + priorBase)
	}
}

// besides are the words around brands with their joints, the likeliest first, and the
// share of each joint among words of the brand's own.
func (w *Weights) besides(x *lexicon.Tables) (all, own []lexicon.Beside) {
	joints := [4]float64{}
	for i, p := range [4]float64{0.3 * lexicon.Hyphened, 0.3 * (1 - lexicon.Hyphened), 0.7 * lexicon.Hyphened, 0.7 * (1 - lexicon.Hyphened)} {
		joints[i] = priorTech * p
	}
	n := 0.0
	words := map[string]float64{}
	for _, b := range slices.SortedFunc(maps.Keys(w.beside), compareBeside) {
		n += w.beside[b]
		joints[joint(b)] += w.beside[b]
		words[strings.Trim(b.Text, "-")] += w.beside[b]
	}
	for i := range joints {
		joints[i] /= n + priorTech
	}
	ownShare := (w.ownWords.seen + priorOwn*0.15) / (w.ownWords.expected + priorOwn)
	total := n + priorAffix
	listedMass := priorAffix // what is left for words of the table
	for _, c := range words {
		listedMass += min(c, onceSeen)
	}
	listedMass *= listedShare
	add := func(word string, front, behind float64) {
		kept, counted := 0.0, words[word]
		if counted > 0 {
			kept = max(0, counted-onceSeen) / counted
		}
		for i, b := range forms(word) {
			prior, side := front, joints[0]+joints[1]
			if b.Behind {
				prior, side = behind, joints[2]+joints[3]
			}
			seen := 0.0
			if counted > 0 {
				seen = w.beside[lexicon.Beside{Text: b.Text, Behind: b.Behind}]
			}
			b.Weight = kept*(seen*(1-otherForms)+counted*otherForms*joints[i]) + listedMass*prior*joints[i]/side
			if b.Weight *= (1 - ownShare) / total; b.Weight > 0 {
				all = append(all, b)
			}
		}
	}
	all = make([]lexicon.Beside, 0, 4*(len(x.Lures)+len(words)))
	listed := make(map[string]bool, len(words))
	for _, l := range x.Lures {
		if words[l.Word] > 0 {
			listed[l.Word] = true
		}
		add(l.Word, l.Front, l.Behind)
	}
	for _, word := range slices.Sorted(maps.Keys(words)) {
		if !listed[word] {
			add(word, 0, 0)
		}
	}
	for i, b := range forms("") {
		b.Weight = ownShare * joints[i]
		own = append(own, b)
	}
	return sortByCost(nil, all, func(b *lexicon.Beside) int { return costOf(b.Weight) }), own
}

// forms are the four ways to put a word beside a brand.
func forms(word string) [4]lexicon.Beside {
	both, n := "-"+word+"-", len(word)+1
	return [4]lexicon.Beside{{Text: both[1:]}, {Text: word}, {Text: both[:n], Behind: true}, {Text: word, Behind: true}}
}

// joint is the place of b's form in forms.
func joint(b lexicon.Beside) int {
	switch hyphen := strings.HasSuffix(b.Text, "-") || strings.HasPrefix(b.Text, "-"); {
	case !b.Behind && hyphen:
		return 0
	case !b.Behind:
		return 1
	case hyphen:
		return 2
	}
	return 3
}

func compareBeside(a, b lexicon.Beside) int {
	if c := strings.Compare(a.Text, b.Text); c != 0 || a.Behind == b.Behind {
		return c
	}
	if a.Behind {
		return 1
	}
	return -1
}

// suffixShares works out the suffixes for each kind of label.
func (w *Weights) suffixShares(m *model, x *lexicon.Tables) {
	m.suffixID = make(map[string]int16, len(x.Suffixes))
	for i := range x.Suffixes {
		m.suffixID[x.Suffixes[i].Name] = int16(i)
	}
	counts, n := make([][kinds]float64, len(x.Suffixes)), 0.0
	var sums [kinds]float64
	for k := range w.suffix {
		for _, s := range slices.Sorted(maps.Keys(w.suffix[k])) { // sums depend on their order
			c := w.suffix[k][s]
			if id, ok := m.suffixID[s]; ok {
				counts[id][k] = c
			}
			sums[k] += c
		}
		n += sums[k]
	}
	prior := 0.0
	for _, s := range x.Suffixes {
		prior += s.Weight
	}
	shares := make([]lexicon.Suffix, len(x.Suffixes))
	for i, s := range x.Suffixes {
		c := &counts[i]
		shares[i] = lexicon.Suffix{Name: s.Name, Weight: (c[exact] + c[slipped] + c[worded] + priorSuffix*s.Weight/prior) / (n + priorSuffix)}
	}
	m.sections = make([]atomic.Uint32, len(shares))
	for k := range m.suffixes {
		prior := 0.4
		if kind(k) == exact {
			prior = 0.1 // of a product: the site's own label has it already
		}
		m.own[k] = (w.own[k].seen + priorOwn*prior) / (w.own[k].expected + priorOwn)
		m.tableCost[k] = make([]int16, len(shares))
		for i, s := range shares {
			p := (counts[i][k] + priorKind*s.Weight) / (sums[k] + priorKind)
			m.tableCost[k][i] = int16(costOf(p * (1 - m.own[k])))
		}
		m.suffixes[k] = sharedColumns(shares, m.tableCost[k])
	}
	slices.SortStableFunc(shares, func(a, b lexicon.Suffix) int { return cmp.Compare(b.Weight, a.Weight) })
	m.tables.Suffixes = shares
}
