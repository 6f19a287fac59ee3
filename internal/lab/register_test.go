package lab

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/openrdap/rdap"
	"github.com/openrdap/rdap/bootstrap"
)

// askRDAP goes the whole way of a real client: IANA's bootstrap, then the registry.
func askRDAP(t *testing.T, l *Lab, c *http.Client, name string) (*rdap.Domain, error) {
	t.Helper()
	// The client writes the host of its requests without a User-Agent; the lab doesn't mind.
	client := &rdap.Client{HTTP: c, Bootstrap: &bootstrap.Client{HTTP: c, BaseURL: &url.URL{Scheme: "https", Host: "data.iana.org", Path: "/rdap/"}}}
	req := (&rdap.Request{Type: rdap.DomainRequest, Query: name}).WithContext(t.Context())
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	d, ok := resp.Object.(*rdap.Domain)
	if !ok {
		t.Fatalf("%s: %T", name, resp.Object)
	}
	return d, nil
}

func TestRDAP(t *testing.T) {
	l := openLab(t)
	c := browserOf(t, l, nil)
	d, err := askRDAP(t, l, c, "mlcrodicom.info")
	if err != nil {
		t.Fatal(err)
	}
	events := map[string]string{}
	for _, e := range d.Events {
		events[e.Action] = e.Date
	}
	want := map[string]string{
		"registration": "2024-06-27T11:42:07Z", "expiration": "2025-06-27T11:42:07Z",
		"last changed": "2024-06-27T11:42:09Z", "last update of RDAP database": "2024-07-15T09:00:00Z",
	}
	if diff := cmp.Diff(want, events); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"client transfer prohibited", "add period"}, d.Status); diff != "" {
		t.Error(diff)
	}
	var ns []string
	for _, s := range d.Nameservers {
		ns = append(ns, s.LDHName)
	}
	if diff := cmp.Diff([]string{"ns1.quiet-harbour.example", "ns2.quiet-harbour.example"}, ns); diff != "" {
		t.Error(diff)
	}
	registrar := d.Entities[0]
	abuse := registrar.Entities[0]
	if registrar.VCard.Name() != "CheapNames Online LLC" || abuse.Roles[0] != "abuse" || abuse.VCard.Email() != "abuse@cheapnames.example" {
		t.Errorf("registrar %q, %v %q", registrar.VCard.Name(), abuse.Roles, abuse.VCard.Email())
	}
	hold, err := askRDAP(t, l, c, "microdicom-download.com")
	if err != nil || hold.Status[0] != "server hold" {
		t.Errorf("the name on hold: %+v, %v", hold, err)
	}
	if _, err := askRDAP(t, l, c, "microdicom-nobody.com"); err == nil || !strings.Contains(err.Error(), "404") && !strings.Contains(err.Error(), "not") {
		t.Errorf("a name that nobody registered: %v", err)
	}
	if _, err := askRDAP(t, l, c, "micro-dicom.me"); err == nil {
		t.Error("there is RDAP for .me")
	}
}

// Every registered name has registration data, by one way or the other.
func TestEveryNameIsRegistered(t *testing.T) {
	l := openLab(t)
	g := newRegister(l.scenario)
	for i := range l.scenario.names {
		n := &l.scenario.names[i]
		text := g.whois(g.data.WHOIS[0], n.Domain)
		byWHOIS := strings.Contains(text, "Creation Date: "+n.Registered.UTC().Format("2006-01-02"))
		byRDAP := false
		for _, t := range g.data.RDAP.TLDs {
			byRDAP = byRDAP || t == tld(n.Domain)
		}
		if byWHOIS == byRDAP {
			t.Errorf("%s: WHOIS %v, RDAP %v", n.Domain, byWHOIS, byRDAP)
		}
		if _, err := json.Marshal(g.domain(n)); err != nil {
			t.Errorf("%s: %v", n.Domain, err)
		}
	}
}

func askWHOIS(t *testing.T, l *Lab, host, query string) string {
	t.Helper()
	ips, err := resolverOf(l).LookupIP(context.Background(), "ip4", host)
	if err != nil {
		t.Fatal(err)
	}
	c := dialLab(t, l, "tcp", ips[0].String()+":43")
	defer c.Close()
	if _, err := io.WriteString(c, query+"\r\n"); err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestWHOIS(t *testing.T) {
	l := openLab(t)
	if got := askWHOIS(t, l, "whois.iana.org", "me"); !strings.Contains(got, "whois:        whois.lab-registry.example\r\n") {
		t.Errorf("IANA on me: %s", got)
	}
	if got := askWHOIS(t, l, "whois.iana.org", "com"); strings.Contains(got, "whois: ") || !strings.Contains(got, "COM") {
		t.Errorf("IANA on com: %s", got)
	}
	if got := askWHOIS(t, l, "whois.iana.org", "no-such"); !strings.Contains(got, "0 objects") {
		t.Errorf("IANA on no-such: %s", got)
	}
	got := askWHOIS(t, l, "whois.lab-registry.example", "MICRO-DICOM.me")
	for _, want := range []string{
		"Creation Date: 2024-07-09T13:20:02Z\r\n", "Registrar: Harbour Domains B.V.\r\n",
		"Registrar Abuse Contact Email: abuse@harbour-domains.example\r\n",
		"Domain Status: clientTransferProhibited https://icann.org/epp#clientTransferProhibited\r\n",
		"Domain Status: addPeriod ", "Name Server: dns1.side-street.example\r\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if got := askWHOIS(t, l, "whois.lab-registry.example", "nobody-has-this.me"); !strings.Contains(got, "Domain not found") {
		t.Errorf("an absent name: %s", got)
	}
}
