package hunt

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"lurehound"
	"lurehound/internal/lexicon"
	"lurehound/internal/match"
	"lurehound/internal/permute"
)

// Resolver says which of many names exist, in their order.
// Implemented by resolve.Client.
type Resolver interface {
	LookupAll(ctx context.Context, names iter.Seq[string], types []uint16, workers int, yield func(i int, name string, f lurehound.DNSFacts) bool) error
}

// PermutationFeed is the name under which permutations that exist are sighted.
const PermutationFeed = "permute"

// batchSize is how many names are asked for between two commits: what a kill
// costs at most is asking for these again.
const batchSize = 1000

// Permutations is the source of names made from the brands that exist in DNS.
type Permutations struct {
	Brands   []lurehound.Brand
	Budget   int // names per brand
	Resolver Resolver
	Index    *match.Index
	Tables   *lexicon.Tables
	Progress Progress
}

// Name is PermutationFeed.
func (*Permutations) Name() string { return PermutationFeed }

// Stream asks DNS for every permutation. The cursor counts brands and names done.
func (s *Permutations) Stream(ctx context.Context, cursor string, emit func(Batch) error) error {
	brand, done := 0, 0
	if cursor != "" {
		if _, err := fmt.Sscanf(cursor, "%d:%d", &brand, &done); err != nil {
			return fmt.Errorf("cursor %q of the permutations: %w", cursor, err)
		}
	}
	s.Progress.Stage("resolving permutations", s.Budget*len(s.Brands))
	s.Progress.Advance(brand*s.Budget + done)
	for ; brand < len(s.Brands); brand, done = brand+1, 0 {
		names, err := s.names(s.Brands[brand])
		if err != nil {
			return err
		}
		for ; done < len(names); done += batchSize {
			end := min(done+batchSize, len(names))
			b, err := s.ask(ctx, s.Brands[brand], names[done:end])
			if err != nil {
				return err
			}
			b.Cursor = fmt.Sprintf("%d:%d", brand, end)
			if err := emit(b); err != nil {
				return err
			}
			s.Progress.Advance(b.Read)
		}
	}
	return nil
}

// names are the brand's permutations that no protected brand owns.
func (s *Permutations) names(b lurehound.Brand) ([]lurehound.Domain, error) {
	t, err := permute.NewTarget(b)
	if err != nil {
		return nil, fmt.Errorf("permutations of %s: %w", b.ID(), err)
	}
	var names []lurehound.Domain
	for p := range permute.Permutations(t, s.Tables, permute.Options{Budget: s.Budget}) {
		if !slices.ContainsFunc(s.Brands, func(o lurehound.Brand) bool { return o.Owns(p.Domain) }) {
			names = append(names, p.Domain)
		}
	}
	return names, nil
}

func (s *Permutations) ask(ctx context.Context, b lurehound.Brand, names []lurehound.Domain) (Batch, error) {
	batch := Batch{Feed: PermutationFeed, Read: len(names), Report: lurehound.FeedReport{Feed: PermutationFeed}}
	ask := func(yield func(string) bool) {
		for _, d := range names {
			if !yield(d.String()) {
				return
			}
		}
	}
	err := s.Resolver.LookupAll(ctx, ask, nil, 0, func(i int, name string, f lurehound.DNSFacts) bool {
		switch f.Resolution.Outcome() {
		case lurehound.Found:
			batch.Matched++
			batch.Candidates = append(batch.Candidates, s.candidates(names[i], b)...)
		case lurehound.Absent:
			batch.Unmatched++
		default:
			batch.Unmatched++
			batch.Undecided = append(batch.Undecided, lurehound.Undecided{Domain: name, Outcome: f.Resolution, Reason: f.Reason})
		}
		return ctx.Err() == nil
	})
	if err == nil {
		err = ctx.Err() // answers to an interrupted question are none
	}
	return batch, err
}

// candidates is the name with its match of this brand, which the round trip of
// permute and match promises.
func (s *Permutations) candidates(d lurehound.Domain, b lurehound.Brand) []lurehound.Candidate {
	sighting := lurehound.Sighting{Feed: PermutationFeed}
	hit, _ := s.Index.Match(d.String(), 0)
	for _, c := range hit.Candidates(sighting) {
		if c.Brand == b.ID() {
			return []lurehound.Candidate{c}
		}
	}
	return []lurehound.Candidate{{Domain: d, Brand: b.ID(), Sightings: []lurehound.Sighting{sighting}}}
}
