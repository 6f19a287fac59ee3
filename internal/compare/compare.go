// Package compare holds a candidate's pages against a brand's reference page
// and says how alike they are, and what that rests on. It is pure, judges
// nothing (internal/score does), and never calls "could not be measured" 0.
package compare

import (
	"fmt"
	"net/url"

	"lurehound"
)

// A page with fewer words and fewer elements than these is a stub: an error, a
// blank page, a loader. Stubs of all sites look alike.
const (
	minWords = 20
	minTags  = 40
)

// Pages compares the pages that visits ended on with the reference page. The
// most similar page counts. Similarity is nil, and Why says why, when there is
// no page to compare: nothing answered, no HTML, a stub, an error page, or a
// visit that was led to the reference's own site, which is no copy of it.
func Pages(ref lurehound.Reference, visits []*lurehound.VisitFacts) lurehound.Comparison {
	best := lurehound.Comparison{Reference: ref.URL}
	switch {
	case ref.Page == nil:
		best.Why = "there is no reference page"
		if ref.Problem != "" {
			best.Why += ": " + ref.Problem
		}
		return best
	case stub(ref.Page):
		best.Why = fmt.Sprintf("the reference page is too empty to compare: %d words, %d elements", ref.Page.Words, ref.Page.Tags)
		return best
	case len(visits) == 0:
		best.Why = "no web server answered"
		return best
	}
	for _, v := range visits {
		c := one(ref, v)
		switch {
		case c.Similarity == nil:
			if best.Why == "" {
				best.URL, best.Why = c.URL, c.Why
			}
		case best.Similarity == nil || *c.Similarity > *best.Similarity:
			best = c
		}
	}
	return best
}

func one(ref lurehound.Reference, v *lurehound.VisitFacts) lurehound.Comparison {
	c := lurehound.Comparison{Reference: ref.URL}
	if v == nil {
		c.Why = "no web server answered"
		return c
	}
	c.URL = v.URL
	switch {
	case v.Page == nil && v.Status == 0:
		c.Why = "no web server answered"
	case v.Page == nil && v.Status >= 400:
		c.Why = fmt.Sprintf("the answer was status %d without a page", v.Status)
	case v.Page == nil:
		c.Why = "the answer was no HTML"
	case sameSite(ref.URL, v.URL):
		c.Why = "the visit was led to the reference's own site"
	case stub(v.Page):
		c.Why = fmt.Sprintf("the page is too empty to compare: status %d, %d words, %d elements", v.Status, v.Page.Words, v.Page.Tags)
	default:
		measure(&c, ref.Page, v.Page, leadsTo(v.Page, ref.URL))
		if v.Status >= 400 && *c.Similarity < 0.5 {
			// An error page is not what the site shows others.
			why := fmt.Sprintf("the answer was an error page, status %d", v.Status)
			c = lurehound.Comparison{Reference: ref.URL, URL: v.URL, Why: why}
		}
	}
	return c
}

func stub(p *lurehound.PageFacts) bool { return p.Words < minWords && p.Tags < minTags }

// sameSite reports whether two URLs belong to the same registrable domain.
func sameSite(a, b string) bool {
	x, y := site(a), site(b)
	return x != "" && x == y
}

func site(s string) string {
	u, err := url.Parse(s)
	if err != nil {
		return ""
	}
	d, err := lurehound.ParseDomain(u.Hostname())
	if err != nil {
		return ""
	}
	if r := d.Registrable(); r != "" {
		return r
	}
	return d.String()
}
