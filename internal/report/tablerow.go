package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"lurehound"
)

// detailSignals is how many reasons a table shows of a finding; the formats
// for programs have them all.
const detailSignals = 3

// Columns of a finding's first line. Techniques follow where there is room, in
// the line below where there is not.
const (
	verdictColumns    = len("inconclusive")
	registeredColumns = len("registered 2006-01-02")
	mostTechniques    = 24 // "homoglyph, tld-swap" and a little; more of them follow below
	indent            = "  "
	detail            = "      "
)

// findings writes a block of lines for each finding, their columns aligned.
func (p *page) findings(fs []*lurehound.Finding) {
	var widest, alike, old, made int
	for _, f := range fs {
		widest = max(widest, columns(visible(f.Candidate.Domain.Defanged())))
		alike, old = max(alike, columns(similar(f))), max(old, columns(p.age(f)))
		made = max(made, min(columns(visible(techniques(f))), mostTechniques))
	}
	room := p.width - (len(indent) + verdictColumns + len(gap) + len(gap) + registeredColumns)
	// What is left beside the name decides which columns there are.
	l := layout{}
	if need := len(gap) + alike; alike > 0 && room-widest >= need {
		l.alike, room = alike, room-need
	}
	if (l.alike > 0 || alike == 0) && room-widest >= old {
		l.age, room = old, room-old
	}
	if need := len(gap) + made; (l.alike > 0 || alike == 0) && room-widest >= need {
		l.techniques, room = made, room-need
	}
	l.name = max(min(widest, room), narrowest)
	for _, f := range fs {
		p.finding(f, l)
	}
}

// layout is how many columns the parts of a finding's first line have; 0 is none.
type layout struct {
	name, age, alike, techniques int
}

func (p *page) finding(f *lurehound.Finding, l layout) {
	name := visible(f.Candidate.Domain.Defanged())
	made := techniques(f)
	// A name that is wider than its column has lines of its own.
	if columns(name) > l.name {
		p.line(indent + p.verdict(f) + gap + p.paint(head(name, p.width-len(indent)-verdictColumns-len(gap)), bold))
		for _, part := range tailLines(name, p.width-len(indent)-verdictColumns-len(gap), p.width-len(detail)) {
			p.line(detail + p.paint(part, bold))
		}
		p.text(detail, detail, registered(f), "")
		p.text(detail, detail, similar(f), "")
	} else {
		line := indent + p.verdict(f) + gap + p.paint(pad(name, l.name), bold) + gap + pad(registered(f), registeredColumns)
		if l.age > 0 {
			line += pad(p.age(f), l.age)
		}
		if l.alike > 0 {
			line += gap + pad(similar(f), l.alike)
		}
		if columns(visible(made)) <= l.techniques {
			line += gap + visible(made)
			made = ""
		}
		p.line(line)
		if l.alike == 0 {
			p.text(detail, detail, similar(f), "")
		}
	}
	p.details(f, made)
}

func techniques(f *lurehound.Finding) string { return strings.Join(f.Candidate.Best().Main(), ", ") }

// details says why: how the name was made, then the strongest reasons.
func (p *page) details(f *lurehound.Finding, techniques string) {
	var edits []string
	for _, e := range f.Candidate.Best().Edits {
		edits = append(edits, e.String())
	}
	made := strings.Join(edits, ", ")
	if techniques != "" {
		made = joinWith(": ", techniques, made)
	}
	if d := f.Candidate.Domain; d.Unicode() != d.String() {
		made = joinWith("; ", made, "in DNS "+lurehound.Defang(d.String()))
	}
	if made == "" {
		made = f.Candidate.Best().Why
	}
	p.text(detail, detail, made, "")
	p.payloads(f)
	p.picture(f)
	for i, s := range reasons(f) {
		if i == detailSignals {
			p.text(detail, detail, "and "+count(len(reasons(f))-i, "more reason"), faint)
			break
		}
		p.text(detail+"· ", detail+"  ", s.Why, "")
	}
	if f.Verdict == lurehound.TakenDown && f.Earlier != "" {
		p.text(detail, detail, "was "+string(f.Earlier)+" before", "")
	}
	if len(f.Changes) > 0 {
		p.text(detail, detail+"  ", "since "+f.Since.UTC().Format(time.DateOnly)+": "+strings.Join(f.Changes, "; "), "")
	}
	if f.State != "" && f.State != lurehound.New {
		p.text(detail, detail, "you noted: "+joinWith(" — ", string(f.State), f.Note), faint)
	}
}

// reasons are the signals in the order of their weight for the verdict: what
// shows it by itself, direct evidence, then by points. How the name was made is said
// already.
func reasons(f *lurehound.Finding) []lurehound.Signal {
	made := f.Candidate.Best().Why
	signals := slices.DeleteFunc(slices.Clone(f.Signals), func(s lurehound.Signal) bool { return s.Why == made })
	rank := func(s lurehound.Signal) int {
		switch {
		case s.Verdict != "" && s.Verdict == f.Verdict:
			return 0
		case s.Direct:
			return 1
		}
		return 2
	}
	slices.SortStableFunc(signals, func(a, b lurehound.Signal) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(math.Abs(b.Points), math.Abs(a.Points)))
	})
	return signals
}

