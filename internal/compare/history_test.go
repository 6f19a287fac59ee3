package compare

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"lurehound"
)

func TestHistory(t *testing.T) {
	t.Parallel()
	hashes := func(from, n int) (out []uint32) {
		for i := range n {
			out = append(out, uint32(from+i))
		}
		return out
	}
	at := func(change func(v *lurehound.VisitFacts)) []*lurehound.VisitFacts {
		v := &lurehound.VisitFacts{Status: 200, Page: &lurehound.PageFacts{Title: "Viewer", Words: 300, Tags: 80, TextHash: hashes(0, 100), Structure: hashes(0, 60),
			Scripts: hashes(5, 2), LinkHosts: []string{"microdicom.com"}, Downloads: []lurehound.Download{{Name: "setup.exe"}},
			Favicon: lurehound.Favicon{SHA256: "aa"}}}
		change(v)
		return []*lurehound.VisitFacts{v}
	}
	page := at(func(*lurehound.VisitFacts) {})
	gone := at(func(v *lurehound.VisitFacts) { v.Status, v.Page = 404, nil })
	mute := at(func(v *lurehound.VisitFacts) { v.Status, v.Page = 0, nil })
	for what, c := range map[string]struct {
		before, after []*lurehound.VisitFacts
		want          []string
	}{
		"nothing":           {page, page, nil},
		"never seen":        {nil, page, nil},
		"could not be seen": {page, nil, nil},
		"does not answer":   {page, mute, nil},
		"gone":              {page, gone, []string{"there is no page any more, but status 404"}},
		"new":               {gone, page, []string{`there is a page now, titled "Viewer"`}},
		"title":             {page, at(func(v *lurehound.VisitFacts) { v.Page.Title = "Home\x1b[31m" }), []string{`the title was "Viewer", and is "Home\x1b[31m"`}},
		"a word":            {page, at(func(v *lurehound.VisitFacts) { v.Page.TextHash = hashes(2, 100) }), nil},
		"text":              {page, at(func(v *lurehound.VisitFacts) { v.Page.TextHash, v.Page.Words = hashes(50, 100), 280 }), []string{"50 % of the text is another (280 words, were 300)"}},
		"template":          {page, at(func(v *lurehound.VisitFacts) { v.Page.Structure, v.Page.Tags = hashes(900, 40), 50 }), []string{"it is built otherwise (50 elements, were 80)"}},
		"download": {page, at(func(v *lurehound.VisitFacts) { v.Page.Downloads[0].Name = "update.msi" }),
			[]string{`it offers "update.msi" for download now`, `it no longer offers "setup.exe"`}},
		"form":    {page, at(func(v *lurehound.VisitFacts) { v.Page.Forms = []lurehound.Form{{Password: true}} }), []string{"its forms ask for a password, asked for nothing secret"}},
		"scripts": {page, at(func(v *lurehound.VisitFacts) { v.Page.Scripts = hashes(6, 2) }), []string{"its inline scripts changed"}},
		"hosts": {page, at(func(v *lurehound.VisitFacts) {
			v.Page.LinkHosts = []string{"a.example", "b.example", "c.example", "d.example", "e.example"}
		}),
			[]string{"it leads to a[.]example, b[.]example, c[.]example, 2 more now", "it no longer leads to microdicom[.]com"}},
		"refresh": {page, at(func(v *lurehound.VisitFacts) { v.Page.Refresh = "https://bad.example/" }), []string{"it sends visitors on to hxxps://bad[.]example/"}},
		"icon":    {page, at(func(v *lurehound.VisitFacts) { v.Page.Favicon.SHA256 = "bb" }), []string{"it has another icon"}},
	} {
		if d := cmp.Diff(c.want, History(c.before, c.after)); d != "" {
			t.Errorf("%s; want, got:\n%s", what, d)
		}
	}
}
