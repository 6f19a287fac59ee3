package hunt

import (
	"context"
	"time"

	"lurehound"
)

// The database is the truth about what is pending. Two transactions matter:
// SaveBatch (candidates, line counts, cursor) and Settle (finding, alert,
// candidate done). Both are durable when they return, and both can be repeated
// without harm. One store implements all interfaces here; internal/store/storetest
// is their contract.

// Runs begins and ends hunts.
type Runs interface {
	// Begin returns the unfinished run of that key, or a new one. With fresh,
	// an unfinished run is ended as abandoned and a new one begins.
	Begin(ctx context.Context, key string, at time.Time, fresh bool) (run int64, resumed bool, err error)
	// Finish marks the run as done. A finished run is never gone on with.
	Finish(ctx context.Context, run int64, at time.Time) error
	// Brand returns the brand with its references as it was saved in this
	// run; found is false when it was not.
	Brand(ctx context.Context, run int64, id string) (b lurehound.Brand, found bool, err error)
	SaveBrand(ctx context.Context, run int64, b lurehound.Brand) error
	// Brands returns every brand of every run as it was saved last, by ID.
	Brands(ctx context.Context) ([]lurehound.Brand, error)
}

// Batch is what one step of a feed brought. Read = Matched + Unmatched + Malformed
// holds in every batch. The permutation source counts every name as read:
// Matched exist, Unmatched are absent or undecided. No batch has more undecided names
// than unmatched ones.
type Batch struct {
	Feed   string
	Cursor string // where the feed goes on; covers exactly what this batch and those before it hold

	Read, Matched, Unmatched, Malformed int

	Candidates []lurehound.Candidate // sightings and matches are merged into those stored
	Undecided  []lurehound.Undecided
	Report     lurehound.FeedReport // state of the whole feed so far; replaces the one stored
}

// Intake takes what feeds bring.
type Intake interface {
	// Cursor is the cursor of the last batch saved in this run; "" before the first.
	Cursor(ctx context.Context, run int64, feed string) (string, error)
	// SaveBatch is transaction 1. A batch with a cursor that was already saved
	// for this run and feed changes nothing. Candidates become pending in this run
	// unless they already are in it (pending or settled).
	SaveBatch(ctx context.Context, run int64, b Batch) error
}

// Alert is a message to leave from the outbox, once per Key.
type Alert struct {
	Key  string // idempotency key
	Body []byte // JSON
}

// Settlement ends a candidate's time as pending. Finding and Undecided are both
// nil when the candidate is certainly absent.
type Settlement struct {
	Candidate    lurehound.Candidate
	Outcome      lurehound.Outcome
	Observations []lurehound.Observation
	Finding      *lurehound.Finding
	Undecided    *lurehound.Undecided
	Alert        *Alert
}

// Work hands out candidates and takes what became of them.
type Work interface {
	// Pending returns up to limit pending candidates of the run in a stable
	// order (by domain, then brand), beginning after the given ID ("" is the start).
	Pending(ctx context.Context, run int64, after string, limit int) ([]lurehound.Candidate, error)
	// Settle is transaction 2: observations, finding (keeping the triage state
	// and note of an earlier one), outbox and "candidate done" in one.
	Settle(ctx context.Context, run int64, s Settlement, at time.Time) error
}

// Results reads what a run found.
type Results interface {
	Findings(ctx context.Context, run int64) ([]lurehound.Finding, error) // by domain, then brand
	// Before are the latest findings of earlier runs about what this run found, by domain, then brand.
	Before(ctx context.Context, run int64) ([]lurehound.Finding, error)
	Undecided(ctx context.Context, run int64) ([]lurehound.Undecided, error)
	// Absent are the candidates that were settled as absent, by name.
	Absent(ctx context.Context, run int64) ([]lurehound.Undecided, error)
	// Tally is counted from the stored rows: names by feed, candidates,
	// settled ones by outcome.
	Tally(ctx context.Context, run int64) (Tally, error)
}

// Tally is what the stored rows of a run add up to.
type Tally struct {
	Feeds      []FeedTally // by feed
	Candidates int
	Pending    int
	Absent     int // settled without finding and decided
	Undecided  int
	Findings   int
}

// FeedTally is the line counts of one feed in one run.
type FeedTally struct {
	Report                              lurehound.FeedReport
	Read, Matched, Unmatched, Malformed int
	Undecided                           int // of Unmatched
}

// Triage is what people decide, over all runs.
type Triage interface {
	AllFindings(ctx context.Context) ([]lurehound.Finding, error)
	// SetState reports how many findings of that domain were changed.
	SetState(ctx context.Context, d lurehound.Domain, s lurehound.State, note string) (int, error)
}

// Check proves that what is stored adds up.
type Check interface {
	// Fsck returns one line for everything that is wrong; none when all is well.
	Fsck(ctx context.Context) (problems []string, err error)
}
