package probe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/openrdap/rdap"
	"github.com/openrdap/rdap/bootstrap"

	"lurehound"
)

// Limits towards registries, which are free services.
const (
	maxRegistrationAnswer = 1 << 20         // bytes; real answers have 2 to 20 KiB
	registryPause         = 1 * time.Second // between two questions to one server
	registryTries         = 3               // when a server asks to slow down
	defaultRetryAfter     = 30 * time.Second
	maxRetryAfter         = 5 * time.Minute
	registryTimeout       = 20 * time.Second // for one answer
	bootstrapPause        = 1 * time.Minute  // before the list of registries is asked for again, after a failure
)

func rdapProbe(k Kit) Probe {
	r := &registries{services: k.Services, clock: k.Clock, next: map[string]time.Time{}, slowed: map[string]int{}, servers: map[string]bootstrapped{}}
	return Probe{
		Name: "rdap",
		Doc:  "registration data: when, until when, status, registrar, abuse contact (RDAP, else WHOIS)",
		Observe: func(ctx context.Context, s Subject) []lurehound.Observation {
			o, done := begin(k.Clock, "rdap", s)
			o.Registration, o.Outcome, o.Reason = r.ask(ctx, s.Domain)
			return done(o)
		},
	}
}

// registries asks for registration data, one question a second per server.
type registries struct {
	services Services
	clock    lurehound.Clock

	mu      sync.Mutex
	next    map[string]time.Time    // when a server may be asked again
	slowed  map[string]int          // how often a server asked to slow down
	lookup  bootstrap.Client        // guarded by mu: it is not safe for concurrent use
	servers map[string]bootstrapped // by top-level domain
}

type bootstrapped struct {
	urls  []*url.URL
	err   error
	until time.Time // when an error may be tried again
}

func (r *registries) ask(ctx context.Context, d lurehound.Domain) (*lurehound.RegistrationFacts, lurehound.Outcome, string) {
	switch {
	case d.Hosted():
		return nil, lurehound.Skipped, "given by the host " + d.Suffix() + ", no registry knows it"
	case d.Registrable() == "":
		return nil, lurehound.Skipped, "nothing is registered under this name"
	}
	servers, err := r.bootstrap(ctx, d)
	if err != nil {
		return nil, lurehound.Unknown, "rdap bootstrap: " + shortError(err)
	}
	if len(servers) == 0 {
		return r.whois(ctx, d)
	}
	reason := ""
	for _, u := range servers {
		facts, outcome, why := r.rdap(ctx, u, d)
		if outcome != lurehound.Unknown {
			return facts, outcome, why
		}
		reason = why
	}
	return nil, lurehound.Unknown, reason
}

// bootstrap names the RDAP servers of the domain's registry; none when the
// registry has none.
func (r *registries) bootstrap(ctx context.Context, d lurehound.Domain) ([]*url.URL, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if b, ok := r.servers[d.Suffix()]; ok && (b.err == nil || r.clock.Now().Before(b.until)) {
		return b.urls, b.err
	}
	if r.lookup.HTTP == nil {
		r.lookup.HTTP = r.services.Service()
	}
	inner, cancel := context.WithTimeout(ctx, registryTimeout)
	defer cancel()
	q := (&bootstrap.Question{RegistryType: bootstrap.DNS, Query: d.Registrable()}).WithContext(inner)
	answer, err := r.lookup.Lookup(q)
	var b bootstrapped
	if err != nil {
		b.err, b.until = err, r.clock.Now().Add(bootstrapPause)
	} else {
		b.urls = answer.URLs
	}
	if ctx.Err() == nil { // an interrupted question is no answer
		r.servers[d.Suffix()] = b
	}
	return b.urls, b.err
}

// rdap asks one server, politely.
func (r *registries) rdap(ctx context.Context, base *url.URL, d lurehound.Domain) (*lurehound.RegistrationFacts, lurehound.Outcome, string) {
	u := base.JoinPath("domain", d.Registrable())
	for try := range registryTries {
		if err := r.wait(ctx, u.Host); err != nil {
			return nil, lurehound.Unknown, "interrupted"
		}
		body, status, retry, err := r.get(ctx, u.String())
		switch {
		case err != nil:
			return nil, lurehound.Unknown, "rdap: " + shortError(err)
		case status == http.StatusNotFound:
			return nil, lurehound.Absent, "not registered"
		case status == http.StatusTooManyRequests && try < registryTries-1:
			r.postpone(u.Host, retry)
			continue
		case status != http.StatusOK:
			return nil, lurehound.Unknown, "rdap: status " + strconv.Itoa(status)
		}
		obj, err := rdap.NewDecoder(body).Decode()
		if err != nil {
			return nil, lurehound.Unknown, "rdap: answer cannot be read"
		}
		dom, ok := obj.(*rdap.Domain)
		if !ok || !strings.EqualFold(strings.TrimSuffix(dom.LDHName, "."), d.Registrable()) {
			return nil, lurehound.Unknown, "rdap: answer is not about this domain"
		}
		facts := rdapFacts(dom)
		facts.Source = "rdap " + base.Hostname()
		return facts, lurehound.Found, ""
	}
	return nil, lurehound.Unknown, "rdap: asked to slow down"
}

