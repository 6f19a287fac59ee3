package hunt

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"lurehound"
	"lurehound/internal/egress"
	"lurehound/internal/fetch"
	"lurehound/internal/page"
)

// withReferences returns the brands with their reference pages as they are now,
// or as they were when this run began. Without visit no page is fetched.
func (k Kit) withReferences(ctx context.Context, run int64, brands []lurehound.Brand, p egress.Profile, visit bool) ([]lurehound.Brand, error) {
	k.Progress.Stage("fetching reference pages", len(brands))
	out := make([]lurehound.Brand, len(brands))
	for i, b := range brands {
		saved, found, err := k.Store.Brand(ctx, run, b.ID())
		if err != nil {
			return nil, err
		}
		if !found {
			saved = b
			if visit {
				saved.References = k.fetchReferences(ctx, b, p)
			}
			if ctx.Err() == nil {
				if err := k.Store.SaveBrand(ctx, run, saved); err != nil {
					return nil, err
				}
			}
		}
		out[i] = saved
		k.Progress.Advance(1)
	}
	return out, ctx.Err()
}

// fetchReferences visits the brand's own pages: those that the brand names, or
// the start page of its first domain.
func (k Kit) fetchReferences(ctx context.Context, b lurehound.Brand, p egress.Profile) []lurehound.Reference {
	refs := append([]lurehound.Reference(nil), b.References...)
	if len(refs) == 0 {
		refs = []lurehound.Reference{{URL: "https://" + b.ID() + "/"}}
	}
	for i := range refs {
		k.fetchReference(ctx, &refs[i], p)
	}
	return refs
}

func (k Kit) fetchReference(ctx context.Context, ref *lurehound.Reference, p egress.Profile) {
	session := k.Web.Session(p)
	defer session.Close()
	ref.Fetched = k.Clock.Now()
	facts, body, err := session.Visit(ctx, ref.URL)
	switch fe := (*fetch.Error)(nil); {
	case errors.As(err, &fe):
		ref.Problem = fe.Reason
		return
	case err != nil:
		ref.Problem = err.Error()
		return
	case facts.Status >= 400:
		ref.Problem = fmt.Sprintf("status %d", facts.Status)
		return
	}
	features := page.Features(body, facts.URL, facts.ContentType)
	if u := features.Favicon.URL; u != "" {
		if icon, b, err := session.Visit(ctx, u); err == nil && icon.Status == 200 && len(b) > 0 {
			features.Favicon.SHA256, features.Favicon.Murmur = page.FaviconHashes(b)
		}
	}
	ref.Page = &features
}

// referencePaths are the paths of the reference pages, which clones keep.
func referencePaths(b lurehound.Brand) []string {
	var paths []string
	for _, r := range b.References {
		if u, err := url.Parse(r.URL); err == nil && u.Path != "" && u.Path != "/" {
			paths = append(paths, u.Path)
		}
	}
	return paths
}
