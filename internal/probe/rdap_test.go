package probe

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"lurehound"
)

const bootstrapFile = `{"version":"1.0","publication":"2024-07-01T00:00:00Z","services":[[["info"],["https://rdap.example/v1/"]]]}`

const domainObject = `{"objectClassName":"domain","ldhName":"MLCRODICOM.INFO","status":["client transfer prohibited","Server Hold"],
 "events":[{"eventAction":"registration","eventDate":"2024-06-27T09:14:03Z"},{"eventAction":"expiration","eventDate":"2025-06-27T09:14:03Z"},{"eventAction":"last changed","eventDate":"soon"}],
 "nameservers":[{"ldhName":"NS2.EXAMPLE.NET"},{"ldhName":"ns1.example.net."}],
 "entities":[{"objectClassName":"entity","roles":["registrar"],"vcardArray":["vcard",[["version",{},"text","4.0"],["fn",{},"text","Some Registrar"]]],
  "entities":[{"objectClassName":"entity","roles":["abuse"],"vcardArray":["vcard",[["version",{},"text","4.0"],["email",{},"text","abuse@registrar.example"]]]}]}]}`

// registry answers HTTP requests by URL, and WHOIS not at all.
type registry struct {
	answers map[string]func() *http.Response
	asked   []string
}

func (r *registry) Service() *http.Client { return &http.Client{Transport: r} }

func (r *registry) DialService(context.Context, string, uint16) (net.Conn, error) {
	return nil, net.ErrClosed
}

func (r *registry) RoundTrip(req *http.Request) (*http.Response, error) {
	u := req.URL.String()
	r.asked = append(r.asked, u)
	if f := r.answers[u]; f != nil {
		resp := f()
		resp.Request = req
		return resp, nil
	}
	return nil, net.ErrClosed
}

func answer(status int, contentType, body string) func() *http.Response {
	return func() *http.Response {
		h := http.Header{}
		h.Set("Content-Type", contentType)
		return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))}
	}
}

type bubbleClock struct{}

func (bubbleClock) Now() time.Time { return time.Now() }
func (bubbleClock) Sleep(ctx context.Context, d time.Duration) error {
	time.Sleep(d)
	return ctx.Err()
}

