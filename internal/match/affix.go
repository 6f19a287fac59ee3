package match

import (
	"iter"
	"math"
	"math/bits"
	"strings"

	"lurehound"
	"lurehound/internal/lexicon"
)

// affixSet knows the words that stand around brands in lures: "download", "login".
type affixSet struct {
	words    map[string]float64 // by word: likelihood beside a brand, (0,1]
	misspelt map[string]float64 // the longer ones without one character
	hashes   table[struct{}]    // of plain forms
	most     int                // length of the longest plain form
	single   [256]bool          // the words of one character
	short    filter             // of those of at most maxSeed classes
	starts   [1 << 12]uint64    // by a hash of three characters: bit k for affixes of k that begin so
	ends     [1 << 12]uint64    // the same for those that end so

	// The same for the words as they are written, which are at most 31 octets long; and for
	// what is left of them without a character.
	heads, tails, slipHeads, slipTails [1 << 12]uint32
}

func (a *affixSet) build(x *lexicon.Tables, f *folder) {
	a.words, a.misspelt = map[string]float64{}, map[string]float64{}
	var entries []entry[struct{}]
	var h hashes
	var short []uint64
	all := newSpreads()
	for _, affix := range x.Affixes {
		w := strings.Trim(strings.ToLower(affix.Word), "-")
		a.words[w] = max(math.Sqrt(max(affix.Before, affix.After)), a.words[w])
		if len(w) == 1 {
			a.single[w[0]] = true
		}
		a.fileEnds(w)
		p := f.plainForm(w)
		if len(w) >= minMisspelt {
			for i := range len(w) {
				short := w[:i] + w[i+1:]
				a.misspelt[short] = max(a.misspelt[short], a.words[w]*misspeltShare)
			}
		}
		if len(p) < 2 || len(p) > lurehound.MaxLabelLen {
			continue
		}
		h.read([]byte(p), all)
		entries = append(entries, entry[struct{}]{key: h.piece(0, len(p))})
		n := len(p)
		if n > 2 {
			a.starts[triple(keyOf(p[:3]))] |= 1 << n
			a.ends[triple(keyOf(p[n-3:]))] |= 1 << n
		}
		for i := 0; n == 2 && i < len(classes); i++ {
			a.starts[triple(keyOf(p+classes[i:i+1]))] |= 1 << n
			a.ends[triple(keyOf(classes[i:i+1]+p))] |= 1 << n
		}
		if n <= maxSeed {
			short = append(short, keyOf(p)<<(64-8*n))
		}
		a.most = max(a.most, len(p))
	}
	a.hashes = newTable(entries)
	a.short = newFilter(len(short))
	for _, key := range short {
		a.short.set(key)
	}
}

// fileEnds files how the word begins and ends.
func (a *affixSet) fileEnds(w string) {
	if n := len(w); n >= 2 {
		a.heads[headOf(w)] |= 1 << min(n, 31)
		a.tails[tailOf(w)] |= 1 << min(n, 31)
		a.slipHeads[headOf(w)] |= 1 << min(n, 31)
		a.slipTails[tailOf(w)] |= 1 << min(n, 31)
		for i := 0; i < n && n >= minMisspelt; i++ {
			short := w[:i] + w[i+1:]
			a.slipHeads[headOf(short)] |= 1 << min(n-1, 31)
			a.slipTails[tailOf(short)] |= 1 << min(n-1, 31)
		}
	}
}

// headOf hashes the first two octets, tailOf the last two.
func headOf[S string | []byte](s S) uint64 { return triple(uint64(s[0]) | uint64(s[1])<<8) }

func tailOf[S string | []byte](s S) uint64 { return headOf(s[len(s)-2:]) }

// atHead yields the lengths that an affix may have with which b begins, and atTail
// those of one with which it ends.
func (a *affixSet) atHead(b []byte) iter.Seq[int] { return lengthsIn(b, &a.heads, headOf[[]byte]) }

