package compare

import (
	"fmt"
	"slices"
	"strings"

	"lurehound"
)

const (
	sameText = 0.95 // agreement of phrases from which nobody calls a page changed
	told     = 3    // of added or missing things that are named
)

// History says in words what a site shows otherwise than when it was looked at before: one thing
// each, none when nothing changed. The first page of each time is held against the other. What could not be looked
// at, then or now, has not changed.
func History(before, after []*lurehound.VisitFacts) []string {
	was, is := shown(before), shown(after)
	switch {
	case len(before) == 0 || len(after) == 0 || was == nil && is == nil:
		return nil
	case was == nil:
		return []string{fmt.Sprintf("there is a page now, titled %.80q", is.Title)}
	case is == nil && after[0].Status == 0:
		return nil
	case is == nil:
		return []string{fmt.Sprintf("there is no page any more, but status %d", after[0].Status)}
	}
	var said []string
	say := func(format string, args ...any) { said = append(said, fmt.Sprintf(format, args...)) }
	if was.Title != is.Title {
		say("the title was %.80q, and is %.80q", was.Title, is.Title)
	}
	if a := agreement(was.TextHash, is.TextHash); a < sameText && len(was.TextHash)+len(is.TextHash) > 0 {
		say("%.0f %% of the text is another (%d words, were %d)", 100*(1-a), is.Words, was.Words)
	}
	if a := max(agreement(was.Structure, is.Structure), classless*agreement(was.Shape, is.Shape)); a < 0.8 && len(was.Structure)+len(is.Structure) > 0 {
		say("it is built otherwise (%d elements, were %d)", is.Tags, was.Tags)
	}
	added(say, "it offers %s for download now", "it no longer offers %s", downloads(was), downloads(is))
	if w, i := asks(was), asks(is); w != i {
		say("its forms ask for %s, asked for %s", i, w)
	}
	if len(was.Scripts)+len(is.Scripts) > 0 && agreement(was.Scripts, is.Scripts) < 1 {
		say("its inline scripts changed")
	}
	added(say, "it loads from %s now", "it no longer loads from %s", defanged(was.AssetHosts), defanged(is.AssetHosts))
	added(say, "it leads to %s now", "it no longer leads to %s", defanged(was.LinkHosts), defanged(is.LinkHosts))
	if was.Refresh != is.Refresh {
		switch {
		case is.Refresh == "":
			say("it sends nobody on any more")
		default:
			say("it sends visitors on to %.120s", lurehound.Defang(is.Refresh))
		}
	}
	if w, i := was.Favicon.SHA256, is.Favicon.SHA256; w != "" && i != "" && w != i {
		say("it has another icon")
	}
	return said
}

// shown is the first page that visits ended on, nil when there is none.
func shown(visits []*lurehound.VisitFacts) *lurehound.PageFacts {
	for _, v := range visits {
		if v != nil && v.Page != nil && v.Status < 400 {
			return v.Page
		}
	}
	return nil
}

func downloads(p *lurehound.PageFacts) (names []string) {
	for _, d := range p.Downloads {
		names = append(names, fmt.Sprintf("%.80q", d.Name))
	}
	return names
}

func defanged(hosts []string) (out []string) {
	for _, h := range hosts {
		out = append(out, fmt.Sprintf("%.80s", lurehound.Defang(h)))
	}
	return out
}

// asks says what the forms of a page want.
func asks(p *lurehound.PageFacts) string {
	password := slices.ContainsFunc(p.Forms, func(f lurehound.Form) bool { return f.Password })
	card := slices.ContainsFunc(p.Forms, func(f lurehound.Form) bool { return f.Card })
	switch {
	case password && card:
		return "a password and a card's number"
	case password:
		return "a password"
	case card:
		return "a card's number"
	}
	return "nothing secret"
}

// added says what is only in one of two lists, the first few by name.
func added(say func(string, ...any), more, less string, was, is []string) {
	for _, c := range [...]struct {
		format    string
		in, notIn []string
	}{{more, is, was}, {less, was, is}} {
		var only []string
		for _, s := range c.in {
			if !slices.Contains(c.notIn, s) && !slices.Contains(only, s) {
				only = append(only, s)
			}
		}
		if n := len(only); n > told {
			only = append(only[:told], fmt.Sprintf("%d more", n-told))
		}
		if len(only) > 0 {
			say(c.format, strings.Join(only, ", "))
		}
	}
}
