package score

import (
	"fmt"

	"lurehound"
)

// What a page takes from the brand's own site. An innocent page that happens
// to have a similar name takes nothing.

func hotlink(c Case) (lurehound.Signal, bool) {
	for _, v := range c.own() {
		if v.Page == nil {
			continue
		}
		for _, h := range v.Page.AssetHosts {
			if c.isBrands(h) {
				return lurehound.Signal{Points: 25, Why: fmt.Sprintf("the page loads pictures, scripts or styles from %s", lurehound.Defang(h)), Evidence: h}, true
			}
		}
	}
	return lurehound.Signal{}, false
}

func canonical(c Case) (lurehound.Signal, bool) {
	for _, v := range c.own() {
		if v.Page != nil && v.Page.Canonical != "" && c.isBrands(v.Page.Canonical) {
			return lurehound.Signal{Points: 25, Why: fmt.Sprintf("the page says that it is a copy of %s", lurehound.Defang(v.Page.Canonical)), Evidence: v.Page.Canonical}, true
		}
	}
	return lurehound.Signal{}, false
}

func frame(c Case) (lurehound.Signal, bool) {
	for _, v := range c.own() {
		if v.Page == nil {
			continue
		}
		for _, f := range v.Page.Frames {
			if c.isBrands(f) {
				return lurehound.Signal{Points: 25, Why: fmt.Sprintf("the page shows %s in a frame", lurehound.Defang(f)), Evidence: f}, true
			}
		}
	}
	return lurehound.Signal{}, false
}

func icon(c Case) (lurehound.Signal, bool) {
	if !c.Comparison.Favicon || c.isBrands(c.Comparison.URL) {
		return lurehound.Signal{}, false
	}
	return lurehound.Signal{Points: 20, Why: "the page has the brand's icon, byte for byte", Evidence: c.Comparison.URL}, true
}
