package report

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"lurehound"
)

// Captured is one link under many profiles.
type Captured struct {
	Link         string
	Observations []lurehound.Observation // in the order of the visits
	Cloaking     lurehound.Cloaking
}

// Capture writes what the profiles were shown, and what follows from it: as "table", or as "jsonl" with one
// observation a line and the verdict as the last, or as "json" with both in one object.
func Capture(w io.Writer, format string, c Captured, opt Options) error {
	type verdict struct {
		URL      string             `json:"url"`
		Cloaking lurehound.Cloaking `json:"cloaking"`
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	switch format {
	case "jsonl":
		for i := range c.Observations {
			if err := enc.Encode(&c.Observations[i]); err != nil {
				return err
			}
		}
		return enc.Encode(verdict{c.Link, c.Cloaking})
	case "json":
		enc.SetIndent("", "  ")
		return enc.Encode(struct {
			verdict
			Observations []lurehound.Observation `json:"observations"`
		}{verdict{c.Link, c.Cloaking}, append([]lurehound.Observation{}, c.Observations...)})
	}
	return captureTable(w, c, opt)
}

func captureTable(w io.Writer, c Captured, opt Options) error {
	p := &page{w: w, opt: opt, width: opt.width()}
	p.heading("What visitors of " + c.Link + " are shown")
	// A letter stands for what was shown.
	for i, f := range c.Cloaking.Faces {
		p.line("")
		style := ""
		if len(c.Cloaking.Faces) > 1 && i == 0 {
			style = yellow
		}
		p.text(letter(i)+"  ", "   ", described(f), style)
		for _, name := range f.Profiles {
			p.text("   · ", "     ", name, "")
		}
	}
	p.heading("Verdict")
	p.text("  ", "  ", string(c.Cloaking.Verdict)+": "+c.Cloaking.Why, cloakStyle(c.Cloaking.Verdict))
	for _, d := range c.Cloaking.Differences {
		p.text("  · ", "    ", fmt.Sprintf("%s: shown to %s, not to %s", d.Kind, strings.Join(d.Open, ", "), strings.Join(d.Closed, ", ")), "")
	}
	t := c.Cloaking.Tried
	p.heading("What was tried")
	p.text("  ", "  ", fmt.Sprintf("%s as %s, by %s (%s)%s", count(t.Visits, "visit"), count(t.Profiles, "profile"),
		count(len(t.Routes), "route"), strings.Join(t.Routes, ", "), countries(t.Countries)), "")
	for _, f := range t.Failed {
		p.text("  · ", "    ", "no answer as "+f, "")
	}
	if len(c.Cloaking.Missing) > 0 {
		p.heading("What would tell more")
		for _, m := range c.Cloaking.Missing {
			p.text("  - ", "    ", m, "")
		}
	}
	return p.err
}

// letter names a face.
func letter(i int) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	return letters[min(i, len(letters)-1):][:1]
}

func described(f lurehound.Face) string {
	parts := []string{f.What}
	if f.Title != "" {
		parts = append(parts, fmt.Sprintf("%q", f.Title))
	}
	if f.Status != 0 && !strings.HasPrefix(f.What, "status") {
		parts = append(parts, fmt.Sprintf("status %d", f.Status))
	}
	if f.Words > 0 {
		parts = append(parts, count(f.Words, "word"))
	}
	if f.URL != "" {
		parts = append(parts, "at "+f.URL)
	}
	return strings.Join(parts, ", ") + ": " + count(f.Visits, "visit")
}

func countries(list []string) string {
	if len(list) == 0 {
		return ", from no country that was named"
	}
	return ", from " + strings.Join(slices.Sorted(slices.Values(list)), ", ")
}

func cloakStyle(v lurehound.CloakingVerdict) string {
	switch v {
	case lurehound.Cloaked:
		return red
	case lurehound.NoneSeen:
		return green
	}
	return yellow
}
