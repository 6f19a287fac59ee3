package score

import (
	"fmt"
	"slices"
	"strings"

	"lurehound"
)

// A brand's own site is judged by what some visitors are given and others are not; no rule about look-alikes
// fits it.

// differing are the pages of the site of which visitors were shown several faces.
func (c Case) differing() (list []*lurehound.Cloaking) {
	for i := range c.Observations {
		if x := c.Observations[i].Cloaking; x != nil && len(x.Faces) > 1 {
			list = append(list, x)
		}
	}
	return list
}

// ownDownload is the gravest there is: the vendor's own visitors are given something else. That a page of another
// language or for phones offers nothing is no deviation.
func ownDownload(c Case) (lurehound.Signal, bool) {
	for _, x := range c.differing() {
		var usual []string
		for _, f := range slices.Backward(x.Faces) {
			switch {
			case len(f.Downloads) == 0:
			case usual == nil:
				usual = f.Downloads
			case !slices.Equal(f.Downloads, usual):
				return lurehound.Signal{Points: 100, Direct: true, Evidence: fmt.Sprintf("%s as %s", f.URL, f.Profiles[0]),
					Why: fmt.Sprintf("some visitors are offered %s, others %s: %s", quoted(f.Downloads), quoted(usual), x.Why)}, true
			}
		}
	}
	return lurehound.Signal{}, false
}

func quoted(names []string) string {
	var list []string
	for _, n := range names {
		list = append(list, fmt.Sprintf("%q", n))
	}
	return strings.Join(list, ", ")
}

// ownElsewhere tells of visitors who end on a site that is not the brand's.
func ownElsewhere(c Case) (lurehound.Signal, bool) {
	for _, x := range c.differing() {
		for _, f := range x.Faces {
			if f.Status != 0 && !c.isBrands(f.URL) {
				return lurehound.Signal{Points: 60, Evidence: fmt.Sprintf("%s as %s", f.URL, f.Profiles[0]),
					Why: fmt.Sprintf("some visitors end at %s: %s", host(f.URL), x.Why)}, true
			}
		}
	}
	return lurehound.Signal{}, false
}

func ownDiffers(c Case) (lurehound.Signal, bool) {
	if _, worse := ownDownload(c); worse {
		return lurehound.Signal{}, false
	}
	for _, x := range c.differing() {
		return lurehound.Signal{Points: 10, Why: x.Why, Evidence: x.Faces[0].URL}, true
	}
	return lurehound.Signal{}, false
}

// ownSame is a no with bounds.
func ownSame(c Case) (lurehound.Signal, bool) {
	visits, profiles, pages := 0, 0, 0
	var routes, countries, missing []string
	for i := range c.Observations {
		x := c.Observations[i].Cloaking
		if x == nil {
			continue
		}
		if x.Verdict != lurehound.NoneSeen {
			return lurehound.Signal{}, false
		}
		pages, visits, profiles = pages+1, visits+x.Tried.Visits, max(profiles, x.Tried.Profiles)
		routes, countries, missing = append(routes, x.Tried.Routes...), append(countries, x.Tried.Countries...), x.Missing
	}
	if pages == 0 || profiles < 2 {
		return lurehound.Signal{}, false
	}
	from := "from no country that was named"
	if list := sortedOnce(countries); len(list) > 0 {
		from = "from " + strings.Join(list, ", ")
	}
	return lurehound.Signal{Verdict: lurehound.Benign, Evidence: strings.Join(sortedOnce(routes), " "),
		Why: fmt.Sprintf("%d visits to %d of its pages as %d profiles by %d routes, %s, were shown the same; not tried: %s",
			visits, pages, profiles, len(sortedOnce(routes)), from, strings.Join(missing, ", "))}, true
}

func sortedOnce(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return slices.Compact(list)
}
