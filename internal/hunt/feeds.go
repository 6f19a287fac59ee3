package hunt

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"lurehound"
	"lurehound/internal/feed"
	"lurehound/internal/match"
)

// FeedNames is the source of a feed's names that resemble a brand.
type FeedNames struct {
	Label    string // as the user named the feed: "isc", "list=FILE"
	Feed     feed.Feed
	Index    *match.Index
	MinScore float64
	Progress Progress
}

// Name is the feed as the user named it.
func (s *FeedNames) Name() string { return s.Label }

// Stream matches every name of the feed: read = matched + unmatched + malformed.
func (s *FeedNames) Stream(ctx context.Context, cursor string, emit func(Batch) error) error {
	s.Progress.Stage("reading "+s.Label, -1)
	return s.Feed.Stream(ctx, cursor, func(in feed.Batch) error {
		out := Batch{Feed: s.Label, Cursor: in.Cursor, Read: in.Lines, Malformed: in.Malformed, Report: in.Report}
		out.Report.Feed = s.Label
		for _, n := range in.Names {
			hit, class, why := s.classify(n.Name)
			switch class {
			case match.Matched:
				out.Matched++
				out.Candidates = append(out.Candidates, hit.Candidates(lurehound.Sighting{
					Feed: s.Label, FirstSeen: n.FirstSeen, IP: n.IP, Score: n.Score, Reason: n.Reason,
				})...)
			case match.Malformed:
				out.Malformed++
			default:
				out.Unmatched++
			}
			if why != "" {
				out.Undecided = append(out.Undecided, lurehound.Undecided{Domain: strings.Clone(n.Name), Outcome: lurehound.NotResolvable, Reason: why})
			}
		}
		if err := emit(out); err != nil {
			return err
		}
		s.Progress.Advance(in.Lines)
		return nil
	})
}

// classify matches one name. A name that breaks the matcher is not matched, with the reason.
func (s *FeedNames) classify(name string) (hit match.Hit, class match.Class, why string) {
	defer func() {
		if v := recover(); v != nil {
			hit, class, why = match.Hit{}, match.Unmatched, fmt.Sprintf("matching failed: %.200v", v)
		}
	}()
	hit, class = s.Index.Classify(name, s.MinScore)
	return hit, class, ""
}

// Given is the source of names that a person asks about.
type Given struct {
	Candidates []lurehound.Candidate
	Feed       string // under which they are sighted; "" is GivenFeed
}

// OwnSites are the brands' own sites, to be looked at as victims see them: the pages that references name, and
// the start page of each own domain.
func OwnSites(brands []lurehound.Brand) *Given {
	g := &Given{Feed: lurehound.OwnFeed}
	for _, b := range brands {
		for _, d := range b.Domains {
			c := lurehound.Candidate{Domain: d, Brand: b.ID(), Sightings: []lurehound.Sighting{{Feed: lurehound.OwnFeed}}}
			for _, r := range b.References {
				if l, err := lurehound.ParseLink(r.URL); err == nil && !r.Installer() && l.Domain.Within(d) {
					c.Links = append(c.Links, r.URL)
				}
			}
			g.Candidates = append(g.Candidates, c)
		}
	}
	return g
}

// GivenFeed is the name under which they are sighted.
const GivenFeed = "check"

// Name is the feed's.
func (s *Given) Name() string { return cmp.Or(s.Feed, GivenFeed) }

// Stream emits them all in one batch.
func (s *Given) Stream(_ context.Context, cursor string, emit func(Batch) error) error {
	if cursor != "" {
		return nil
	}
	n := len(s.Candidates)
	return emit(Batch{Feed: s.Name(), Cursor: "all", Read: n, Matched: n, Candidates: s.Candidates,
		Report: lurehound.FeedReport{Feed: s.Name(), Names: n}})
}
