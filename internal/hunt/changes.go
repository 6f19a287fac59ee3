package hunt

import (
	"fmt"
	"math"

	"lurehound"
	"lurehound/internal/compare"
)

// changes writes into each finding what has changed since an earlier run looked at the same name.
func changes(findings, before []lurehound.Finding) {
	of := map[string]*lurehound.Finding{}
	for i := range before {
		of[before[i].Candidate.ID()] = &before[i]
	}
	for i := range findings {
		f := &findings[i]
		was := of[f.Candidate.ID()]
		if was == nil {
			continue
		}
		f.Since, f.Changes = was.Judged, compare.History(was.Visits(), f.Visits())
		if f.Verdict != was.Verdict && f.Verdict != lurehound.TakenDown { // of those Earlier tells it
			f.Changes = append([]string{fmt.Sprintf("the verdict was %s", was.Verdict)}, f.Changes...)
		}
		if a, b := was.Comparison.Similarity, f.Comparison.Similarity; a != nil && b != nil && math.Abs(*a-*b) >= 0.05 {
			f.Changes = append(f.Changes, fmt.Sprintf("its similarity to the genuine page is %.2f, was %.2f", *b, *a))
		}
	}
}
