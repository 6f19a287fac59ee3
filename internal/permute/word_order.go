package permute

import (
	"iter"
	"slices"
	"strings"

	"lurehound/internal/lexicon"
)

// shareWordOrder is how often other words stand for the name relative to the label
// itself: 9 against 42 of the 399 labels of development campaigns (casefedcourts,
// federallawcourt, meet-go, ipscannerprtg, advanced-ip-scan).
const shareWordOrder = 0.2

// wordOrder puts the words of a name in another order, leaves some out, shortens them, or
// puts others for them. It stands in place of the label: no reader of edits
// finds advanced-ip-scanner in ip-scanner-advanced.
func wordOrder() Technique {
	return Technique{
		Name: "word-order", On: OnBase, Weight: shareWordOrder,
		Doc: "words swapped, left out, shortened or others for them: dicom-micro, ipscanner, adv-ip-scanner, fedcourts; initials of three or more",
		Apply: func(t Target, x *lexicon.Tables) iter.Seq[Edit] {
			return func(yield func(Edit) bool) {
				o := orders{x: x}
				scale := 1.0
				for _, p := range t.phrases(x) {
					if len(p.words) > 1 {
						o.read(p.words, scale)
						scale *= laterName
					}
				}
				o.yield(t, yield)
			}
		},
	}
}

// Likelihoods of the ways, relative to each other: of the nine labels three leave words out,
// four shorten them, one of these after a swap, two use another.
const (
	orderSwap     = 0.7 // of two words; the first of several to the end
	orderBack     = 0.3 // the last of several to the front
	orderDrop     = 1.0 // the first or last of three words or more
	orderMiddle   = 0.3
	orderWord     = 0.8 // a shorter or other word for one
	orderBoth     = 0.5 // of a drop or swap and a shorter word, as against the drop or swap
	orderCut      = 0.2 // of a swap, the first word cut to two letters (meet-go)
	orderInitials = 0.6
	laterName     = 0.5 // a second or third name, relative to the one before

	maxOrders  = 10  // of one brand, each with and without hyphens: words of the index
	hyphenPart = 0.5 // of the names of two words or more have a hyphen

	// minTelling is what the words that are left of a name must cost together, in powers of ten: "ip
	// scanner" (7.4) tells of a product, "media player" (6.3) is anybody's.
	minTelling   = 7.0
	unlistedCost = 6.0 // more than the rarest listed word
)

// orders collects the likeliest ways.
type orders struct {
	x    *lexicon.Tables
	best []order
}

// order is one way: words with their likelihood.
type order struct {
	words  []string
	weight float64
}

// read adds the ways to say one name.
func (o *orders) read(words []string, scale float64) {
	n := len(words)
	first, last := words[0], words[n-1]
	o.add(append(slices.Clone(words[1:]), first), scale*orderSwap, true)
	if n > 2 {
		o.add(append([]string{last}, words[:n-1]...), scale*orderBack, false)
		o.add(words[1:], scale*orderDrop, true)
		o.add(words[:n-1], scale*orderDrop, true)
		for i := 1; i < n-1; i++ {
			o.add(slices.Concat(words[:i], words[i+1:]), scale*orderMiddle, false)
		}
		o.initials(words, scale*orderInitials)
	}
	o.shorter(words, scale*orderWord)
	if n == 2 && len(first) > 4 && isLetter(first[0]) {
		o.keep(order{[]string{last, first[:2]}, scale * orderSwap * orderCut})
	}
}

// shorter adds the words with another for each of them.
func (o *orders) shorter(words []string, weight float64) {
	for i, w := range words {
		for _, s := range o.x.Synonyms(w) {
			if slices.Contains(words, s.Word) {
				continue
			}
			other := slices.Clone(words)
			other[i] = s.Word
			o.add(other, weight*s.Weight, false)
		}
	}
}

// add keeps the way when it is telling and one of the likeliest; more asks for it
// with shorter words, too.
func (o *orders) add(words []string, weight float64, more bool) {
	if !o.telling(words) {
		return
	}
	if more {
		o.shorter(words, weight*orderBoth)
	}
	o.keep(order{words, weight})
}

func (o *orders) keep(w order) {
	if slices.ContainsFunc(o.best, func(b order) bool { return slices.Equal(b.words, w.words) }) {
		return
	}
	at := len(o.best)
	for at > 0 && o.best[at-1].weight < w.weight {
		at--
	}
	if at < maxOrders {
		o.best = slices.Insert(o.best, at, w)
		o.best = o.best[:min(len(o.best), maxOrders)]
	}
}

// telling reports whether the words together are rare enough to stand for a product.
func (o *orders) telling(words []string) bool {
	sum := 0.0
	for _, w := range words {
		cost, ok := o.x.WordCost(w)
		if !ok {
			cost = unlistedCost
		}
		sum += cost
	}
	return len(words) > 1 && sum >= minTelling
}

// initials adds the first letters of the words, unless they are a usual word.
func (o *orders) initials(words []string, weight float64) {
	const usual = 5_000 // rank
	var b strings.Builder
	for _, w := range words {
		if isDigits(w) {
			b.WriteString(w)
		} else {
			b.WriteByte(w[0])
		}
	}
	if rank, ok := o.x.WordRank(b.String()); !ok || rank > usual {
		o.keep(order{[]string{b.String()}, weight})
	}
}

// yield gives the ways as edits, with and without hyphens, in all as likely as one.
func (o *orders) yield(t Target, yield func(Edit) bool) {
	sum := 0.0
	for _, w := range o.best {
		sum += w.weight
	}
	for _, w := range o.best {
		share := w.weight / sum
		if len(w.words) == 1 {
			if !yield(t.instead(w.words[0], share)) {
				return
			}
			continue
		}
		if !yield(t.instead(strings.Join(w.words, "-"), share*hyphenPart)) ||
			!yield(t.instead(strings.Join(w.words, ""), share*(1-hyphenPart))) {
			return
		}
	}
}
