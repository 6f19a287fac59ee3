package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"lurehound"
)

// Schema is the name and version of the contract below. Adding a key keeps the
// version; removing or changing one makes a new one.
const Schema = "lurehound.hunt/1"

// Every key is always there: an empty list is [], what is not known is null or "".

type huntJSON struct {
	Schema    string           `json:"schema"`
	Complete  bool             `json:"complete"`
	Passive   bool             `json:"passive"`
	Brands    []brandJSON      `json:"brands"`
	Counts    lurehound.Counts `json:"counts"`
	Feeds     []feedJSON       `json:"feeds"`
	Views     []lurehound.View `json:"views"`
	Unknown   []undecidedJSON  `json:"unknown"`
	Absent    []undecidedJSON  `json:"absent"`
	Findings  []findingJSON    `json:"findings"`
	Campaigns []campaignJSON   `json:"campaigns"`
	Problems  []string         `json:"problems"`
	Next      []string         `json:"next"`
}

type brandJSON struct {
	Name       string          `json:"name"`
	Domains    []string        `json:"domains"`
	Words      []string        `json:"words"`
	References []referenceJSON `json:"references"`
}

type referenceJSON struct {
	URL     string `json:"url"`
	Problem string `json:"problem"` // why no page is held against it; "" when one is
}

type feedJSON struct {
	Feed     string   `json:"feed"`
	Days     int      `json:"days"`
	Names    int      `json:"names"`
	Newest   *string  `json:"newest"` // day
	Problems []string `json:"problems"`
}

// undecidedJSON is a name that could not be decided, or is certainly not there.
type undecidedJSON struct {
	Domain  string `json:"domain"`
	Outcome string `json:"outcome"`
	Reason  string `json:"reason"`
}

type findingJSON struct {
	Domain     string          `json:"domain"`
	Unicode    string          `json:"unicode"`
	Brand      string          `json:"brand"`
	Techniques []string        `json:"techniques"`
	Edits      []string        `json:"edits"`
	Why        []string        `json:"why"` // why the name resembles the brand's
	Score      score           `json:"score"`
	Verdict    string          `json:"verdict"`
	Earlier    string          `json:"earlier"` // what a taken-down site was before
	State      string          `json:"state"`
	Note       string          `json:"note"`
	Sources    []string        `json:"sources"`    // feeds that showed it
	FirstSeen  *string         `json:"first_seen"` // day
	Registered *string         `json:"registered"`
	Expires    *string         `json:"expires"`
	Status     []string        `json:"status"`
	Registrar  string          `json:"registrar"`
	Abuse      string          `json:"abuse"`
	IPs        []string        `json:"ips"`
	NS         []string        `json:"ns"`
	MX         []string        `json:"mx"`
	Page       pageJSON        `json:"page"`
	Cloaking   cloakingJSON    `json:"cloaking"`
	Payloads   []payloadJSON   `json:"payloads"`
	Screenshot *screenshotJSON `json:"screenshot,omitempty"`
	Campaign   string          `json:"campaign"`
	Signals    []signalJSON    `json:"signals"`
	History    *historyJSON    `json:"history,omitempty"` // nil: no earlier run looked at the name
}

// historyJSON is what has changed since an earlier run, in words.
type historyJSON struct {
	Since   string   `json:"since"`
	Changes []string `json:"changes"`
}

type pageJSON struct {
	URL        string `json:"url"`
	Title      string `json:"title"`
	Similarity *score `json:"similarity"` // null: not measured
}

type cloakingJSON struct {
	Verdict     string   `json:"verdict"`
	Differences []string `json:"differences"`
}

// payloadJSON is a file that was looked at. Without a hash only parts of it were read.
type payloadJSON struct {
	URL         string   `json:"url"`
	Name        string   `json:"name"`
	Size        int64    `json:"size"`
	SHA256      string   `json:"sha256"`
	Type        string   `json:"type"`
	Signer      string   `json:"signer"`
	Digest      string   `json:"digest"` // of the signature: match, mismatch, unverified, none
	Reference   string   `json:"reference"`
	Differences []string `json:"differences"` // from the genuine one
	Problems    []string `json:"problems"`    // what could not be read of it
}

func payloadContract(p *lurehound.PayloadFacts) payloadJSON {
	return payloadJSON{p.URL, p.Name, p.Size, p.SHA256, string(p.Type), p.Signature.Signer, string(p.Signature.Digest),
		string(cmp.Or(p.Reference.Verdict, lurehound.ReferenceUnknown)), list(p.Reference.Differences), list(p.Problems)}
}

type signalJSON struct {
	Rule     string `json:"rule"`
	Points   score  `json:"points"`
	Direct   bool   `json:"direct"`
	Why      string `json:"why"`
	Evidence string `json:"evidence"`
}

type campaignJSON struct {
	ID       string            `json:"id"`
	Name     string            `json:"name"`
	Domains  []string          `json:"domains"`
	Shared   []lurehound.Pivot `json:"shared"`
	Timeline []eventJSON       `json:"timeline"`
}

type eventJSON struct {
	Date  *string `json:"date"`
	Event string  `json:"event"`
	What  string  `json:"what"`
}

// score is written as appendScore does.
type score float64

func (s score) MarshalJSON() ([]byte, error) { return appendScore(nil, float64(s)), nil }

