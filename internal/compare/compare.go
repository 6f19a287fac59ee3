// Package compare holds a candidate's pages against a brand's reference page
// and says how alike they are, and what that rests on. It is pure, judges
// nothing (internal/score does), and never calls "could not be measured" 0.
package compare

import (
	"fmt"
	"net/url"

	"lurehound"
	"lurehound/internal/page"
)

// A page with fewer words and fewer elements than these is a stub: an error, a
// blank page, a loader. Stubs of all sites look alike.
const (
	minWords = 20
	minTags  = 40
)

// How much each part weighs. Text says most: pages of one template share their
// structure and many assets and still are different sites.
const (
	weightText      = 0.60
	weightStructure = 0.25
	weightAssets    = 0.15
)

// Where neither page has text, structure and assets are all there is.
const (
	bareStructure = 0.6
	bareAssets    = 0.4
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
		measure(&c, ref.Page, v.Page)
		if v.Status >= 400 && *c.Similarity < 0.5 {
			// An error page is not what the site shows others.
			c.Similarity, c.Structure, c.Text, c.Assets, c.TLSH = nil, 0, 0, 0, nil
			c.Why = fmt.Sprintf("the answer was an error page, status %d", v.Status)
		}
	}
	return c
}

func stub(p *lurehound.PageFacts) bool { return p.Words < minWords && p.Tags < minTags }

// measure fills in the parts and the similarity. It is symmetric in a and b,
// and 1 for a page and itself.
func measure(c *lurehound.Comparison, a, b *lurehound.PageFacts) {
	c.Structure = share(page.Jaccard(a.Structure, b.Structure))
	c.Text = share(page.Jaccard(a.TextHash, b.TextHash))
	hasAssets := len(a.Assets) > 0 || len(b.Assets) > 0
	if hasAssets {
		c.Assets = overlap(a.Assets, b.Assets)
	}
	c.Favicon = a.Favicon.SHA256 != "" && a.Favicon.SHA256 == b.Favicon.SHA256
	if d, err := page.Distance(a.TLSH, b.TLSH); err == nil {
		c.TLSH = &d
	}
	s := similarity(c, a.Words >= minWords || b.Words >= minWords, hasAssets)
	c.Similarity = &s
	c.Why = because(c, hasAssets)
}

// similarity weighs the parts. Structure and assets count in full only where
// half of the text agrees, and by half where none does: the same template is
// not the same page. A part that neither page has is left out.
func similarity(c *lurehound.Comparison, hasText, hasAssets bool) float64 {
	text, structure, assets := weightText, weightStructure, weightAssets
	trust := 0.5 + min(0.5, c.Text)
	if !hasText {
		text, structure, assets, trust = 0, bareStructure, bareAssets, 1
	}
	if !hasAssets {
		assets = 0
	}
	total := text + structure + assets
	s := (text*c.Text + trust*(structure*c.Structure+assets*c.Assets)) / total
	return min(1, max(0, s))
}

// share turns a Jaccard index into the Dice coefficient: which share of what
// both have is common to both. One changed word in a short page breaks few of
// its phrases, and this is what it should cost.
func share(jaccard float64) float64 { return 2 * jaccard / (1 + jaccard) }

// overlap is the Dice coefficient of two sorted lists without doubles.
func overlap(a, b []string) float64 {
	both := 0
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] < b[j]:
			i++
		case a[i] > b[j]:
			j++
		default:
			both++
			i++
			j++
		}
	}
	return 2 * float64(both) / float64(len(a)+len(b))
}

func because(c *lurehound.Comparison, hasAssets bool) string {
	s := fmt.Sprintf("text %.0f %%, structure %.0f %%", 100*c.Text, 100*c.Structure)
	if hasAssets {
		s += fmt.Sprintf(", assets %.0f %%", 100*c.Assets)
	}
	if c.Favicon {
		s += ", the same icon"
	}
	if c.TLSH != nil {
		s += fmt.Sprintf(", TLSH distance %d", *c.TLSH)
	}
	return s
}

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
