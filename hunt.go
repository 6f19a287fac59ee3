package lurehound

import (
	"cmp"
	"slices"
	"time"
)

// Hunt is the whole result of one hunt or check: what every writer gets.
type Hunt struct {
	Brands    []Brand
	Complete  bool // false when names are unknown, or a feed is missing, short or stale
	Counts    Counts
	Feeds     []FeedReport
	Unknown   []Undecided // by name
	Absent    []Undecided // names that were shown or asked about and certainly do not exist, by name
	Findings  []Finding   // the gravest first
	Campaigns []Campaign
	Views     []View   // from where was looked
	Problems  []string // what made the hunt incomplete, one line each
	Next      []string // what to do next, one line each
	Passive   bool
}

// Counts of one hunt. Permutations = existing + absent + Unknown of them.
type Counts struct {
	Permutations int `json:"permutations"` // made and asked for
	Resolved     int `json:"resolved"`     // of them, those that DNS decided
	Unknown      int `json:"unknown"`      // names that could not be decided
	FeedNames    int `json:"feed_names"`   // read from feeds: matched + unmatched + malformed
	Malformed    int `json:"malformed"`    // of them
	Candidates   int `json:"candidates"`
	Absent       int `json:"absent"` // candidates that are certainly not there (any more)
	Findings     int `json:"findings"`
	Visited      int `json:"visited"` // web servers that were asked
}

// FeedReport is how far one feed reached.
type FeedReport struct {
	Feed     string    `json:"feed"`
	Days     int       `json:"days"`
	Names    int       `json:"names"`
	Newest   time.Time `json:"newest,omitzero"` // newest day that it named
	Problems []string  `json:"problems"`
}

// Undecided is a name that could not be decided.
type Undecided struct {
	Domain  string     `json:"domain"`
	Outcome Resolution `json:"outcome"`
	Reason  string     `json:"reason"`
}

// View is one way in which sites were looked at.
type View struct {
	Profile string `json:"profile"`
	Route   string `json:"route"` // "direct", or the proxy
}

// Sort puts the gravest findings first.
func (h *Hunt) Sort() {
	slices.SortStableFunc(h.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Verdict.Rank(), b.Verdict.Rank()), cmp.Compare(b.Score, a.Score),
			cmp.Compare(a.Candidate.Domain.String(), b.Candidate.Domain.String()), cmp.Compare(a.Candidate.Brand, b.Candidate.Brand))
	})
}
