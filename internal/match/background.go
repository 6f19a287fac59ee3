package match

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"index/suffixarray"
	"io"
	"math"
	"slices"
	"strings"
	"sync"
)

// How unlikely a name holds a word by accident is counted, not guessed: in how
// many labels of popular innocent names does the word stand, and how often would
// chance put its letters there? The labels are those in front of the public
// suffix, without hyphens, of one half of the domains of MISP's warning lists (Tranco, Cloudflare,
// Cisco, Moz; CC0); the other half is left for measuring false alarms.

//go:embed background.txt.gz
var backgroundFile []byte

// background is the sample of innocent labels.
type background struct {
	text   string // "\nlabel\nlabel\n"
	labels []string
	code   [256]uint8 // of the octets in text, 6 bits from 1; 0 for those that are not in it
	grams  []int32    // by the codes of three letters in a row; a label's ends count as '\n'
	pairs  []int32
	sorted func() *suffixarray.Index // of text
	often  bool                      // sorted pays: many words are counted
}

func readBackground() (*background, error) {
	z, err := gzip.NewReader(bytes.NewReader(backgroundFile))
	if err != nil {
		return nil, fmt.Errorf("reading the sample of innocent labels: %w", err)
	}
	raw, err := io.ReadAll(z)
	if err != nil {
		return nil, fmt.Errorf("reading the sample of innocent labels: %w", err)
	}
	b := &background{text: "\n" + string(raw), grams: make([]int32, 1<<18), pairs: make([]int32, 1<<12)}
	b.labels = strings.Fields(b.text)
	b.sorted = sync.OnceValue(func() *suffixarray.Index { return suffixarray.New([]byte(b.text)) })
	known := uint8(0)
	for i := range len(b.text) {
		if c := b.text[i]; b.code[c] == 0 {
			known++
			b.code[c] = known
		}
	}
	if known >= 1<<6 {
		return nil, fmt.Errorf("reading the sample of innocent labels: it has %d different octets", known)
	}
	for i := 0; i+2 < len(b.text); i++ {
		b.pairs[b.pair(b.text[i], b.text[i+1])]++
		b.grams[b.gram(b.text[i], b.text[i+1], b.text[i+2])]++
	}
	return b, nil
}

func (b *background) pair(x, y byte) int { return int(b.code[x])<<6 | int(b.code[y]) }

func (b *background) gram(x, y, z byte) int { return b.pair(x, y)<<6 | int(b.code[z]) }

// isLabel reports whether the sample has exactly this label.
func (b *background) isLabel(s string) bool {
	_, found := slices.BinarySearch(b.labels, s)
	return found
}

// containing counts the labels of the sample that hold word but are not the word.
func (b *background) containing(word string) int {
	if b.often && len(word) >= 3 { // shorter ones stand in too many
		return b.containingSorted(word)
	}
	n := 0
	for rest := b.text; ; {
		i := strings.Index(rest, word)
		if i < 0 {
			return n
		}
		end := i + len(word)
		if rest[i-1] != '\n' || rest[end] != '\n' {
			n++
		}
		rest = rest[end+strings.IndexByte(rest[end:], '\n'):]
	}
}

// containingSorted is containing by binary search.
func (b *background) containingSorted(word string) int {
	places := b.sorted().Lookup([]byte(word), -1)
	slices.Sort(places)
	n, done := 0, 0 // done is where the last label looked at ends
	for _, i := range places {
		if i < done {
			continue
		}
		end := i + len(word)
		if b.text[i-1] != '\n' || b.text[end] != '\n' {
			n++
		}
		done = end + strings.IndexByte(b.text[end:], '\n')
	}
	return n
}

// expected is how many labels of the sample would hold word by chance, from how
// often its letters follow each other.
func (b *background) expected(word []byte) float64 {
	if len(word) < 2 {
		return float64(len(b.labels))
	}
	// An unseen triple counts as a tenth of one seen once.
	const unseen = 0.1
	n := float64(b.pairs[b.pair(word[0], word[1])]) + unseen
	for i := 2; i < len(word); i++ {
		pair := float64(b.pairs[b.pair(word[i-2], word[i-1])]) + 1
		gram := float64(b.grams[b.gram(word[i-2], word[i-1], word[i])]) + unseen
		n *= gram / pair
	}
	return n
}

// scale maps a count in the sample to rarity: 1 for what never occurs, 0 for
// what every hundredth label holds, on a logarithmic scale between.
func (b *background) scale(n float64) float64 {
	total := float64(len(b.labels))
	// Half a label stands for "never": more cannot be told from the sample.
	r := (math.Log10(total/(n+0.5)) - 2) / (math.Log10(total*2) - 2)
	return min(max(r, 0), 1)
}

// rarity is how unlikely innocent names hold the word, and the same in words.
func (b *background) rarity(word string) (float64, string) {
	counted, chance := b.containing(word), b.expected([]byte(word))
	r := b.scale(max(float64(counted), chance))
	if counted == 0 {
		return r, fmt.Sprintf("%q stands in none of %d popular innocent labels, chance would put it in %.2g", word, len(b.labels), chance)
	}
	return r, fmt.Sprintf("%q stands in %d of %d popular innocent labels", word, counted, len(b.labels))
}
