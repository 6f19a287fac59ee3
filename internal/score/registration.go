package score

import (
	"fmt"
	"strings"
	"time"

	"lurehound"
)

const day = 24 * time.Hour

// name weighs the best match: how much the name resembles the brand's.
func name(c Case) (lurehound.Signal, bool) {
	m := c.Candidate.Best()
	if m.Brand == "" && len(m.Techniques) == 0 {
		return lurehound.Signal{}, false
	}
	why := m.Why
	if why == "" {
		why = "the name imitates the brand's: " + strings.Join(m.Main(), ", ")
	}
	return lurehound.Signal{Points: 30 * min(1, max(0, m.Score)), Why: why, Evidence: strings.Join(m.Main(), ",")}, true
}

// age: lures are used within weeks of their registration, and a name that has
// been held for years is rarely one. Where the registry does not tell, the day
// on which a feed of new names showed it stands in, for less.
func age(c Case) (lurehound.Signal, bool) {
	since, told := time.Time{}, "registered"
	if r := c.registration(); r != nil {
		since = r.Registered
	}
	if since.IsZero() {
		since, told = c.Candidate.FirstSeen(), "first seen"
	}
	old := c.At.Sub(since)
	if since.IsZero() || old < -day { // a date in the future tells nothing
		return lurehound.Signal{}, false
	}
	days := max(0, int(old/day))
	s := lurehound.Signal{Evidence: since.UTC().Format(time.DateOnly)}
	switch {
	case days <= 31:
		s.Points = 15
	case days <= 92:
		s.Points = 10
	case days <= 365:
		s.Points = 5
	case days >= 3*365 && told == "registered":
		s.Points = -10
	}
	if told != "registered" {
		s.Points /= 2
	}
	switch {
	case days == 0:
		s.Why = fmt.Sprintf("the name was %s on the day it was judged, %s", told, s.Evidence)
	case days < 2*365:
		s.Why = fmt.Sprintf("the name was %s %d days before this look, on %s", told, days, s.Evidence)
	default:
		s.Why = fmt.Sprintf("the name was %s %d years before this look, on %s", told, days/365, s.Evidence)
	}
	return s, true
}

// A certificate counts as fresh from backdating, since authorities let them begin an hour early
// (Let's Encrypt does), to freshWindow after the registration.
const (
	backdating  = 2 * time.Hour
	freshWindow = 48 * time.Hour
)

// freshCertificate: a name that is used at once was bought for a purpose. Most new sites do the same, so that it
// says little.
func freshCertificate(c Case) (lurehound.Signal, bool) {
	r := c.registration()
	if r == nil || r.Registered.IsZero() {
		return lurehound.Signal{}, false
	}
	if _, gone := suspended(c); gone {
		return lurehound.Signal{}, false // the certificate is that of whoever put up the notice
	}
	var first time.Time
	for _, v := range c.own() {
		if x := v.Certificate; x != nil && !x.NotBefore.IsZero() && (first.IsZero() || x.NotBefore.Before(first)) {
			first = x.NotBefore
		}
	}
	after := first.Sub(r.Registered)
	if first.IsZero() || after < -backdating || after > freshWindow {
		return lurehound.Signal{}, false
	}
	at := func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04") }
	return lurehound.Signal{Points: 3, Why: "the certificate was issued within 48 hours of the registration",
		Evidence: "registered " + at(r.Registered) + ", issued " + at(first)}, true
}

// advisoryWindow is how far an advisory and a registration may lie apart to be
// told together. Campaigns have followed an advisory by weeks.
const advisoryWindow = 180 * day

// advisory tells the lead or lag to the nearest advisory about the brand. It is
// a hint for people and never counts: coincidence is common.
func advisory(c Case) (lurehound.Signal, bool) {
	r := c.registration()
	if r == nil || r.Registered.IsZero() {
		return lurehound.Signal{}, false
	}
	words := append([]string{c.Brand.Name}, c.Brand.Words...)
	var best *lurehound.Advisory
	var lag time.Duration
	for i := range c.Advisories {
		a := &c.Advisories[i]
		d := r.Registered.Sub(a.Released)
		if a.Released.IsZero() || d.Abs() > advisoryWindow || best != nil && d.Abs() >= lag.Abs() || !a.Concerns(c.Brand.Domains, words) {
			continue
		}
		best, lag = a, d
	}
	if best == nil {
		return lurehound.Signal{}, false
	}
	released, registered := best.Released.UTC().Truncate(day), r.Registered.UTC().Truncate(day)
	days := int(registered.Sub(released) / day)
	why := fmt.Sprintf("registered on the day of advisory %s", best.ID)
	switch {
	case days > 0:
		why = fmt.Sprintf("registered %d days after advisory %s", days, best.ID)
	case days < 0:
		why = fmt.Sprintf("registered %d days before advisory %s", -days, best.ID)
	}
	return lurehound.Signal{Why: why, Evidence: best.ID}, true
}

// mail: a look-alike that can receive mail serves more than one kind of fraud.
// The null MX of RFC 7505 says that it cannot.
func mail(c Case) (lurehound.Signal, bool) {
	d := c.dns()
	if d == nil {
		return lurehound.Signal{}, false
	}
	for _, mx := range d.MX {
		f := strings.Fields(mx)
		if len(f) == 0 || strings.Trim(f[len(f)-1], ".") == "" {
			continue
		}
		return lurehound.Signal{Points: 8, Why: "the domain can receive mail", Evidence: mx}, true
	}
	return lurehound.Signal{}, false
}

// hold: a name on hold that has not run out was put there.
func hold(c Case) (lurehound.Signal, bool) {
	r := c.registration()
	if r == nil || !r.OnHold() {
		return lurehound.Signal{}, false
	}
	s := lurehound.Signal{Evidence: strings.Join(r.Status, ", ")}
	if !r.Expires.IsZero() && r.Expires.Before(c.At) {
		s.Why = fmt.Sprintf("the name is on hold; it had run out on %s", r.Expires.UTC().Format(time.DateOnly))
		return s, true
	}
	s.Verdict, s.Why = lurehound.TakenDown, "the registry or registrar keeps the name out of DNS"
	return s, true
}
