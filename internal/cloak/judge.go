package cloak

import (
	"fmt"
	"slices"
	"strings"

	"lurehound"
	"lurehound/internal/egress"
)

// Judge says what the looks at a link show. They are in the order in which they were made.
func Judge(looks []Look, link string) lurehound.Cloaking {
	c := lurehound.Cloaking{Verdict: lurehound.CloakUnsure, Tried: tried(looks), Differences: []lurehound.Difference{}}
	home := site(link)
	list, of := faces(looks)
	ranks := ranked(looks, list, home)
	for _, f := range ranks {
		c.Faces = append(c.Faces, told(looks, f, home))
	}
	switch {
	case len(list) == 0:
		c.Why = "no visit got through: nothing is known of the site"
		c.Missing = []string{"a route that works"}
	case len(list) == 1:
		alike(&c, &looks[list[0].first], home)
	default:
		judgement{looks: looks, of: of, open: of[ranks[0].first]}.sort(&c)
	}
	return c
}

func tried(looks []Look) lurehound.Tried {
	t := lurehound.Tried{Visits: len(looks), Routes: []string{}, Countries: []string{}}
	var names []string
	for i := range looks {
		p := looks[i].Profile
		names = append(names, p.Name)
		if !looks[i].blind() {
			t.Routes = append(t.Routes, p.Route)
		}
		if p.Region != "" && !looks[i].blind() {
			t.Countries = append(t.Countries, p.Region)
		}
		if !looks[i].answered() {
			t.Failed = append(t.Failed, p.Name+": "+looks[i].Reason)
		}
	}
	t.Profiles, t.Routes, t.Countries, t.Failed = len(once(names)), once(t.Routes), once(t.Countries), once(t.Failed)
	return t
}

// once is the list sorted and without doubles.
func once(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}