// verdict is the padded, coloured verdict.
func (p *page) verdict(f *lurehound.Finding) string {
	return p.paint(pad(visible(string(f.Verdict)), verdictColumns), verdictStyle(f.Verdict))
}

func registered(f *lurehound.Finding) string {
	if r := f.Registration(); r != nil && !r.Registered.IsZero() {
		return "registered " + r.Registered.UTC().Format(time.DateOnly)
	}
	if d := day(f.Candidate.FirstSeen()); d != nil {
		return "first seen " + *d
	}
	return ""
}

// age is the days since the registration.
func (p *page) age(f *lurehound.Finding) string {
	r := f.Registration()
	if r == nil || r.Registered.IsZero() || r.Registered.After(p.opt.Now) {
		return ""
	}
	days := int(p.opt.Now.Sub(r.Registered) / (24 * time.Hour))
	if days > 9999 {
		return ""
	}
	return fmt.Sprintf(", %d d", days)
}

// leastAlike is the similarity below which it says nothing: any two pages share
// the words and elements that all pages have. Formats for programs keep it.
const leastAlike = 0.2

// similar is "" for what could not be measured, and 100 only for what is the same.
func similar(f *lurehound.Finding) string {
	s := f.Comparison.Similarity
	if s == nil || math.IsNaN(*s) || *s < leastAlike {
		return ""
	}
	return fmt.Sprintf("page %d %% alike", int(math.Floor(*s*100+1e-9)))
}

func (p *page) timeline(events []lurehound.Event) {
	for i := 0; i < len(events); {
		e := events[i]
		var what []string
		for ; i < len(events) && events[i].Event == e.Event && sameDay(events[i], e); i++ {
			what = append(what, events[i].What)
		}
		date := "undated   "
		if d := day(e.Date); d != nil {
			date = *d
		}
		indent := strings.Repeat(" ", len("  2006-01-02  "))
		p.text("  "+date+"  ", indent, e.Event+" "+someOf(what, foldedNames), faint)
	}
}

func sameDay(a, b lurehound.Event) bool {
	return a.Date.UTC().Format(time.DateOnly) == b.Date.UTC().Format(time.DateOnly)
}

// pivotWord says for people what is shared.
func pivotWord(k lurehound.PivotKind) string {
	switch k {
	case lurehound.PivotIP:
		return "address"
	case lurehound.PivotNameServer:
		return "name servers"
	case lurehound.PivotRegistration:
		return "registrar and minute"
	case lurehound.PivotCertificateKey:
		return "certificate key"
	case lurehound.PivotPayload:
		return "file"
	case lurehound.PivotEmbeddedKey:
		return "private key in the file"
	case lurehound.PivotC2:
		return "tunnel to"
	case lurehound.PivotServer:
		return "server software"
	case lurehound.PivotFamily:
		return "nearly the same page"
	}
	return string(k)
}

func pivots(ps []lurehound.Pivot) string {
	var said []string
	for _, v := range ps {
		value := v.Value
		switch v.Kind {
		case lurehound.PivotNameServer:
			value = strings.Join(defangAll(strings.Fields(value)), " ")
		case lurehound.PivotC2:
			value = defang(value)
		case lurehound.PivotFavicon, lurehound.PivotCertificateKey, lurehound.PivotPage, lurehound.PivotPayload, lurehound.PivotImphash:
			value = short(value)
		}
		said = append(said, pivotWord(v.Kind)+" "+value)
	}
	return someOf(said, 4)
}

// shortHash is enough of a hash to tell it from others by eye.
const shortHash = 12

func short(hash string) string {
	if len(hash) <= shortHash || !plain(hash) {
		return hash
	}
	return hash[:shortHash] + "…"
}

func views(vs []lurehound.View) string {
	var profiles, routes []string
	for _, v := range vs {
		if !slices.Contains(profiles, v.Profile) {
			profiles = append(profiles, v.Profile)
		}
		if !slices.Contains(routes, v.Route) {
			routes = append(routes, v.Route)
		}
	}
	return fmt.Sprintf("as %s (%s), by %s (%s)", count(len(profiles), "profile"), someOf(profiles, 2),
		count(len(routes), "route"), strings.Join(routes, ", "))
}

// someOf lists the first few and counts the rest.
func someOf(l []string, most int) string {
	if len(l) <= most {
		return strings.Join(l, ", ")
	}
	return strings.Join(l[:most], ", ") + " and " + thousands(len(l)-most) + " more"
}

func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return thousands(n) + " " + what
}

// thousands groups the digits: 312,404.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func joinWith(sep string, parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), sep)
}

// head and tailLines break a name that is wider than its column.
func head(name string, n int) string {
	h, _ := cut(name, n)
	return h
}

func tailLines(name string, first, n int) []string {
	_, tail := cut(name, first)
	return wrap(tail, n)
}
