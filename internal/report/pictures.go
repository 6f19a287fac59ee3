package report

import (
	"cmp"
	"fmt"

	"lurehound"
)

// screenshotJSON is a page as a browser showed it, or why it was not seen.
type screenshotJSON struct {
	Outcome lurehound.Outcome `json:"outcome"`
	Reason  string            `json:"reason,omitempty"`
	*lurehound.ScreenshotFacts
}

// screenshotContract is nil where nobody looked.
func screenshotContract(f *lurehound.Finding) *screenshotJSON {
	o := pictured(f)
	if o == nil {
		return nil
	}
	return &screenshotJSON{Outcome: o.Outcome, Reason: o.Reason, ScreenshotFacts: o.Screenshot}
}

// pictured is the look of a browser at a finding's page; nil where there was none.
func pictured(f *lurehound.Finding) *lurehound.Observation {
	for i := range f.Observations {
		if o := &f.Observations[i]; o.Probe == "screenshot" {
			return o
		}
	}
	return nil
}

// picture writes what pictures there are.
func (p *page) picture(f *lurehound.Finding) {
	o := pictured(f)
	switch {
	case o == nil:
		return
	case o.Screenshot == nil:
		p.text(detail+"□ ", detail+"  ", "no picture: "+cmp.Or(o.Reason, string(o.Outcome)), "")
		return
	}
	s := o.Screenshot
	if s.Beside != nil {
		p.text(detail+"□ ", detail+"  ", "beside the genuine page, "+percent(s.Beside.Differs)+" of the picture differs: "+s.Beside.Picture.SHA256[:12], "")
	} else {
		p.text(detail+"□ ", detail+"  ", "picture "+s.Picture.SHA256[:12], "")
	}
	p.text(detail+"  ", detail+"  ", "as "+s.Profile, faint)
}

// percent rounds down, and calls little neither nothing nor all.
func percent(share float64) string {
	switch n := int(share * 100); {
	case n == 0 && share > 0:
		return "less than 1 %"
	default:
		return fmt.Sprintf("%d %%", n)
	}
}
