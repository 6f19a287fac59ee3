package hunt

import (
	"fmt"
	"strings"

	"lurehound"
)

// next says what a hunter does after this result, the most urgent first.
func next(h lurehound.Hunt, p Plan) []string {
	var lines []string
	count := map[lurehound.Verdict][]string{}
	abuse := map[string]bool{}
	var contacts []string
	for _, f := range h.Findings {
		if f.Own() {
			if line := nextOwn(f, p); f.Verdict == lurehound.Malicious {
				lines = append([]string{line}, lines...)
			} else if line != "" {
				lines = append(lines, line)
			}
			continue
		}
		count[f.Verdict] = append(count[f.Verdict], f.Candidate.Domain.Defanged())
		if reg := f.Registration(); f.Verdict == lurehound.Malicious && reg != nil && reg.Abuse != "" && !abuse[reg.Abuse] {
			abuse[reg.Abuse] = true
			contacts = append(contacts, reg.Abuse)
		}
	}
	if n := len(count[lurehound.Malicious]); n > 0 {
		line := "block " + names(n, "malicious") + " and search DNS and proxy logs for " + either(n == 1, "it", "them")
		if len(contacts) > 0 {
			line += "; report " + either(n == 1, "it", "them") + " to " + strings.Join(contacts, ", ")
		}
		lines = append(lines, line)
	}
	if n := len(count[lurehound.Suspicious]); n > 0 {
		lines = append(lines, fmt.Sprintf("look at %s, one by one: lurehound check %s%s", names(n, "suspicious"), count[lurehound.Suspicious][0], p.Flags+p.VisitFlags))
	}
	if n := len(count[lurehound.Inconclusive]); n > 0 && !h.Passive {
		lines = append(lines, fmt.Sprintf("%s inconclusive: a lure may show itself to some visitors only; lurehound capture NAME%s tries who is shown what", either(n == 1, "1 name stays", fmt.Sprintf("%d names stay", n)), p.Flags+p.VisitFlags))
	}
	if sha := firstPicture(h.Findings); sha != "" {
		lines = append(lines, "look at the pictures: lurehound vault picture "+sha+p.Flags)
	}
	if h.Passive && len(h.Findings) > 0 {
		lines = append(lines, "run again without --passive to hold the sites against the genuine one")
	}
	if len(h.Unknown) > 0 {
		lines = append(lines, fmt.Sprintf("run again with another --resolver for %s", names(len(h.Unknown), "undecided")))
	}
	if len(h.Findings) > 0 {
		lines = append(lines, "note what you decided: lurehound findings set DOMAIN --state confirmed|ignored|resolved --note TEXT"+p.Flags)
	}
	return append(lines, p.Advice...)
}

// nextOwn is what to do about a site of the brand's own; "" where it is the same for all who were tried.
func nextOwn(f lurehound.Finding, p Plan) string {
	name := f.Candidate.Domain.Defanged()
	capture := "lurehound capture " + name + p.Flags + p.VisitFlags
	switch f.Verdict {
	case lurehound.Malicious:
		return fmt.Sprintf("tell whoever runs %s at once: visitors are given what others are not; %s shows who", name, capture)
	case lurehound.Suspicious:
		return fmt.Sprintf("ask whoever runs %s whether some visitors are meant to be led elsewhere; %s shows who", name, capture)
	case lurehound.Inconclusive:
		return fmt.Sprintf("whether %s is the same for all could not be found out; %s tries again, and --profiles FILE from elsewhere", name, capture)
	}
	return ""
}

// names says "the 3 malicious names", "the malicious name".
func names(n int, what string) string {
	if n == 1 {
		return "the " + what + " name"
	}
	return fmt.Sprintf("the %d %s names", n, what)
}

func either(cond bool, yes, no string) string {
	if cond {
		return yes
	}
	return no
}
