package score

import (
	"fmt"

	"lurehound"
)

const (
	cloneSimilarity   = 0.8 // what counts as a copy; see internal/compare
	similarSimilarity = 0.5 // above what pages of one template reach
)

// cloned reports whether one of the candidate's pages is a copy of the brand's.
// A visit that was led to the brand's own site shows the original.
func (c Case) cloned() bool {
	s := c.Comparison.Similarity
	return s != nil && *s >= cloneSimilarity && !c.isBrands(c.Comparison.URL)
}

// resembles reports a similarity that rules out an innocent page.
func (c Case) resembles() bool {
	s := c.Comparison.Similarity
	return s != nil && *s >= similarSimilarity && !c.isBrands(c.Comparison.URL)
}

func clone(c Case) (lurehound.Signal, bool) {
	if !c.cloned() {
		return lurehound.Signal{}, false
	}
	return lurehound.Signal{
		Points:   60,
		Why:      fmt.Sprintf("the page is a copy of %s (similarity %.2f)", lurehound.Defang(c.Comparison.Reference), *c.Comparison.Similarity),
		Evidence: c.Comparison.URL,
	}, true
}

func similar(c Case) (lurehound.Signal, bool) {
	if !c.resembles() || c.cloned() {
		return lurehound.Signal{}, false
	}
	return lurehound.Signal{
		Points:   30,
		Why:      fmt.Sprintf("the page resembles %s (similarity %.2f)", lurehound.Defang(c.Comparison.Reference), *c.Comparison.Similarity),
		Evidence: c.Comparison.URL,
	}, true
}

// cloneDownload is direct evidence wherever the download leads: a copy that
// hands out the genuine file today hands out another one tomorrow, or to others.
func cloneDownload(c Case) (lurehound.Signal, bool) {
	d, ok := c.offer()
	if !ok || !c.cloned() {
		return lurehound.Signal{}, false
	}
	why := fmt.Sprintf("a copy of the brand's page offers %q", d.Name)
	if c.isBrands(d.URL) {
		why += ", at present from the brand's own site"
	}
	return lurehound.Signal{Points: 60, Direct: true, Why: why, Evidence: d.URL}, true
}

func cloneCredentials(c Case) (lurehound.Signal, bool) {
	f, ok := c.form()
	if !ok || !c.cloned() {
		return lurehound.Signal{}, false
	}
	return lurehound.Signal{
		Points: 60, Direct: true,
		Why:      "a copy of the brand's page asks for " + asked(f),
		Evidence: f.Action,
	}, true
}
