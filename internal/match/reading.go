package match

import (
	"bytes"
	"math"
	"unsafe"

	"lurehound"
)

// How letters read: as words of some language, of popular names, or as none.

// commonness is how common a word of some language s is, by powers of ten of its
// place in the list: 1 for the tenth, 0.2 for the ten-thousandth, 0 for what is none.
func (ix *Index) commonness(s string) float64 {
	rank, ok := ix.x.WordRank(s)
	if !ok {
		return 0
	}
	return min(max((4.6-math.Log10(float64(rank)))/3, 0), 1)
}

// readable reports whether s is words of some language, or a popular label.
func (ix *Index) readable(s string) bool {
	if len(s) >= 4 && ix.common.isLabel(s) {
		return true
	}
	words := ix.x.Words()
	var pieces [lurehound.MaxLabelLen]string
	for _, p := range words.AppendSegments(pieces[:0], s) {
		if _, ok := words.Rank(p); !ok {
			return false
		}
	}
	return true
}

const (
	ownCost  = 4.0 // of reading the brand's word, in powers of ten: as one that is not of the first thousand
	wellRead = 8.0 // powers of ten that reading calls 1
)

// reading says how much likelier the letters around the word read as other words and
// the brand's than as other words alone, [-1,1].
func (ix *Index) reading(s *scratch, p place) float64 {
	raw := s.view.raw
	r := ix.surroundings(s)
	if r == nil {
		from := bytes.LastIndexAny(raw[:p.from], "-.") + 1
		to := len(raw)
		if i := bytes.IndexAny(raw[p.to:], "-."); i >= 0 {
			to = p.to + i
		}
		words := ix.x.Words()
		return gain(words.ReadCost(lend(raw[from:p.from]))+words.ReadCost(lend(raw[p.to:to])), words.ReadCost(lend(squeeze(&s.squeezed, raw[from:to]))))
	}
	first, last := int(r.begin[p.from]), int(r.begin[p.to-1])
	to := int(r.finish[p.to-1])
	ix.readPiece(r, raw, first)
	ix.readPiece(r, raw, last)
	without := float64(r.heads[to])
	if first != last {
		without = ix.x.Words().ReadCost(lend(squeeze(&s.squeezed, raw[first:to])))
	}
	return gain(float64(r.heads[p.from])+float64(r.tails[p.to]), without)
}

// gain is reading, from what the letters around the word cost, and all letters without it.
func gain(around, without float64) float64 {
	return min(max((without-around-ownCost)/wellRead, -1), 1)
}

// readPiece reads the piece between hyphens and dots that begins there, once for each name.
func (ix *Index) readPiece(r *vicinity, raw []byte, begin int) {
	if r.heads[begin] < 0 {
		end := int(r.finish[begin])
		ix.x.Words().ReadEnds(&r.memory, lend(raw[begin:end]), r.heads[begin:], r.tails[begin:])
	}
}

// unread says how unlikely what stands around a word in its label is as words: 20 powers of
// ten are 1, and 2 is the most.
func (ix *Index) unread(s *scratch, p place, before, behind []byte) float64 {
	cost := 0.0
	r := ix.surroundings(s)
	if r == nil {
		for _, side := range [...][]byte{before, behind} {
			for piece := range bytes.SplitSeq(side, []byte("-")) {
				cost += ix.x.Words().ReadCost(lend(piece))
			}
		}
		return min(cost/20, 2)
	}
	raw := s.view.raw
	for to := p.from; to > p.from-len(before); {
		if raw[to-1] == '-' {
			to--
			continue
		}
		begin := int(r.begin[to-1])
		ix.readPiece(r, raw, begin)
		cost += float64(r.heads[to])
		to = begin
	}
	for from, end := p.to, p.to+len(behind); from < end; {
		finish := int(r.finish[from])
		if finish > from {
			ix.readPiece(r, raw, int(r.begin[from]))
			cost += float64(r.tails[from])
		}
		from = finish + 1
	}
	return min(cost/20, 2)
}

// shuffle is how often letters and digits follow each other in a label, [0,1]: a
// version or a year makes two changes, names of botnets a dozen.
func shuffle(label []byte) float64 {
	const usual, many = 3, 8
	n := 0
	for i := 1; i < len(label); i++ {
		if isDigit(label[i]) != isDigit(label[i-1]) && label[i] != '-' && label[i-1] != '-' {
			n++
		}
	}
	return float64(min(max(n-usual, 0), many-usual)) / (many - usual)
}

// alone is the most that reading says of a word: one way to read a label is to
// read its parts.
func (ix *Index) alone(squeezed []byte) float64 {
	return min(max((ix.x.Words().ReadCost(lend(squeezed))-ownCost)/wellRead, -1), 1)
}

// lend is b as a string that nobody keeps.
func lend(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