func huntContract(h lurehound.Hunt) huntJSON {
	out := huntJSON{
		Schema: Schema, Complete: h.Complete, Passive: h.Passive, Counts: h.Counts,
		Views: list(h.Views), Problems: list(h.Problems), Next: list(h.Next),
		Brands: []brandJSON{}, Feeds: []feedJSON{}, Unknown: undecidedContract(h.Unknown), Absent: undecidedContract(h.Absent),
		Findings: []findingJSON{}, Campaigns: []campaignJSON{},
	}
	for _, b := range h.Brands {
		brand := brandJSON{Name: b.Name, Domains: []string{}, Words: list(b.Words), References: []referenceJSON{}}
		for _, d := range b.Domains {
			brand.Domains = append(brand.Domains, d.String())
		}
		for _, r := range b.References {
			brand.References = append(brand.References, referenceJSON{r.URL, r.Problem})
		}
		out.Brands = append(out.Brands, brand)
	}
	for _, f := range h.Feeds {
		out.Feeds = append(out.Feeds, feedJSON{f.Feed, f.Days, f.Names, day(f.Newest), list(f.Problems)})
	}
	for i := range h.Findings {
		out.Findings = append(out.Findings, findingContract(&h.Findings[i]))
	}
	for _, c := range h.Campaigns {
		campaign := campaignJSON{c.ID, c.Name, list(c.Domains), list(c.Shared), []eventJSON{}}
		for _, e := range c.Timeline {
			campaign.Timeline = append(campaign.Timeline, eventJSON{day(e.Date), e.Event, e.What})
		}
		out.Campaigns = append(out.Campaigns, campaign)
	}
	return out
}

func undecidedContract(us []lurehound.Undecided) []undecidedJSON {
	out := make([]undecidedJSON, 0, len(us))
	for _, u := range us {
		out = append(out, undecidedJSON{u.Domain, string(u.Outcome), u.Reason})
	}
	return out
}

// cloakingContract says who is shown what; untested where there was one profile only.
func cloakingContract(f *lurehound.Finding) cloakingJSON {
	c := f.Cloaking()
	if c == nil {
		return cloakingJSON{"untested", []string{}}
	}
	out := cloakingJSON{string(c.Verdict), []string{}}
	for _, d := range c.Differences {
		out.Differences = append(out.Differences, fmt.Sprintf("%s: %s, not %s", d.Kind, strings.Join(d.Open, ", "), strings.Join(d.Closed, ", ")))
	}
	return out
}

func findingContract(f *lurehound.Finding) findingJSON {
	c := &f.Candidate
	best := c.Best()
	out := findingJSON{
		Domain: c.Domain.String(), Unicode: c.Domain.Unicode(), Brand: c.Brand,
		Techniques: list(best.Main()), Edits: []string{}, Why: []string{},
		Score: score(f.Score), Verdict: string(f.Verdict), Earlier: string(f.Earlier),
		State: string(f.State), Note: f.Note, Sources: sources(c), FirstSeen: day(c.FirstSeen()),
		Status: []string{}, IPs: []string{}, NS: []string{}, MX: []string{},
		Page: pageContract(f), Cloaking: cloakingContract(f), Payloads: []payloadJSON{}, Screenshot: screenshotContract(f),
		Campaign: f.Campaign, Signals: []signalJSON{},
	}
	for _, e := range best.Edits {
		out.Edits = append(out.Edits, e.String())
	}
	for _, m := range bestFirst(c.Matches) {
		if m.Why != "" && !slices.Contains(out.Why, m.Why) {
			out.Why = append(out.Why, m.Why)
		}
	}
	if r := f.Registration(); r != nil {
		out.Registered, out.Expires = moment(r.Registered), moment(r.Expires)
		out.Status, out.Registrar, out.Abuse, out.NS = list(r.Status), r.Registrar, r.Abuse, list(r.NS)
	}
	if d := f.DNS(); d != nil {
		for _, a := range d.Addrs() {
			out.IPs = append(out.IPs, a.String())
		}
		if out.MX = list(d.MX); len(d.NS) > 0 {
			out.NS = d.NS
		}
	}
	for i := range f.Observations { // what could not be looked at, too
		if p := f.Observations[i].Payload; p != nil {
			out.Payloads = append(out.Payloads, payloadContract(p))
		}
	}
	if since := moment(f.Since); since != nil {
		out.History = &historyJSON{*since, list(f.Changes)}
	}
	for _, s := range f.Signals {
		out.Signals = append(out.Signals, signalJSON{s.Rule, score(s.Points), s.Direct, s.Why, s.Evidence})
	}
	return out
}

// pageContract is the page that was compared, else the first page seen.
func pageContract(f *lurehound.Finding) (p pageJSON) {
	if s := f.Comparison.Similarity; s != nil {
		v := score(*s)
		p.Similarity = &v
	}
	p.URL = f.Comparison.URL
	for _, v := range f.Visits() {
		if v.Page != nil && (p.URL == "" || p.URL == v.URL) {
			p.URL, p.Title = v.URL, v.Page.Title
			return p
		}
	}
	if vs := f.Visits(); p.URL == "" && len(vs) > 0 {
		p.URL = vs[0].URL
	}
	return p
}

// sources are the feeds that showed a candidate, each once, in order of arrival.
func sources(c *lurehound.Candidate) []string {
	feeds := []string{}
	for _, s := range c.Sightings {
		if !slices.Contains(feeds, s.Feed) {
			feeds = append(feeds, s.Feed)
		}
	}
	return feeds
}

func bestFirst(ms []lurehound.Match) []lurehound.Match {
	ms = slices.Clone(ms)
	slices.SortStableFunc(ms, func(a, b lurehound.Match) int {
		switch {
		case a.Score > b.Score:
			return -1
		case a.Score < b.Score:
			return 1
		}
		return 0
	})
	return ms
}

func list[T any](l []T) []T {
	if l == nil {
		return []T{}
	}
	return l
}

func day(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	s := t.UTC().Format(time.DateOnly)
	return &s
}

func moment(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	s := t.UTC().Format(time.RFC3339)
	return &s
}
