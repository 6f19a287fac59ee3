package cloak

import (
	"cmp"

	"lurehound"
	"lurehound/internal/egress"
)

// trait is a part of a profile that a site can tell visitors apart by.
type trait struct {
	kind lurehound.CloakKind
	of   func(egress.Profile) string
}

// traits are all of them. What two of them tell alike (a phone has another browser too) is said
// by the first that tells open from closed without exception.
func traits() []trait {
	return []trait{
		{lurehound.ByCountry, country},
		{lurehound.ByDevice, func(p egress.Profile) string { return p.Device }},
		{lurehound.ByUserAgent, func(p egress.Profile) string { return p.Agent }},
		{lurehound.ByLanguage, language},
		{lurehound.ByClick, click},
		{lurehound.ByReferrer, func(p egress.Profile) string { return cmp.Or(p.Referrer, "none") }},
	}
}

// country is where a profile comes from, as far as anybody said; else the route itself.
func country(p egress.Profile) string { return cmp.Or(p.Region, p.Route) }

// language is what the site can see: tools send none.
func language(p egress.Profile) string {
	if p.AcceptLanguage == "" {
		return "none"
	}
	return p.Language
}

func click(p egress.Profile) string { return cmp.Or(p.Click, "none") }

// differ are the traits in which two profiles differ.
func differ(a, b egress.Profile) (list []trait) {
	for _, t := range traits() {
		if t.of(a) != t.of(b) {
			list = append(list, t)
		}
	}
	return list
}
