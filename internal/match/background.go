package match

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
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
	places func() *places // of text
	often  bool           // places pays: many words are counted
}

// places has where in the text three letters in a row stand: from[g] up to from[g+1]
// are those of the code g, in order. Of one letter, and of two, it has how many labels hold them.
type places struct {
	from, at []int32
	held     [1 << 12]int32 // by pair; a single letter's code is its own
	labels   filter         // by labelKey
}

// labelKey is a hash of a label.
func labelKey(s string) (h uint64) {
	for i := range len(s) {
		h = (h + uint64(s[i])) * radix
	}
	return h
}

// readBackground reads the sample once for the whole process. What it gives is a
// copy that shares all tables.
func readBackground() (*background, error) {
	b, err := sample()
	if err != nil {
		return nil, err
	}
	mine := *b
	return &mine, nil
}

var sample = sync.OnceValues(readSample)

func readSample() (*background, error) {
	z, err := gzip.NewReader(bytes.NewReader(backgroundFile))
	if err != nil {
		return nil, fmt.Errorf("reading the sample of innocent labels: %w", err)
	}
	raw, err := io.ReadAll(z)
	if err != nil {
		return nil, fmt.Errorf("reading the sample of innocent labels: %w", err)
	}
	b := &background{text: "\n" + string(raw), grams: make([]int32, 1<<18), pairs: make([]int32, 1<<12)}
	b.labels = make([]string, 0, strings.Count(b.text, "\n"))
	for l := range strings.Lines(b.text[1:]) {
		b.labels = append(b.labels, l[:len(l)-1])
	}
	b.places = sync.OnceValue(b.filePlaces)
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
	if !b.places().labels.has(labelKey(s)) {
		return false
	}
	_, found := slices.BinarySearch(b.labels, s)
	return found
}

// containing counts the labels of the sample that hold word but are not the word.
func (b *background) containing(word string) int {
	switch {
	case b.often && len(word) >= 3:
		return b.containingFiled(word)
	case b.often:
		return b.containingShort(word)
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

// filePlaces sorts the places of the text by three letters, which have been counted.
func (b *background) filePlaces() *places {
	p := &places{from: make([]int32, len(b.grams)+1), at: make([]int32, len(b.text))}
	next, sum := p.from[1:], int32(0) // while filing, where the next place of a code goes
	for g, n := range b.grams {
		next[g], sum = sum, sum+n
	}
	for i := 0; i+2 < len(b.text); i++ {
		g := b.gram(b.text[i], b.text[i+1], b.text[i+2])
		p.at[next[g]] = int32(i)
		next[g]++
	}
	p.labels = newFilter(len(b.labels))
	for _, l := range b.labels {
		p.labels.set(labelKey(l))
	}
	var last [len(p.held)]int32 // the label that was counted last, by where it begins
	begin := int32(0)
	for i := range len(b.text) - 1 {
		if b.text[i] == '\n' {
			begin = int32(i) + 1
			continue
		}
		for _, code := range [...]int{int(b.code[b.text[i]]), b.pair(b.text[i], b.text[i+1])} {
			if last[code] != begin {
				last[code] = begin
				p.held[code]++
			}
		}
	}
	return p
}

// containingShort is containing for words of one or two letters.
func (b *background) containingShort(word string) int {
	code := 0
	for i := range len(word) {
		if b.code[word[i]] == 0 {
			return 0
		}
		code = code<<6 | int(b.code[word[i]])
	}
	n := int(b.places().held[code])
	if b.isLabel(word) {
		n--
	}
	return n
}

// containingFiled is containing for words of three letters or more, by looking at
// the places of those three of them that are rarest.
func (b *background) containingFiled(word string) int {
	p := b.places()
	at, rarest := 0, 0
	for i := 0; i+2 < len(word); i++ {
		if g := b.gram(word[i], word[i+1], word[i+2]); i == 0 || b.grams[g] < b.grams[rarest] {
			at, rarest = i, g
		}
	}
	n, done := 0, 0 // done is where the last label looked at ends
	for _, i := range p.at[p.from[rarest]:p.from[rarest+1]] {
		from := int(i) - at
		end := from + len(word)
		if from < done || from < 1 || end >= len(b.text) || b.text[from:end] != word {
			continue
		}
		if b.text[from-1] != '\n' || b.text[end] != '\n' {
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

// rarity is how unlikely innocent names hold the word.
func (b *background) rarity(word string) float64 {
	return b.scale(max(float64(b.containing(word)), b.expected([]byte(word))))
}

// why says rarity in words.
func (b *background) why(word string) string {
	counted, chance := b.containing(word), b.expected([]byte(word))
	switch {
	case counted > 0:
		return fmt.Sprintf("%d of %d popular innocent labels hold %q", counted, len(b.labels), word)
	case chance < 1:
		return fmt.Sprintf("none of %d popular innocent labels holds %q, nor would by chance", len(b.labels), word)
	}
	return fmt.Sprintf("none of %d popular innocent labels holds %q; by chance %.0f would", len(b.labels), word, chance)
}
