package hunt

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"

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
		if !refs[i].Installer() {
			k.fetchReference(ctx, &refs[i], p)
		}
	}
	return refs
}

func (k Kit) fetchReference(ctx context.Context, ref *lurehound.Reference, p egress.Profile) {
	defer func() { // the brand's own page may be hostile, too
		if v := recover(); v != nil {
			ref.Page, ref.Problem = nil, fmt.Sprintf("reading it failed: %.200v", v)
		}
	}()
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
	var features lurehound.PageFacts
	session.Read(body, func() { features = page.Features(body, facts.URL, facts.ContentType) })
	if u := features.Favicon.URL; u != "" {
		if icon, b, err := session.Visit(ctx, u); err == nil && icon.Status == 200 && len(b) > 0 {
			features.Favicon.SHA256, features.Favicon.Murmur = page.FaviconHashes(b)
		}
	}
	ref.Page = &features
}

// referencePaths are the paths of the reference pages, which clones keep, as
// they may be asked for at d. A path that names the brand would tell the host
// whom we protect: it is left out, unless d's own name says as much.
func referencePaths(b lurehound.Brand, d lurehound.Domain) []string {
	var paths []string
	for _, r := range b.References {
		u, err := url.Parse(r.URL)
		if err != nil || r.Installer() || u.Path == "" || u.Path == "/" {
			continue
		}
		if p := u.EscapedPath(); !slices.Contains(paths, p) && !tells(u.Path, b, d) {
			paths = append(paths, p)
		}
	}
	return paths
}

// tells reports whether a path holds a label or word of the brand that d's own
// name does not hold. Spelling is compared by letters and digits only.
func tells(path string, b lurehound.Brand, d lurehound.Domain) bool {
	words := append([]string{b.Name}, b.Words...)
	for _, own := range b.Domains {
		words = append(words, own.UnicodeLabel())
	}
	in, shown := letters(path), letters(d.Unicode())
	for _, w := range words {
		if w = letters(w); w != "" && strings.Contains(in, w) && !strings.Contains(shown, w) {
			return true
		}
	}
	return false
}

// letters are the letters and digits of s, in lower case.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, s)
}
