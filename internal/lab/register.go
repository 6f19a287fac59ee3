package lab

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"
)

// register is the registration data of every name, as RDAP (RFC 9083) and WHOIS
// (RFC 3912) tell it.
type register struct {
	names      map[string]*nameData
	registrars map[string]registrarData
	operators  map[string]operatorData
	data       registryData
	date       time.Time
}

func newRegister(sc *scenario) *register {
	g := &register{
		names: map[string]*nameData{}, registrars: map[string]registrarData{}, operators: map[string]operatorData{},
		data: sc.Registry, date: sc.Date,
	}
	for i := range sc.names {
		g.names[sc.names[i].Domain] = &sc.names[i]
	}
	for _, r := range sc.Registrars {
		g.registrars[r.Key] = r
	}
	for _, o := range sc.Operators {
		g.operators[o.Key] = o
	}
	return g
}

// statuses are the name's, "active" when there are none (RFC 8056).
func (n *nameData) statuses() []string {
	if len(n.Status) == 0 {
		return []string{"active"}
	}
	return n.Status
}

// changed and expires fall back to what a registry sets at registration.
func (n *nameData) changed() time.Time {
	if n.Changed.IsZero() {
		return n.Registered
	}
	return n.Changed
}

func (n *nameData) expires() time.Time {
	if n.Expires.IsZero() {
		return n.Registered.AddDate(1, 0, 0)
	}
	return n.Expires
}

// bootstrap is IANA's file for domains (RFC 9224).
func (g *register) bootstrap(rw http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/rdap/dns.json" {
		http.NotFound(rw, r)
		return
	}
	server := "https://" + g.data.RDAP.Host + g.data.RDAP.Path
	writeJSON(rw, "application/json", http.StatusOK, map[string]any{
		"version":     "1.0",
		"publication": g.date.Format(time.RFC3339),
		"description": "RDAP bootstrap file for Domain Name System registrations",
		"services":    [][][]string{{g.data.RDAP.TLDs, {server}}},
	})
}

// rdap answers domain/NAME.
func (g *register) rdap(rw http.ResponseWriter, r *http.Request) {
	const mediaType = "application/rdap+json"
	rest, ok := strings.CutPrefix(path.Clean(r.URL.Path), path.Clean(g.data.RDAP.Path)+"/domain/")
	name := strings.ToLower(strings.TrimSuffix(rest, "."))
	n := g.names[name]
	if !ok || n == nil || !slices.Contains(g.data.RDAP.TLDs, tld(name)) {
		writeJSON(rw, mediaType, http.StatusNotFound, map[string]any{
			"rdapConformance": []string{"rdap_level_0"},
			"errorCode":       http.StatusNotFound,
			"title":           "Not Found",
			"description":     []string{"No such object in this registry."},
		})
		return
	}
	writeJSON(rw, mediaType, http.StatusOK, g.domain(n))
}

// domain is a domain object (RFC 9083, section 5.3).
func (g *register) domain(n *nameData) map[string]any {
	registrar := g.registrars[n.Registrar]
	var servers []map[string]any
	for _, s := range g.operators[n.Operator].Servers {
		servers = append(servers, map[string]any{"objectClassName": "nameserver", "ldhName": s.Name})
	}
	self := "https://" + g.data.RDAP.Host + g.data.RDAP.Path + "domain/" + n.Domain
	return map[string]any{
		"objectClassName": "domain",
		"rdapConformance": []string{"rdap_level_0"},
		"handle":          "LAB-" + strings.ToUpper(n.Domain),
		"ldhName":         n.Domain,
		"status":          n.statuses(),
		"events": []map[string]string{
			{"eventAction": "registration", "eventDate": n.Registered.UTC().Format(time.RFC3339)},
			{"eventAction": "expiration", "eventDate": n.expires().UTC().Format(time.RFC3339)},
			{"eventAction": "last changed", "eventDate": n.changed().UTC().Format(time.RFC3339)},
			{"eventAction": "last update of RDAP database", "eventDate": g.date.UTC().Format(time.RFC3339)},
		},
		"nameservers": servers,
		"secureDNS":   map[string]any{"delegationSigned": false},
		"links":       []map[string]string{{"rel": "self", "href": self, "value": self, "type": "application/rdap+json"}},
		"entities": []map[string]any{{
			"objectClassName": "entity",
			"handle":          registrar.IANA,
			"roles":           []string{"registrar"},
			"publicIds":       []map[string]string{{"type": "IANA Registrar ID", "identifier": registrar.IANA}},
			"vcardArray":      vcard(registrar.Name, "", ""),
			"entities": []map[string]any{{
				"objectClassName": "entity",
				"roles":           []string{"abuse"},
				"vcardArray":      vcard("Abuse desk of "+registrar.Name, registrar.Phone, registrar.Abuse),
			}},
		}},
	}
}

// vcard is a jCard (RFC 7095).
func vcard(name, phone, mail string) []any {
	type properties = map[string]string
	card := []any{
		[]any{"version", properties{}, "text", "4.0"},
		[]any{"fn", properties{}, "text", name},
	}
	if phone != "" {
		card = append(card, []any{"tel", properties{"type": "voice"}, "uri", "tel:" + phone})
	}
	if mail != "" {
		card = append(card, []any{"email", properties{}, "text", mail})
	}
	return []any{"vcard", card}
}

func writeJSON(rw http.ResponseWriter, mediaType string, status int, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		http.Error(rw, err.Error(), http.StatusInternalServerError)
		return
	}
	rw.Header().Set("Content-Type", mediaType)
	rw.Header().Set("Content-Length", fmt.Sprint(len(b)))
	rw.WriteHeader(status)
	_, _ = rw.Write(b) // the client may have gone
}
