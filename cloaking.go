package lurehound

// Cloaking says whether a site shows different visitors different things, what
// decides it, and how far a "no" reaches.
type Cloaking struct {
	Verdict     CloakingVerdict `json:"verdict"`
	Kinds       []CloakKind     `json:"kinds,omitempty"` // what decides, or may
	Why         string          `json:"why"`             // one sentence
	Differences []Difference    `json:"differences"`
	Faces       []Face          `json:"faces"`             // what was served, the fullest first
	Missing     []string        `json:"missing,omitempty"` // what would settle what is open
	Tried       Tried           `json:"tried"`
}

// CloakingVerdict is the outcome.
type CloakingVerdict string

// The outcomes. None is said within what was tried, and never means that the
// site shows everybody the same.
const (
	Cloaked     CloakingVerdict = "cloaked"
	NoneSeen    CloakingVerdict = "none-seen"
	CloakUnsure CloakingVerdict = "inconclusive"
)

// CloakKind is what visitors are told apart by.
type CloakKind string

// The kinds. The first six are parts of a profile.
const (
	ByCountry    CloakKind = "country"
	ByUserAgent  CloakKind = "user-agent"
	ByDevice     CloakKind = "device"
	ByLanguage   CloakKind = "language"
	ByReferrer   CloakKind = "referrer"
	ByClick      CloakKind = "click"       // an advertisement's click parameter
	ByFirstVisit CloakKind = "first-visit" // each address is served once
	ByTime       CloakKind = "time"
	ByScript     CloakKind = "javascript" // nothing is shown without scripts
	ByBotCheck   CloakKind = "bot-check"
)

// Difference is one part of a profile that decides what is served.
type Difference struct {
	Kind   CloakKind `json:"kind"`
	Open   []string  `json:"open"`   // values with which the fullest face was served, sorted
	Closed []string  `json:"closed"` // values with which, all else alike, it was not
}

// Face is one thing that a site shows, and to whom.
type Face struct {
	Status    int      `json:"status"`          // 0: there was no answer
	URL       string   `json:"url,omitempty"`   // where the first such visit ended
	Title     string   `json:"title,omitempty"` // of the page there
	Words     int      `json:"words"`           // in its visible text
	Downloads []string `json:"downloads,omitempty"`
	Hops      int      `json:"hops"`     // of the first such visit
	Visits    int      `json:"visits"`   // that were shown this
	What      string   `json:"what"`     // in words: "page", "status 404", "redirect to example.com" …
	Profiles  []string `json:"profiles"` // in the order of the visits, each once
}

// Tried is how far the looking went.
type Tried struct {
	Visits    int      `json:"visits"`
	Profiles  int      `json:"profiles"`
	Routes    []string `json:"routes"`
	Countries []string `json:"countries"`        // that the routes are said to come out in
	Failed    []string `json:"failed,omitempty"` // profiles that got no answer, with the reason
}
