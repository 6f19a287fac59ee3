package score

import (
	"fmt"

	"lurehound"
	"lurehound/internal/page"
)

const (
	muchText        = 150 // words; what a small business says of itself
	unlike          = 0.2 // similarity of unrelated pages
	establishedDays = 2 * 365
	sameText        = 0.5 // Jaccard index of the text that two views of one site share at least
)

// innocent are the views that show a site of its own: much text, unlike the
// brand's page, without its name, without a download or a form for secrets.
// None when any view shows something else.
func (c Case) innocent() []view {
	s := c.Comparison.Similarity
	if s == nil || *s > unlike || c.Comparison.Favicon {
		return nil
	}
	if _, ok := namesBrand(c); ok {
		return nil
	}
	vs := c.own()
	for _, v := range vs {
		p := v.Page
		if p == nil || v.Status >= 400 || p.Words < muchText || len(p.Downloads) > 0 || len(p.Forms) > 0 {
			return nil
		}
		if _, ok := parkingPage(v); ok {
			return nil
		}
		if page.Jaccard(p.TextHash, vs[0].Page.TextHash) < sameText {
			return nil
		}
	}
	if len(vs) != len(c.views()) {
		return nil
	}
	return vs
}

func ownContent(c Case) (lurehound.Signal, bool) {
	vs := c.innocent()
	if len(vs) == 0 {
		return lurehound.Signal{}, false
	}
	return lurehound.Signal{
		Points:   -20,
		Why:      fmt.Sprintf("the page has %d words of its own, and nothing of the brand", vs[0].Page.Words),
		Evidence: vs[0].URL,
	}, true
}

// established is the positive evidence that "benign" needs: the same site of
// its own under two profiles or more, on a name held for years.
func established(c Case) (lurehound.Signal, bool) {
	vs := c.innocent()
	if len(vs) == 0 {
		return lurehound.Signal{}, false
	}
	profiles := map[string]bool{}
	for _, v := range vs {
		profiles[v.profile] = true
	}
	n := len(profiles)
	if x := c.cloaking(); x != nil && x.Verdict == lurehound.NoneSeen {
		n = max(n, x.Tried.Profiles)
	} else if x != nil {
		n = 0 // nobody knows what it shows to others
	}
	r := c.registration()
	if n < 2 || r == nil || r.Registered.IsZero() || c.At.Sub(r.Registered) < establishedDays*day {
		return lurehound.Signal{}, false
	}
	return lurehound.Signal{
		Points: -20, Verdict: lurehound.Benign,
		Why:      fmt.Sprintf("%d profiles were shown the same site of its own, on a name held since %d", n, r.Registered.Year()),
		Evidence: vs[0].URL,
	}, true
}
