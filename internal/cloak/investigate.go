package cloak

import (
	"context"

	"lurehound"
	"lurehound/internal/egress"
)

// Investigate looks at a link until nothing more is to be learnt, the budget is spent or ctx ends, and
// judges what was seen. Visits are made one after the other: what one visit changes, the next one sees.
// It goes on from the looks that were made already.
func Investigate(ctx context.Context, s Space, link string, looks []Look, look func(context.Context, egress.Profile) Look) ([]Look, lurehound.Cloaking) {
	for ctx.Err() == nil {
		next := s.Next(looks, link)
		if len(next) == 0 {
			break
		}
		for _, p := range next {
			l := look(ctx, p)
			if ctx.Err() != nil {
				break // what was cut off says nothing of the site
			}
			looks = append(looks, l)
		}
	}
	return looks, Judge(looks, link)
}
