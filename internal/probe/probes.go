// Package probe asks about one candidate: DNS, registration data, its web
// server. A probe knows neither brand nor database, changes nothing and judges
// nothing; what it saw comes back as observations. probes.go is the table.
package probe

import (
	"context"
	"net"
	"net/http"

	"lurehound"
	"lurehound/internal/cloak"
	"lurehound/internal/egress"
	"lurehound/internal/fetch"
)

// DNS answers questions about one name. Implemented by resolve.Client.
type DNS interface {
	Lookup(ctx context.Context, name string, types ...uint16) lurehound.DNSFacts
}

// Services reaches registries: guarded, verified, capped. Implemented by fetch.Client.
type Services interface {
	Service() *http.Client
	DialService(ctx context.Context, host string, port uint16) (net.Conn, error)
}

// Web makes visitors. Implemented by fetch.Client.
type Web interface {
	Session(p egress.Profile) *fetch.Session
}

// Subject is what a probe is asked about. It holds nothing of the brand.
type Subject struct {
	Domain  lurehound.Domain
	Links   []string // URLs on the domain that somebody gave, visited first
	Paths   []string // paths asked for besides "/"
	Profile egress.Profile
	// Thorough says that every page that was visited is looked at as all visitors, not the first one as some.
	Thorough bool
	DNS      *lurehound.DNSFacts // what the dns probe saw; nil before it ran
}

// Probe is one kind of question.
type Probe struct {
	Name, Doc string
	// Touches says that packets go to the candidate's own web server.
	Touches bool
	// Observe never fails: what could not be found out is an observation too.
	Observe func(ctx context.Context, s Subject) []lurehound.Observation
}

// Kit is what probes work with.
type Kit struct {
	DNS      DNS
	Services Services
	Web      Web
	Clock    lurehound.Clock
	Visitors cloak.Space // as whom else a site is visited; none where it has no routes
	Payloads *Payloads   // looks at the files that sites offer; nil: nobody does
}

// Table is every probe, in the order in which they run. dns comes first: the
// others begin with what it saw.
func Table(k Kit) []Probe {
	return []Probe{
		dnsProbe(k),
		rdapProbe(k),
		httpProbe(k),
	}
}
