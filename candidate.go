package lurehound

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"time"
)

// Edit is one change that leads from the brand's name to the look-alike's.
type Edit struct {
	From string `json:"from"` // "" for an insertion
	To   string `json:"to"`   // "" for a removal
	At   int    `json:"at"`   // character of the brand's label or word, from 0; SuffixEdit for the public suffix
}

// SuffixEdit is Edit.At of a change of the public suffix.
const SuffixEdit = -1

// String says the edit as people do: "i→l at position 2", ".com→.info".
// Positions are counted from 1, as people count.
func (e Edit) String() string { return string(e.AppendTo(nil)) }

// AppendTo appends what String gives.
func (e Edit) AppendTo(b []byte) []byte {
	if e.At == SuffixEdit {
		b = append(append(b, '.'), e.From...)
		return append(append(b, "→."...), e.To...)
	}
	switch {
	case e.From == "":
		b = append(strconv.AppendQuote(b, e.To), " added"...)
	case e.To == "":
		b = append(strconv.AppendQuote(b, e.From), " dropped"...)
	default:
		b = append(append(append(b, e.From...), "→"...), e.To...)
	}
	return strconv.AppendInt(append(b, " at position "...), int64(e.At)+1, 10)
}

// Permutation is a domain made from a brand by one or more techniques.
type Permutation struct {
	Domain     Domain
	Word       string // the brand label or product word that Changes start from
	Techniques []string
	Changes    []Edit  // of Word
	Instead    string  // the brand's public suffix that another stands for; "" when it stays
	Score      float64 // relative likelihood, (0,1], falling along the stream
}

// Edits are the changes of the word and of the suffix. They are put together when
// somebody asks: of a million permutations few are looked at.
func (p Permutation) Edits() []Edit {
	if p.Instead == "" {
		return p.Changes
	}
	return append(slices.Clip(p.Changes), Edit{From: p.Instead, To: p.Domain.Suffix(), At: SuffixEdit})
}

// Match is why a domain resembles a brand. Word, Edits and Why are those of the
// simplest explanation.
type Match struct {
	Brand      string   `json:"brand"`      // Brand.ID
	Word       string   `json:"word"`       // the brand label or product word that was recognised
	Techniques []string `json:"techniques"` // all that explain the name, those of the simplest explanation first
	Simplest   int      `json:"simplest"`   // how many of Techniques, from the first on, are the simplest explanation
	Edits      []Edit   `json:"edits,omitempty"`
	Score      float64  `json:"score"` // [0,1]
	Why        string   `json:"why"`   // one sentence
}

// Main is the techniques of the simplest explanation; all when none is marked as such.
func (m Match) Main() []string {
	if m.Simplest <= 0 || m.Simplest > len(m.Techniques) {
		return m.Techniques
	}
	return m.Techniques[:m.Simplest]
}

// Sighting is a domain that a feed showed.
type Sighting struct {
	Feed      string    `json:"feed"`                // "permute", "isc", "list:FILE" …
	FirstSeen time.Time `json:"first_seen,omitzero"` // day, as the feed says; zero when it says none
	IP        string    `json:"ip,omitempty"`        // as the feed says
	Score     string    `json:"score,omitempty"`     // as the feed says
	Reason    string    `json:"reason,omitempty"`    // as the feed says
}

// Candidate is a domain that may imitate a brand.
type Candidate struct {
	Domain    Domain     `json:"domain"`
	Brand     string     `json:"brand"` // Brand.ID
	Matches   []Match    `json:"matches"`
	Sightings []Sighting `json:"sightings"`
	Links     []string   `json:"links,omitempty"` // URLs on the domain that somebody gave, visited first
}

// ID is the same for the same domain and brand, so that saving a candidate
// twice changes nothing.
func (c Candidate) ID() string {
	h := sha256.Sum256([]byte(c.Domain.String() + "\x00" + c.Brand))
	return hex.EncodeToString(h[:12])
}

// Best is the match with the highest score; the zero Match when there is none.
func (c Candidate) Best() Match {
	var best Match
	for _, m := range c.Matches {
		if m.Score > best.Score || best.Brand == "" {
			best = m
		}
	}
	return best
}

// FirstSeen is the earliest day that a feed names; zero when none does.
func (c Candidate) FirstSeen() time.Time {
	var first time.Time
	for _, s := range c.Sightings {
		if !s.FirstSeen.IsZero() && (first.IsZero() || s.FirstSeen.Before(first)) {
			first = s.FirstSeen
		}
	}
	return first
}