// wait takes the next place in the server's queue. Who wakes up after the
// server asked everybody to wait takes another.
func (r *registries) wait(ctx context.Context, host string) error {
	for {
		r.mu.Lock()
		now := r.clock.Now()
		at, before := r.next[host], r.slowed[host]
		if at.Before(now) {
			at = now
		}
		r.next[host] = at.Add(registryPause)
		r.mu.Unlock()
		if err := r.clock.Sleep(ctx, at.Sub(now)); err != nil {
			return err
		}
		r.mu.Lock()
		same := before == r.slowed[host]
		r.mu.Unlock()
		if same {
			return nil
		}
	}
}

// postpone keeps everybody from asking the server for d.
func (r *registries) postpone(host string, d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.slowed[host]++
	if at := r.clock.Now().Add(d); r.next[host].Before(at) {
		r.next[host] = at
	}
}

func (r *registries) get(ctx context.Context, u string) (body []byte, status int, retry time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, registryTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u, nil)
	if err != nil {
		return nil, 0, 0, err
	}
	req.Header.Set("Accept", "application/rdap+json, application/json;q=0.5")
	resp, err := r.services.Service().Do(req)
	if err != nil {
		return nil, 0, 0, err
	}
	defer resp.Body.Close()
	body, err = io.ReadAll(io.LimitReader(resp.Body, maxRegistrationAnswer+1))
	if err == nil && len(body) > maxRegistrationAnswer {
		err = fmt.Errorf("answer is larger than %d bytes", maxRegistrationAnswer)
	}
	if err == nil && resp.StatusCode == http.StatusNotFound && !isJSON(resp.Header) && len(body) > 0 {
		// RFC 7480, section 5.3, allows an empty or JSON body; a web page is
		// somebody else's 404.
		err = errors.New("404 with a page that is not RDAP")
	}
	return body, resp.StatusCode, retryAfter(resp.Header), err
}

func isJSON(h http.Header) bool {
	t, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	return err == nil && (t == "application/json" || strings.HasSuffix(t, "+json"))
}

// retryAfter reads RFC 9110, section 10.2.3, in seconds only.
func retryAfter(h http.Header) time.Duration {
	n, err := strconv.Atoi(h.Get("Retry-After"))
	if err != nil || n <= 0 {
		return defaultRetryAfter
	}
	return min(time.Duration(n)*time.Second, maxRetryAfter)
}

func rdapFacts(d *rdap.Domain) *lurehound.RegistrationFacts {
	f := &lurehound.RegistrationFacts{}
	for _, e := range d.Events {
		t, err := time.Parse(time.RFC3339, e.Date)
		if err != nil {
			continue
		}
		switch strings.ToLower(e.Action) {
		case "registration":
			f.Registered = datable(t)
		case "last changed":
			f.Changed = datable(t)
		case "expiration":
			f.Expires = datable(t)
		}
	}
	for _, s := range limit(d.Status) {
		f.Status = append(f.Status, strings.ToLower(s))
	}
	for _, n := range limit(d.Nameservers) {
		if n.LDHName != "" {
			f.NS = append(f.NS, strings.ToLower(strings.TrimSuffix(n.LDHName, ".")))
		}
	}
	slices.Sort(f.NS)
	for _, e := range limit(d.Entities) {
		if !slices.Contains(e.Roles, "registrar") {
			continue
		}
		if e.VCard != nil {
			f.Registrar = e.VCard.Name()
		}
		if f.Registrar == "" {
			f.Registrar = e.Handle
		}
		for _, a := range limit(e.Entities) {
			if slices.Contains(a.Roles, "abuse") && a.VCard != nil && f.Abuse == "" {
				f.Abuse = a.VCard.Email()
			}
		}
	}
	return f
}

// limit keeps lists of foreign answers short.
func limit[T any](list []T) []T { return list[:min(len(list), 64)] }

// shortError drops the URL that net/http puts in front of its errors.
func shortError(err error) string {
	var ue *url.Error
	if errors.As(err, &ue) {
		if ue.Timeout() {
			return "timeout"
		}
		err = ue.Err
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return "timeout"
	}
	return err.Error()
}
