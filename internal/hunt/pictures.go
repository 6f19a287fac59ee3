package hunt

import (
	"context"

	"lurehound"
	"lurehound/internal/probe"
)

// picture looks at the page of a finding that deserves it: as the visitor to whom the page was shown that resembles
// the brand's most, beside the genuine page.
func (r *runner) picture(ctx context.Context, f *lurehound.Finding) {
	if r.Pictures == nil || r.plan.Passive || f.Verdict != lurehound.Malicious && f.Verdict != lurehound.Suspicious {
		return
	}
	as, link := shown(f)
	if link == "" {
		return
	}
	s := probe.Sight{Domain: f.Candidate.Domain, Profile: as, URL: link}
	if f.Comparison.Similarity != nil {
		s.Genuine = f.Comparison.Reference
	}
	r.Progress.Say("picturing " + lurehound.Defang(link))
	o := r.Pictures.Look(ctx, s)
	if ctx.Err() == nil {
		f.Observations = append(f.Observations, o)
	}
}

// shown is who was shown the page of a finding, by name, and by which link he came; "" where nobody was.
func shown(f *lurehound.Finding) (as, link string) {
	for _, o := range f.Observations {
		if o.Visit == nil || o.Visit.Page == nil || o.Outcome != lurehound.Found {
			continue
		}
		if f.Comparison.URL != "" && o.Visit.URL == f.Comparison.URL { // the page that was compared
			return o.Profile, o.Visit.Start
		}
		if link == "" {
			as, link = o.Profile, o.Visit.Start
		}
	}
	return as, link
}

// firstPicture is the beginning of the hash of a picture that shows a page beside the genuine one; "" where there is none.
func firstPicture(findings []lurehound.Finding) string {
	for _, f := range findings {
		for _, o := range f.Observations {
			if o.Screenshot != nil && o.Screenshot.Beside != nil {
				return o.Screenshot.Beside.Picture.SHA256[:12]
			}
		}
	}
	return ""
}
