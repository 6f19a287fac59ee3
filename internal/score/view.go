package score

import (
	"fmt"
	"net/url"
	"strings"

	"lurehound"
)

// shownWords is how many words a page needs to count as showing something.
const shownWords = 20

// view is a visit that led to an answer, through one profile.
type view struct {
	profile string
	*lurehound.VisitFacts
}

// views are the visits that were answered, in the order they were made.
func (c Case) views() []view {
	var vs []view
	for i := range c.Observations {
		if v := c.Observations[i].Visit; v != nil && v.Status != 0 {
			vs = append(vs, view{c.Observations[i].Profile, v})
		}
	}
	return vs
}

// own are the views that did not end on one of the brand's own domains: what is
// shown there is the brand's, not the candidate's.
func (c Case) own() []view {
	var vs []view
	for _, v := range c.views() {
		if !c.isBrands(v.URL) {
			vs = append(vs, v)
		}
	}
	return vs
}

// isBrands reports whether a URL or host belongs to the brand.
func (c Case) isBrands(link string) bool {
	d, err := lurehound.ParseDomain(host(link))
	return err == nil && c.Brand.Owns(d)
}

func host(link string) string {
	if !strings.Contains(link, "://") {
		return link
	}
	u, err := url.Parse(link)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// empty reports whether a view shows nothing that anything could rest on.
func (v view) empty() bool {
	return v.Page == nil || v.Page.Words < shownWords && len(v.Page.Forms) == 0 && len(v.Page.Downloads) == 0
}

func (c Case) dns() *lurehound.DNSFacts {
	f := lurehound.Finding{Observations: c.Observations}
	return f.DNS()
}

// registration is nil where the registry's word is not about this name: a
// hosted name's registration is the host's.
func (c Case) registration() *lurehound.RegistrationFacts {
	if c.Candidate.Domain.Hosted() {
		return nil
	}
	f := lurehound.Finding{Observations: c.Observations}
	return f.Registration()
}

func (c Case) cloaking() *lurehound.Cloaking {
	f := lurehound.Finding{Observations: c.Observations}
	return f.Cloaking()
}

// cloaked tells of a site that sorts its visitors. Few innocent sites show some visitors a page and others nothing.
func cloaked(c Case) (lurehound.Signal, bool) {
	x := c.cloaking()
	if x == nil || len(x.Faces) < 2 {
		return lurehound.Signal{}, false
	}
	s := lurehound.Signal{Points: 20, Why: x.Why, Evidence: fmt.Sprintf("opened as %s, not as %s", x.Faces[0].Profiles[0], x.Faces[1].Profiles[0])}
	if x.Verdict != lurehound.Cloaked {
		s.Points, s.Why = 10, "visitors may be sorted: "+x.Why
	}
	return s, true
}

// viewsDiffer compares what profiles were shown, by kind: a page of substance,
// nothing (an error or a blank page), or the brand's own site. A page for some
// and nothing for others is how visitors are sorted.
func viewsDiffer(c Case) (lurehound.Signal, bool) {
	if x := c.cloaking(); x != nil && (x.Verdict == lurehound.Cloaked || len(x.Faces) > 1) {
		return lurehound.Signal{}, false // which says it better
	}
	page, other := "", ""
	var how string
	for _, v := range c.views() {
		switch {
		case c.isBrands(v.URL):
			other, how = v.profile, "was led to the brand's own site"
		case v.empty() || v.Status >= 400:
			other, how = v.profile, fmt.Sprintf("got nothing (status %d)", v.Status)
		default:
			page = v.profile
		}
	}
	if page == "" || other == "" || page == other {
		return lurehound.Signal{}, false
	}
	return lurehound.Signal{
		Points:   20,
		Why:      fmt.Sprintf("profile %q was shown a page while profile %q %s", page, other, how),
		Evidence: page + " / " + other,
	}, true
}

// leadsToBrand says that all visits ended on the brand's own site. It proves
// nothing: defensive registrations do that, and so do lures that have sorted
// their visitor out.
func leadsToBrand(c Case) (lurehound.Signal, bool) {
	vs := c.views()
	if len(vs) == 0 || len(c.own()) > 0 {
		return lurehound.Signal{}, false
	}
	return lurehound.Signal{
		Why:      "visits are led to the brand's own site, as defensive registrations do and as lures do with visitors they do not want",
		Evidence: vs[0].URL,
	}, true
}

// nothingShown says that silence proves nothing.
func nothingShown(c Case) (lurehound.Signal, bool) {
	vs := c.own()
	if len(vs) == 0 {
		return lurehound.Signal{}, false
	}
	for _, v := range vs {
		if !v.empty() || offersFile(v) {
			return lurehound.Signal{}, false
		}
	}
	return lurehound.Signal{
		Why:      fmt.Sprintf("the web server answers (status %d) and shows us nothing: others may be shown more", vs[0].Status),
		Evidence: vs[0].URL,
	}, true
}
