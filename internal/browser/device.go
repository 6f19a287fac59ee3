package browser

import (
	"strings"

	"lurehound/internal/egress"
)

// maxWidth is that of the widest picture, in pixels of the page.
const maxWidth = 2000

// device is what a visitor looks through.
type device struct {
	width, height int     // pixels of the page
	scale         float64 // pixels of the device in one of the page
	mobile        bool
}

// deviceOf gives the commonest window of a desktop, or a phone's.
func deviceOf(as egress.Profile) device {
	if as.Device == "phone" {
		return device{width: 412, height: 915, scale: 2, mobile: true}
	}
	return device{width: 1280, height: 800, scale: 1}
}

type command struct {
	method string
	params map[string]any
}

// dress makes the page's browser show itself as the visitor's: name, languages, client hints, size.
func (d device) dress(as egress.Profile) []command {
	agent := map[string]any{"userAgent": as.UserAgent, "platform": platformOf(as.Agent)}
	if languages := languagesOf(as.AcceptLanguage); languages != "" {
		agent["acceptLanguage"] = languages
	}
	if hints := hintsOf(as, d); hints != nil {
		agent["userAgentMetadata"] = hints
	}
	steps := []command{
		{"Emulation.setUserAgentOverride", agent},
		{"Emulation.setDeviceMetricsOverride", map[string]any{"width": d.width, "height": d.height, "deviceScaleFactor": d.scale, "mobile": d.mobile,
			"screenWidth": d.width, "screenHeight": d.height}},
	}
	if d.mobile {
		steps = append(steps, command{"Emulation.setTouchEmulationEnabled", map[string]any{"enabled": true, "maxTouchPoints": 5}})
	}
	return steps
}

// languagesOf leaves out the weights: the browser writes them itself, the same.
func languagesOf(header string) string {
	var list []string
	for l := range strings.SplitSeq(header, ",") {
		l, _, _ = strings.Cut(l, ";")
		if l = strings.TrimSpace(l); l != "" {
			list = append(list, l)
		}
	}
	return strings.Join(list, ",")
}

// platformOf is navigator.platform.
func platformOf(agent string) string {
	switch {
	case strings.HasSuffix(agent, "-mac"):
		return "MacIntel"
	case strings.HasSuffix(agent, "-android"):
		return "Linux armv81"
	case strings.HasSuffix(agent, "-iphone"):
		return "iPhone"
	}
	return "Win32"
}

// hintsOf are the client hints that the profile's own headers tell, or nil where its browser sends none.
func hintsOf(as egress.Profile, d device) map[string]any {
	brands, platform := "", ""
	for _, h := range as.Headers {
		switch h.Name {
		case "Sec-CH-UA":
			brands = h.Value
		case "Sec-CH-UA-Platform":
			platform = strings.Trim(h.Value, `"`)
		}
	}
	if brands == "" {
		return nil
	}
	var short, full []map[string]string
	for b := range strings.SplitSeq(brands, ", ") {
		name, version, _ := strings.Cut(b, ";v=")
		name, version = strings.Trim(name, `"`), strings.Trim(version, `"`)
		short = append(short, map[string]string{"brand": name, "version": version})
		full = append(full, map[string]string{"brand": name, "version": version + ".0.0.0"})
	}
	hints := map[string]any{"brands": short, "fullVersionList": full, "platform": platform, "platformVersion": "15.0.0", "architecture": "x86", "bitness": "64",
		"model": "", "mobile": d.mobile, "wow64": false}
	if d.mobile {
		hints["platformVersion"], hints["architecture"], hints["bitness"], hints["model"] = "14.0.0", "", "", "K"
	}
	return hints
}
