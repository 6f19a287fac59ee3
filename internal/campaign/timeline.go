package campaign

import (
	"cmp"
	"slices"
	"time"

	"lurehound"
)

// advisoryReach is how long before the first registration an advisory still
// belongs to the story. Longer ago it announced something else.
const advisoryReach = 366 * 24 * time.Hour

// timeline is what is dated about the members, by day: advisories about the
// brand, registrations, the first day in a feed, certificates.
func (g *graph) timeline(members []int, advisories []lurehound.Advisory) []lurehound.Event {
	var events []lurehound.Event
	add := func(at time.Time, event, what string) {
		if !at.IsZero() {
			events = append(events, lurehound.Event{Date: at.UTC(), Event: event, What: what})
		}
	}
	var brands []lurehound.Domain
	var words []string
	for _, i := range members {
		f := g.findings[i]
		name := f.Candidate.Domain.String()
		if r := f.Registration(); r != nil && !f.Candidate.Domain.Hosted() {
			add(r.Registered, "registered", name)
		}
		add(f.Candidate.FirstSeen(), "first-seen", name)
		for _, v := range f.Visits() {
			if v.Certificate != nil && covers(v.Certificate, name) {
				add(v.Certificate.NotBefore, "certificate", name)
			}
		}
		if b, err := lurehound.ParseDomain(f.Candidate.Brand); err == nil && !slices.Contains(brands, b) {
			brands = append(brands, b)
		}
		if w := f.Candidate.Best().Word; w != "" && !slices.Contains(words, w) {
			words = append(words, w)
		}
	}
	first, last := span(events)
	for _, a := range advisories {
		if a.Concerns(brands, words) && (first.IsZero() || a.Released.After(first.Add(-advisoryReach)) && !a.Released.After(last.Add(advisoryReach))) {
			add(a.Released, "advisory", a.ID)
		}
	}
	slices.SortFunc(events, compareEvents)
	return slices.CompactFunc(events, func(a, b lurehound.Event) bool { return compareEvents(a, b) == 0 })
}

// covers reports whether a certificate was made for a name: that of a content
// network or of a place where a redirect led tells nothing of it.
func covers(c *lurehound.CertificateFacts, name string) bool {
	return slices.ContainsFunc(c.Names, func(n string) bool { return n == name || n == "*."+name || n == "www."+name })
}

func span(events []lurehound.Event) (first, last time.Time) {
	for _, e := range events {
		if first.IsZero() || e.Date.Before(first) {
			first = e.Date
		}
		if e.Date.After(last) {
			last = e.Date
		}
	}
	return first, last
}

// compareEvents orders by day, then as things follow from each other.
func compareEvents(a, b lurehound.Event) int {
	day := func(e lurehound.Event) string { return e.Date.Format(time.DateOnly) }
	order := []string{"advisory", "registered", "certificate", "first-seen"}
	return cmp.Or(cmp.Compare(day(a), day(b)), cmp.Compare(slices.Index(order, a.Event), slices.Index(order, b.Event)), cmp.Compare(a.What, b.What))
}
