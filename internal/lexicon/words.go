package lexicon

import (
	_ "embed"
	"encoding/binary"
	"math"
	"strings"
	"sync"
	"sync/atomic"
)

// Words says how frequent a word is in the names that people read, and cuts
// labels into words. It is read by many goroutines at once and never changed.
type Words struct {
	text   string  // words in falling order of frequency, each with '\n' behind it
	n      int     // of words
	starts string  // where each begins in text, and the end; four octets each, as in the slots, the lowest first
	slots  string  // rank by hash, in open addressing, below 16 bits of the hash; 0 is free
	mask   uint32  // of slots, of which there are as many as a power of two
	scale  float64 // log10 of the sum of all frequencies

	gates    atomic.Pointer[gates] // nil until somebody reads much
	preparer sync.Once
}

// gates tell most of what is no word from words: bitmaps by hash of what begins a word,
// and of what is one.
type gates struct {
	begun, whole hashBits
	costs        []float32 // rankCost by rank less one
}

// hashBits holds about an eighth of the 2^20 hashes that it tells apart.
type hashBits [1 << 14]uint64

func (b *hashBits) set(h uint32) { b[h>>18] |= 1 << (h >> 12 & 63) }

func (b *hashBits) has(h uint32) bool { return b[h>>18]>>(h>>12&63)&1 != 0 }

// Prepare makes reading and cutting some five times as fast. It takes as long as reading a
// thousand labels, so those who read fewer leave it out. The answers are the same.
func (w *Words) Prepare() {
	w.preparer.Do(func() {
		g := &gates{costs: make([]float32, w.n)}
		for rank := 1; rank <= w.n; rank++ {
			h, word := uint32(wordHash), w.At(rank)
			for i := range len(word) {
				h = hashStep(h, word[i])
				g.begun.set(h)
			}
			g.whole.set(h)
			g.costs[rank-1] = float32(w.rankCost(rank))
		}
		w.gates.Store(g)
	})
}

//go:embed words.txt
var wordFile string

// wordIndex is indexOf(wordFile): reading it takes longer than a short command may. A test holds it to the list, and
// writes it with -update.
//
//go:embed words.idx
var wordIndex string

var defaultWords = sync.OnceValue(func() *Words { return newWords(wordFile, wordIndex) })

// zipfShift is what ranks are shifted by before their frequency is taken to
// be 1/rank: Mandelbrot's correction for the most frequent words of a language.
const zipfShift = 2.7

// mostWords is how many fit into 16 bits of a slot; further ones are left out.
const mostWords = 1<<16 - 1

// NewWords reads a list of words, one a line, the most frequent first. Lines
// that begin with # are left out, and so are words behind the 65,535th.
func NewWords(file string) *Words { return newWords(file, string(indexOf(file))) }

// newWords takes in a list with its index: the number of words, where they begin, and the slots.
func newWords(file, index string) *Words {
	w := &Words{text: behindHead(file), n: int(octets(index, 0))}
	index = index[4:]
	w.starts, w.slots = index[:4*(w.n+1)], index[4*(w.n+1):]
	w.mask = uint32(len(w.slots)/4 - 1)
	// The sum of 1/(rank+shift) over all ranks.
	w.scale = math.Log10(math.Log(float64(w.n)+zipfShift+0.5) - math.Log(zipfShift+0.5))
	return w
}

func behindHead(file string) string {
	for strings.HasPrefix(file, "#") {
		_, file, _ = strings.Cut(file, "\n")
	}
	return file
}

// octets is the i-th number of a table of numbers of four octets.
func octets(table string, i int) uint32 {
	s := table[4*i : 4*i+4]
	return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
}

// indexOf is the index of a list of words.
func indexOf(file string) []byte {
	text := behindHead(file)
	n := min(strings.Count(text, "\n"), mostWords)
	size := 1024
	for size < 2*n {
		size *= 2
	}
	starts, slots := make([]uint32, 1, n+1), make([]uint32, size)
	for word := range strings.Lines(text) {
		if len(starts) > n || !strings.HasSuffix(word, "\n") {
			break
		}
		begin := starts[len(starts)-1]
		starts = append(starts, begin+uint32(len(word)))
		word = word[:len(word)-1]
		h := hashOf(word)
		at := slotOf(h) & uint32(size-1)
		for dup := false; !dup; at = (at + 1) & uint32(size-1) {
			if slots[at] == 0 {
				slots[at] = h&^0xffff | uint32(len(starts)-1)
				break
			}
			r := slots[at] & 0xffff
			dup = text[starts[r-1]:starts[r]-1] == word
		}
	}
	out := binary.LittleEndian.AppendUint32(nil, uint32(n))
	for _, v := range starts {
		out = binary.LittleEndian.AppendUint32(out, v)
	}
	for _, v := range slots {
		out = binary.LittleEndian.AppendUint32(out, v)
	}
	return out
}

// wordHash and hashStep are FNV-1a.
const wordHash = 2166136261

func hashStep(h uint32, c byte) uint32 { return (h ^ uint32(c)) * 16777619 }

func hashOf(word string) uint32 {
	h := uint32(wordHash)
	for i := range len(word) {
		h = hashStep(h, word[i])
	}
	return h
}

// slotOf is where the search for a hash begins.
func slotOf(h uint32) uint32 { return h ^ h>>15 }

// find is the rank of the word with hash h, from 1.
func (w *Words) find(h uint32, word string) (rank int, ok bool) {
	for at := slotOf(h) & w.mask; ; at = (at + 1) & w.mask {
		s := octets(w.slots, int(at))
		if s == 0 {
			return 0, false
		}
		if s>>16 == h>>16 && w.At(int(s&0xffff)) == word {
			return int(s & 0xffff), true
		}
	}
}

// Len is how many words there are.
func (w *Words) Len() int { return w.n }

// At is the word of a rank from 1 to Len.
func (w *Words) At(rank int) string {
	return w.text[octets(w.starts, rank-1) : octets(w.starts, rank)-1]
}

// Rank is the place of a word in the list, from 1 for the most frequent.
func (w *Words) Rank(word string) (rank int, ok bool) {
	return w.find(hashOf(word), word)
}

// Cost is -log10 of the probability that a word of a name is this one.
func (w *Words) Cost(word string) (cost float64, ok bool) {
	rank, ok := w.Rank(word)
	if !ok {
		return 0, false
	}
	return w.rankCost(rank), true
}

func (w *Words) rankCost(rank int) float64 { return math.Log10(float64(rank)+zipfShift) + w.scale }

// Words is the list of words of software, English, German, French and Spanish. It
// is read at the first call of any method that needs it.
func (t *Tables) Words() *Words { return defaultWords() }

// WordRank is Words.Rank.
func (t *Tables) WordRank(word string) (rank int, ok bool) { return defaultWords().Rank(word) }

// WordCost is Words.Cost.
func (t *Tables) WordCost(word string) (cost float64, ok bool) { return defaultWords().Cost(word) }

// Segment cuts a label into words: "microdicom" into micro and dicom. See Words.AppendSegments.
func (t *Tables) Segment(label string) []string { return defaultWords().AppendSegments(nil, label) }

// AppendSegments is Words.AppendSegments.
func (t *Tables) AppendSegments(dst []string, label string, own ...string) []string {
	return defaultWords().AppendSegments(dst, label, own...)
}
