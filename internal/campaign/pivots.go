package campaign

import (
	"slices"
	"strings"
	"time"

	"lurehound"
	"lurehound/internal/payload"
)

// Caps on what one finding brings, so that one that names thousands of
// addresses or files costs no more than another.
const (
	maxOfKind = 8
	pageWords = 20 // a page of fewer words is a stub, and stubs have the same bytes everywhere
)

// Pivots are what a finding can share with others, sorted, without doubles.
func Pivots(f lurehound.Finding) []lurehound.Pivot {
	c := collector{seen: map[lurehound.Pivot]bool{}, count: map[lurehound.PivotKind]int{}}
	c.registration(f)
	c.hosting(f)
	c.visits(f)
	c.payloads(f)
	slices.SortFunc(c.pivots, comparePivots)
	return c.pivots
}

func comparePivots(a, b lurehound.Pivot) int {
	if a.Kind != b.Kind {
		return strings.Compare(string(a.Kind), string(b.Kind))
	}
	return strings.Compare(a.Value, b.Value)
}

type collector struct {
	pivots []lurehound.Pivot
	seen   map[lurehound.Pivot]bool
	count  map[lurehound.PivotKind]int
}

func (c *collector) add(kind lurehound.PivotKind, value string) {
	p := lurehound.Pivot{Kind: kind, Value: value}
	if value == "" || c.seen[p] || c.count[kind] >= maxOfKind {
		return
	}
	c.seen[p] = true
	c.count[kind]++
	c.pivots = append(c.pivots, p)
}

// registration: same registrar, same minute. Registries that tell the day only
// put midnight there, which many share.
func (c *collector) registration(f lurehound.Finding) {
	r := f.Registration()
	if r == nil || f.Candidate.Domain.Hosted() || r.Registered.IsZero() || r.Registrar == "" {
		return
	}
	at := r.Registered.UTC()
	if at.Equal(at.Truncate(24 * time.Hour)) {
		return
	}
	registrar := strings.Join(strings.Fields(strings.ToLower(r.Registrar)), " ")
	c.add(lurehound.PivotRegistration, registrar+" "+at.Format("2006-01-02T15:04Z"))
}

func (c *collector) hosting(f lurehound.Finding) {
	dns := f.DNS()
	for _, a := range dns.Addrs() {
		c.add(lurehound.PivotIP, a.Unmap().String())
	}
	var ns []string
	if dns != nil {
		ns = dns.NS
	}
	if r := f.Registration(); len(ns) == 0 && r != nil {
		ns = r.NS
	}
	if len(ns) > 0 && len(ns) <= 16 { // RFC 1912 advises seven at most
		c.add(lurehound.PivotNameServer, nameServers(ns))
	}
}

// nameServers writes a set of name servers in one way.
func nameServers(ns []string) string {
	set := make([]string, 0, len(ns))
	for _, n := range ns {
		if n = strings.ToLower(strings.Trim(n, ". ")); n != "" {
			set = append(set, n)
		}
	}
	slices.Sort(set)
	return strings.Join(slices.Compact(set), " ")
}

func (c *collector) visits(f lurehound.Finding) {
	for _, v := range f.Visits() {
		if v.Certificate != nil {
			c.add(lurehound.PivotCertificateKey, v.Certificate.SPKI)
		}
		// One of the headers alone says next to nothing: half of the web is nginx.
		if v.Server != "" && v.PoweredBy != "" {
			c.add(lurehound.PivotServer, strings.ToLower(v.Server+" + "+v.PoweredBy))
		}
		if v.Page == nil || v.Status >= 400 {
			continue
		}
		if v.Page.Words >= pageWords {
			c.add(lurehound.PivotPage, v.Body.SHA256)
		}
		// The brand's own icon is on every copy of its page, whoever made it.
		if !f.Comparison.Favicon {
			c.add(lurehound.PivotFavicon, v.Page.Favicon.SHA256)
		}
		for _, d := range v.Page.Downloads {
			c.add(lurehound.PivotDownload, strings.ToLower(d.Name))
		}
	}
}

// payloads are the files that the site gives out. What is the vendor's own joins nobody.
func (c *collector) payloads(f lurehound.Finding) {
	for _, p := range f.Payloads() {
		if v := p.Reference.Verdict; v == lurehound.Genuine || v == lurehound.VendorSigned {
			continue
		}
		c.add(lurehound.PivotPayload, p.SHA256)
		if foreign(p) {
			c.add(lurehound.PivotSigner, payload.NormalSigner(p.Signature.Signer))
		}
		for _, k := range p.Found.Keys {
			c.add(lurehound.PivotEmbeddedKey, k.Fingerprint)
		}
		for _, host := range tunnels(p.Found) {
			c.add(lurehound.PivotC2, host)
		}
		// All installers of one maker have the same imports, and of parts of a file the maker is not known.
		if p.PE != nil && p.PE.Installer == "" && p.SHA256 != "" {
			c.add(lurehound.PivotImphash, p.PE.Imphash)
		}
	}
}

// foreign reports whether a signer is certainly not the vendor: clones hand out the vendor's file, changed or not, and
// its signer joins nobody.
func foreign(p *lurehound.PayloadFacts) bool {
	if p.Signature.Digest == lurehound.DigestMismatch {
		return false
	}
	return slices.ContainsFunc(p.Reference.Differences, func(d string) bool { return strings.HasPrefix(d, "signer: ") }) ||
		slices.ContainsFunc(p.Signals, func(s lurehound.Signal) bool { return s.Rule == "abused-signer" })
}

// tunnels are the hosts that commands of a file open tunnels to.
func tunnels(found lurehound.Indicators) (hosts []string) {
	for _, command := range found.Commands {
		words := strings.Fields(strings.ToLower(command))
		if len(words) == 0 || !strings.HasPrefix(words[0], "ssh") && !strings.HasPrefix(words[0], "plink") {
			continue
		}
		for _, h := range slices.Concat(found.IPs, found.Domains) {
			if slices.ContainsFunc(words, func(w string) bool { return w == h || strings.HasSuffix(w, "@"+h) }) {
				hosts = append(hosts, h)
			}
		}
	}
	return hosts
}