func TestRDAP(t *testing.T) {
	const rdapJSON = "application/rdap+json"
	const url = "https://rdap.example/v1/domain/mlcrodicom.info"
	busy := 2
	at := func(s string) time.Time { d, _ := time.Parse(time.RFC3339, s); return d }
	facts := &lurehound.RegistrationFacts{Source: "rdap rdap.example", Registered: at("2024-06-27T09:14:03Z"), Expires: at("2025-06-27T09:14:03Z"),
		Status: []string{"client transfer prohibited", "server hold"}, Registrar: "Some Registrar", Abuse: "abuse@registrar.example",
		NS: []string{"ns1.example.net", "ns2.example.net"}}
	tests := []struct {
		name, domain string
		answer       func() *http.Response
		outcome      lurehound.Outcome
		reason       string
		facts        *lurehound.RegistrationFacts
	}{
		{"found", "www.mlcrodicom.info", answer(200, rdapJSON, domainObject), lurehound.Found, "", facts},
		{"absent", "mlcrodicom.info", answer(404, rdapJSON, `{"errorCode":404}`), lurehound.Absent, "not registered", nil},
		{"absent, without body", "mlcrodicom.info", answer(404, "", ""), lurehound.Absent, "not registered", nil},
		{"somebody else's 404", "mlcrodicom.info", answer(404, "text/html", "<h1>404</h1>"), lurehound.Unknown, "404 with a page", nil},
		{"error", "mlcrodicom.info", answer(500, rdapJSON, `{}`), lurehound.Unknown, "status 500", nil},
		{"another domain", "mlcrodicom.info", answer(200, rdapJSON, strings.Replace(domainObject, "MLCRODICOM", "OTHER", 1)), lurehound.Unknown, "not about this domain", nil},
		{"no JSON", "mlcrodicom.info", answer(200, rdapJSON, "<html>"), lurehound.Unknown, "cannot be read", nil},
		{"too large", "mlcrodicom.info", answer(200, rdapJSON, strings.Repeat(" ", maxRegistrationAnswer+1)), lurehound.Unknown, "larger", nil},
		{"silent", "mlcrodicom.info", nil, lurehound.Unknown, "rdap: ", nil},
		{"busy twice", "mlcrodicom.info", func() *http.Response {
			if busy--; busy >= 0 {
				return answer(429, "", "")()
			}
			return answer(200, rdapJSON, domainObject)()
		}, lurehound.Found, "", facts},
		{"always busy", "mlcrodicom.info", answer(429, "", ""), lurehound.Unknown, "status 429", nil},
		{"hosted", "mlcrodicom.duckdns.org", nil, lurehound.Skipped, "duckdns.org", nil},
		{"no RDAP, no WHOIS", "mlcrodicom.example", nil, lurehound.Unknown, "whois: ", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := &registry{answers: map[string]func() *http.Response{
					"https://data.iana.org/rdap/dns.json": answer(200, "application/json", bootstrapFile), url: tt.answer}}
				d, err := lurehound.ParseDomain(tt.domain)
				if err != nil {
					t.Fatal(err)
				}
				p := rdapProbe(Kit{Services: r, Clock: bubbleClock{}})
				obs := p.Observe(t.Context(), Subject{Domain: d})
				if len(obs) != 1 || obs[0].Outcome != tt.outcome || !strings.Contains(obs[0].Reason, tt.reason) {
					t.Fatalf("got %+v, want %s saying %q", obs, tt.outcome, tt.reason)
				}
				if diff := cmp.Diff(tt.facts, obs[0].Registration); diff != "" {
					t.Errorf("facts (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// TestRegistryPace proves one question a second to one server, whoever asks.
func TestRegistryPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &registry{answers: map[string]func() *http.Response{
			"https://data.iana.org/rdap/dns.json":   answer(200, "application/json", bootstrapFile),
			"https://rdap.example/v1/domain/a.info": answer(404, "", "")}}
		p := rdapProbe(Kit{Services: r, Clock: bubbleClock{}})
		d, _ := lurehound.ParseDomain("a.info")
		start := time.Now()
		for range 5 {
			p.Observe(t.Context(), Subject{Domain: d})
		}
		if took := time.Since(start); took < 4*registryPause {
			t.Errorf("5 questions in %s, want at least %s", took, 4*registryPause)
		}
		if n := len(r.asked); n != 6 {
			t.Errorf("%d requests, want one for the bootstrap and 5 questions: %q", n, r.asked)
		}
	})
}

// TestRegistrySlowsDown: when a server asks one visitor to wait, all wait.
func TestRegistrySlowsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var when []time.Duration
		start := time.Now()
		r := &registry{answers: map[string]func() *http.Response{
			"https://data.iana.org/rdap/dns.json": answer(200, "application/json", bootstrapFile)}}
		for _, name := range []string{"a.info", "b.info", "c.info"} {
			r.answers["https://rdap.example/v1/domain/"+name] = func() *http.Response {
				when = append(when, time.Since(start))
				if len(when) == 1 {
					resp := answer(429, "", "")()
					resp.Header.Set("Retry-After", "60")
					return resp
				}
				return answer(404, "", "")()
			}
		}
		p := rdapProbe(Kit{Services: r, Clock: bubbleClock{}})
		var wg sync.WaitGroup
		for i, name := range []string{"a.info", "b.info", "c.info"} {
			d, _ := lurehound.ParseDomain(name)
			wg.Go(func() {
				time.Sleep(time.Duration(i) * 2 * time.Second) // b and c come while a was told to wait
				if obs := p.Observe(t.Context(), Subject{Domain: d}); obs[0].Outcome != lurehound.Absent {
					t.Errorf("%s: %+v", name, obs[0])
				}
			})
		}
		wg.Wait()
		if diff := cmp.Diff([]time.Duration{0, 60 * time.Second, 61 * time.Second, 62 * time.Second}, when); diff != "" {
			t.Errorf("questions (-want +got):\n%s", diff)
		}
	})
}

// TestBootstrapRecovers: one failure to find the registry is not the last word.
func TestBootstrapRecovers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const list = "https://data.iana.org/rdap/dns.json"
		r := &registry{answers: map[string]func() *http.Response{
			"https://rdap.example/v1/domain/a.info": answer(404, "", "")}}
		p := rdapProbe(Kit{Services: r, Clock: bubbleClock{}})
		d, _ := lurehound.ParseDomain("a.info")
		for range 3 {
			if o := p.Observe(t.Context(), Subject{Domain: d})[0]; o.Outcome != lurehound.Unknown || !strings.Contains(o.Reason, "bootstrap") {
				t.Errorf("without the list: %s (%s)", o.Outcome, o.Reason)
			}
		}
		if len(r.asked) != 1 {
			t.Errorf("asked %d times within %s: %q", len(r.asked), bootstrapPause, r.asked)
		}
		r.answers[list] = answer(200, "application/json", bootstrapFile)
		time.Sleep(bootstrapPause)
		if o := p.Observe(t.Context(), Subject{Domain: d})[0]; o.Outcome != lurehound.Absent {
			t.Errorf("with the list: %s (%s)", o.Outcome, o.Reason)
		}
	})
}
