package feed

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"

	"lurehound"
)

// Name is one record of a feed, raw.
type Name struct {
	Name      string    // shares memory with its batch: clone what outlives it
	IP        string    // "" when the feed names none
	FirstSeen time.Time // the UTC day, zero when unknown
	Score     string    // as the feed wrote it
	Reason    string    // of the score
}

// Batch is what a feed read in one step.
type Batch struct {
	Names     []Name // the receiver's from then on
	Malformed int    // records that hold no name that can be read
	Lines     int    // records read: len(Names) + Malformed
	Cursor    string // where to go on; covers exactly what this and earlier batches hold
	Report    lurehound.FeedReport
}

// Feed streams names from a cursor ("" is the start) to the end. A batch counts
// as taken when emit returned nil; an error of emit ends the stream and is
// returned as it is. What the feed itself could not read is no error: it is in
// the report of the last batch. Stream with the cursor of the last batch
// emits one batch without names, which holds that report.
type Feed interface {
	Stream(ctx context.Context, cursor string, emit func(Batch) error) error
}

// Doer sends a request, as *http.Client does.
type Doer interface {
	Do(*http.Request) (*http.Response, error)
}

// Config is what feeds need from outside. Zero values have defaults, except
// HTTP and Clock, which the isc feed needs.
type Config struct {
	HTTP      Doer
	Clock     lurehound.Clock
	Contact   string    // mail address for the User-Agent; it goes to SANS ISC only
	Version   string    // of the program, for the User-Agent
	Days      int       // today and Days-1 back; 0 is DefaultDays
	Fragments []string  // what is searched for on days that no file covers, best first
	CacheDir  string    // keeps closed days and the count of requests; "" keeps nothing
	Budget    int       // requests a day; 0 is DefaultBudget
	BaseURL   string    // of SANS ISC; "" is DefaultBaseURL
	Stdin     io.Reader // for list=-
	BatchSize int       // names in a batch; 0 is DefaultBatchSize
	Log       *slog.Logger
}

// The defaults of Config.
const (
	DefaultDays      = 31   // the search reaches about one month back
	DefaultBudget    = 1000 // what SANS ISC asks for: about a thousand a day
	DefaultBaseURL   = "https://isc.sans.edu"
	DefaultBatchSize = 4096 // one transaction of the store, about 80 KiB of names
)

// Errors that callers tell apart.
var (
	ErrNoContact = errors.New("the isc feed needs a mail address, which SANS ISC asks for in the User-Agent: " +
		"set LUREHOUND_CONTACT=you@example.org, or contact = \"you@example.org\" in the config")
	ErrCursor = errors.New("the cursor is not one of this feed: begin afresh with --fresh")
	ErrUsage  = errors.New("not a feed that can be opened")
)

func (c Config) withDefaults() Config {
	if c.Days <= 0 {
		c.Days = DefaultDays
	}
	if c.Budget <= 0 {
		c.Budget = DefaultBudget
	}
	if c.BaseURL == "" {
		c.BaseURL = DefaultBaseURL
	}
	if c.BatchSize <= 0 {
		c.BatchSize = DefaultBatchSize
	}
	if c.Version == "" {
		c.Version = "dev"
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}
