package cloak

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"lurehound"
	"lurehound/internal/egress"
	"lurehound/internal/page"
)

// Look is one visit to the site, as a profile.
type Look struct {
	Profile egress.Profile
	Outcome lurehound.Outcome
	Reason  string
	Visit   *lurehound.VisitFacts // nil, or without a status, where nothing answered
}

// answered reports whether the look shows what is served: the route worked, and something came back or was refused
// by the site itself.
func (l *Look) answered() bool { return l.Visit != nil && l.Visit.Status != 0 }

// blind reports whether the look says nothing of the site: our own route failed.
func (l *Look) blind() bool { return l.Outcome == lurehound.Blocked || l.Outcome == lurehound.Skipped }

// Pages of one site that are as alike as this are the same page, with other
// advertisements, times and tokens.
const samePage = 0.6

// A page with fewer words than this shows nothing by itself.
const fewWords = 20

// face is a group of looks that were served the same.
type face struct {
	first int // the look that others are held against
	looks []int
}

// lost reports whether a look got no answer where a later one as the same profile did.
func lost(looks []Look, i int) bool {
	return !looks[i].answered() && slices.ContainsFunc(looks[i+1:], func(l Look) bool {
		return l.answered() && l.Profile.Name == looks[i].Profile.Name
	})
}

// faces groups looks; blind and lost ones are in none. of has the face of each look, -1 for none.
func faces(looks []Look) (list []face, of []int) {
	of = make([]int, len(looks))
	for i := range looks {
		of[i] = -1
		if looks[i].blind() || lost(looks, i) {
			continue
		}
		at := slices.IndexFunc(list, func(f face) bool { return same(&looks[f.first], &looks[i]) })
		if at < 0 {
			at = len(list)
			list = append(list, face{first: i})
		}
		list[at].looks = append(list[at].looks, i)
		of[i] = at
	}
	return list, of
}

// same reports whether two looks were served the same, but for what changes from
// visit to visit.
func same(a, b *Look) bool {
	if !a.answered() || !b.answered() {
		return a.answered() == b.answered()
	}
	x, y := a.Visit, b.Visit
	switch {
	case x.Status/100 != y.Status/100, site(x.URL) != site(y.URL):
		return false
	case x.Body.SHA256 != "" && x.Body == y.Body:
		return true
	case (x.Page == nil) != (y.Page == nil):
		return false
	case x.Page == nil:
		return x.ContentType == y.ContentType
	case !slices.Equal(offers(x.Page), offers(y.Page)):
		return false
	case x.Page.Words < fewWords || y.Page.Words < fewWords:
		return x.Page.Words < fewWords && y.Page.Words < fewWords && x.Page.Title == y.Page.Title
	}
	return page.Jaccard(x.Page.TextHash, y.Page.TextHash) >= samePage
}

// Firsts are the looks that were each the first to be shown something, the fullest first; what got no answer
// is none.
func Firsts(looks []Look, link string) (list []int) {
	fs, _ := faces(looks)
	for _, f := range ranked(looks, fs, site(link)) {
		if looks[f.first].answered() {
			list = append(list, f.first)
		}
	}
	return list
}

// site is the registrable domain of a link, or its host.
func site(link string) string {
	u, err := url.Parse(link)
	if err != nil {
		return link
	}
	if d, err := lurehound.ParseDomain(u.Hostname()); err == nil && d.Registrable() != "" {
		return d.Registrable()
	}
	return u.Hostname()
}

// offers are the downloads of a page, by where they lie; queries are left out, which hold tokens.
func offers(p *lurehound.PageFacts) []string {
	var list []string
	for _, d := range p.Downloads {
		link, _, _ := strings.Cut(d.URL, "?")
		list = append(list, link)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// fullness ranks what was served: a page of the site itself that offers something comes
// before one that does not, then a redirect elsewhere, an error, nothing.
func fullness(l *Look, home string) int {
	switch v := l.Visit; {
	case !l.answered():
		return 0
	case v.Status >= 400:
		return 1
	case site(v.URL) != home:
		return 2
	case v.Page == nil || v.Page.Words < fewWords && len(v.Page.Downloads) == 0 && len(v.Page.Forms) == 0:
		return 3
	case len(v.Page.Downloads) == 0 && len(v.Page.Forms) == 0:
		return 4
	}
	return 5
}

// ranked are the faces, the fullest first; of two as full, that of more downloads, then the one
// that was seen later: what the first visitor is shown is what most are.
func ranked(looks []Look, list []face, home string) []face {
	out := slices.Clone(list)
	slices.SortStableFunc(out, func(a, b face) int {
		x, y := &looks[a.first], &looks[b.first]
		if c := cmp.Compare(fullness(y, home), fullness(x, home)); c != 0 || !x.answered() {
			return c
		}
		return cmp.Or(cmp.Compare(offered(y), offered(x)), cmp.Compare(b.first, a.first))
	})
	return out
}

func offered(l *Look) int {
	if l.Visit == nil || l.Visit.Page == nil {
		return 0
	}
	return len(l.Visit.Page.Downloads)
}

// told is a face for people and programs.
func told(looks []Look, f face, home string) lurehound.Face {
	l := &looks[f.first]
	out := lurehound.Face{What: "no answer", Visits: len(f.looks)}
	if l.answered() {
		v := l.Visit
		out.Status, out.URL, out.Hops = v.Status, withoutClick(v.URL, l.Profile.Click), len(v.Hops)
		if v.Page != nil {
			out.Title, out.Words = v.Page.Title, v.Page.Words
			for _, d := range v.Page.Downloads {
				if !slices.Contains(out.Downloads, d.Name) {
					out.Downloads = append(out.Downloads, d.Name)
				}
			}
		}
		switch fullness(l, home) {
		case 1:
			out.What = fmt.Sprintf("status %d", v.Status)
		case 2:
			out.What = "redirect to " + site(v.URL)
		case 3:
			out.What = "an empty page"
		case 4:
			out.What = "a page"
		default:
			out.What = "a page with something to take or fill in"
			if n := len(out.Downloads); n > 0 {
				out.What = "a page that offers " + out.Downloads[0]
			}
		}
	} else if l.Reason != "" {
		out.What = "no answer: " + l.Reason
	}
	for _, i := range f.looks {
		if name := looks[i].Profile.Name; !slices.Contains(out.Profiles, name) {
			out.Profiles = append(out.Profiles, name)
		}
	}
	return out
}

// withoutClick is a link without the parameter that the visitor brought, which is another one each time.
func withoutClick(link, click string) string {
	u, err := url.Parse(link)
	if err != nil || click == "" || !u.Query().Has(click) {
		return link
	}
	q := u.Query()
	q.Del(click)
	u.RawQuery = q.Encode()
	return u.String()
}
