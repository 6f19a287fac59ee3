package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"lurehound"
)

// foldedNames is how many names a folded line shows before it counts the rest.
const foldedNames = 10

// page is a table under way. Every text that comes in is made visible first;
// only then is it measured, wrapped and coloured.
type page struct {
	w     io.Writer
	opt   Options
	width int
	err   error
	begun bool
}

func writeTable(w io.Writer, h lurehound.Hunt, opt Options) error {
	p := &page{w: w, opt: opt, width: opt.width()}
	p.title(h)
	p.own(h)
	rest := slices.DeleteFunc(p.campaigns(h), (*lurehound.Finding).Own)
	p.certain(rest)
	p.settled(rest)
	if !slices.ContainsFunc(h.Findings, func(f lurehound.Finding) bool { return !f.Own() }) {
		p.heading("Nothing found")
		p.text("  ", "  ", "No look-alike was found among what was tried. What was not tried, or could not be decided, may still be there.", "")
	}
	p.folded(rest)
	p.absent(h)
	p.undecided(h)
	p.tried(h)
	p.next(h)
	return p.err
}

// line writes one finished line.
func (p *page) line(s string) {
	if p.err == nil {
		_, p.err = io.WriteString(p.w, strings.TrimRight(s, " ")+"\n")
	}
}

// text writes foreign or own text, wrapped and defanged; first leads its first
// line, indent the others.
func (p *page) text(first, indent, s, style string) {
	lead := first
	for _, l := range wrap(visible(defangText(s)), p.width-columns(indent)) {
		p.line(lead + p.paint(l, style))
		lead = indent
	}
}

func (p *page) heading(s string) {
	if p.begun {
		p.line("")
	}
	p.begun = true
	p.text("", "", s, bold)
}

func (p *page) paint(s, style string) string {
	if !p.opt.Color {
		return s
	}
	return paint(s, style)
}

func (p *page) title(h lurehound.Hunt) {
	if len(h.Brands) == 0 {
		return
	}
	var names []string
	for _, b := range h.Brands {
		name := defang(b.ID())
		if b.Name != "" && b.Name != b.ID() {
			name += " (" + b.Name + ")"
		}
		names = append(names, name)
	}
	p.heading("Look-alikes of " + someOf(names, foldedNames))
}

// own writes what visitors of the brands' own sites were shown.
func (p *page) own(h lurehound.Hunt) {
	begun := false
	for i := range h.Findings {
		f := &h.Findings[i]
		if !f.Own() {
			continue
		}
		if !begun {
			p.heading("The brand's own sites, as visitors see them")
		}
		begun = true
		said, style := "not known", faint
		switch f.Verdict {
		case lurehound.Malicious, lurehound.Suspicious:
			said, style = "not the same for all", verdictStyle(f.Verdict)
		case lurehound.Benign:
			said, style = "the same for all who were tried", verdictStyle(f.Verdict)
		}
		p.text("  ", "    ", joinWith(": ", f.Candidate.Domain.String(), said), style)
		for _, s := range reasons(f) {
			p.text(detail+"· ", detail+"  ", s.Why, "")
		}
	}
}

// campaigns writes every campaign that has a member worth a look as a group,
// and returns the findings that are in none of them.
func (p *page) campaigns(h lurehound.Hunt) (rest []*lurehound.Finding) {
	grouped := make(map[string][]*lurehound.Finding)
	grave := make(map[string]bool)
	known := make(map[string]bool)
	for _, c := range h.Campaigns {
		known[c.ID] = true
	}
	for i := range h.Findings {
		f := &h.Findings[i]
		if !known[f.Campaign] {
			rest = append(rest, f)
			continue
		}
		grouped[f.Campaign] = append(grouped[f.Campaign], f)
		if f.Verdict.Rank() <= lurehound.Suspicious.Rank() {
			grave[f.Campaign] = true
		}
	}
	for _, c := range h.Campaigns {
		if !grave[c.ID] {
			rest = append(rest, grouped[c.ID]...)
			continue
		}
		members := grouped[c.ID]
		p.heading("Campaign " + c.Name + ": " + count(len(members), "look-alike"))
		if shared := pivots(c.Shared); shared != "" {
			p.text("  ", "    ", "shared: "+shared, faint)
		}
		if others := elsewhere(c, members); len(others) > 0 {
			p.text("  ", "    ", "of earlier hunts: "+someOf(others, foldedNames), "")
		}
		p.findings(members)
		p.timeline(c.Timeline)
	}
	return rest
}

// elsewhere are the names of a campaign that are no findings of this hunt.
func elsewhere(c lurehound.Campaign, members []*lurehound.Finding) (others []string) {
	for _, d := range c.Domains {
		if !slices.ContainsFunc(members, func(f *lurehound.Finding) bool { return f.Candidate.Domain.String() == d }) {
			others = append(others, defang(d))
		}
	}
	return others
}

// certain writes what is malicious or suspicious, settled what is over or parked.
func (p *page) certain(fs []*lurehound.Finding) {
	for _, v := range []lurehound.Verdict{lurehound.Malicious, lurehound.Suspicious} {
		p.section(fs, v)
	}
}

func (p *page) settled(fs []*lurehound.Finding) {
	for _, v := range []lurehound.Verdict{lurehound.TakenDown, lurehound.Parked} {
		p.section(fs, v)
	}
}

