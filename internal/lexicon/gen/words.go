package main

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"lurehound/internal/lexicon"
)

// languages are the lists of words, each with its share in the mixture and how
// many of its words are read. Names of software are English far more than anything else.
var languages = []struct {
	code  string
	share float64
	most  int
}{{"en", 0.64, 26_000}, {"de", 0.12, 8_000}, {"fr", 0.12, 8_000}, {"es-es", 0.12, 8_000}}

const (
	labelShare = 0.5    // of the words of labels, as against those of films
	fieldRank  = 2_500  // words of the trades are at least as frequent as this one
	affixRank  = 1_500  // words beside brands, the same
	maxWords   = 42_000 // what the program carries
	maxWordLen = 20
)

// Words of one or two letters that stand in names as words; other short ones would cut every name into crumbs.
var shortWords = strings.Fields(`a i my go to in on at of by up no me we us uk eu tv pc hp ip id it ai os vm db hr qr ui ux dj dr ii iv vi xp hd 3d 4k 2d
	ad be do el em en es et ex fr ft gb hi ho if im is la le li lo mc mr ms mx na ne ni nu ny ok or ou pa pi pm pr pt re rf se si so st su ta te tu un uno va vr yo za zu ui ag de da du er as an am ct gp`)

var plainWord = regexp.MustCompile(`^[a-z0-9]+$`)

// writeWords mixes the lists of languages with the words of labels. It reads
// commonWords.json of each language as dir/LANGUAGE.json.
func writeWords(dir, labels, out string) error {
	prob := map[string]float64{}
	for _, l := range languages {
		list, err := commonWords(filepath.Join(dir, l.code+".json"))
		if err != nil {
			return err
		}
		sum := 0.0
		for i := range min(len(list), l.most) {
			sum += zipf(i + 1)
		}
		for i, word := range list[:min(len(list), l.most)] {
			forms := plainForms(word, l.code)
			for _, f := range forms {
				prob[f] += l.share * zipf(i+1) / sum / float64(len(forms))
			}
		}
	}
	if err := raise(prob, "gen/fields.txt", fieldRank, strings.Fields); err != nil {
		return err
	}
	affix := func(line string) []string { return strings.Fields(line)[:1] }
	if err := raise(prob, "affixes.txt", affixRank, affix); err != nil {
		return err
	}
	for w := range prob {
		if len(w) < 3 && !slices.Contains(shortWords, w) || len(w) > maxWordLen || !plainWord.MatchString(w) || digits(w) == len(w) {
			delete(prob, w)
		}
	}
	counted, err := labelWords(prob, labels)
	if err != nil {
		return err
	}
	for w := range prob {
		prob[w] = (1-labelShare)*prob[w] + labelShare*counted[w]
	}
	for _, r := range []struct {
		file string
		rank int
		read func(string) []string
	}{{"gen/fields.txt", fieldRank, strings.Fields}, {"affixes.txt", affixRank, affix}} {
		if err := raise(prob, r.file, r.rank, r.read); err != nil {
			return err
		}
	}
	return os.WriteFile(out, []byte(wordHeader+strings.Join(byFrequency(prob), "\n")+"\n"), 0o644)
}

const wordHeader = `# Words of names, the most frequent first.
# Half of the frequency is that in films' subtitles: lists of English (0.64), German, French and Spanish (0.12 each), the commonWords of
# @zxcvbn-ts/language-en 4.1.1, -de 3.0.2, -fr 4.1.2, -es-es 4.1.2 (MIT, Dan Wheeler, Dropbox, zxcvbn-ts). All but the German one say that they are made from OpenSubtitles
# by way of OPUS (ODC-BY). They are read by rank as 1/(rank+2.7). The other half is that in labels of popular innocent names
# (MISP warning lists, CC0), cut into words with the first half. Words of fields.txt and affixes.txt have a floor.
# Diacritics are dropped; German ones are written out, too. Written by gen; do not edit.
`

func zipf(rank int) float64 { return 1 / (float64(rank) + 2.7) }

func commonWords(file string) ([]string, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var list []string
	if err := json.Unmarshal(b, &list); err != nil {
		return nil, fmt.Errorf("reading %s: %w", file, err)
	}
	return list, nil
}

// plainForms writes a word in LDH: without diacritics, German also with ae, oe, ue, ss.
func plainForms(word, language string) []string {
	word = strings.ToLower(word)
	forms := []string{strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFKD.String(strings.ReplaceAll(word, "ß", "ss")))}
	if language == "de" {
		if long := strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss").Replace(word); long != forms[0] {
			forms = append(forms, long)
		}
	}
	return slices.DeleteFunc(forms, func(f string) bool { return !plainWord.MatchString(f) })
}

// raise gives the words of a file at least the frequency of a rank.
func raise(prob map[string]float64, file string, rank int, read func(line string) []string) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	floor := prob[byFrequency(prob)[rank]]
	for line := range strings.Lines(string(b)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		for _, w := range read(line) {
			if plainWord.MatchString(w) && digits(w) < len(w) && (len(w) > 2 || slices.Contains(shortWords, w)) {
				prob[w] = max(prob[w], floor)
			}
		}
	}
	return nil
}

func byFrequency(prob map[string]float64) []string {
	list := slices.SortedFunc(maps.Keys(prob), func(a, b string) int {
		return cmp.Or(cmp.Compare(prob[b], prob[a]), strings.Compare(a, b))
	})
	return list[:min(len(list), maxWords)]
}

// labelWords is the share of each word among those that the labels are made of.
func labelWords(prob map[string]float64, file string) (map[string]float64, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(z)
	if err != nil {
		return nil, err
	}
	words := lexicon.NewWords(strings.Join(byFrequency(prob), "\n") + "\n")
	share, sum := map[string]float64{}, 0.0
	for _, label := range strings.Fields(string(raw)) {
		for _, w := range words.AppendSegments(nil, label) {
			if _, ok := prob[w]; ok {
				share[w]++
				sum++
			}
		}
	}
	for w := range share {
		share[w] /= sum
	}
	return share, nil
}

func digits(w string) int {
	n := 0
	for i := range len(w) {
		if '0' <= w[i] && w[i] <= '9' {
			n++
		}
	}
	return n
}
