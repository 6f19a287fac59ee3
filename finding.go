package lurehound

import (
	"fmt"
	"slices"
	"time"
)

// Signal is one reason for a verdict.
type Signal struct {
	Rule     string  `json:"rule"`
	Points   float64 `json:"points"`             // adds to the score; negative clears
	Direct   bool    `json:"direct,omitempty"`   // direct evidence: what a malicious verdict needs
	Why      string  `json:"why"`                // one sentence
	Evidence string  `json:"evidence,omitempty"` // what it rests on: a URL, a hash, a date
	Verdict  Verdict `json:"verdict,omitempty"`  // parked, taken-down or benign, where the rule shows that
}

// Finding is a candidate with what was observed and what follows from it.
type Finding struct {
	Candidate    Candidate     `json:"candidate"`
	Observations []Observation `json:"observations"`
	Comparison   Comparison    `json:"comparison"`
	Signals      []Signal      `json:"signals"`
	Score        float64       `json:"score"` // [0,1], a function of the points
	Verdict      Verdict       `json:"verdict"`
	Earlier      Verdict       `json:"earlier,omitempty"` // what a taken-down site was before
	State        State         `json:"state"`
	Note         string        `json:"note,omitempty"`
	Judged       time.Time     `json:"judged,omitzero"`
	Campaign     string        `json:"-"` // Campaign.ID; computed over all findings, not stored
	Since        time.Time     `json:"-"` // when an earlier run judged the same name; zero when none did; not stored
	Changes      []string      `json:"-"` // what has changed since then, in words; not stored
}

// DNS is what DNS said of the name; nil when it was not asked.
func (f *Finding) DNS() *DNSFacts {
	for i := range f.Observations {
		if d := f.Observations[i].DNS; d != nil {
			return d
		}
	}
	return nil
}

// Registration is what the registry said; nil when it said nothing.
func (f *Finding) Registration() *RegistrationFacts {
	for i := range f.Observations {
		if r := f.Observations[i].Registration; r != nil {
			return r
		}
	}
	return nil
}

// OwnFeed is the sighting of a brand's own site that is looked at as a victim would see it.
const OwnFeed = "own"

// Own reports whether the finding is about a brand's own site, and not a look-alike.
func (f *Finding) Own() bool {
	return slices.ContainsFunc(f.Candidate.Sightings, func(s Sighting) bool { return s.Feed == OwnFeed })
}

// Cloaking is what the visits under several profiles show together; nil when there was one profile only.
// Of several pages the one counts that says most: cloaked before inconclusive before none seen.
func (f *Finding) Cloaking() *Cloaking {
	rank := func(c *Cloaking) int {
		return slices.Index([]CloakingVerdict{NoneSeen, CloakUnsure, Cloaked}, c.Verdict)
	}
	var most *Cloaking
	for i := range f.Observations {
		if c := f.Observations[i].Cloaking; c != nil && (most == nil || rank(c) > rank(most)) {
			most = c
		}
	}
	return most
}

// Visits are the visits that led to an answer, in the order they were made.
func (f *Finding) Visits() []*VisitFacts {
	var vs []*VisitFacts
	for i := range f.Observations {
		if v := f.Observations[i].Visit; v != nil && v.Status != 0 {
			vs = append(vs, v)
		}
	}
	return vs
}

// Payloads are the files that were looked at, in the order in which they were.
func (f *Finding) Payloads() []*PayloadFacts {
	var list []*PayloadFacts
	for i := range f.Observations {
		if o := &f.Observations[i]; o.Payload != nil && o.Outcome == Found {
			list = append(list, o.Payload)
		}
	}
	return list
}

// Pivot is something that two candidates can share.
type Pivot struct {
	Kind  PivotKind `json:"kind"`
	Value string    `json:"value"`
}

// PivotKind names what is shared.
type PivotKind string

// The pivots that are known.
const (
	PivotIP             PivotKind = "ip"
	PivotNameServer     PivotKind = "ns"
	PivotRegistration   PivotKind = "registrar-minute" // same registrar, same minute
	PivotFavicon        PivotKind = "favicon"
	PivotCertificateKey PivotKind = "certificate-key"
	PivotPage           PivotKind = "page"        // same bytes
	PivotFamily         PivotKind = "page-family" // pages that are nearly the same as each other, and no copies of the reference
	PivotDownload       PivotKind = "download"    // same file name offered
	PivotPayload        PivotKind = "payload"     // same file, by its SHA-256
	PivotSigner         PivotKind = "signer"      // organisation that signed a file
	PivotEmbeddedKey    PivotKind = "embedded-key"
	PivotC2             PivotKind = "c2" // host that a file's tunnel leads to
	PivotImphash        PivotKind = "imphash"
	PivotServer         PivotKind = "server" // the web server and what runs on it, as both headers say
)

// Campaign is findings that share more than chance explains.
type Campaign struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Domains  []string `json:"domains"` // A-labels, sorted
	Shared   []Pivot  `json:"shared"`
	Timeline []Event  `json:"timeline"`
}

// Event is a dated fact about a campaign or the brand that it imitates.
type Event struct {
	Date  time.Time `json:"-"`     // UTC
	Event string    `json:"event"` // "advisory", "registered", "first-seen", "certificate" …
	What  string    `json:"what"`
}

// MarshalJSON writes the date as a day.
func (e Event) MarshalJSON() ([]byte, error) {
	return fmt.Appendf(nil, `{"date":%q,"event":%q,"what":%q}`, e.Date.UTC().Format(time.DateOnly), e.Event, e.What), nil
}

// Advisory is what a vendor or authority announced about a product.
type Advisory struct {
	ID       string    `json:"id"`
	Title    string    `json:"title"`
	Released time.Time `json:"released"` // initial release, from the document
	Vendors  []string  `json:"vendors"`
	Products []string  `json:"products"`
	Hosts    []string  `json:"hosts"`  // named by remediations and references; a proposal
	Source   string    `json:"source"` // file or URL
}
