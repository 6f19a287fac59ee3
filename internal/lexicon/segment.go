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
		return tooLong(s)
	}
	var p path
	return w.walk(&p, s, nil)
}

func tooLong(s string) float64 { return unknownCost + unknownLetter*float64(len(s)) }

// Reading is what reading a text from both ends takes. Readings are reused.
type Reading struct {
	run   [maxChunk + 1]float32 // as in path
	words []found
}

// found is a word in a text: s[from:to].
type found struct {
	from, to uint8
	cost     float32
}

// ReadEnds is ReadCost of every beginning and every end of s: heads[i] is that of s[:i], tails[i]
// that of s[i:], in which sums may be rounded otherwise.
func (w *Words) ReadEnds(r *Reading, s string, heads, tails []float32) {
	if len(s) > maxChunk {
		for i := range len(s) + 1 {
			heads[i], tails[i] = float32(w.ReadCost(s[:i])), float32(w.ReadCost(s[i:]))
		}
		return
	}
	n, run := len(s), &r.run
	r.words = r.words[:0]
	heads, tails = heads[:n+1], tails[:n+1]
	for i := range heads {
		heads[i], tails[i] = far, far
	}
	heads[0], tails[n], run[0] = 0, 0, far
	for i := range n {
		heads[i] = min(heads[i], run[i])
		letter, first := runCosts(s[i])
		run[i+1] = heads[i] + first + letter
		if i > 0 && isDigit(s[i-1]) == isDigit(s[i]) {
			run[i+1] = min(run[i+1], run[i]+letter)
		}
		at := len(r.words)
		r.words = w.appendFrom(r.words, s, i)
		for _, f := range r.words[at:] {
			heads[f.to] = min(heads[f.to], heads[i]+f.cost)
		}
	}
	heads[n] = min(heads[n], run[n])
	run[n] = far
	for i, k := n-1, len(r.words); i >= 0; i-- {
		letter, first := runCosts(s[i])
		run[i] = tails[i+1] + first + letter
		if i+1 < n && isDigit(s[i]) == isDigit(s[i+1]) {
			run[i] = min(run[i], run[i+1]+letter)
		}
		for ; k > 0 && int(r.words[k-1].from) == i; k-- {
			tails[i] = min(tails[i], tails[r.words[k-1].to]+r.words[k-1].cost)
		}
		tails[i] = min(tails[i], run[i])
	}
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

// far is more than any text costs.
const far = 1e9

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
	best, run, from, begun := &p.best, &p.run, &p.from, &p.begun
	var words [maxWord]found
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
		letter, first := runCosts(s[i])
		run[i+1], begun[i+1] = here+first+letter, uint8(i)
		if i > 0 && isDigit(s[i-1]) == isDigit(s[i]) && run[i]+letter <= run[i+1] {
			run[i+1], begun[i+1] = run[i]+letter, begun[i]
		}
		for _, f := range w.appendFrom(words[:0], s, i) {
			if c := here + f.cost; c < best[f.to] {
				best[f.to], from[f.to] = c, f.from
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

// appendFrom appends the words with which s[i:] begins, the shortest first.
func (w *Words) appendFrom(dst []found, s string, i int) []found {
	crumbs := [...]float32{crumb1, crumb2, crumb3, 0}
	g := w.gates.Load()
	h := uint32(wordHash)
	for j := i; j < len(s) && j < i+maxWord; j++ {
		h = hashStep(h, s[j])
		if g != nil && !g.begun.has(h) {
			break
		}
		if g != nil && !g.whole.has(h) {
			continue
		}
		if rank, ok := w.find(h, s[i:j+1]); ok {
			dst = append(dst, found{uint8(i), uint8(j + 1), w.cost(g, rank) + crumbs[min(j-i, 3)]})
		}
	}
	return dst
}

// runCosts is what a run that is no word costs for a character, and for beginning with it.
func runCosts(c byte) (letter, first float32) {
	if isDigit(c) {
		return digitLetter, digitsCost
	}
	return unknownLetter, unknownCost
}

func (w *Words) cost(g *gates, rank int) float32 {
	if g != nil {
		return g.costs[rank-1]
	}
	return float32(w.rankCost(rank))
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
