package match

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"unicode/utf8"
)

// DefaultMinScore is the score from which a match is worth a look. It keeps
// four of five hosts of real campaigns, and about one of 2,000 popular names of others
// than the brands' owners; TestRecallAndFalseAlarms measures both.
const DefaultMinScore = 0.65

// The score is likeness × chance:
//
//	likeness  how likely a person takes the name for the brand's: 1 less what
//	          the changes cost, by the length of the word
//	chance    how unlikely the name arose by itself: a logistic function of how
//	          rare the word is and of how it stands in the name
//
// Taste lives here only. It lowers a score and never hides a match.

// Weights of the logistic function, set by hand on the campaigns and the popular
// names: a rare word needs no setting, an ordinary one needs all of it.
const (
	rarityWeight  = 6.0
	settingWeight = 5.0
	likenessLoss  = 1.5 // likeness lost for one visible change in a word of one letter
	rarityLoss    = 1.2 // rarity lost likewise: many words are one change away from a short one
	ordinaryLoss  = 0.3 // rarity lost when the changed word is an innocent label itself
)

// kindLoss is what chance loses, in the logistic function's argument, when not
// the whole name of the brand or product stands there.
var kindLoss = [...]float64{ofLabel: 0, ofProduct: 0, ofVariant: 0.5, ofLead: 1.6, ofPart: 3}

// rating is a score and what it is made of.
type rating struct {
	score    float64
	likeness float64
	chance   float64
	cost     float64
	rarity   float64 // of the word, after losses
	ordinary bool    // the changed word is an innocent label
	setting  setting
}

// resemblance rates one place of a name by what stands there, as if it stood as
// lures have it: its score is the highest that stand can give.
func (ix *Index) resemblance(s *scratch, p place) rating {
	w := &ix.words[p.word]
	piece := s.view.raw[p.from:p.to]
	r := rating{likeness: 1, rarity: w.rarity, setting: setting{value: 1}}
	if string(piece) == w.text {
		r.total(w)
		return r
	}
	looks := ix.common.scale(ix.common.expected(squeeze(&s.squeezed, piece)))
	r.rarity = min(w.rarity, looks)
	if r.total(w); r.score < s.min {
		return r // no need to count the changes
	}
	n, m, ok := s.align.read(w.text, piece)
	if !ok {
		return rating{}
	}
	r.cost = s.align.align(ix.fold, n, m)
	// One character less than there are: the shorter a word, the more of its
	// neighbours are words of their own.
	length := float64(max(len(w.plain)-1, 1))
	r.likeness = max(0, 1-likenessLoss*r.cost/length)
	r.rarity = min(w.rarity-rarityLoss*r.cost/length, looks)
	r.total(w)
	return r
}

// stand rates how the place stands in the name.
func (ix *Index) stand(s *scratch, p place, b bounds, r *rating) {
	w := &ix.words[p.word]
	r.setting = ix.setting(s.view.raw, p, b, r.cost >= visible)
	r.total(w)
	if r.cost >= visible && r.score >= max(worthCounting, s.min) {
		r.loseRarity(ix, squeeze(&s.squeezed, s.view.raw[p.from:p.to]))
		r.total(w)
	}
}

// visible is the cost from which people see a change who look.
const visible = 0.5

// worthCounting is the score from which a changed word is looked for in the
// sample: what scores less is not reported by default.
const worthCounting = 0.3

func (r *rating) total(w *word) {
	z := rarityWeight*(r.rarity-0.5) + settingWeight*(r.setting.value-0.5) - kindLoss[w.kind]
	r.chance = 1 / (1 + math.Exp(-z))
	r.score = r.likeness * r.chance
}

// mostScore is the score of the word unchanged in the best setting.
func mostScore(w word) float64 {
	r := rating{likeness: 1, rarity: w.rarity, setting: setting{value: 1}}
	r.total(&w)
	return r.score
}

// mostChanged is the score of the word with the cheapest visible change in the
// best setting.
func mostChanged(w word) float64 {
	r := rating{cost: min(costs[repeat], costs[drop], costs[add], costs[substitute], costs[swapped]), setting: setting{value: 1}}
	length := float64(max(len(w.plain)-1, 1))
	r.likeness = max(0, 1-likenessLoss*r.cost/length)
	r.rarity = w.rarity - rarityLoss*r.cost/length
	r.total(&w)
	return r.score
}

// squeeze copies piece without hyphens and dots.
func squeeze(b *[maxPiece]byte, piece []byte) []byte {
	out := b[:0]
	for _, c := range piece {
		if c != '-' && c != '.' && len(out) < cap(out) {
			out = append(out, c)
		}
	}
	return out
}

