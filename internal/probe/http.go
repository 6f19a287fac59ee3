package probe

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"

	"lurehound"
	"lurehound/internal/fetch"
	"lurehound/internal/page"
)

func httpProbe(k Kit) Probe {
	return Probe{
		Name:    "http",
		Doc:     "the web server: hops, status, certificate, and the features of its pages and icon",
		Touches: true,
		Observe: func(ctx context.Context, s Subject) []lurehound.Observation {
			hosts := hostsOf(ctx, k, s)
			if len(hosts) == 0 && len(s.Links) == 0 {
				o, done := begin(k.Clock, "http", s)
				o.Profile, o.Outcome, o.Reason = s.Profile.Name, lurehound.Skipped, "the name has no address"
				return done(o)
			}
			made := visitAll(ctx, k, s, hosts)
			return append(made, others(ctx, k, s, hosts, made)...)
		},
	}
}

// hostsOf are the hosts to visit: the name itself, and www in front of a
// registrable domain. A host that certainly has no address is left out; one of
// which DNS does not say is tried.
func hostsOf(ctx context.Context, k Kit, s Subject) []string {
	var hosts []string
	if s.DNS == nil || reachable(*s.DNS) {
		hosts = append(hosts, s.Domain.String())
	}
	if www := "www." + s.Domain.String(); s.Domain.Apex() && reachable(k.DNS.Lookup(ctx, www, dns.TypeA, dns.TypeAAAA)) {
		hosts = append(hosts, www)
	}
	return hosts
}

func reachable(f lurehound.DNSFacts) bool {
	return len(f.Addrs()) > 0 || f.Resolution.Outcome() == lurehound.Unknown || len(f.Missing) > 0
}

// visitAll makes all visits of one visitor: the links that somebody gave, then
// "/" and the other paths of each host, then the icons. www is left out when the
// visit to the name itself led there. What was seen before something broke is kept.
func visitAll(ctx context.Context, k Kit, s Subject, hosts []string) (made []lurehound.Observation) {
	session := k.Web.Session(s.Profile)
	defer session.Close()
	v := visitor{kit: k, subject: s, session: session, seen: map[string]bool{}}
	defer func() {
		made = v.made
		if r := recover(); r != nil {
			made = append(made, lurehound.Observation{Domain: s.Domain, Probe: "http", Profile: s.Profile.Name,
				Outcome: lurehound.Unknown, Reason: fmt.Sprintf("probe failed: %.200v", r)})
		}
	}()
	for _, l := range s.Links {
		v.visit(ctx, []string{l})
	}
	clear(v.seen)
	for i, h := range hosts {
		if i > 0 && v.seen[h] {
			continue
		}
		base := v.visit(ctx, []string{"https://" + h + "/", "http://" + h + "/"})
		if base == "" {
			continue
		}
		for _, p := range s.Paths {
			v.visit(ctx, []string{base + p})
		}
	}
	v.icons(ctx)
	v.take(ctx)
	return v.made
}

type visitor struct {
	kit     Kit
	subject Subject
	session *fetch.Session
	seen    map[string]bool // hosts that answered
	made    []lurehound.Observation
}

// visit tries the starts in order until one gives an answer, and returns its
// scheme and host; "" when none did.
func (v *visitor) visit(ctx context.Context, starts []string) (base string) {
	began := time.Now()
	o := lurehound.Observation{Domain: v.subject.Domain, Probe: "http", Profile: v.subject.Profile.Name, At: v.kit.Clock.Now()}
	var tried []lurehound.Attempt
	for _, start := range starts {
		facts, body, err := v.session.Visit(ctx, start)
		if err == nil {
			facts.Tried = tried
			v.session.Read(body, func() { read(&facts, body) })
			for _, h := range append([]lurehound.Hop{{URL: facts.URL}}, facts.Hops...) {
				if u, err := url.Parse(h.URL); err == nil {
					v.seen[u.Hostname()] = true
				}
			}
			o.Visit, o.Outcome = &facts, lurehound.Found
			u, err := url.Parse(facts.Start)
			if err == nil {
				base = u.Scheme + "://" + u.Host
			}
			break
		}
		outcome, reason := lurehound.Unknown, err.Error()
		if fe := (*fetch.Error)(nil); errors.As(err, &fe) {
			outcome, reason = fe.Outcome, fe.Reason
		}
		tried = append(tried, lurehound.Attempt{URL: start, Result: outcome, Reason: reason})
		if ctx.Err() != nil {
			break
		}
	}
	if o.Visit == nil {
		first := tried[0]
		o.Visit = &lurehound.VisitFacts{Start: starts[0], Tried: tried}
		o.Outcome, o.Reason = first.Result, first.Reason
	}
	o.Took = time.Since(began)
	v.made = append(v.made, o)
	return base
}

// read takes the page apart.
func read(facts *lurehound.VisitFacts, body []byte) {
	if c := facts.Certificate; c != nil {
		c.NotBefore, c.NotAfter = datable(c.NotBefore), datable(c.NotAfter)
	}
	if isHTML(facts.ContentType, body) {
		p := page.Features(body, facts.URL, facts.ContentType)
		facts.Page = &p
	}
}

// icons fetches each icon of the pages once, from the candidate's own hosts:
// asking elsewhere would tell others whom we look at. They come last, so that
// the visitor comes to no page from an icon, as no browser does. A page in an
// icon's place is none: hosts that answer everything would look alike by it.
func (v *visitor) icons(ctx context.Context) {
	type hashes struct {
		sha    string
		murmur int32
	}
	fetched := map[string]hashes{}
	for i := range v.made {
		p := v.made[i].Visit.Page
		if p == nil || !v.own(p.Favicon.URL) {
			continue
		}
		h, done := fetched[p.Favicon.URL]
		if !done && ctx.Err() == nil {
			if icon, b, err := v.session.Visit(ctx, p.Favicon.URL); err == nil && icon.Status == 200 && len(b) > 0 && !isHTML(icon.ContentType, b) {
				h.sha, h.murmur = page.FaviconHashes(b)
			}
			fetched[p.Favicon.URL] = h
		}
		if h.sha != "" {
			p.Favicon.SHA256, p.Favicon.Murmur = h.sha, h.murmur
		}
	}
}

func (v *visitor) own(link string) bool {
	u, err := url.Parse(link)
	if err != nil || u.Host == "" {
		return false
	}
	d, err := lurehound.ParseDomain(u.Hostname())
	return err == nil && d.Registrable() != "" && d.Registrable() == v.subject.Domain.Registrable()
}

// isHTML goes by the declared type, and by the first bytes where there is none.
func isHTML(contentType string, body []byte) bool {
	t, _, _ := strings.Cut(strings.ToLower(contentType), ";")
	switch strings.TrimSpace(t) {
	case "text/html", "application/xhtml+xml":
		return true
	case "", "text/plain", "application/octet-stream":
		head := strings.ToLower(string(body[:min(len(body), 512)]))
		return slices.ContainsFunc([]string{"<!doctype html", "<html", "<head", "<body", "<title"}, func(s string) bool {
			return strings.Contains(head, s)
		})
	}
	return false
}
