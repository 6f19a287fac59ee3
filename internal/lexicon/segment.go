package lexicon

import "strings"

const (
	maxWord  = 20  // octets of the longest word that is looked up; a test holds the list to it
	maxChunk = 128 // octets between hyphens that are cut at all: no label has more than 63 in ASCII

	// What a run of letters that is no word costs, in powers of ten: as much as
	// chance would put these letters there (each is one of about 16 that are likely at
	// its place), and something for being no word at all. Measured on labels whose words are known.
	unknownCost   = 4.0
	unknownLetter = 1.1

	// The same for digits, which need no meaning.
	digitsCost  = 3.0
	digitLetter = 0.4

	// What words of one, two and three letters cost besides: they stand in other
	// words oftener than alone.
	crumb1, crumb2, crumb3 = 1.5, 1.2, 0.6

	// ownCost is that of a word of the product itself: as frequent as the first hundred words.
	ownCost = 2.5
)

// AppendSegments appends the words that the label is most likely made of, as
// pieces of it. Words of own, the product's, count as frequent. A run of letters in which no word is
// found is one piece, a run of digits another. Hyphens end words and are in no piece:
// joined, the pieces are the label without its hyphens. The label is in lower
// case. It allocates nothing when dst has room.
func (w *Words) AppendSegments(dst []string, label string, own ...string) []string {
	for len(label) > 0 {
		chunk := label
		if i := strings.IndexByte(label, '-'); i >= 0 {
			chunk, label = label[:i], label[i+1:]
		} else {
			label = ""
		}
		switch {
		case chunk == "":
		case len(chunk) > maxChunk:
			dst = append(dst, chunk)
		default:
			dst = w.appendChunk(dst, chunk, own)
		}
	}
	return dst
}

// ReadCost is how unlikely text without hyphens is as words, in powers of ten, when it is
// cut as AppendSegments does: 0 for none.
func (w *Words) ReadCost(s string) float64 {
	if len(s) > maxChunk {
		return unknownCost + unknownLetter*float64(len(s))
	}
	var p path
	return w.walk(&p, s, nil)
}

// MostReadCost is the most that ReadCost can be, from which runs of letters and digits s has.
func (w *Words) MostReadCost(s string) float64 {
	cost := 0.0
	for i := range len(s) {
		first, letter := unknownCost, unknownLetter
		if isDigit(s[i]) {
			first, letter = digitsCost, digitLetter
		}
		if i == 0 || isDigit(s[i]) != isDigit(s[i-1]) {
			cost += first
		}
		cost += letter
	}
	return cost
}

// path is the cheapest way through a text (Viterbi). best[j] is the cost of s[:j];
// run[j] that of s[:j] when it ends in a run that is no word. from[j] is where the last
// piece of the cheapest way to j begins, begun[j] where the run does.
type path struct {
	best, run   [maxChunk + 1]float32
	from, begun [maxChunk + 1]uint8
}

// appendChunk appends the pieces of the cheapest way through s.
func (w *Words) appendChunk(dst []string, s string, own []string) []string {
	var p path
	w.walk(&p, s, own)
	start := len(dst)
	for j := len(s); j > 0; j = int(p.from[j]) {
		dst = append(dst, s[p.from[j]:j])
	}
	for a, b := start, len(dst)-1; a < b; a, b = a+1, b-1 {
		dst[a], dst[b] = dst[b], dst[a]
	}
	return dst
}

// walk finds the cheapest way through s, of at most maxChunk octets, and its cost.
func (w *Words) walk(p *path, s string, own []string) float64 {
	const far = 1e9
	best, run, from, begun := &p.best, &p.run, &p.from, &p.begun
	crumbs := [4]float32{crumb1, crumb2, crumb3}
	g := w.gates.Load()
	n := len(s)
	for j := 1; j <= n; j++ {
		best[j], run[j] = far, far
	}
	run[0] = far
	for i := range n {
		if i > 0 && run[i] < best[i] {
			best[i], from[i] = run[i], begun[i]
		}
		here := best[i]
		// The run goes on, or a new one begins.
		letter, first := float32(unknownLetter), float32(unknownCost)
		if isDigit(s[i]) {
			letter, first = digitLetter, digitsCost
		}
		run[i+1], begun[i+1] = here+first+letter, uint8(i)
		if i > 0 && isDigit(s[i-1]) == isDigit(s[i]) && run[i]+letter <= run[i+1] {
			run[i+1], begun[i+1] = run[i]+letter, begun[i]
		}
		h := uint32(wordHash)
		for j := i; j < n && j < i+maxWord; j++ {
			h = hashStep(h, s[j])
			if g != nil && !g.begun.has(h) {
				break
			}
			if g != nil && !g.whole.has(h) {
				continue
			}
			if rank, ok := w.find(h, s[i:j+1]); ok {
				if c := here + w.cost(g, rank) + crumbs[min(j-i, 3)]; c < best[j+1] {
					best[j+1], from[j+1] = c, uint8(i)
				}
			}
		}
		for _, o := range own {
			if o != "" && strings.HasPrefix(s[i:], o) && here+ownCost < best[i+len(o)] {
				best[i+len(o)], from[i+len(o)] = here+ownCost, uint8(i)
			}
		}
	}
	if n > 0 && run[n] < best[n] {
		best[n], from[n] = run[n], begun[n]
	}
	return float64(best[n])
}

func (w *Words) cost(g *gates, rank int) float32 {
	if g != nil {
		return g.costs[rank-1]
	}
	return float32(w.rankCost(rank))
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