func (a *affixSet) atTail(b []byte) iter.Seq[int] { return lengthsIn(b, &a.tails, tailOf[[]byte]) }

func lengthsIn(b []byte, filed *[1 << 12]uint32, end func([]byte) uint64) iter.Seq[int] {
	return func(yield func(int) bool) {
		if len(b) < 2 {
			return
		}
		for lengths := filed[end(b)]; lengths != 0; lengths &= lengths - 1 {
			n := bits.TrailingZeros32(lengths)
			if n > len(b) || !yield(n) {
				return
			}
		}
	}
}

// mayMisspell reports whether nearly may be more than 0: whatever character is left out
// of b, its first two stand there as they were, or its last two.
func (a *affixSet) mayMisspell(b []byte) bool {
	n := len(b)
	if n < minMisspelt-1 || n > lurehound.MaxLabelLen {
		return false
	}
	lengths := uint32(1)<<min(n, 31) | 1<<min(n-1, 31)
	return (a.slipHeads[headOf(b)]|a.slipTails[tailOf(b)])&lengths != 0
}

// triple hashes three classes.
func triple(key uint64) uint64 { return (key << 40) * golden >> (64 - 12) }

// startLengths has bit k set when text[from:to] may begin with an affix of k characters.
func (a *affixSet) startLengths(t *text, from, to int) uint64 {
	if to-from < 2 {
		return 0
	}
	return a.starts[triple(t.eight(from))]
}

// endLengths is startLengths for the end.
func (a *affixSet) endLengths(t *text, from, to int) uint64 {
	if to-from < 2 {
		return 0
	}
	if to < 3 {
		return a.ends[triple(t.eight(to-2)<<8)] // nothing stands in front of the two
	}
	return a.ends[triple(t.eight(to-3))]
}

func (a *affixSet) has(h uint64) bool { return len(a.hashes.get(h)) > 0 }

// Lures misspell what is around brands too ("browzer", "softwere"). Words of this
// length or more are recognised with one character dropped, added, changed or
// swapped, and weigh so much of their weight then.
const (
	minMisspelt   = 6
	misspeltShare = 0.7
)

// nearly is the weight of the affix that s misspells, else 0.
func (a *affixSet) nearly(s []byte) float64 {
	if len(s) < minMisspelt-1 || len(s) > lurehound.MaxLabelLen {
		return 0
	}
	if !a.mayMisspell(s) {
		return 0
	}
	best := a.misspelt[string(s)]
	var short [lurehound.MaxLabelLen]byte
	for i := range s {
		n := copy(short[:], s[:i])
		n += copy(short[n:], s[i+1:])
		if a.slipHeads[headOf(short[:n])]&a.slipTails[tailOf(short[:n])]>>min(n, 31)&1 == 0 {
			continue
		}
		best = max(best, a.misspelt[string(short[:n])], a.words[string(short[:n])]*misspeltShare)
	}
	return best
}

// digitWeight is what digits beside a brand weigh: years and versions are common there.
const digitWeight = 0.3

// run is the weight of the likeliest affix in b when b is made of nothing but
// affixes and digits, else 0. The scale is the root: affixes that are a tenth as likely as
// the first ones still count for a third.
func (a *affixSet) run(b []byte) float64 {
	var reached [maxPiece + 1]float64 // by length: the best weight that gets there, 0 for no way
	if len(b) == 0 || len(b) > maxPiece {
		return 0
	}
	reached[0] = math.SmallestNonzeroFloat64
	for i, c := range b {
		if reached[i] == 0 {
			continue
		}
		if c >= '0' && c <= '9' {
			reached[i+1] = max(reached[i+1], reached[i], digitWeight)
		}
		for n := 2; n <= a.most && i+n <= len(b); n++ {
			if w, ok := a.words[string(b[i:i+n])]; ok {
				reached[i+n] = max(reached[i+n], reached[i], w)
			}
		}
	}
	if reached[len(b)] == 0 {
		return a.nearly(b)
	}
	return reached[len(b)]
}
