package hunt

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"lurehound"
	"lurehound/internal/egress"
	"lurehound/internal/payload"
	"lurehound/internal/probe"
)

// Plan is what one hunt or check is asked to do.
type Plan struct {
	Verb       string // "hunt" or "check": part of the hunt's name
	Brands     []lurehound.Brand
	Sources    []Source // in the order in which they are read
	Profile    egress.Profile
	Passive    bool // no packet to a candidate's web server
	Advisories []lurehound.Advisory
	KnownBad   payload.KnownBad
	Problems   []string // what is known beforehand to make the result incomplete
	Advice     []string // what is known beforehand to be worth doing next
	Flags      string   // that the commands in the advice need to see the same: " --lab"
	VisitFlags string   // that commands which visit need besides, lest they leave by another route
	Routes     []string // by which visits leave, for people; none: the profile's
	DNS        string   // the route by which DNS questions leave, for people; "": from here
	Fresh      bool     // begin anew where an unfinished hunt would be gone on with
	Identity   []string // what else makes this hunt another one: feeds, budget, days, version of the weights
}

// Key names the hunt: the same arguments, brand data and weights give the same key.
func (p Plan) Key() (string, error) {
	b, err := json.Marshal([]any{p.Verb, p.Brands, p.Passive, p.Profile, p.Advisories, p.KnownBad, p.Identity})
	if err != nil {
		return "", fmt.Errorf("naming the hunt: %w", err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:12]), nil
}

// Source is where names come from.
type Source interface {
	Name() string
	// Stream emits batches, going on at the cursor ("" is the start). A batch is
	// durable when emit returns nil. An error means that the source could not be
	// read to its end; what was emitted stands.
	Stream(ctx context.Context, cursor string, emit func(Batch) error) error
}

// Store is everything that a hunt keeps.
type Store interface {
	Runs
	Intake
	Work
	Results
	Triage
}

// Kit is what a hunt works with.
type Kit struct {
	Store    Store
	Clock    lurehound.Clock
	Probes   []probe.Probe
	Web      probe.Web // fetches the brands' reference pages
	Progress Progress
	Workers  int      // candidates observed at a time
	Pictures Pictures // of pages that look like a brand's; nil: none are made
}

// Pictures looks at pages in a browser. Implemented by probe.Pictures.
type Pictures interface {
	Look(ctx context.Context, s probe.Sight) lurehound.Observation
}

// Progress is told how far the hunt is. Methods may be called from several goroutines.
type Progress interface {
	// Stage begins; total is -1 when nobody knows.
	Stage(name string, total int)
	// Advance counts n more units of the current stage.
	Advance(n int)
	// Finding is called for each finding, as it comes.
	Finding(f lurehound.Finding)
	// Say shows a line that people should see before it goes on.
	Say(line string)
}