// loseRarity lowers the rarity of a changed word to that of what it was changed
// into: "cleaner" looks like "ccleaner" and stands everywhere.
func (r *rating) loseRarity(ix *Index, squeezed []byte) {
	text := string(squeezed)
	r.rarity = min(r.rarity, ix.common.scale(float64(ix.common.containing(text))))
	if ix.affixes.run(squeezed) > 0 || ix.common.isLabel(text) {
		r.ordinary = true
		r.rarity -= ordinaryLoss
	}
}

// bounds are where the registrable label and the public suffix begin in raw.
type bounds struct{ label, suffix int }

// setting is how a word stands in a name: 1 is as lures have it, 0 is as
// accidents have it.
type setting struct {
	value    float64
	left     side
	right    side
	lure     float64 // [0,1]: how much the words beside it are those of lures
	sub      bool    // in front of the registrable label
	over     bool    // across a dot
	whole    bool    // the word is all of its label
	suffixed bool    // the brand's own suffix follows
	contract bool    // below a delivery network's domain
}

// side is what a word touches on one side.
type side uint8

const (
	edge     side = iota // the label's end
	hyphened             // a hyphen
	digit                // a digit
	affixed              // ordinary affixes up to the next hyphen or end
	scrap                // one or two letters up to there
	wordy                // an innocent word up to there
	glued                // anything else
)

var sideValue = [...]float64{edge: 1, hyphened: 1, digit: 0.9, affixed: 0.95, scrap: 0.35, wordy: 0.5, glued: 0.15}

var changedValue = [...]float64{edge: 1, hyphened: 1, digit: 0.9, affixed: 0.7, scrap: 0.3, wordy: 0.1, glued: 0}

var sideWords = [...]string{
	edge: "the end of the label", hyphened: "a hyphen", digit: "a digit", affixed: "a word that lures add",
	scrap: "a letter or two", wordy: "another word", glued: "letters that run on",
}

// setting judges how the word stands in the name. A visibly changed word needs
// clear borders: beside other letters it is some other word.
func (ix *Index) setting(raw []byte, p place, b bounds, changed bool) setting {
	start := bytes.LastIndexByte(raw[:p.from], '.') + 1
	end := len(raw)
	if i := bytes.IndexByte(raw[p.to:], '.'); i >= 0 {
		end = p.to + i
	}
	var s setting
	before, behind := raw[start:p.from], raw[p.to:end]
	s.left, s.right = ix.side(before, raw[p.from], true), ix.side(behind, raw[p.to-1], false)
	s.whole = len(before) == 0 && len(behind) == 0
	s.over = bytes.IndexByte(raw[p.from:p.to], '.') >= 0
	s.sub = p.to < b.label
	s.lure = max(ix.lure(before), ix.lure(behind))
	low, high := sideValue[s.left], sideValue[s.right]
	if changed {
		low, high = changedValue[s.left], changedValue[s.right]
	}
	if low > high {
		low, high = high, low
	}
	switch {
	case s.whole && !s.over && !s.sub:
		s.value = 0.85
	case s.whole && !s.over:
		s.value = 0.4
		if ix.ownSuffixFollows(raw[end:], p.word) {
			s.suffixed, s.value = true, 1
		}
	default:
		if bytes.IndexByte(raw[p.from:p.to], '-') > 0 && !ix.hyphened(p.word) {
			low *= low // a hyphen that the word has not, and letters that run on
		}
		s.value = 0.65*low + 0.1*high + 0.25*s.lure
		if s.over {
			s.value *= 0.6
		}
		if s.sub {
			s.value *= 0.7
		}
		if s.sub && changed {
			s.value *= 0.7
		}
	}
	if s.contract = inContract(raw); s.contract {
		s.value *= 0.25
	}
	return s
}

// ownSuffixFollows reports whether rest begins with the public suffix of the
// word's brand: the whole name of the brand stands in front of another one.
func (ix *Index) ownSuffixFollows(rest []byte, word int32) bool {
	for _, d := range ix.brands[ix.words[word].brand].Domains {
		suffix := d.Suffix()
		if len(rest) > len(suffix)+2 && string(rest[1:1+len(suffix)]) == suffix && rest[1+len(suffix)] == '.' {
			return true
		}
	}
	return false
}

