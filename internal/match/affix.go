package match

import (
	"strings"

	"lurehound/internal/lexicon"
)

// affixSet knows the words that stand around brands in lures: "download", "login".
type affixSet struct {
	words  map[string]float64 // by word: likelihood beside a brand, (0,1]
	hashes map[uint64]bool    // of plain forms
	most   int                // length of the longest plain form
}

func (a *affixSet) build(x *lexicon.Tables, f *folder) {
	a.words, a.hashes = map[string]float64{}, map[uint64]bool{}
	var h hashes
	for _, affix := range x.Affixes {
		w := strings.Trim(strings.ToLower(affix.Word), "-")
		a.words[w] = max(affix.Before, affix.After, a.words[w])
		p := f.plainForm(w)
		if len(p) < 2 || len(p) > len(h.power)-2 {
			continue
		}
		h.read([]byte(p))
		a.hashes[h.piece(0, len(p))] = true
		a.most = max(a.most, len(p))
	}
}

func (a *affixSet) has(h uint64) bool { return a.hashes[h] }
