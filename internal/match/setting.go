package match

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// bounds are where the registrable label and the public suffix begin in raw.
type bounds struct {
	label, suffix int
	free          bool   // somebody gives names below the suffix away
	public        string // the suffix in A-labels, good as long as the view
}

// setting is how a word stands in a name.
type setting struct {
	left, right side
	lure        float64 // [0,1]: how much the words beside it are those of lures
	besides     float64 // [0,1]: share of the label that is not the word
	cost        float64 // [0,2]: how unlikely what is not the word is as words
	reading     float64 // [-1,1]: how much better the letters around it read with the word
	shuffled    float64 // [0,1]: how often letters and digits change places in the label
	public      string  // suffix
	family      bool    // other words of the brand are beside it
	sub         bool    // in front of the registrable label
	over        bool    // across a dot
	whole       bool    // the word is all of its label
	suffixed    bool    // the brand's own suffix follows
	contract    bool    // below a delivery network's domain
	free        bool    // below a host that gives names away
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

// sideFeatures are the features that count a side, beside any word and beside a
// visibly changed one.
var sideFeatures = [...][2]feature{
	edge: {}, hyphened: {hyphenSides, changedHyphen}, digit: {digitSides, changedDigit}, affixed: {affixedSides, changedAffixed},
	scrap: {scrapSides, changedScrap}, wordy: {wordySides, changedWordy}, glued: {gluedSides, changedGlued},
}

// open reports whether a word may end there.
func (s side) open() bool { return s != glued && s != wordy && s != scrap }

var sideWords = [...]string{
	edge: "the end of the label", hyphened: "a hyphen", digit: "a digit", affixed: "a word that lures add",
	scrap: "a letter or two", wordy: "another word", glued: "letters that run on",
}

// setting says how the word stands in its label.
func (ix *Index) setting(s *scratch, p place) setting {
	raw := s.view.raw
	start := bytes.LastIndexByte(raw[:p.from], '.') + 1
	end := len(raw)
	if i := bytes.IndexByte(raw[p.to:], '.'); i >= 0 {
		end = p.to + i
	}
	before, behind := raw[start:p.from], raw[p.to:end]
	t := setting{
		left: ix.side(before, raw[p.from], true), right: ix.side(behind, raw[p.to-1], false),
		lure: max(ix.lure(before), ix.lure(behind)), besides: float64(len(before)+len(behind)) / float64(end-start),
		whole: len(before) == 0 && len(behind) == 0, over: bytes.IndexByte(raw[p.from:p.to], '.') >= 0,
		reading: ix.reading(s, p), contract: inContract(raw),
	}
	if t.whole {
		return t
	}
	t.cost = ix.unread(s, p, before, behind)
	t.shuffled = shuffle(raw[start:end])
	plain := ix.words[p.word].plain
	for _, f := range ix.brands[ix.words[p.word].brand].family {
		if !strings.Contains(plain, f) && (strings.Contains(lend(before), f) || strings.Contains(lend(behind), f)) {
			t.family = true
		}
	}
	return t
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
	case len(rest) >= 3 && ix.readable(lend(rest)):
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
	fmt.Fprintf(&b, "it stands between %s and %s", sideWords[s.left], sideWords[s.right])
	if s.lure > 0.3 {
		b.WriteString(", with words around it that lures add")
	}
	if s.over {
		b.WriteString(", and goes across a dot")
	}
	if s.sub {
		b.WriteString(", in front of another domain")
	}
	return b.String()
}