// alike judges looks that were all served the same: a bounded no at best.
func alike(c *lurehound.Cloaking, l *Look, home string) {
	what := told([]Look{*l}, face{looks: []int{0}}, home).What
	shown := fmt.Sprintf("%s as %s were answered alike: %s", count(c.Tried.Visits, "visit"), count(c.Tried.Profiles, "profile"), what)
	if kind, missing := hides(l); kind != "" {
		c.Kinds, c.Why, c.Missing = []lurehound.CloakKind{kind}, shown, []string{missing}
		return
	}
	c.Missing = beyond(c.Tried)
	switch full := fullness(l, home); {
	case full >= 4:
		c.Verdict, c.Why = lurehound.NoneSeen, shown
	case full == 0:
		c.Why = "no visit was answered"
	default:
		c.Why = "nothing of the site's own was shown: " + shown
	}
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// beyond is what a no does not reach.
func beyond(t lurehound.Tried) []string {
	var list []string
	if len(t.Countries) == 0 {
		list = append(list, "routes that come out in a known country")
	} else {
		list = append(list, "countries besides "+strings.Join(t.Countries, ", "))
	}
	if len(t.Routes) == 1 {
		list = append(list, "a second address: a site may serve each address once")
	}
	return append(list, "other times of day", "a browser that runs scripts")
}

// What pages say that hold visitors back until a script has run, or a person has shown to be one. From the texts
// that Cloudflare, Google (reCAPTCHA), hCaptcha, DataDome, Imperva and Akamai show, in lower case.
var (
	botChecks = []string{
		"just a moment", "checking your browser", "checking if the site connection is secure", "verify you are human", "verifying you are human",
		"are you a robot", "i'm not a robot", "i am not a robot", "captcha", "attention required! | cloudflare", "ddos protection by",
		"please complete the security check", "request unsuccessful. incapsula", "pardon our interruption", "human verification",
	}
	scriptWalls = []string{"enable javascript", "javascript is required", "javascript is disabled", "requires javascript", "turn on javascript"}
)

// hides reports what an answer waits for before it shows anything, and what would get past it.
func hides(l *Look) (kind lurehound.CloakKind, missing string) {
	if !l.answered() || l.Visit.Page == nil {
		return "", ""
	}
	p := l.Visit.Page
	if p.Words > 10*fewWords {
		return "", ""
	}
	text := strings.ToLower(p.Title + "\n" + p.Text)
	has := func(s string) bool { return strings.Contains(text, s) }
	switch {
	case slices.ContainsFunc(botChecks, has):
		return lurehound.ByBotCheck, "a person who passes the check, in a browser"
	case slices.ContainsFunc(scriptWalls, has), p.Words < fewWords && slices.ContainsFunc(p.Assets, isScript):
		return lurehound.ByScript, "a browser that runs scripts"
	}
	return "", ""
}

func hidden(l *Look) bool { kind, _ := hides(l); return kind != "" }

func isScript(asset string) bool {
	asset, _, _ = strings.Cut(asset, "?")
	return strings.HasSuffix(asset, ".js") || strings.HasSuffix(asset, ".mjs")
}

// judgement is looks that were served different things. The open face is the fullest one.
type judgement struct {
	looks []Look
	of    []int
	open  int
}

func (j judgement) isOpen(i int) bool { return j.of[i] == j.open }

// sort judges them.
func (j judgement) sort(c *lurehound.Cloaking) {
	if flips := j.flips(); len(flips) > 0 {
		j.changing(c, flips)
		return
	}
	c.Differences = j.decisive()
	for _, d := range c.Differences {
		c.Kinds = append(c.Kinds, d.Kind)
	}
	o, closed := j.repeated()
	if !o || !closed {
		c.Why = "different visitors were shown different things, each too seldom to be sure that it is not chance"
		c.Missing = []string{"more visits"}
		return
	}
	c.Verdict = lurehound.Cloaked
	switch {
	case len(c.Differences) == 0:
		c.Why = "visitors are shown different things, and which part of the profile decides was not found"
		c.Missing = []string{"more visits, with one part of the profile changed at a time"}
	default:
		var parts []string
		for _, d := range c.Differences {
			parts = append(parts, fmt.Sprintf("%s (%s, not %s)", d.Kind, strings.Join(d.Open, ", "), strings.Join(d.Closed, ", ")))
		}
		c.Why = fmt.Sprintf("%s is shown by %s; the others get %s", c.Faces[0].What, strings.Join(parts, " and "), c.Faces[1].What)
	}
}

// flips are the profiles that were shown the open face once and another one another time.
func (j judgement) flips() (names []string) {
	shown := map[string][2]bool{}
	for i, l := range j.looks {
		if j.of[i] < 0 {
			continue
		}
		s := shown[l.Profile.Name]
		if j.isOpen(i) {
			s[0] = true
		} else {
			s[1] = true
		}
		if shown[l.Profile.Name] = s; s[0] && s[1] && !slices.Contains(names, l.Profile.Name) {
			names = append(names, l.Profile.Name)
		}
	}
	return names
}

// changing judges a site that shows the same visitor different things.
func (j judgement) changing(c *lurehound.Cloaking, flips []string) {
	firsts, others, routes := true, true, 0
	seen := map[string]bool{}
	for i, l := range j.looks {
		if j.of[i] < 0 {
			continue
		}
		if !seen[l.Profile.Route] {
			seen[l.Profile.Route] = true
			routes++
			firsts = firsts && j.isOpen(i)
		} else {
			others = others && !j.isOpen(i)
		}
	}
	changes := j.changes()
	switch {
	case firsts && others && routes > 1:
		c.Verdict, c.Kinds = lurehound.Cloaked, []lurehound.CloakKind{lurehound.ByFirstVisit}
		c.Why = fmt.Sprintf("each of %d addresses was shown %s once, and then %s", routes, c.Faces[0].What, c.Faces[1].What)
	case firsts && others:
		c.Kinds = []lurehound.CloakKind{lurehound.ByFirstVisit, lurehound.ByTime}
		c.Why = fmt.Sprintf("the first visit was shown %s, and all later ones %s", c.Faces[0].What, c.Faces[1].What)
		c.Missing = []string{"a second address: it would tell a page that each address is shown once from one that was taken down meanwhile"}
	case changes == 1:
		c.Kinds = []lurehound.CloakKind{lurehound.ByTime}
		c.Why = fmt.Sprintf("what is shown changed once, for all profiles: %s, and %s", c.Faces[0].What, c.Faces[1].What)
		c.Missing = []string{"the same visits at other times"}
	default:
		c.Why = fmt.Sprintf("the same profile was shown different things (%s): chance, a limit of visits, or something that was not varied", flips[0])
		c.Missing = []string{"more visits, further apart, from other addresses"}
	}
}

// changes is how often what is shown changed from open to not open or back, in the order of the visits.
func (j judgement) changes() int {
	n, before := 0, -1
	for i := range j.looks {
		if j.of[i] < 0 {
			continue
		}
		now := 0
		if j.isOpen(i) {
			now = 1
		}
		if before >= 0 && now != before {
			n++
		}
		before = now
	}
	return n
}

// repeated reports whether some profile was shown the open face more than once, and some
// other one something else more than once.
func (j judgement) repeated() (open, closed bool) {
	times := map[string]int{}
	for i, l := range j.looks {
		if j.of[i] < 0 {
			continue
		}
		if times[l.Profile.Name]++; times[l.Profile.Name] > 1 {
			open, closed = open || j.isOpen(i), closed || !j.isOpen(i)
		}
	}
	return open, closed
}

// decisive are the parts of the profile that alone make the difference between open and not.
func (j judgement) decisive() []lurehound.Difference {
	if out := j.differences(j.decides); len(out) > 0 {
		return out
	}
	// A tool differs from browsers in what it sends besides, too.
	return j.differences(func(kind lurehound.CloakKind, a, b egress.Profile) bool {
		return kind == lurehound.ByUserAgent && (a.Device == "tool") != (b.Device == "tool") && a.Route == b.Route && a.Arrival == b.Arrival
	})
}

// differences are the parts that decide between an open look and another one.
func (j judgement) differences(decides func(kind lurehound.CloakKind, open, closed egress.Profile) bool) []lurehound.Difference {
	out := []lurehound.Difference{}
	for _, t := range traits() {
		d := lurehound.Difference{Kind: t.kind}
		for i := range j.looks {
			for k := range j.looks {
				if j.of[i] < 0 || j.of[k] < 0 || !j.isOpen(i) || j.isOpen(k) {
					continue
				}
				if a, b := j.looks[i].Profile, j.looks[k].Profile; decides(t.kind, a, b) {
					d.Open, d.Closed = append(d.Open, t.of(a)), append(d.Closed, t.of(b))
				}
			}
		}
		if d.Open, d.Closed = once(d.Open), once(d.Closed); len(d.Open) > 0 {
			out = append(out, d)
		}
	}
	return out
}

// decides reports whether a part is what two profiles differ in. A browser on another kind of device differs in
// both: that is the device's where all devices of one kind are served alike, and the browser's else.
func (j judgement) decides(kind lurehound.CloakKind, a, b egress.Profile) bool {
	var kinds []lurehound.CloakKind
	for _, t := range differ(a, b) {
		kinds = append(kinds, t.kind)
	}
	switch {
	case len(kinds) == 1:
		return kinds[0] == kind
	case len(kinds) != 2 || kinds[0] != lurehound.ByDevice || kinds[1] != lurehound.ByUserAgent:
		return false
	case j.byDevice(a):
		return kind == lurehound.ByDevice
	}
	return kind == lurehound.ByUserAgent
}

// byDevice reports whether people's devices, all else as in a, tell open from closed without exception.
func (j judgement) byDevice(a egress.Profile) bool {
	var open, closed []string
	for i, l := range j.looks {
		p := l.Profile
		if j.of[i] < 0 || p.Route != a.Route || p.Language != a.Language || p.Arrival != a.Arrival || p.Device == "tool" {
			continue
		}
		if j.isOpen(i) {
			open = append(open, p.Device)
		} else {
			closed = append(closed, p.Device)
		}
	}
	return len(closed) > 0 && !slices.ContainsFunc(closed, func(d string) bool { return slices.Contains(open, d) })
}