// side says what touches the word: rest is what the label has there, own the
// word's character beside it. Digits border on a word of letters when nothing but
// another border follows them: in "qx4i47t" they are as random as the letters.
func (ix *Index) side(rest []byte, own byte, left bool) side {
	if len(rest) == 0 {
		return edge
	}
	next := rest[0]
	if left {
		next = rest[len(rest)-1]
	}
	switch {
	case next == '-':
		return hyphened
	case isDigit(next) && isDigit(own):
		return glued
	case isDigit(next):
		return ix.digits(rest, left)
	case next >= utf8.RuneSelf:
		return glued
	}
	if i := bytes.IndexByte(rest, '-'); i >= 0 && !left {
		rest = rest[:i]
	}
	if i := bytes.LastIndexByte(rest, '-'); i >= 0 && left {
		rest = rest[i+1:]
	}
	switch {
	case ix.affixes.run(rest) > 0:
		return affixed
	case len(rest) <= 2:
		return scrap
	case len(rest) >= 4 && ix.common.isLabel(string(rest)):
		return wordy
	}
	return glued
}

// digits says what a run of digits beside the word is.
func (ix *Index) digits(rest []byte, left bool) side {
	for len(rest) > 0 {
		next, shorter := rest[0], rest[1:]
		if left {
			next, shorter = rest[len(rest)-1], rest[:len(rest)-1]
		}
		if !isDigit(next) {
			if s := ix.side(rest, '0', left); s == hyphened || s == affixed {
				return digit
			}
			return scrap
		}
		rest = shorter
	}
	return digit
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// lure is the weight of the likeliest affix among the pieces between hyphens, or
// in a run of them, on a scale where the ordinary ones come near 1.
func (ix *Index) lure(rest []byte) float64 {
	best := 0.0
	for len(rest) > 0 {
		i := bytes.IndexByte(rest, '-')
		if i < 0 {
			i = len(rest)
		}
		if i > 1 {
			best = max(best, ix.affixes.run(rest[:i]))
		}
		rest = rest[min(i+1, len(rest)):]
	}
	return best
}

// hyphened reports whether the word is written with a hyphen.
func (ix *Index) hyphened(word int32) bool {
	return strings.IndexByte(ix.words[word].text, '-') >= 0
}

// networks give out names below theirs to customers under contract, after these
// customers' own names; nobody else gets one.
var networks = [...]string{
	"akadns.net", "akamai.net", "akamaiedge.net", "akamaized.net", "edgekey.net", "edgesuite.net",
	"cdn.cloudflare.net", "fastly.net", "omtrdc.net", "2o7.net", "apple-dns.net", "googlevideo.com",
}

func inContract(raw []byte) bool {
	for _, n := range networks {
		if rest := len(raw) - len(n); rest > 0 && raw[rest-1] == '.' && string(raw[rest:]) == n {
			return true
		}
	}
	return false
}

// Factor is one part of a score. Score = the product of the factors that are
// not Inner; an Inner factor is what the one before it was computed from.
type Factor struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Inner bool    `json:"inner,omitempty"`
	Why   string  `json:"why"`
}

// factors takes a rating apart for people.
func (ix *Index) factors(w *word, r rating) []Factor {
	likeness := fmt.Sprintf("nothing in %q is changed", w.text)
	if r.cost > 0 {
		likeness = fmt.Sprintf("%s: as much as %.1f wrong characters of %d", r.seen(), r.cost, utf8.RuneCountInString(w.plain))
	}
	rarity := w.why
	if r.ordinary {
		rarity += "; what stands here is an ordinary label too"
	}
	return []Factor{
		{Name: "likeness", Value: r.likeness, Why: likeness},
		{Name: "chance", Value: r.chance, Why: "how unlikely such a name is without the brand in mind, from the next two"},
		{Name: "rarity", Value: min(max(r.rarity, 0), 1), Inner: true, Why: rarity},
		{Name: "setting", Value: r.setting.value, Inner: true, Why: r.setting.String()},
	}
}

// seen says in words how much of the changes a person sees.
func (r rating) seen() string {
	switch {
	case r.cost < visible:
		return "a person hardly sees the change"
	case r.likeness >= 0.7:
		return "a person who looks sees the change"
	}
	return "a person sees the change"
}

// String says the setting in words.
func (s setting) String() string {
	var b strings.Builder
	switch {
	case s.contract:
		return "it is a delivery network's name for a customer"
	case s.suffixed:
		return "the brand's whole name stands in front of another domain"
	case s.whole && s.sub:
		return "it is a whole label in front of another domain"
	case s.whole && !s.over:
		return "it is the whole label"
	}
	fmt.Fprintf(&b, "it has %s on its left and %s on its right", sideWords[s.left], sideWords[s.right])
	if s.lure > 0.3 {
		b.WriteString(", and words that lures add around it")
	}
	if s.over {
		b.WriteString(", and goes across a dot")
	}
	if s.sub {
		b.WriteString(", in front of another domain")
	}
	return b.String()
}