func (p *page) section(fs []*lurehound.Finding, v lurehound.Verdict) {
	if of := having(fs, v); len(of) > 0 {
		p.heading(strings.ToUpper(string(v[:1])) + string(v[1:]) + ": " + count(len(of), "look-alike"))
		p.findings(of)
	}
}

// folded writes a line for what needs nobody's attention now.
func (p *page) folded(fs []*lurehound.Finding) {
	why := map[lurehound.Verdict]string{
		lurehound.Inconclusive: "neither way",
		lurehound.Benign:       "by positive evidence from two views",
	}
	for _, v := range lurehound.Verdicts() {
		of := having(fs, v)
		if why[v] == "" || len(of) == 0 {
			continue
		}
		p.heading(strings.ToUpper(string(v[:1])) + string(v[1:]) + ": " + count(len(of), "name") + ", " + why[v])
		var names []string
		for _, f := range of {
			names = append(names, f.Candidate.Domain.Defanged())
		}
		p.text("  ", "  ", someOf(names, foldedNames), faint)
	}
	p.unlisted(fs)
}

// unlisted shows findings whose verdict is no declared one: nothing is lost.
func (p *page) unlisted(fs []*lurehound.Finding) {
	var odd []*lurehound.Finding
	for _, f := range fs {
		if f.Verdict.Rank() == len(lurehound.Verdicts()) {
			odd = append(odd, f)
		}
	}
	if len(odd) > 0 {
		p.heading("Without a verdict: " + count(len(odd), "name"))
		p.findings(odd)
	}
}

func having(fs []*lurehound.Finding, v lurehound.Verdict) (of []*lurehound.Finding) {
	for _, f := range fs {
		if f.Verdict == v {
			of = append(of, f)
		}
	}
	return of
}

// absent writes the names that certainly are not there, and how that is known.
func (p *page) absent(h lurehound.Hunt) {
	if len(h.Absent) > 0 {
		p.heading("Not there: " + count(len(h.Absent), "name"))
		p.byReason(h.Absent)
	}
}

// byReason writes a line for each reason, in the order in which they come.
func (p *page) byReason(us []lurehound.Undecided) {
	var reasons []string
	names := make(map[string][]string)
	for _, u := range us {
		reason := u.Reason
		if reason == "" {
			reason = string(u.Outcome)
		}
		if names[reason] == nil {
			reasons = append(reasons, reason)
		}
		names[reason] = append(names[reason], defang(u.Domain))
	}
	for _, r := range reasons {
		p.text("  ", "    ", fmt.Sprintf("%s, %s: %s", count(len(names[r]), "name"), r, someOf(names[r], foldedNames)), "")
	}
}

// undecided writes what could not be found out.
func (p *page) undecided(h lurehound.Hunt) {
	// A problem of a feed is often repeated among those of the hunt.
	said := make(map[string]bool)
	var problems []string
	for _, f := range h.Feeds {
		for _, s := range f.Problems {
			said[s], said[f.Feed+": "+s] = true, true
			problems = append(problems, f.Feed+": "+s)
		}
	}
	for _, s := range h.Problems {
		if !said[s] {
			problems = append(problems, s)
		}
	}
	if len(h.Unknown)+len(problems) == 0 {
		return
	}
	p.heading("What could not be found out")
	p.byReason(h.Unknown)
	for _, s := range problems {
		p.text("  ", "    ", s, yellow)
	}
}

// tried bounds the result: what was not tried is not known.
func (p *page) tried(h lurehound.Hunt) {
	var lines []string
	c := h.Counts
	if c.Permutations > 0 {
		lines = append(lines, fmt.Sprintf("%s asked for, %s decided, %s not",
			count(c.Permutations, "permutation"), thousands(c.Resolved), thousands(c.Permutations-c.Resolved)))
	}
	for _, f := range h.Feeds {
		if f.Feed == "permute" {
			continue // counted above
		}
		line := fmt.Sprintf("feed %s: %s", f.Feed, count(f.Names, "name"))
		if f.Days > 0 {
			line += " of " + count(f.Days, "day")
		}
		if d := day(f.Newest); d != nil {
			line += ", the newest of " + *d
		}
		lines = append(lines, line)
	}
	if c.Malformed > 0 {
		lines = append(lines, count(c.Malformed, "line")+" of feeds could not be read as a name")
	}
	if c.Candidates > 0 {
		line := count(c.Candidates, "candidate")
		switch {
		case c.Absent == 1:
			line += ", of which 1 is not there"
		case c.Absent > 1:
			line += ", of which " + thousands(c.Absent) + " are not there"
		}
		lines = append(lines, line)
	}
	switch {
	case h.Passive:
		lines = append(lines, "passive: no packet went to a candidate's web server")
	case len(h.Views) > 0:
		lines = append(lines, fmt.Sprintf("%s visited, %s", count(c.Visited, "web server"), views(h.Views)))
	}
	if len(lines) == 0 {
		return
	}
	p.heading("What was tried")
	for _, l := range lines {
		p.text("  ", "    ", l, "")
	}
}

func (p *page) next(h lurehound.Hunt) {
	if len(h.Next) == 0 {
		return
	}
	p.heading("What to do next")
	for _, n := range h.Next {
		p.text("  - ", "    ", n, "")
	}
}
