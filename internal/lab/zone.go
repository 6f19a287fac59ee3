package lab

import (
	"net/netip"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/net/publicsuffix"
)

// dnsWorld is all of DNS, as zones and records. It is not changed after it was
// built, but for the counters of lossy zones.
type dnsWorld struct {
	zones     map[string]*zone    // delegated names, by apex
	records   map[string][]record // by name; a name without records is there, too
	wildcards map[string][]record // zone → what every name below answers
	tlds      map[string]bool     // those of the zones; others are known by the public suffix list
	servers   map[netip.Addr]role
	tldNS     []hostData
	soa       record // of the root and of every top-level domain
}

// zone is a delegated name.
type zone struct {
	apex     string
	operator string
	servers  []hostData
	soa      record
	fault    string
	latency  time.Duration
	loss     float64
	asked    atomic.Uint64
}

// role is what a name server answers for.
type role struct {
	kind     roleKind
	operator string // of an operatorServer
}

type roleKind int

const (
	recursiveServer roleKind = iota
	rootServer
	tldServer
	operatorServer
)

// Faults of a name in DNS.
const (
	faultServFail = "servfail" // its name servers don't work
	faultAbsent   = "absent"   // registered, but not delegated
)

func newDNSWorld(sc *scenario) *dnsWorld {
	w := &dnsWorld{
		zones: map[string]*zone{}, records: map[string][]record{}, wildcards: map[string][]record{},
		tlds: map[string]bool{}, servers: map[netip.Addr]role{}, tldNS: sc.Registry.TLD,
	}
	serial := uint32(sc.Date.Unix())
	w.soa = soaRecord(sc.Registry.TLD[0].Name, "hostmaster."+parent(sc.Registry.TLD[0].Name), serial)
	operators := map[string]operatorData{}
	for _, o := range sc.Operators {
		operators[o.Key] = o
		for _, s := range o.Servers {
			w.servers[s.Address] = role{operatorServer, o.Key}
		}
	}
	for i := range sc.names {
		w.addName(&sc.names[i], operators[sc.names[i].Operator], serial)
	}
	for _, wild := range sc.Wildcards {
		for _, a := range wild.A {
			w.wildcards[wild.Zone] = append(w.wildcards[wild.Zone], addressRecord(a))
		}
	}
	w.addServices(sc)
	return w
}

func (w *dnsWorld) addName(n *nameData, o operatorData, serial uint32) {
	w.tlds[tld(n.Domain)] = true
	if n.Fault == faultAbsent {
		return
	}
	w.addZone(n.Domain, o, serial)
	z := w.zones[n.Domain]
	z.fault, z.latency, z.loss = n.Fault, n.Latency.Duration, n.Loss
	for _, a := range n.A {
		w.add(n.Domain, addressRecord(a))
	}
	for _, a := range n.AAAA {
		w.add(n.Domain, addressRecord(a))
	}
	for i, mx := range n.MX {
		w.add(n.Domain, mxRecord(10*(i+1), mx))
	}
	for _, text := range n.TXT {
		w.add(n.Domain, txtRecord(text))
	}
	if len(n.A)+len(n.AAAA) > 0 {
		w.add("www."+n.Domain, nameRecord(typeCNAME, n.Domain))
	}
}

func (w *dnsWorld) addZone(apex string, o operatorData, serial uint32) {
	z := &zone{apex: apex, operator: o.Key, servers: o.Servers}
	z.soa = soaRecord(o.Servers[0].Name, "hostmaster."+parent(o.Servers[0].Name), serial)
	w.zones[apex] = z
	w.add(apex, z.soa)
	for _, s := range o.Servers {
		w.add(apex, nameRecord(typeNS, s.Name))
	}
}

func (w *dnsWorld) add(name string, r record) { w.records[name] = append(w.records[name], r) }

// addServices names the hosts of the laboratory's own services. Each lies in a
// zone of the last two labels, at the first operator, unless the data files
// have that name.
func (w *dnsWorld) addServices(sc *scenario) {
	reg := &sc.Registry
	hosts := []hostData{
		{sc.ISC.Host, sc.ISC.Address},
		{reg.Bootstrap.Host, reg.Bootstrap.Address},
		{reg.Bootstrap.WHOISHost, reg.Bootstrap.WHOISAddress},
		{reg.RDAP.Host, reg.RDAP.Address},
	}
	for _, s := range reg.WHOIS {
		hosts = append(hosts, hostData{s.Host, s.Address})
	}
	for _, o := range sc.Operators {
		hosts = append(append(hosts, o.Servers...), o.Hosts...)
	}
	for _, p := range sc.Proxies {
		if p.Host != "" {
			hosts = append(hosts, hostData{p.Host, p.Address.Addr()})
		}
	}
	for _, s := range reg.TLD {
		hosts = append(hosts, s)
		w.servers[s.Address] = role{kind: tldServer}
	}
	for _, a := range reg.Root {
		w.servers[a] = role{kind: rootServer}
	}
	for _, r := range sc.Resolvers {
		w.servers[r.Address] = role{kind: recursiveServer}
	}
	for _, h := range hosts {
		apex := h.Name
		for strings.Count(apex, ".") > 1 {
			apex = parent(apex)
		}
		if w.zones[apex] == nil {
			w.tlds[tld(apex)] = true
			w.addZone(apex, sc.Operators[0], uint32(sc.Date.Unix()))
		}
		w.add(h.Name, addressRecord(h.Address))
	}
}

// parent drops the first label; "" above a top-level domain.
func parent(name string) string {
	_, rest, _ := strings.Cut(name, ".")
	return rest
}

// zoneOf is the delegated zone that holds a name, nil when its top-level
// domain does.
func (w *dnsWorld) zoneOf(name string) *zone {
	for ; name != ""; name = parent(name) {
		if z := w.zones[name]; z != nil {
			return z
		}
	}
	return nil
}

// wildcardOf is what a name answers because a zone above it, up to and with
// apex, answers for every name.
func (w *dnsWorld) wildcardOf(name, apex string) (zone string, recs []record) {
	if len(w.wildcards) == 0 {
		return "", nil
	}
	for p := parent(name); len(p) >= len(apex) && p != ""; p = parent(p) {
		if recs := w.wildcards[p]; recs != nil {
			return p, recs
		}
	}
	return "", nil
}

// isTLD reports whether a label is a top-level domain.
func (w *dnsWorld) isTLD(label string) bool {
	if w.tlds[label] || w.wildcards[label] != nil {
		return true
	}
	_, icann := publicsuffix.PublicSuffix(label)
	return icann
}

// isSuffix reports whether a name is a public suffix below a top-level domain,
// as co.uk: such names are there, but have no records of their own here.
func isSuffix(name string) bool {
	s, icann := publicsuffix.PublicSuffix(name)
	return icann && s == name
}
