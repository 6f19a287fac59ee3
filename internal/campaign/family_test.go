package campaign

import (
	"fmt"
	"slices"
	"testing"

	"lurehound"
)

// paged is a finding that shows a page of n phrases from first on, after a template of its own.
func paged(name string, verdict lurehound.Verdict, first, n int, template uint32) lurehound.Finding {
	f := facts{name: name, verdict: verdict, body: name, words: 200}.finding()
	alike := 0.1 // to the reference
	f.Comparison.Similarity = &alike
	p := f.Visits()[0].Page
	p.Tags = 300
	for i := range n {
		p.TextHash = append(p.TextHash, uint32(first+i)*7919)
		p.Structure = append(p.Structure, template+uint32(i))
	}
	slices.Sort(p.TextHash)
	return f
}

func TestPageFamilies(t *testing.T) {
	t.Parallel()
	pair := func(first, n int, template uint32, verdict lurehound.Verdict) []lurehound.Finding {
		return []lurehound.Finding{
			paged("microdicom-one.com", lurehound.Suspicious, 1000, 100, 1), paged("microdicom-two.com", verdict, first, n, template),
		}
	}
	copies := pair(1004, 100, 1, lurehound.Suspicious)
	for i := range copies {
		s := 0.9
		copies[i].Comparison.Similarity = &s
	}
	unknown := pair(1004, 100, 1, lurehound.Suspicious)
	for i := range unknown {
		unknown[i].Comparison.Similarity = nil
	}
	same := pair(1000, 100, 1, lurehound.Suspicious)
	for _, f := range same {
		f.Visits()[0].Body.SHA256 = "one"
	}
	many := make([]lurehound.Finding, manyHolders+1)
	for i := range many {
		many[i] = paged(fmt.Sprintf("microdicom-%d.com", i), lurehound.Suspicious, 1000+i%3, 100, 1)
	}
	for what, c := range map[string]struct {
		findings []lurehound.Finding
		family   bool
	}{
		"nearly the same":                                       {pair(1004, 100, 1, lurehound.Suspicious), true},
		"nearly the same, of one nobody accuses":                {pair(1004, 100, 1, lurehound.Inconclusive), true},
		"the same theme with another text":                      {pair(5000, 100, 1, lurehound.Suspicious), false},
		"half of the text":                                      {pair(1050, 100, 1, lurehound.Suspicious), false},
		"the same text in another page":                         {pair(1004, 100, 9000, lurehound.Suspicious), false},
		"both copies of the reference":                          {copies, false},
		"nobody knows whether they are copies of the reference": {unknown, false},
		"the same bytes":                                        {same, false},
		"a place-holder has it":                                 {pair(1004, 100, 1, lurehound.Parked), false},
		"an innocent has it":                                    {pair(1004, 100, 1, lurehound.Benign), false},
		"more names than a campaign has":                        {many, false},
	} {
		for range 2 { // in either order
			campaigns := Campaigns(c.findings, nil)
			got := slices.ContainsFunc(campaigns, func(c lurehound.Campaign) bool {
				return slices.ContainsFunc(c.Shared, func(p lurehound.Pivot) bool { return p.Kind == lurehound.PivotFamily })
			})
			if got != c.family {
				t.Errorf("%s: family %v, want %v: %+v", what, got, c.family, campaigns)
			}
			slices.Reverse(c.findings)
		}
	}
}

// TestFamilyKeepsItsName: a sibling that is registered later leaves the campaign's ID as it is.
func TestFamilyKeepsItsName(t *testing.T) {
	t.Parallel()
	dated := func(name string, days, first int) lurehound.Finding {
		f := paged(name, lurehound.Suspicious, first, 100, 1)
		f.Observations[0].Registration.Registered = day.AddDate(0, 0, days)
		return f
	}
	two := []lurehound.Finding{dated("microdicom-z.com", 0, 1000), dated("microdicom-y.com", 3, 1002)}
	before := Campaigns(two, nil)
	after := Campaigns(append([]lurehound.Finding{dated("microdicom-a.com", 9, 1004)}, two...), nil)
	if len(before) != 1 || len(after) != 1 || before[0].ID != after[0].ID || len(after[0].Domains) != 3 {
		t.Errorf("before %+v\nafter %+v", before, after)
	}
}
