package lexicon

import (
	_ "embed"
	"math"
	"strings"
	"sync"
)

// Words says how frequent a word is in the names that people read, and cuts
// labels into words. It is read by many goroutines at once and never changed.
type Words struct {
	text   string   // words in falling order of frequency, each with '\n' behind it
	starts []uint32 // where each begins in text, and the end
	slots  []uint32 // rank by hash, in open addressing; 0 is free
	scale  float64  // log10 of the sum of all frequencies
}

//go:embed words.txt
var wordFile string

var defaultWords = sync.OnceValue(func() *Words { return NewWords(wordFile) })

// zipfShift is what ranks are shifted by before their frequency is taken to
// be 1/rank: Mandelbrot's correction for the most frequent words of a language.
const zipfShift = 2.7

// NewWords reads a list of words, one a line, the most frequent first. Lines
// that begin with # are left out.
func NewWords(file string) *Words {
	for strings.HasPrefix(file, "#") {
		_, file, _ = strings.Cut(file, "\n")
	}
	n := strings.Count(file, "\n")
	size := 1024
	for size < 2*n {
		size *= 2
	}
	w := &Words{text: file, starts: make([]uint32, 1, n+1), slots: make([]uint32, size)}
	h := uint32(wordHash)
	for i := range len(file) {
		c := file[i]
		if c != '\n' {
			h = hashStep(h, c)
			continue
		}
		word := file[w.starts[len(w.starts)-1]:i]
		w.starts = append(w.starts, uint32(i+1))
		if _, dup := w.find(h, word); !dup {
			w.slots[w.free(h)] = uint32(len(w.starts) - 1)
		}
		h = wordHash
	}
	// The sum of 1/(rank+shift) over all ranks.
	w.scale = math.Log10(math.Log(float64(n)+zipfShift+0.5) - math.Log(zipfShift+0.5))
	return w
}

// wordHash and hashStep are FNV-1a.
const wordHash = 2166136261

func hashStep(h uint32, c byte) uint32 { return (h ^ uint32(c)) * 16777619 }

func (w *Words) slot(h uint32) uint32 { return (h ^ h>>15) & uint32(len(w.slots)-1) }

func (w *Words) free(h uint32) uint32 {
	at := w.slot(h)
	for w.slots[at] != 0 {
		at = (at + 1) & uint32(len(w.slots)-1)
	}
	return at
}

// find is the rank of the word with hash h, from 1.
func (w *Words) find(h uint32, word string) (rank int, ok bool) {
	for at := w.slot(h); ; at = (at + 1) & uint32(len(w.slots)-1) {
		r := w.slots[at]
		if r == 0 {
			return 0, false
		}
		if w.text[w.starts[r-1]:w.starts[r]-1] == word {
			return int(r), true
		}
	}
}

// Len is how many words there are.
func (w *Words) Len() int { return len(w.starts) - 1 }

// At is the word of a rank from 1 to Len.
func (w *Words) At(rank int) string { return w.text[w.starts[rank-1] : w.starts[rank]-1] }

// Rank is the place of a word in the list, from 1 for the most frequent.
func (w *Words) Rank(word string) (rank int, ok bool) {
	h := uint32(wordHash)
	for i := range len(word) {
		h = hashStep(h, word[i])
	}
	return w.find(h, word)
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
